//! What the processes of a box tell the helper.
//!
//! A pair of sockets that keep messages apart, so that several processes may write to one end. The
//! payload never has one of them: it tells its parent by a pipe why it could not start.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, Shutdown, SocketFlags, SocketType,
};
use serde::{Deserialize, Serialize};

use crate::report::{Failure, How, Usage};

/// The largest message; the largest there is has some hundred bytes.
const MESSAGE: usize = 4096;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Event {
    /// The builder is in a user namespace that nobody is mapped into yet.
    Unmapped,
    /// The file tree stands; the descriptor of the work directory comes along.
    Built,
    /// The process, by its number on the host, that all others of the box descend from.
    Below(i32),
    /// The payload has become the program.
    Started,
    /// The payload was not started.
    Failed(Failure),
    /// The payload has ended, as far as its parent can tell how.
    Ended(How, Usage),
}

#[derive(Debug)]
pub(super) struct Channel(OwnedFd);

impl Channel {
    pub(super) fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self(one), Self(other)))
    }

    /// Tells an event, with a descriptor if one belongs to it.
    pub(super) fn tell(&self, event: &Event, descriptor: Option<BorrowedFd<'_>>) -> io::Result<()> {
        let message = serde_json::to_vec(event)?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors: Vec<_> = descriptor.into_iter().collect();
        if !descriptors.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        let parts = [IoSlice::new(&message)];
        rustix::net::sendmsg(&self.0, &parts, &mut control, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// Hears the next event; nothing where all who could tell one are gone.
    pub(super) fn hear(&self) -> io::Result<Option<(Event, Option<OwnedFd>)>> {
        let mut message = [0; MESSAGE];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut parts = [IoSliceMut::new(&mut message)];
        let flags = RecvFlags::CMSG_CLOEXEC;
        let read = rustix::io::retry_on_intr(|| {
            rustix::net::recvmsg(&self.0, &mut parts, &mut control, flags)
        })?;
        if read.bytes == 0 {
            return Ok(None);
        }
        let descriptor = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        Ok(Some((
            serde_json::from_slice(&message[..read.bytes])?,
            descriptor,
        )))
    }

    /// Says that the other side may go on.
    pub(super) fn release(&self) -> io::Result<()> {
        rustix::io::write(&self.0, b"+")?;
        Ok(())
    }

    /// Releases nobody any more: who waits for it is refused.
    pub(super) fn release_no_more(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&self.0, Shutdown::Write)?)
    }

    /// Waits until it may go on.
    pub(super) fn await_release(&self) -> io::Result<()> {
        let mut byte = [0];
        match rustix::io::retry_on_intr(|| rustix::io::read(&self.0, &mut byte))? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
