//! A package under `target/`, and what cargo makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde_json::Value;

use super::program::{Sdk, Variant};
use crate::cmd;
use crate::failure::{Context, Failure, Result};

/// Longer than any build should take.
const LIMIT: Duration = Duration::from_secs(1800);

/// A server to compile.
#[derive(Debug)]
pub(crate) struct Scratch {
    sdk: Sdk,
    dir: PathBuf,
}

/// What the compiler says of a mistake.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    pub(crate) errors: f64,
    pub(crate) lines: f64,
}

impl Scratch {
    /// Writes the package and fetches what it depends on, in the versions that
    /// `tests/bench` has locked.
    pub(crate) fn create(sdk: Sdk) -> Result<Self> {
        let dir = cmd::target().join("bench/compile").join(sdk.name());
        let this = Self { sdk, dir };
        fs::create_dir_all(this.dir.join("src"))
            .context(format_args!("cannot create {}", this.dir.display()))?;
        let lock = cmd::root().join("tests/bench/Cargo.lock");
        fs::copy(&lock, this.dir.join("Cargo.lock"))
            .context(format_args!("cannot copy {}", lock.display()))?;
        this.put("Cargo.toml", &this.manifest())?;
        this.write(Variant::Edited(0))?;
        cmd::run(&mut this.cargo(&["fetch"]))?;
        Ok(this)
    }

    fn manifest(&self) -> String {
        let (name, dependencies) = (self.sdk.name(), self.sdk.dependencies());
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{dependencies}schemars = \"1.2\"\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\n\
             [profile.release]\nstrip = true\n"
        )
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let file = self.dir.join(name);
        fs::write(&file, text).context(format_args!("cannot write {}", file.display()))
    }

    /// Writes the program anew.
    pub(crate) fn write(&self, variant: Variant) -> Result<()> {
        self.put("src/main.rs", &self.sdk.source(variant))
    }

    fn products(&self) -> PathBuf {
        self.dir.join("target")
    }

    /// Forgets everything that was built.
    pub(crate) fn start_over(&self) -> Result<()> {
        let products = self.products();
        match fs::exists(&products) {
            Ok(false) => Ok(()),
            _ => fs::remove_dir_all(&products)
                .context(format_args!("cannot remove {}", products.display())),
        }
    }

    /// Forgets what was built of the server, and keeps its dependencies.
    pub(crate) fn forget_crate(&self) -> Result<()> {
        cmd::run(&mut self.cargo(&["clean", "--quiet", "--package", self.sdk.name()]))
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = cmd::cargo(arguments);
        cargo
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", self.products());
        cargo
    }

    /// The seconds of user CPU that cargo and its children took.
    pub(crate) fn cpu(&self, arguments: &[&str]) -> Result<f64> {
        let before = children()?;
        cmd::run(self.cargo(arguments).args(["--quiet", "--offline"]))?;
        Ok(children()? - before)
    }

    /// The size of the binary of a profile, in MB.
    pub(crate) fn size(&self, profile: &str) -> Result<f64> {
        let binary = self.products().join(profile).join(self.sdk.name());
        let metadata =
            fs::metadata(&binary).context(format_args!("cannot read {}", binary.display()))?;
        Ok(metadata.len() as f64 / 1e6)
    }

    /// What the compiler says of a program with a mistake.
    pub(crate) fn complaints(&self, mistake: Variant) -> Result<Complaints> {
        self.write(mistake)?;
        let mut check = self.cargo(&["check", "--quiet", "--offline", "--message-format=json"]);
        let output = cmd::capture(&mut check, LIMIT)?;
        // As cargo shows them: the same words twice are shown once.
        let errors: BTreeSet<_> = output.stdout.lines().filter_map(rendered_error).collect();
        let complaints = errors
            .iter()
            .fold(Complaints::default(), |all, text| all.with(text));
        if complaints.errors == 0.0 {
            let name = self.sdk.name();
            return Err(Failure::new(format!("the mistake in {name} was accepted")));
        }
        Ok(complaints)
    }
}

impl Complaints {
    fn with(self, rendered: &str) -> Self {
        Self {
            errors: self.errors + 1.0,
            lines: self.lines + rendered.trim_end().lines().count() as f64,
        }
    }
}

/// The text of an error that is about some code.
fn rendered_error(line: &str) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    let message = &message["message"];
    let is_error = message["level"] == "error" && message["spans"] != serde_json::json!([]);
    is_error.then(|| message["rendered"].as_str().unwrap_or_default().to_owned())
}

/// The seconds of user CPU of all children that have ended, and of theirs.
fn children() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("cannot read the CPU of children")?;
    Ok(usage.user_time().num_microseconds() as f64 / 1e6)
}
