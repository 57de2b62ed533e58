//! `.env`: variables in a file, below those of the process, which it does not
//! touch.

use std::sync::Arc;

use crate::config::{Origin, Place, Problem, variables::Variables};

/// Adds the variables of the file, and says what cannot be read.
pub(crate) fn read(name: &str, text: &str, variables: &mut Variables) -> Vec<Problem> {
    let file: Arc<str> = name.into();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Vec::new();
    for variable in dotenvy::from_read_iter(text.as_bytes()) {
        match variable {
            Ok((name, value)) => {
                let line = line_of(text, |line| assigns(line, &name));
                variables.add(name, value, Place::new(&file, line));
            }
            Err(error) => {
                let line = match &error {
                    // The text of the error is the line itself, secrets and all.
                    dotenvy::Error::LineParse(bad, _) => {
                        let first = bad.lines().next().unwrap_or_default();
                        line_of(text, |line| line.trim_end() == first.trim_end())
                    }
                    _ => None,
                };
                let origin = Origin::File(Place::new(&file, line));
                let text = "this is no variable: write `NAME=value`, with quotes around a value that has spaces";
                problems.push(Problem::new("", Some(origin), text));
                if line.is_none() {
                    break;
                }
            }
        }
    }
    problems
}

fn line_of(text: &str, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    text.lines().position(is_it).map(|at| at + 1)
}

fn assigns(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let rest = line.strip_prefix(name).map(str::trim_start);
    rest.is_some_and(|rest| rest.starts_with('='))
}
