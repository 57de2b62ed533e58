//! The installed suite and how it is called.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::cmd;
use crate::failure::{Context, Result};
use crate::tools::Npm;

use super::broken;

/// The version `tests/conformance/suite` pins. A new one is reviewed: its
/// scenarios, and the exceptions of the gate.
const VERSION: &str = "0.2.0-alpha.12";

const ENTRY: &str = "node_modules/@modelcontextprotocol/conformance/dist/index.js";

/// The suite, ready to run.
#[derive(Debug)]
pub(super) struct Suite {
    npm: Npm,
    expected_failures: PathBuf,
}

impl Suite {
    /// Installs the pinned suite unless it is there.
    pub(super) fn install() -> Result<Self> {
        let npm = Npm::install("conformance", "tests/conformance/suite")?;
        // With a list of expected failures, even an empty one, the suite fails
        // on warnings.
        let expected_failures = npm.dir().join("empty.yaml");
        fs::write(&expected_failures, "server: []\nclient: []\n")
            .context("cannot write the empty list of expected failures")?;
        let suite = Self {
            npm,
            expected_failures,
        };
        suite.check_version()?;
        Ok(suite)
    }

    /// The program file, which holds the official schemas too.
    pub(super) fn program(&self) -> PathBuf {
        self.npm.dir().join(ENTRY)
    }

    fn command(&self) -> Command {
        self.npm.node(ENTRY)
    }

    fn check_version(&self) -> Result<()> {
        let output = self
            .command()
            .arg("--version")
            .output()
            .context("cannot start the suite")?;
        let version = String::from_utf8_lossy(&output.stdout);
        if version.trim() == VERSION {
            return Ok(());
        }
        Err(broken(&format!(
            "the suite says it is `{}`, not `{VERSION}`",
            version.trim()
        )))
    }

    /// Runs server scenarios against `url`; the verdict is in `output`.
    pub(super) fn server(&self, url: &str, arguments: &[String], output: &Path) -> Result<()> {
        let mut command = self.command();
        command
            .args(["server", "--url", url])
            .arg("--expected-failures")
            .arg(&self.expected_failures)
            .args(arguments);
        // The exit code repeats what the results say, less strictly.
        logged(command, output).map(drop)
    }

    /// Runs one client scenario; its checks are in `output`. Says whether the suite accepted them,
    /// and how the client ended.
    pub(super) fn client(
        &self,
        client: &Path,
        scenario: &str,
        version: Option<&str>,
        output: &Path,
    ) -> Result<bool> {
        let mut command = self.command();
        command
            .args(["client", "--scenario", scenario])
            .args(
                version
                    .map(|version| ["--spec-version", version])
                    .into_iter()
                    .flatten(),
            )
            .arg("--command")
            .arg(client);
        logged(command, output)
    }

    /// Starts the authorization scenarios; what the suite says is in the pipe of its output, and its
    /// checks will be in `output`.
    pub(super) fn authorization(&self, arguments: &[&str], output: &Path) -> Result<Child> {
        fs::create_dir_all(output).context(format_args!("cannot create {}", output.display()))?;
        let mut command = self.command();
        command
            .arg("authorization")
            .args(arguments)
            .arg("-o")
            .arg(output)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let started = command.spawn();
        started.context(format_args!("cannot start `{}`", cmd::words(&command)))
    }
}

/// Runs the suite with its words in `output`, beside its results. Says whether it succeeded.
fn logged(mut command: Command, output: &Path) -> Result<bool> {
    fs::create_dir_all(output).context(format_args!("cannot create {}", output.display()))?;
    let log = fs::File::create(output.join("suite.log")).context("cannot create suite.log")?;
    let errors = log.try_clone().context("cannot share suite.log")?;
    command
        .arg("-o")
        .arg(output)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors);
    let status = command
        .status()
        .context(format_args!("cannot start `{}`", cmd::words(&command)))?;
    Ok(status.success())
}
