//! Code that somebody else wrote, run.
//!
//! A model writes a program, and [`CodeExecutor`] runs it where it can do no harm: in a process in
//! a box that is made for the run and gone after it. Queues, limits, output and errors are the same
//! for each language; what runs one is behind a seam (`backend`).

mod audit;
mod backend;
mod builder;
mod capture;
mod cgroups;
mod error;
mod executor;
mod language;
mod limits;
mod outcome;
#[cfg(target_os = "linux")]
mod process;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod process;
mod queue;
mod run;
mod running;
mod tenants;
mod tier;
mod unavailable;
#[cfg(feature = "wasm")]
mod wasm;

pub use builder::Builder;
pub use cgroups::Cgroups;
pub use error::CodeError;
pub use executor::CodeExecutor;
pub use language::{Language, MemoryRule};
pub use limits::Limits;
pub use outcome::{Outcome, Output, OutputFile, Usage};
pub use run::Run;
pub use running::{Piece, Running};
pub use tier::Tier;
pub use unavailable::{Missing, Unavailable};
