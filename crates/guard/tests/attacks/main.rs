//! What programs try that want out of their box, in each tier, with the real kernel.
//!
//! Every test is an attack that a run makes in Python. After each of them the server is looked at:
//! the next run gives the right answer, and no process, control group, mount or file is left.
//! [`Jail`](jail::Jail) says how.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::field_reassign_with_default,
    reason = "these are tests, and `Limits` is non-exhaustive"
)]

mod bombs;
mod daemons;
mod death;
mod devices;
mod disk;
mod floods;
mod host_files;
mod inheritance;
mod jail;
mod neighbours;
mod network;
mod outputs;
mod processes;
mod programs;
mod signals;
mod system_calls;
mod unprivileged;
