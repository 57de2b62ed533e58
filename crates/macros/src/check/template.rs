//! URI templates (RFC 6570, levels 1 to 3, with `*`), read while compiling.
//!
//! Only what can be told apart when a URI is matched *against* the template is
//! allowed, which is what the runtime matches in linear time: at most one
//! variable over several segments, no variables that touch, and no lists whose
//! separator may stand in their values.

/// As many variables as the runtime takes.
const MAX_VARIABLES: usize = 64;

/// As many bytes as the runtime takes.
const MAX_LEN: usize = 8 * 1024;

/// A variable of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Variable {
    pub(crate) name: String,
    /// Whether it stands in a query, where it may be missing.
    pub(crate) in_query: bool,
}

/// `{…}` and what it expands to.
struct Expression<'t> {
    body: &'t str,
    operator: Option<char>,
    names: &'t str,
}

/// The variables of `text`, or what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Vec<Variable>, String> {
    if text.len() > MAX_LEN {
        return Err(format!("it has more than {MAX_LEN} bytes"));
    }
    scheme(text)?;
    let mut template = Template::default();
    let mut rest = text;
    while !rest.is_empty() {
        let literal = rest.find(['{', '}']).unwrap_or(rest.len());
        if literal > 0 {
            let (plain, tail) = rest.split_at(literal);
            template.literal(plain)?;
            rest = tail;
        } else {
            let expression = expression(rest)?;
            template.expression(&expression)?;
            rest = &rest[expression.body.len() + 2..];
        }
    }
    if template.variables.len() > MAX_VARIABLES {
        return Err(format!("it has more than {MAX_VARIABLES} variables"));
    }
    Ok(template.variables)
}

/// A template as far as it was read.
#[derive(Default)]
struct Template {
    variables: Vec<Variable>,
    /// The variable that reaches over segments.
    wide: Option<String>,
    after_expression: bool,
    /// What nothing of a path may follow.
    end: Option<&'static str>,
}

impl Template {
    fn literal(&mut self, plain: &str) -> Result<(), String> {
        self.goes_on(plain)?;
        self.after_expression = false;
        literal_part(plain)
    }

    fn goes_on(&self, part: &str) -> Result<(), String> {
        match self.end {
            Some(end) => Err(format!("`{part}` stands behind the {end}: put it in front")),
            None => Ok(()),
        }
    }

    fn expression(&mut self, expression: &Expression<'_>) -> Result<(), String> {
        let braces = format!("{{{}}}", expression.body);
        match (self.end, expression.ends()) {
            (Some(QUERY), Some(QUERY)) => {}
            (Some(end), Some(other)) if end != other => {
                return Err(format!(
                    "it has a query and a fragment, of which only one can be last: drop `{braces}`"
                ));
            }
            _ => self.goes_on(&braces)?,
        }
        if self.after_expression && expression.starts_bare() {
            return Err(format!(
                "`{braces}` touches the variable before it: put a `/` between them",
            ));
        }
        self.list(expression)?;
        for name in expression.names.split(',') {
            self.variable(name, expression)?;
        }
        self.end = expression.ends();
        self.after_expression = true;
        Ok(())
    }

    /// Several variables in one expression.
    fn list(&self, expression: &Expression<'_>) -> Result<(), String> {
        let blurs = matches!(expression.operator, Some('+' | '#' | '.'));
        if expression.names.contains(',') && (blurs || expression.names.contains('*')) {
            return Err(format!(
                "`{{{}}}` has several variables that nothing tells apart: \
                 write one pair of braces for each, with a `/` between them",
                expression.body,
            ));
        }
        Ok(())
    }

    fn variable(&mut self, name: &str, expression: &Expression<'_>) -> Result<(), String> {
        let plain = variable(name, expression)?;
        if self.variables.iter().any(|earlier| earlier.name == plain) {
            return Err(format!("the variable `{plain}` stands in it twice"));
        }
        if expression.is_wide(name) {
            if let Some(wide) = &self.wide {
                return Err(format!(
                    "`{wide}` and `{plain}` both reach over several segments: let one of them \
                     be a plain `{{{plain}}}`",
                ));
            }
            self.wide = Some(plain.clone());
        }
        self.variables.push(Variable {
            name: plain,
            in_query: expression.is_query(),
        });
        Ok(())
    }
}

const QUERY: &str = "query";
const FRAGMENT: &str = "fragment";

impl Expression<'_> {
    fn is_query(&self) -> bool {
        matches!(self.operator, Some('?' | '&'))
    }

    /// Whether its first value follows with nothing in front.
    fn starts_bare(&self) -> bool {
        matches!(self.operator, None | Some('+'))
    }

    /// Whether a variable of it reaches over several segments.
    fn is_wide(&self, name: &str) -> bool {
        matches!(self.operator, Some('+' | '#')) || name.ends_with('*')
    }

    fn ends(&self) -> Option<&'static str> {
        match self.operator {
            Some('?' | '&') => Some(QUERY),
            Some('#') => Some(FRAGMENT),
            _ => None,
        }
    }
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

fn literal_part(plain: &str) -> Result<(), String> {
    let bad = plain
        .chars()
        .find(|c| c.is_whitespace() || c.is_control() || "<>\"\\^`|".contains(*c));
    match bad {
        Some(bad) => Err(format!("a URI has no `{}` in it", bad.escape_debug())),
        None => Ok(()),
    }
}

/// The expression that `rest` starts with.
fn expression(rest: &str) -> Result<Expression<'_>, String> {
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
    let (operator, names) = match body.chars().next() {
        None => return Err("`{}` names no variable: write `{name}`".to_owned()),
        Some(reserved @ ('=' | ',' | '!' | '@' | '|')) => {
            return Err(format!(
                "`{{{body}}}` is not supported: there is no operator `{reserved}`"
            ));
        }
        Some(operator @ ('+' | '#' | '.' | '/' | ';' | '?' | '&')) => (Some(operator), &body[1..]),
        Some(_) => (None, body),
    };
    Ok(Expression {
        body,
        operator,
        names,
    })
}

fn variable(name: &str, expression: &Expression<'_>) -> Result<String, String> {
    let plain = match name.strip_suffix('*') {
        Some(_) if expression.is_query() => {
            return Err(format!("`{name}` cannot explode in a query: drop the `*`"));
        }
        Some(plain) if matches!(expression.operator, Some('.' | ';')) => {
            return Err(format!(
                "`{{{}}}` cannot explode: write `{{/{plain}*}}`",
                expression.body,
            ));
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
            ("map://{x,y}", &["x", "y"]),
            ("tree://root{/first,second}", &["first", "second"]),
            ("tree://root{/path*}{?q}", &["path", "q"]),
            ("file://{name}{.extension}", &["name", "extension"]),
            ("page://{name}{;lang,size}", &["name", "lang", "size"]),
            ("page://{name}{#section}", &["name", "section"]),
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
            "a://{x}{+y}",
            "a://{+x,y}",
            "a://b{.x,y}",
            "a://{x*,y}",
            "a://b{;x*}",
            "a://{+x}/{y*}",
            "a://{x}{#y}{?z}",
            "a://{x}{#y}/z",
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
