//! Programs that come from the operating system, not from a package lock.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cmd;
use crate::failure::{Failure, Result};

/// The path of `program`, installing the Debian package `package` when it is
/// missing and this user may. Otherwise the failure names the one command.
pub(crate) fn need(program: &str, package: &str) -> Result<PathBuf> {
    if let Some(path) = find(program) {
        return Ok(path);
    }
    install(package)?;
    find(program).ok_or_else(|| {
        Failure::new(format!(
            "`{program}` is missing even after installing `{package}`"
        ))
    })
}

/// Installs a Debian package, or says how.
pub(crate) fn install(package: &str) -> Result<()> {
    let by_hand = format!("run `sudo apt-get install -y {package}`, then this again");
    let missing = || Failure::new(format!("the system package `{package}` is missing"));
    if !rustix::process::geteuid().is_root() || find("apt-get").is_none() {
        return Err(missing().next(by_hand));
    }
    let apt = |arguments: &[&str]| {
        cmd::run(
            Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
    };
    let install = ["install", "-y", "--no-install-recommends", package];
    apt(&install)
        .or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
        .map_err(|_| missing().next(by_hand))
}

/// Installs PostgreSQL, whose programs Debian keeps out of `PATH`, a directory
/// for each version.
pub(crate) fn postgresql() -> Result<()> {
    let is_there = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten();
        let mut versions = versions.flatten();
        versions.any(|version| version.path().join("bin/initdb").is_file())
    };
    if is_there() {
        return Ok(());
    }
    install("postgresql")
}

/// Installs what the tests of the sandbox run, where Debian puts it: what somebody has elsewhere may
/// lie where other users do not get to.
pub(crate) fn interpreters() -> Result<()> {
    let programs = [
        ("/usr/bin/python3", "python3"),
        ("/usr/bin/node", "nodejs"),
        ("/usr/bin/unshare", "util-linux"),
        ("/bin/bash", "bash"),
    ];
    let mut missing = programs
        .into_iter()
        .filter(|(program, _)| !Path::new(program).exists());
    missing.try_for_each(|(_, package)| install(package))
}

/// The path of nginx, which Debian keeps where only root looks.
pub(crate) fn nginx() -> Result<PathBuf> {
    let there = PathBuf::from("/usr/sbin/nginx");
    if there.is_file() {
        return Ok(there);
    }
    need("nginx", "nginx-light")
}

/// The path of Chromium, with letters to draw: without any font pages are empty boxes.
pub(crate) fn chromium() -> Result<PathBuf> {
    let fonts = PathBuf::from("/usr/share/fonts/truetype");
    if find("chromium").is_none() && !fonts.is_dir() {
        install("fonts-dejavu-core")?;
    }
    need("chromium", "chromium")
}

/// Looks `program` up in `PATH`.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}
