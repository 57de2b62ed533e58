//! A helper process that runs one program of somebody else's in a box.
//!
//! This crate is the inside of the code executor of `purlin-guard`: it knows the kernel, and nothing
//! of languages, queues or runtimes. A server starts a helper, sends it a [`Plan`] and hears
//! [`Report`]s, in frames over a socket pair. What the program prints goes through pipes of its own.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod check;
mod command;
mod feature;
mod frame;
mod helper;
mod plan;
mod report;
mod sys;

pub use check::PlanError;
pub use command::{command, command_of, socket};
pub use feature::Feature;
pub use frame::{FrameError, MAX_FRAME};
pub use plan::{Bind, File, Limits, OutputFiles, Plan, Tier};
pub use report::{Ended, Failure, How, Report, Stage, Usage};
