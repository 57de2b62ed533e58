//! Licences of the whole tree, and what a published crate must say of itself.

use crate::metadata::Metadata;

pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let mut problems = Vec::new();
    for package in metadata.packages() {
        let name = &package.name;
        match &package.license {
            Some(licence) if !is_permissive(licence) => {
                problems.push(format!(
                    "{name} is licensed {licence}: choose another crate"
                ));
            }
            _ => {}
        }
    }
    for package in metadata
        .members()
        .into_iter()
        .filter(|package| package.published)
    {
        let name = &package.name;
        if package
            .description
            .as_deref()
            .unwrap_or_default()
            .is_empty()
        {
            problems.push(format!("{name} has no description in its Cargo.toml"));
        }
        if package.license.is_none() {
            problems.push(format!("{name} has no license in its Cargo.toml"));
        }
    }
    problems
}

/// Whether an SPDX expression offers a way around every GPL.
fn is_permissive(expression: &str) -> bool {
    expression
        .replace('/', " OR ")
        .split(" OR ")
        .any(|choice| !choice.contains("GPL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_beside_the_gpl_is_enough() {
        assert!(is_permissive("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
        assert!(is_permissive("MIT/Apache-2.0"));
    }

    #[test]
    fn the_gpl_alone_is_refused() {
        assert!(!is_permissive("AGPL-3.0-only"));
        assert!(!is_permissive("MIT AND GPL-2.0-only"));
    }
}
