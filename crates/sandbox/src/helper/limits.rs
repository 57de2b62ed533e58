//! Limits of the kernel on a single process.

use rustix::process::{Resource, Rlimit};

use crate::plan::Limits;
use crate::report::{Failure, Stage};

use super::At;

/// Sets all limits. `processes` is how many processes and threads the payload's user may have in its
/// user namespace, those of the box included.
pub(super) fn apply(limits: &Limits, processes: u64) -> Result<(), Failure> {
    let cpu = cpu_seconds(limits);
    // The signal of the soft limit can be caught and tells what happened; that of the hard one, a
    // second later, cannot.
    set(Resource::Cpu, cpu, cpu.saturating_add(1))?;
    set(Resource::Data, limits.memory, limits.memory)?;
    if let Some(space) = limits.address_space {
        set(Resource::As, space, space)?;
    }
    set(Resource::Nproc, processes, processes)?;
    set(Resource::Fsize, limits.file, limits.file)?;
    set(Resource::Nofile, limits.open_files, limits.open_files)?;
    for nothing in [
        Resource::Core,
        Resource::Memlock,
        Resource::Msgqueue,
        Resource::Nice,
        Resource::Rtprio,
        Resource::Sigpending,
    ] {
        let least = if nothing == Resource::Sigpending {
            64
        } else {
            0
        };
        set(nothing, least, least)?;
    }
    Ok(())
}

/// Whole seconds, rounded up: the kernel counts no others.
pub(super) fn cpu_seconds(limits: &Limits) -> u64 {
    limits.cpu.as_secs() + u64::from(limits.cpu.subsec_nanos() > 0)
}

/// Sets a limit, or leaves a lower one that is there already.
fn set(resource: Resource, soft: u64, hard: u64) -> Result<(), Failure> {
    let most = rustix::process::getrlimit(resource)
        .maximum
        .unwrap_or(u64::MAX);
    let limit = Rlimit {
        current: Some(soft.min(most)),
        maximum: Some(hard.min(most)),
    };
    rustix::process::setrlimit(resource, limit).at(Stage::Limits)
}
