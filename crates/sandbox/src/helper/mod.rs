//! What happens in the helper process, from its start to its end.
//!
//! ```text
//! server ── helper ── builder ── reaper ── payload        Strict
//!                     (leaves    (pid 1)
//!                     namespaces)
//! server ── helper ── keeper ── payload                   Confined
//! ```
//!
//! The helper never leaves the host's namespaces: it keeps the time, hears whether the server is
//! still there, and clears up. Each process below it dies with its parent.

mod channel;
mod child;
mod collect;
mod confined;
mod filter;
mod groups;
mod identity;
mod limits;
mod loader;
mod memory;
mod mounts;
mod namespaces;
mod payload;
mod privileges;
mod probe;
mod ruleset;
mod run;
mod scratch;
mod strict;
mod syscalls;
mod threads;
mod unlinked;
mod work;

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use crate::feature::Feature;
use crate::frame::Request;
use crate::report::{Failure, Report, Stage};
use crate::sys;

/// Serves the one request that comes over standard input, and ends the process.
pub(crate) fn run() -> ! {
    sys::ignore_broken_pipes();
    let served = serve();
    sys::exit(i32::from(served.is_err()))
}

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    // Whoever loses his parent below is waited for here, and not by the first process of the system,
    // which in a container may be the server.
    let own = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(own))?;
    let mut control = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let null = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    let answer = match Request::read(&mut control)? {
        Request::Run(plan) => match plan.check() {
            Ok(()) => run::run(&plan, &mut control)?,
            Err(_) => Report::Failed(Failure::new(Stage::Plan)),
        },
        Request::Probe(tier) => Report::Probed(probe::missing(tier)),
    };
    Ok(answer.write(&mut control)?)
}

/// Puts a stage to what failed in it.
trait At<T> {
    fn at(self, stage: Stage) -> Result<T, Failure>;
    fn lacks(self, stage: Stage, feature: Feature) -> Result<T, Failure>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, stage: Stage) -> Result<T, Failure> {
        self.map_err(|error| Failure {
            errno: error.into().raw_os_error(),
            ..Failure::new(stage)
        })
    }

    fn lacks(self, stage: Stage, feature: Feature) -> Result<T, Failure> {
        self.at(stage).map_err(|failure| Failure {
            missing: Some(feature),
            ..failure
        })
    }
}
