//! Processes that die with their parent.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal};

use crate::sys::{self, Side, Waited};

/// A child, and the end of the pipe by which it sees that its parent is still there.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) pid: Pid,
    _tie: OwnedFd,
}

/// What a child knows of its parent.
#[derive(Debug)]
pub(super) struct Tie(OwnedFd);

impl Tie {
    /// Has this process killed when its parent dies. Called again where a change of user has
    /// undone it.
    ///
    /// The kernel sends the signal only for a death after this call, so the parent is looked at
    /// afterwards. Its number says nothing for that in another pid namespace, where it is 0; a pipe
    /// that only the parent can have open does.
    pub(super) fn bind(&self) -> io::Result<()> {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        match ended(self.0.as_fd())? {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

impl AsFd for Tie {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Whether nobody has the other end of a pipe open any more.
fn ended(pipe: BorrowedFd<'_>) -> io::Result<bool> {
    let mut polled = [PollFd::from_borrowed_fd(pipe, PollFlags::empty())];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    rustix::io::retry_on_intr(|| rustix::event::poll(&mut polled, Some(&now)))?;
    Ok(polled[0].revents().contains(PollFlags::HUP))
}

/// Which side of a fork this is. Each lets go of what belongs to the other.
#[derive(Debug)]
pub(super) enum Forked {
    Child(Tie),
    Parent(Child),
}

/// Starts a child. The child's side ends by [`sys::exit`] and never returns to what the parent does.
pub(super) fn fork() -> io::Result<Forked> {
    let (child_end, parent_end) = pipe_with(PipeFlags::CLOEXEC)?;
    match sys::fork()? {
        Side::Parent(pid) => Ok(Forked::Parent(Child {
            pid,
            _tie: parent_end,
        })),
        Side::Child => {
            drop(parent_end);
            let tie = Tie(child_end);
            match tie.bind() {
                Ok(()) => Ok(Forked::Child(tie)),
                Err(_) => sys::exit(0),
            }
        }
    }
}

impl Child {
    /// Waits until the child has ended, and tells how.
    ///
    /// Other children are reaped on the way: whoever forks here is responsible for all below it.
    pub(super) fn wait(&self) -> io::Result<Waited> {
        loop {
            let waited = sys::wait()?;
            if waited.pid == self.pid {
                return Ok(waited);
            }
        }
    }
}
