//! Which crate may build on which, and how much the core may weigh.

use std::collections::BTreeSet;

use crate::cmd;
use crate::failure::{Context, Result};
use crate::metadata::Metadata;

/// The most third-party crates `purlin-core` may have in its tree.
const CORE_LIMIT: usize = 40;

/// What each library may import of ours. The order is that of the table in
/// `docs/architecture.md`; packages not named here are programs and suites,
/// which may import anything.
const TABLE: [(&str, &[&str]); 13] = [
    (
        "purlin",
        &[
            "purlin-auth",
            "purlin-client",
            "purlin-core",
            "purlin-guard",
            "purlin-http",
            "purlin-macros",
            "purlin-middleware",
            "purlin-stores",
            "purlin-telemetry",
            "purlin-testing",
        ],
    ),
    ("purlin-core", &["purlin-macros"]),
    ("purlin-macros", &[]),
    ("purlin-http", &["purlin-core"]),
    ("purlin-client", &["purlin-core"]),
    (
        "purlin-auth",
        &[
            "purlin-core",
            "purlin-http",
            "purlin-client",
            "purlin-guard",
        ],
    ),
    ("purlin-middleware", &["purlin-core"]),
    ("purlin-stores", &["purlin-core"]),
    ("purlin-sandbox", &[]),
    (
        "purlin-guard",
        &["purlin-core", "purlin-macros", "purlin-sandbox"],
    ),
    ("purlin-telemetry", &["purlin-core", "purlin-macros"]),
    ("purlin-testing", &["purlin-core", "purlin-client"]),
    ("cargo-purlin", &["purlin"]),
];

pub(super) fn check(metadata: &Metadata) -> Result<Vec<String>> {
    let mut problems = imports(metadata);
    let core = tree("purlin-core")?;
    println!(
        "purlin-core builds on {} third-party crates (limit {CORE_LIMIT})",
        core.len()
    );
    if core.len() >= CORE_LIMIT {
        problems.push(format!(
            "purlin-core has {} third-party crates in its tree, {CORE_LIMIT} is the limit: \
             put the new one behind a feature of another crate",
            core.len()
        ));
    }
    Ok(problems)
}

fn imports(metadata: &Metadata) -> Vec<String> {
    let members = metadata.members();
    let ours: BTreeSet<&str> = members
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut problems = Vec::new();
    for package in &members {
        let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == package.name) else {
            if package.published {
                problems.push(format!(
                    "{} would be published but has no line in the table of layers",
                    package.name
                ));
            }
            continue;
        };
        for import in package
            .dependencies
            .iter()
            .filter(|name| ours.contains(name.as_str()))
        {
            if !allowed.contains(&import.as_str()) {
                problems.push(format!("{} may not import {import}", package.name));
            }
        }
    }
    problems
}

/// The third-party crates in the tree of `package` with its default features.
pub(crate) fn tree(package: &str) -> Result<BTreeSet<String>> {
    let output = cmd::cargo(["tree", "--package", package])
        .args(["--edges=normal,build", "--prefix=none", "--format={p}"])
        .output()
        .context("cannot start `cargo tree`")?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    // Our own crates are printed with the path they come from.
    Ok(listed
        .lines()
        .filter(|line| !line.contains("(/") && !line.is_empty())
        .map(name)
        .collect())
}
