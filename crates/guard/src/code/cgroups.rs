//! Whether runs are put into control groups, and where.

use std::path::PathBuf;

/// Whether runs are put into control groups, and where.
///
/// A control group bounds the memory and the number of all processes of a run together. Without
/// one, memory is bounded for each process, and looked at twenty times a second for all together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cgroups {
    /// Where they can be made below the group of this process, or in version 2 beside it within its
    /// unit or container (systemd: `Delegate=memory pids` and `DelegateSubgroup=`); none otherwise.
    #[default]
    Detected,
    /// In this directory of version 2, which was delegated to this process with the controllers
    /// `memory` and `pids`. Where no groups can be made in it, the executor is not built.
    At(PathBuf),
    /// In none.
    Off,
}
