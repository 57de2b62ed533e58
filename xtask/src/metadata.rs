//! The part of `cargo metadata` that tasks ask about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::cmd;
use crate::failure::{Context, Failure, Result};

/// A package of the dependency tree.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) license: Option<String>,
    pub(crate) description: Option<String>,
    /// The directory of the manifest.
    pub(crate) dir: PathBuf,
    pub(crate) features: BTreeSet<String>,
    /// Declared dependencies that are not for tests alone.
    pub(crate) dependencies: BTreeSet<String>,
    /// False for packages that `publish = false` keeps at home.
    pub(crate) published: bool,
    id: String,
}

/// The workspace and everything it depends on.
#[derive(Debug)]
pub(crate) struct Metadata {
    packages: BTreeMap<String, Package>,
    members: Vec<String>,
}

impl Metadata {
    /// Asks cargo.
    pub(crate) fn load() -> Result<Self> {
        let output = cmd::cargo(["metadata", "--format-version=1"])
            .output()
            .context("cannot start `cargo metadata`")?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failure::new(format!("`cargo metadata` failed: {words}")));
        }
        let value: Value =
            serde_json::from_slice(&output.stdout).context("`cargo metadata` is not JSON")?;
        Ok(Self::read(&value))
    }

    fn read(value: &Value) -> Self {
        let packages = items(&value["packages"])
            .map(package)
            .map(|p| (p.id.clone(), p))
            .collect();
        let members = items(&value["workspace_members"]).map(text).collect();
        Self { packages, members }
    }

    /// The packages of the workspace, by name.
    pub(crate) fn members(&self) -> Vec<&Package> {
        let mut members: Vec<_> = self
            .members
            .iter()
            .filter_map(|id| self.packages.get(id))
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }

    /// Every package in the tree.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values()
    }
}

fn package(value: &Value) -> Package {
    let manifest = PathBuf::from(text(&value["manifest_path"]));
    let dir = manifest.parent().map(PathBuf::from).unwrap_or_default();
    let features = value["features"].as_object();
    Package {
        name: text(&value["name"]),
        license: value["license"].as_str().map(String::from),
        description: value["description"].as_str().map(String::from),
        dir,
        features: features
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect(),
        dependencies: items(&value["dependencies"])
            .filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect(),
        published: value["publish"].is_null(),
        id: text(&value["id"]),
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
