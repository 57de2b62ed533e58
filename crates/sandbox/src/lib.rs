//! A helper process that runs one program of somebody else's in a box.
//!
//! This crate is the inside of the code executor of `purlin-guard`: it knows the kernel, and nothing
//! of languages, queues or runtimes. A server starts a helper, sends it a [`Plan`] and hears
//! [`Report`]s, in frames over a socket pair. What the program prints goes through pipes of its own.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(target_os = "linux")]
mod cgroup;
mod check;
#[cfg(target_os = "linux")]
mod command;
mod feature;
mod frame;
#[cfg(target_os = "linux")]
mod helper;
mod plan;
mod probe;
mod report;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
pub use cgroup::{Cgroup, CgroupParent};
pub use check::PlanError;
#[cfg(target_os = "linux")]
pub use command::{command, command_of, socket};
pub use feature::Feature;
pub use frame::{FrameError, MAX_FRAME};
pub use plan::{Bind, File, Limits, OutputFiles, Plan, Tier};
pub use probe::probe;
#[cfg(target_os = "linux")]
pub use probe::probe_with;
pub use report::{Ended, Failure, How, Report, Stage, Usage};
