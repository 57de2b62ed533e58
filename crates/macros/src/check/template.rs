//! URI templates (RFC 6570, levels 1 to 3, with `*`), read while compiling.
//!
//! Only what can be told apart when a URI is matched *against* the template is
//! allowed: that leaves out the operators for labels, path segments and
//! fragments, which a literal in front of a plain variable says as well.

/// A variable of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// Whether it stands in a query, where it may be missing.
    pub(crate) in_query: bool,
}

/// The variables of `text`, or what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<Variable>, String> {
    scheme(text)?;
    let mut variables: Vec<Variable> = Vec::new();
    let mut rest = text;
    let mut after_expression = false;
    let mut in_query = false;
    while !rest.is_empty() {
        let literal = rest.find(['{', '}']).unwrap_or(rest.len());
        if literal > 0 {
            let (plain, tail) = rest.split_at(literal);
            literal_part(plain, in_query)?;
            rest = tail;
            after_expression = false;
            continue;
        }
        let body = expression(rest)?;
        let (operator, names) = operator(body)?;
        let opens_query = matches!(operator, Some('?' | '&'));
        if in_query && !opens_query {
            return Err(format!(
                "`{{{body}}}` stands behind the query: put it in front"
            ));
        }
        if after_expression && !opens_query {
            return Err(format!(
                "`{{{body}}}` touches the variable before it: put a `/` between them",
            ));
        }
        in_query |= opens_query;
        for name in names.split(',') {
            let name = variable(name, opens_query)?;
            if variables.iter().any(|earlier| earlier.name == name) {
                return Err(format!("the variable `{name}` stands in it twice"));
            }
            variables.push(Variable {
                name,
                in_query: opens_query,
            });
        }
        if !opens_query && names.contains(',') {
            return Err(format!(
                "`{{{body}}}` has several variables in one place: \
                 write one pair of braces for each, with a `/` between them",
            ));
        }
        rest = &rest[body.len() + 2..];
        after_expression = true;
    }
    Ok(variables)
}

/// RFC 3986, section 3.1.
fn scheme(text: &str) -> Result<(), String> {
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let valid = scheme.is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    match valid {
        true => Ok(()),
        false => Err("it starts with no scheme: `data://…`, `docs://…`".to_owned()),
    }
}

fn literal_part(plain: &str, in_query: bool) -> Result<(), String> {
    if in_query {
        return Err(format!(
            "`{plain}` stands behind the query: put it in front"
        ));
    }
    let bad = plain
        .chars()
        .find(|c| c.is_whitespace() || c.is_control() || "<>\"\\^`|".contains(*c));
    match bad {
        Some(bad) => Err(format!("a URI has no `{}` in it", bad.escape_debug())),
        None => Ok(()),
    }
}

/// What stands between the braces that `rest` starts with.
fn expression(rest: &str) -> Result<&str, String> {
    let Some(open) = rest.strip_prefix('{') else {
        return Err("it has a `}` without a `{`".to_owned());
    };
    let Some(end) = open.find(['{', '}']) else {
        return Err("it has a `{` without a `}`".to_owned());
    };
    let body = &open[..end];
    if open[end..].starts_with('{') {
        return Err("it has a `{` inside braces".to_owned());
    }
    match body {
        "" => Err("`{}` names no variable: write `{name}`".to_owned()),
        body => Ok(body),
    }
}

fn operator(body: &str) -> Result<(Option<char>, &str), String> {
    match body.chars().next() {
        Some(operator @ ('+' | '?' | '&')) => Ok((Some(operator), &body[1..])),
        Some('/') => Err(format!(
            "`{{{body}}}` is not supported: write `/{{{}}}`",
            &body[1..]
        )),
        Some('.') => Err(format!(
            "`{{{body}}}` is not supported: write `.{{{}}}`",
            &body[1..]
        )),
        Some(operator @ ('#' | ';' | '=' | ',' | '!' | '@' | '|')) => Err(format!(
            "`{{{body}}}` is not supported: there is no operator `{operator}`"
        )),
        _ => Ok((None, body)),
    }
}

fn variable(name: &str, in_query: bool) -> Result<String, String> {
    let plain = match name.strip_suffix('*') {
        Some(_) if in_query => {
            return Err(format!("`{name}` cannot explode in a query: drop the `*`"));
        }
        Some(plain) => plain,
        None => name,
    };
    if plain.contains(':') {
        return Err(format!(
            "`{{{name}}}` is not supported: take the whole value and cut it"
        ));
    }
    let valid = !plain.is_empty()
        && plain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    match valid {
        true => Ok(plain.to_owned()),
        false => Err(format!(
            "`{name}` is not the name of a variable: use letters, digits and `_`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn finds_the_variables() {
        for (template, names) in [
            ("data://stats", &[][..]),
            ("greet://{name}", &["name"]),
            ("repo://{owner}/{+path}", &["owner", "path"]),
            ("files://{path*}", &["path"]),
            ("search://all{?q,page}", &["q", "page"]),
            ("search://all{?q}{&page}", &["q", "page"]),
        ] {
            let variables = parse(template).expect(template);
            let found: Vec<&str> = variables
                .iter()
                .map(|variable| variable.name.as_str())
                .collect();
            assert_eq!(found, names, "{template}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_matched() {
        for template in [
            "stats",
            "://x",
            "a://{",
            "a://}",
            "a://{}",
            "a://{x{y}}",
            "a://{x}{y}",
            "a://{x}/{x}",
            "a://{x,y}",
            "a://{/x}",
            "a://{#x}",
            "a://{x:3}",
            "a://b c",
            "a://b{?q}/c",
            "a://{x y}",
            "a://b{?q}{+path}",
        ] {
            assert!(parse(template).is_err(), "{template}");
        }
    }
}
