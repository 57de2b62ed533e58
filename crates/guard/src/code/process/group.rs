//! The control group of a run.

use std::path::PathBuf;

use purlin_sandbox::Cgroup;
use tokio::runtime::Handle;

/// The control group of a run, which is removed when this is dropped, by a thread that may wait
/// for that.
#[derive(Debug)]
pub(super) struct Group {
    group: Option<Cgroup>,
}

impl Group {
    pub(super) fn new(group: Cgroup) -> Self {
        Self { group: Some(group) }
    }

    pub(super) fn directories(&self) -> impl Iterator<Item = PathBuf> {
        let groups = self.group.iter().flat_map(Cgroup::directories);
        groups.cloned()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = self.group.take();
        // Without a runtime there is nobody else whom this could hold up.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || drop(group));
        }
    }
}
