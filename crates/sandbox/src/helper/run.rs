//! A run, as the helper sees it: it starts the box, keeps the time, and tells the server.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::Pid;

use crate::feature::Feature;
use crate::frame::FrameError;
use crate::plan::{Plan, Tier};
use crate::report::{Ended, Failure, How, Report, Stage, Usage};
use crate::sys;

use super::At;
use super::channel::{Channel, Event};
use super::child::Child;
use super::collect;
use super::confined;
use super::groups;
use super::identity::Identity;
use super::limits::cpu_seconds;
use super::memory;
use super::scratch::Scratch;
use super::strict;

/// How often it is looked at what the box uses.
const INTERVAL: Duration = Duration::from_millis(50);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A box that has been started.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    channel: Channel,
    /// Dropped to have all processes of the box ended.
    leash: Option<OwnedFd>,
    identity: Identity,
    work: Option<OwnedFd>,
    /// The process that all others of the box descend from.
    below: Option<Pid>,
    deadline: Instant,
    /// Where the work directory lies, if that is to be removed.
    _scratch: Option<Scratch>,
}

impl Running {
    pub(super) fn new(
        plan: &Plan,
        child: Child,
        channel: Channel,
        leash: OwnedFd,
        identity: Identity,
    ) -> Self {
        Self {
            deadline: deadline(plan.limits.wall),
            below: None,
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

    /// Whether all processes together use more memory than allowed, where no control group sees to
    /// that.
    fn uses_more_than(&self, plan: &Plan) -> bool {
        let root = self.below.filter(|_| plan.cgroup.is_empty());
        root.is_some_and(|root| memory::of_tree(root) > plan.limits.memory)
    }

    /// Ends all processes of the box and waits until they are dead. Tells what they have used
    /// together, as far as they have been waited for, which in a pid namespace the kernel does.
    fn end(&mut self) -> Usage {
        self.leash = None;
        // A box whose time is over before it stands waits to be released, and would for ever.
        let _ = self.channel.release_no_more();
        let usage = match self.child.wait() {
            Ok(waited) => Usage::new(waited.cpu, waited.peak_memory),
            // There is no way to fail but that the child has been waited for already.
            Err(_) => Usage::default(),
        };
        // Where the child was killed, those below it have been killed by that, and are this
        // process's now.
        while sys::wait().is_ok() {}
        usage
    }
}

/// When a time is over. One that no clock can tell is as good as a day.
fn deadline(wall: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wall).unwrap_or(now + DAY)
}

/// How the time of a box went by.
enum Outcome {
    Failed(Failure),
    Ended(How, Usage),
    /// Still running, and to be ended for this.
    Stopped(How),
}

/// Carries out a plan. What it returns is the last report; the others are told on the way.
///
/// # Errors
///
/// Where the server is gone. The box is, too, by then.
pub(super) fn run(plan: &Plan, control: &mut UnixStream) -> Result<Report, FrameError> {
    let started = match plan.tier {
        Tier::Strict => strict::start(plan),
        Tier::Confined => confined::start(plan),
    };
    let mut running = match started {
        Ok(running) => running,
        Err(failure) => return Ok(Report::Failed(failure)),
    };
    let _ = strict::leave_output();
    let outcome = follow(plan, &mut running, control);
    let whole = running.end();
    Ok(match outcome? {
        Outcome::Failed(failure) => Report::Failed(failure),
        Outcome::Stopped(how) => Report::Ended(ended(plan, &running, how, whole)),
        Outcome::Ended(how, usage) => Report::Ended(ended(plan, &running, how, usage)),
    })
}

fn follow(
    plan: &Plan,
    running: &mut Running,
    control: &mut UnixStream,
) -> Result<Outcome, FrameError> {
    loop {
        match next(plan, running, control)? {
            Next::Stop(how) => return Ok(Outcome::Stopped(how)),
            // Whoever had to tell was killed itself.
            Next::Silence if groups::read(&plan.cgroup).out_of_memory => {
                return Ok(Outcome::Stopped(How::Memory));
            }
            Next::Silence => return Ok(Outcome::Failed(Failure::new(Stage::Wait))),
            Next::Event(Event::Unmapped, _) => {
                let mapped = running.identity.map(running.child.pid);
                let released = mapped.and_then(|()| running.channel.release());
                if let Err(failure) = released.lacks(Stage::Namespaces, Feature::UserNamespace) {
                    return Ok(Outcome::Failed(failure));
                }
            }
            Next::Event(Event::Built, work) => running.work = work,
            Next::Event(Event::Below(pid), _) => running.below = Pid::from_raw(pid),
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
    /// It has to be ended, for this.
    Stop(How),
}

/// Waits for the next thing to happen; that the server is gone is an error.
fn next(plan: &Plan, running: &Running, control: &UnixStream) -> Result<Next, FrameError> {
    loop {
        let left = running.deadline.saturating_duration_since(Instant::now());
        let mut polled = [
            PollFd::from_borrowed_fd(running.channel.as_fd(), PollFlags::IN),
            PollFd::new(control, PollFlags::RDHUP),
        ];
        let timeout = timespec(left.min(INTERVAL));
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Ok(0) if left.is_zero() => return Ok(Next::Stop(How::WallClock)),
            Ok(0) if running.uses_more_than(plan) => return Ok(Next::Stop(How::Memory)),
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
