//! `Confined`: a payload in the namespaces of the host, as one process that cannot make another.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::fs::{Stat, fstat};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{PidfdFlags, Signal};

use crate::plan::{Limits, Plan};
use crate::report::{Failure, How, Stage, Usage};
use crate::sys;

use super::At;
use super::channel::{Channel, Event};
use super::child::{self, Child, Forked, Tie};
use super::groups;
use super::identity::{Identity, NOBODY};
use super::payload::{self, Place};
use super::privileges;
use super::run::Running;
use super::scratch::Scratch;
use super::strict::{leave_output, tell};
use super::threads;
use super::unlinked;

/// How often it is looked at what no limit of the kernel bounds here, in milliseconds.
const INTERVAL: i64 = 50;

/// How many more processes and threads than those that are there the payload's user may have. The
/// kernel counts all of that user's on the host, so this is a last bound and not the limit.
const MORE: u64 = 512;

/// Starts a payload. All that happens is told over the channel.
pub(super) fn start(plan: &Plan) -> Result<Running, Failure> {
    let identity = Identity::detect();
    let stdin = payload::stdin(plan).at(Stage::Descriptors)?;
    let above = plan.scratch.as_deref().ok_or(Failure::new(Stage::Plan))?;
    let scratch = Scratch::make(above, identity).at(Stage::Files)?;
    let work = scratch.open_work().at(Stage::Files)?;
    let (ours, theirs) = Channel::pair().at(Stage::Fork)?;
    let (leash_end, leash) = pipe_with(PipeFlags::CLOEXEC).at(Stage::Fork)?;
    match child::fork().at(Stage::Fork)? {
        Forked::Parent(child) => {
            Ok(Running::new(plan, child, ours, leash, identity).in_scratch(scratch, work))
        }
        Forked::Child(tie) => {
            drop((ours, leash));
            let keeper = Keeper {
                plan,
                identity,
                scratch: &scratch,
                work,
                leash: leash_end,
            };
            let event = match keeper.run(&theirs, stdin.as_ref(), &tie) {
                Ok((how, usage)) => Event::Ended(how, usage),
                Err(failure) => Event::Failed(failure),
            };
            tell(&theirs, &event, None);
            sys::exit(0)
        }
    }
}

/// The process that starts the payload, looks after it and ends it.
struct Keeper<'a> {
    plan: &'a Plan,
    identity: Identity,
    scratch: &'a Scratch,
    work: OwnedFd,
    /// Its other end is closed by the helper to have everything ended.
    leash: OwnedFd,
}

impl Keeper<'_> {
    fn run(
        &self,
        channel: &Channel,
        stdin: Option<&OwnedFd>,
        tie: &Tie,
    ) -> Result<(How, Usage), Failure> {
        groups::join(&self.plan.cgroup)?;
        // Should the payload have children after all, they are this process's in the end.
        let own = rustix::process::getpid();
        rustix::process::set_child_subreaper(Some(own)).at(Stage::Fork)?;
        self.identity.leave_groups()?;
        let place = Place {
            identity: self.identity,
            user: NOBODY,
            work: self.work.as_fd(),
            home: &self.scratch.work(),
            temporary: &self.scratch.temporary(),
            processes: threads::of_user(self.identity).saturating_add(MORE),
        };
        let payload = payload::start(self.plan, &place, stdin)?;
        let input = stdin.map(fstat).transpose().at(Stage::Descriptors)?;
        tell(
            channel,
            &Event::Below(payload.pid.as_raw_nonzero().get()),
            None,
        );
        tell(channel, &Event::Started, None);
        leave_output().at(Stage::Descriptors)?;
        privileges::bound();
        self.identity.assume(NOBODY)?;
        privileges::drop_all()?;
        tie.bind().at(Stage::Wait)?;
        let overrun = self.look_after(&payload, input.as_ref()).at(Stage::Wait)?;
        let waited = payload.wait().at(Stage::Wait)?;
        let usage = Usage::new(waited.cpu, waited.peak_memory);
        Ok((overrun.unwrap_or(waited.how()), usage))
    }

    /// Returns when the payload is dead or about to be, with the reason if it had to be killed.
    fn look_after(&self, payload: &Child, input: Option<&Stat>) -> io::Result<Option<How>> {
        let process = rustix::process::pidfd_open(payload.pid, PidfdFlags::empty())?;
        let interval = Timespec {
            tv_sec: 0,
            tv_nsec: INTERVAL * 1_000_000,
        };
        loop {
            let mut ends = [
                PollFd::new(&process, PollFlags::IN),
                PollFd::new(&self.leash, PollFlags::empty()),
            ];
            rustix::io::retry_on_intr(|| rustix::event::poll(&mut ends, Some(&interval)))?;
            if !ends[0].revents().is_empty() {
                return Ok(None);
            }
            let overrun = self.overrun(payload, input, &self.plan.limits);
            if overrun.is_some() || !ends[1].revents().is_empty() {
                rustix::process::pidfd_send_signal(&process, Signal::KILL)?;
                return Ok(overrun);
            }
        }
    }

    fn overrun(&self, payload: &Child, input: Option<&Stat>, limits: &Limits) -> Option<How> {
        if threads::of_process(payload.pid) > limits.processes {
            return Some(How::Killed(libc::SIGKILL));
        }
        let scratch = self.scratch;
        let hidden = unlinked::bytes_of(payload.pid, scratch.path(), input, limits.file);
        let full = match limits.work_bytes.checked_sub(hidden) {
            Some(bytes) => scratch.is_larger_than(bytes, limits.work_inodes),
            None => true,
        };
        full.then_some(How::Disk)
    }
}
