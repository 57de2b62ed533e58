//! Variables of the environment in the texts of a configuration.

use std::env;

use crate::Result;
use crate::error::ClientError;

/// Puts in the variables of this process's environment.
///
/// # Errors
/// When one is not set and has no default, or a brace is left open.
pub(super) fn expand(text: &str) -> Result<String> {
    expand_with(text, |name| env::var(name).ok())
}

fn expand_with(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            return Err(ClientError::config(format!("`{text}` lacks a `}}`")));
        };
        let (name, default) = match inside.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        let name = name.strip_prefix("env:").unwrap_or(name);
        let value = variable(name).or_else(|| default.map(str::to_owned));
        expanded.push_str(&value.ok_or_else(|| {
            ClientError::config(format!("the environment has no variable `{name}`"))
        })?);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String> {
        expand_with(text, |name| {
            (name == "HOME").then(|| "/home/ada".to_owned())
        })
    }

    #[test]
    fn variables_are_put_in() {
        for (text, result) in [
            ("plain", "plain"),
            ("${HOME}/x", "/home/ada/x"),
            ("${env:HOME}${HOME}", "/home/ada/home/ada"),
            ("${TEAM:-sales}", "sales"),
            ("${TEAM:-}", ""),
            ("$HOME {HOME}", "$HOME {HOME}"),
        ] {
            assert_eq!(expanded(text).unwrap(), result, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = expanded("${TEAM}").unwrap_err().to_string();
        assert_eq!(missing, "the environment has no variable `TEAM`");
        assert_eq!(
            expanded("${HOME").unwrap_err().to_string(),
            "`${HOME` lacks a `}`"
        );
    }
}
