//! What a run has on the host beside its processes, and what is removed after it.

use std::io;
use std::path::PathBuf;

use purlin_sandbox::{Cgroup, Limits, Scratch, Tier};
use tokio::runtime::Handle;

use super::host::Host;

/// What a run has on the host beside its processes. It is removed when this is dropped, by a thread
/// that may wait for that.
#[derive(Debug)]
pub(super) struct Resources {
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    cgroup: Option<Cgroup>,
    scratch: Option<Scratch>,
}

impl Resources {
    /// Makes what a run needs in the tier of a host. Blocks.
    pub(super) fn make(host: &Host, limits: &Limits) -> io::Result<Self> {
        let cgroup = host.cgroups.as_ref().map(|it| it.make(limits));
        let scratch = match host.tier {
            Tier::Strict => None,
            _ => Some(Scratch::make(&std::env::temp_dir())?),
        };
        let cgroup = cgroup.transpose()?;
        Ok(Self {
            kept: Some(Kept { cgroup, scratch }),
        })
    }

    /// The control groups of the run.
    pub(super) fn cgroups(&self) -> Vec<PathBuf> {
        let cgroup = self.kept.as_ref().and_then(|kept| kept.cgroup.as_ref());
        cgroup.map_or(Vec::new(), |it| it.directories().to_vec())
    }

    /// The directory in which the helper makes that of the run.
    pub(super) fn scratch(&self) -> Option<PathBuf> {
        let scratch = self.kept.as_ref()?.scratch.as_ref()?;
        Some(scratch.directory().to_owned())
    }
}

impl Drop for Resources {
    fn drop(&mut self) {
        let kept = self.kept.take();
        // Without a runtime there is nobody else whom this could hold up.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || drop(kept));
        }
    }
}
