//! `Strict`: the processes between the helper and the payload.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::event::{PollFd, PollFlags};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{PidfdFlags, Signal};

use crate::feature::Feature;
use crate::plan::Plan;
use crate::report::{Failure, How, Stage, Usage};
use crate::sys;

use super::At;
use super::channel::{Channel, Event};
use super::child::{self, Child, Forked, Tie};
use super::groups;
use super::identity::{INSIDE, Identity};
use super::mounts;
use super::namespaces;
use super::payload::{self, Place};
use super::privileges;
use super::run::Running;
use super::work::{TEMPORARY, WORK};

/// Processes of the box that count as those of the payload's user: the reaper, and the builder where
/// it is no other user.
const REAPER: u64 = 1;
const BUILDER: u64 = 1;

/// Starts a box. All that happens in it is told over the channel.
pub(super) fn start(plan: &Plan) -> Result<Running, Failure> {
    let identity = Identity::detect();
    let stdin = payload::stdin(plan).at(Stage::Descriptors)?;
    let (ours, theirs) = Channel::pair().at(Stage::Fork)?;
    let (leash_end, leash) = pipe_with(PipeFlags::CLOEXEC).at(Stage::Fork)?;
    match child::fork().at(Stage::Fork)? {
        Forked::Parent(child) => Ok(Running::new(plan, child, ours, leash, identity)),
        Forked::Child(tie) => {
            drop((ours, leash));
            let builder = Builder {
                plan,
                identity,
                stdin,
                leash: leash_end,
            };
            match builder.build(&theirs, &tie) {
                Ok(work) => builder.start(theirs, &work),
                Err(failure) => tell(&theirs, &Event::Failed(failure), None),
            }
            sys::exit(0)
        }
    }
}

/// The process that leaves the namespaces of the host and makes the file tree. The first child after
/// that is pid 1 of the new pid namespace.
struct Builder<'a> {
    plan: &'a Plan,
    identity: Identity,
    stdin: Option<OwnedFd>,
    /// Its other end is closed by the helper to have everything ended.
    leash: OwnedFd,
}

impl Builder<'_> {
    /// Makes the box and returns its work directory.
    fn build(&self, channel: &Channel, tie: &Tie) -> Result<OwnedFd, Failure> {
        groups::join(&self.plan.cgroup)?;
        self.identity.leave_groups()?;
        namespaces::leave(namespaces::USER)?;
        tell(channel, &Event::Unmapped, None);
        channel
            .await_release()
            .lacks(Stage::Namespaces, Feature::UserNamespace)?;
        // A change of rights undoes it.
        tie.bind().at(Stage::Namespaces)?;
        namespaces::leave_others()?;
        let work = mounts::build(self.plan).lacks(Stage::Mounts, Feature::PrivateMounts)?;
        tell(channel, &Event::Built, Some(&work));
        Ok(work)
    }

    /// Starts the reaper and stays until it is dead, and with it all processes of the box.
    fn start(&self, channel: Channel, work: &OwnedFd) {
        let reaper = match child::fork().at(Stage::Fork) {
            Ok(Forked::Parent(child)) => child,
            Ok(Forked::Child(tie)) => {
                reaper(self, &channel, work, &tie);
                sys::exit(0)
            }
            Err(failure) => return tell(&channel, &Event::Failed(failure), None),
        };
        tell(
            &channel,
            &Event::Below(reaper.pid.as_raw_nonzero().get()),
            None,
        );
        // The channel ends with the reaper, the output with the payload.
        drop(channel);
        let _ = leave_output();
        // Where this fails, the builder ends, and by that the reaper.
        let _ = self.await_end(&reaper);
    }

    fn await_end(&self, reaper: &Child) -> io::Result<()> {
        let process = rustix::process::pidfd_open(reaper.pid, PidfdFlags::empty())?;
        let mut ends = [
            PollFd::new(&process, PollFlags::IN),
            PollFd::new(&self.leash, PollFlags::empty()),
        ];
        rustix::io::retry_on_intr(|| rustix::event::poll(&mut ends, None))?;
        if ends[0].revents().is_empty() {
            rustix::process::pidfd_send_signal(&process, Signal::KILL)?;
        }
        reaper.wait().map(drop)
    }
}

/// Pid 1 of the box: starts the payload, waits for it, and takes everything with it when it ends.
///
/// The payload is not pid 1 itself, since the kernel spares that one all signals it does not handle,
/// the one for too much time of a processor among them.
fn reaper(builder: &Builder<'_>, channel: &Channel, work: &OwnedFd, tie: &Tie) {
    let event = match run_payload(builder, channel, work, tie) {
        Ok((how, usage)) => Event::Ended(how, usage),
        Err(failure) => Event::Failed(failure),
    };
    tell(channel, &event, None);
}

fn run_payload(
    builder: &Builder<'_>,
    channel: &Channel,
    work: &OwnedFd,
    tie: &Tie,
) -> Result<(How, Usage), Failure> {
    let others = match builder.identity {
        Identity::Nobody => REAPER,
        Identity::Same => REAPER + BUILDER,
    };
    let place = Place {
        identity: builder.identity,
        user: INSIDE,
        work: work.as_fd(),
        home: Path::new(WORK),
        temporary: Path::new(TEMPORARY),
        processes: builder.plan.limits.processes.saturating_add(others),
    };
    let payload = payload::start(builder.plan, &place, builder.stdin.as_ref())?;
    tell(channel, &Event::Started, None);
    leave_output().at(Stage::Descriptors)?;
    privileges::bound();
    builder.identity.assume(INSIDE)?;
    privileges::drop_all()?;
    tie.bind().at(Stage::Wait)?;
    let waited = payload.wait().at(Stage::Wait)?;
    Ok((waited.how(), Usage::new(waited.cpu, waited.peak_memory)))
}

/// Lets go of the payload's standard output, so that it ends with the payload.
pub(super) fn leave_output() -> io::Result<()> {
    let null = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(rustix::stdio::dup2_stderr(&null)?)
}

/// Tells the helper. Where the helper is gone, this process is about to be, too.
pub(super) fn tell(channel: &Channel, event: &Event, descriptor: Option<&OwnedFd>) {
    let _ = channel.tell(event, descriptor.map(AsFd::as_fd));
}
