//! What goes out: written by the thread that made it where nobody else is
//! writing, else by a thread of its own.

use std::{
    fs::File,
    io::{self, ErrorKind as IoErrorKind, Write},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use rustix::event::PollFlags;
use tokio::sync::Notify;

use super::wait_for;
use crate::{BoxFuture, transport::Sink};

/// How much may wait to be written before others have to wait, in bytes.
const MAX_WAITING: usize = 1024 * 1024;

/// What waits to be written.
#[derive(Debug, Default)]
pub(super) struct Output {
    state: Mutex<Waiting>,
    /// There is something to do for the writing thread.
    work: Condvar,
    /// There is room again, or the output has ended.
    drained: Condvar,
    room: Notify,
    ended: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Somebody is writing just now; order demands that others wait.
    busy: bool,
    closed: bool,
}

impl Output {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes from the thread that made the answers: at once if nobody else is
    /// at it, else after what is waiting.
    pub(super) fn write_now(&self, bytes: &mut Vec<u8>, file: &File) {
        if bytes.is_empty() {
            return;
        }
        let mut state = self.lock();
        if state.busy || !state.bytes.is_empty() {
            state.bytes.append(bytes);
            self.work.notify_one();
            return;
        }
        state.busy = true;
        drop(state);
        let written = write(file, bytes);
        bytes.clear();
        self.wrote(&written);
    }

    /// Notes the end of a write.
    fn wrote(&self, written: &io::Result<()>) {
        let mut state = self.lock();
        state.busy = false;
        if written.is_err() {
            // Nobody reads any more: what waits, waits for nothing.
            state.closed = true;
            state.bytes.clear();
        }
        drop(state);
        self.work.notify_one();
        self.drained.notify_all();
        self.room.notify_waiters();
    }

    /// The writing thread: writes what waits until the output is closed.
    pub(super) fn write_all_to(&self, file: &File) {
        let mut bytes = Vec::new();
        let mut state = self.lock();
        loop {
            if state.busy || (state.bytes.is_empty() && !state.closed) {
                state = self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            } else if state.bytes.is_empty() {
                break;
            } else {
                std::mem::swap(&mut bytes, &mut state.bytes);
                state.busy = true;
                drop(state);
                let written = write(file, &bytes);
                bytes.clear();
                self.wrote(&written);
                state = self.lock();
            }
        }
        drop(state);
        self.ended.notify_one();
    }

    /// Ends the output once everything that waits has been written.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_one();
        self.drained.notify_all();
        self.room.notify_waiters();
    }

    /// Waits until everything has been written and the output has ended.
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }

    /// Blocks this thread while too much waits to be written.
    pub(super) fn wait_for_room(&self) {
        let mut state = self.lock();
        while state.is_full() {
            state = self
                .drained
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Waiting {
    fn is_full(&self) -> bool {
        self.bytes.len() >= MAX_WAITING && !self.closed
    }
}

impl Sink for Output {
    fn send(&self, mut message: Vec<u8>) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        message.push(b'\n');
        state.bytes.append(&mut message);
        self.work.notify_one();
    }

    fn room(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            loop {
                let notified = self.room.notified();
                tokio::pin!(notified);
                notified.as_mut().enable();
                if !self.lock().is_full() {
                    return;
                }
                notified.await;
            }
        })
    }
}

/// Writes everything, also where the descriptor does not block.
fn write(mut file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(IoErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == IoErrorKind::WouldBlock => {
                wait_for(file, PollFlags::OUT)?;
            }
            Err(error) if error.kind() == IoErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
