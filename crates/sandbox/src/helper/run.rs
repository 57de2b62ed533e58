//! A run, as the helper sees it: it starts the box, keeps the time, and tells the server.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::feature::Feature;
use crate::frame::FrameError;
use crate::plan::{Plan, Tier};
use crate::report::{Ended, Failure, How, Report, Stage, Usage};

use super::At;
use super::channel::{Channel, Event};
use super::child::Child;
use super::collect;
use super::confined;
use super::groups;
use super::identity::Identity;
use super::limits::cpu_seconds;
use super::scratch::Scratch;
use super::strict;

/// A box that has been started.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    channel: Channel,
    /// Dropped to have all processes of the box ended.
    leash: Option<OwnedFd>,
    identity: Identity,
    work: Option<OwnedFd>,
    /// Where the work directory lies, if that is to be removed.
    _scratch: Option<Scratch>,
}

impl Running {
    pub(super) fn new(child: Child, channel: Channel, leash: OwnedFd, identity: Identity) -> Self {
        Self {
            child,
            channel,
            leash: Some(leash),
            identity,
            work: None,
            _scratch: None,
        }
    }

    pub(super) fn in_scratch(self, scratch: Scratch, work: OwnedFd) -> Self {
        Self {
            work: Some(work),
            _scratch: Some(scratch),
            ..self
        }
    }

    /// Ends all processes of the box and waits until they are dead.
    fn end(&mut self) {
        self.leash = None;
        // The one way to fail is that the child has been waited for already.
        let _ = self.child.wait();
    }
}

/// How the time of a box went by.
enum Outcome {
    Failed(Failure),
    Ended(How, Usage),
    OutOfTime,
}

/// Carries out a plan. What it returns is the last report; the others are told on the way.
///
/// # Errors
///
/// Where the server is gone. The box is, too, by then.
pub(super) fn run(plan: &Plan, control: &mut UnixStream) -> Result<Report, FrameError> {
    let deadline = Instant::now() + plan.limits.wall;
    let started = match plan.tier {
        Tier::Strict => strict::start(plan),
        Tier::Confined => confined::start(plan),
    };
    let mut running = match started {
        Ok(running) => running,
        Err(failure) => return Ok(Report::Failed(failure)),
    };
    let _ = strict::leave_output();
    let outcome = follow(&mut running, control, deadline);
    running.end();
    Ok(match outcome? {
        Outcome::Failed(failure) => Report::Failed(failure),
        Outcome::OutOfTime => {
            Report::Ended(ended(plan, &running, How::WallClock, Usage::default()))
        }
        Outcome::Ended(how, usage) => Report::Ended(ended(plan, &running, how, usage)),
    })
}

fn follow(
    running: &mut Running,
    control: &mut UnixStream,
    deadline: Instant,
) -> Result<Outcome, FrameError> {
    loop {
        match next(running, control, deadline)? {
            Next::Time => return Ok(Outcome::OutOfTime),
            Next::Silence => return Ok(Outcome::Failed(Failure::new(Stage::Wait))),
            Next::Event(Event::Unmapped, _) => {
                let mapped = running.identity.map(running.child.pid);
                let released = mapped.and_then(|()| running.channel.release());
                if let Err(failure) = released.lacks(Stage::Namespaces, Feature::UserNamespace) {
                    return Ok(Outcome::Failed(failure));
                }
            }
            Next::Event(Event::Built, work) => running.work = work,
            Next::Event(Event::Started, _) => Report::Started.write(control)?,
            Next::Event(Event::Failed(failure), _) => return Ok(Outcome::Failed(failure)),
            Next::Event(Event::Ended(how, usage), _) => return Ok(Outcome::Ended(how, usage)),
        }
    }
}

enum Next {
    Event(Event, Option<OwnedFd>),
    /// All who could tell something are gone.
    Silence,
    Time,
}

/// Waits for the next thing to happen; that the server is gone is an error.
fn next(running: &Running, control: &UnixStream, deadline: Instant) -> Result<Next, FrameError> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut polled = [
            PollFd::from_borrowed_fd(running.channel.as_fd(), PollFlags::IN),
            PollFd::new(control, PollFlags::RDHUP),
        ];
        let timeout = timespec(left);
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Ok(0) if left.is_zero() => return Ok(Next::Time),
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
        if !polled[1].revents().is_empty() {
            return Err(FrameError::Closed);
        }
        return Ok(match running.channel.hear()? {
            Some((event, descriptor)) => Next::Event(event, descriptor),
            None => Next::Silence,
        });
    }
}

fn timespec(left: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    }
}

/// Puts together what is known of a run that has ended, by itself or not.
fn ended(plan: &Plan, running: &Running, how: How, usage: Usage) -> Ended {
    let counted = groups::read(&plan.cgroup);
    let usage = Usage {
        cpu: counted.cpu.unwrap_or(usage.cpu).max(usage.cpu),
        peak_memory: counted.peak_memory.unwrap_or(usage.peak_memory),
    };
    let how = match how {
        How::Killed(signal) => killed(plan, signal, usage, counted.out_of_memory),
        how => how,
    };
    let mut ended = Ended::new(how, usage);
    if let Some(work) = &running.work {
        let given = &plan.files;
        (ended.files, ended.files_left_out) =
            collect::collect(work, given, &plan.limits.output_files);
    }
    ended
}

/// Why the payload was killed, as far as a signal tells.
fn killed(plan: &Plan, signal: i32, usage: Usage, out_of_memory: bool) -> How {
    let used_up = usage.cpu.as_secs() >= cpu_seconds(&plan.limits);
    match signal {
        libc::SIGXCPU => How::Cpu,
        libc::SIGKILL if out_of_memory => How::Memory,
        libc::SIGKILL if used_up => How::Cpu,
        signal => How::Killed(signal),
    }
}
