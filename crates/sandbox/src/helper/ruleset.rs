//! Landlock: the last word on files, and on TCP.
//!
//! What the fourth ABI knows (Linux 6.7) is demanded: where the kernel cannot enforce it, nothing is
//! run. What later ones know (ioctls on devices, signals and abstract sockets, named sockets) is
//! demanded of kernels that have it; on others the filter of system calls, which lets through neither
//! those ioctls nor sockets nor signals to strangers, stands alone for it.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::fs::{CWD, FileType, Mode, OFlags};

use crate::feature::Feature;
use crate::report::{Failure, Stage};

use super::mounts::DEVICES;

/// What is demanded of every kernel, and the most that is asked for.
const DEMANDED: ABI = ABI::V4;
const KNOWN: ABI = ABI::V9;

/// What a payload may do with files.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) read: Vec<PathBuf>,
    pub(super) run: Vec<PathBuf>,
    pub(super) write: Vec<PathBuf>,
}

/// Binds this process to the rules, for good.
pub(super) fn restrict(rules: &Rules) -> Result<(), Failure> {
    let mut ruleset = create().map_err(|_| missing())?;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    for path in &rules.read {
        ruleset = allow(ruleset, path, read)?;
    }
    for path in &rules.run {
        ruleset = allow(ruleset, path, read | AccessFs::Execute)?;
    }
    for path in &rules.write {
        ruleset = allow(ruleset, path, writable())?;
    }
    for device in DEVICES {
        let access = AccessFs::ReadFile | AccessFs::WriteFile;
        ruleset = allow(ruleset, &Path::new("/dev").join(device), access)?;
    }
    let status = ruleset.restrict_self().map_err(|_| missing())?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(missing()),
        _ => Ok(()),
    }
}

fn create() -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(DEMANDED))?
        .handle_access(AccessNet::from_all(DEMANDED))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()
}

/// Everything in the directories of the payload but running what is there, and devices.
fn writable() -> BitFlags<AccessFs> {
    AccessFs::from_all(DEMANDED)
        & !(AccessFs::Execute | AccessFs::MakeBlock | AccessFs::MakeChar | AccessFs::MakeSock)
}

/// Allows something with a path and all below it. A path that does not exist allows nothing.
fn allow(
    ruleset: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, Failure> {
    let opened: io::Result<OwnedFd> =
        rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
            .map_err(Into::into);
    let descriptor = match opened {
        Ok(descriptor) => descriptor,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ruleset),
        Err(error) => return Err(failed(&error)),
    };
    let about = rustix::fs::fstat(&descriptor).map_err(|error| failed(&error.into()))?;
    let access = match FileType::from_raw_mode(about.st_mode) {
        FileType::Directory => access,
        _ => access & AccessFs::from_file(DEMANDED),
    };
    let rule = PathBeneath::new(descriptor, access);
    ruleset
        .add_rule(rule)
        .map_err(|_| Failure::new(Stage::Landlock))
}

fn missing() -> Failure {
    Failure {
        missing: Some(Feature::Landlock),
        ..Failure::new(Stage::Landlock)
    }
}

fn failed(error: &io::Error) -> Failure {
    Failure {
        errno: error.raw_os_error(),
        ..Failure::new(Stage::Landlock)
    }
}
