//! `${VAR}` and `${VAR:-otherwise}` in the texts of files.
//!
//! It is filled in after a file was parsed, so nothing in a variable can become
//! a key or a table. `$${` stands for `${` itself.

use crate::config::{
    Node, Problem,
    node::{Table, Value},
    shown,
    variables::Variables,
};

/// Fills in every text below a table; what is wrong with them.
pub(crate) fn fill(table: &mut Table, variables: &Variables) -> Vec<Problem> {
    let mut problems = Vec::new();
    members(table, "", variables, &mut problems);
    problems
}

fn members(table: &mut Table, path: &str, variables: &Variables, problems: &mut Vec<Problem>) {
    for (name, member) in table {
        let key = match path {
            "" => shown::name(name).to_owned(),
            path => format!("{path}.{}", shown::name(name)),
        };
        node(member, &key, variables, problems);
    }
}

fn node(at: &mut Node, key: &str, variables: &Variables, problems: &mut Vec<Problem>) {
    match &mut at.value {
        Value::Table(table) => members(table, key, variables, problems),
        Value::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                node(item, &format!("{key}[{index}]"), variables, problems);
            }
        }
        Value::Text(text) | Value::Loose(text) if text.contains("${") => {
            match filled(text, variables) {
                // What was filled in may be a number: the setting decides.
                Ok(text) => at.value = Value::Loose(text),
                Err(mistake) => {
                    let origin = Some(at.origin.clone());
                    problems.push(Problem::new(key, origin, mistake));
                    at.value = Value::Null;
                }
            }
        }
        _ => {}
    }
}

fn filled(text: &str, variables: &Variables) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = &after[2..];
            continue;
        }
        filled.push_str(before);
        let Some((inside, after)) = after[2..].split_once('}') else {
            return Err("`${` is not closed: write `}`, or `$${` for the sign itself".to_owned());
        };
        let (name, otherwise) = match inside.split_once(":-") {
            Some((name, otherwise)) => (name, Some(otherwise)),
            None => (inside, None),
        };
        if !is_name(name) {
            return Err("`${…}` holds the name of a variable: letters, digits and `_`".to_owned());
        }
        match (variables.get(name), otherwise) {
            (Some(value), _) => filled.push_str(value),
            (None, Some(otherwise)) => filled.push_str(otherwise),
            (None, None) => {
                return Err(format!(
                    "the variable `{name}` is not set: set it, or write `${{{name}:-…}}` with what holds otherwise"
                ));
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
