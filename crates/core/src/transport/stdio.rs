//! Standard input and output.
//!
//! One thread reads and serves: many lines per read, their answers in one
//! write. What has to wait moves to a task; what tasks say is written by a
//! second thread, so that a client that does not read holds up nobody but
//! itself.
//!
//! Standard output carries messages only. [`Guard`] takes it away from the
//! rest of the process: descriptor 1 leads to standard error from then on, and
//! descriptor 0 to nothing.

use std::{
    fs::File,
    future::poll_fn,
    io::{self, ErrorKind as IoErrorKind, Read, Write},
    os::fd::{AsFd, OwnedFd},
    pin::pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::Poll,
    thread,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::{runtime::Handle, sync::Notify};

use super::{Driver, MAX_MESSAGE, Sink};
use crate::{BoxFuture, Result, Server, context::TransportKind, wire::Refusal};

/// How much is read at once, in bytes.
const READ: usize = 64 * 1024;
/// How much may wait to be written before tasks have to wait, in bytes.
const MAX_WAITING: usize = 1024 * 1024;
/// How long requests in flight may go on after the end of input.
const GRACE: Duration = Duration::from_secs(4);

/// Standard input and output, taken away from the rest of the process.
#[derive(Debug)]
pub struct Guard {
    input: File,
    output: File,
}

impl Guard {
    /// Takes standard input and output. From here on, what the process prints
    /// goes to standard error, and what it reads is empty.
    ///
    /// `#[purlin::main]` does this before any other code runs.
    ///
    /// # Errors
    /// When the descriptors cannot be duplicated.
    pub fn install() -> Result<Self> {
        let input = duplicate(&io::stdin())?;
        let output = duplicate(&io::stdout())?;
        rustix::stdio::dup2_stdout(io::stderr()).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?).map_err(io::Error::from)?;
        Ok(Self {
            input: input.into(),
            output: output.into(),
        })
    }

    /// Gives standard input and output back to the process.
    ///
    /// # Errors
    /// When the descriptors cannot be put back.
    pub fn release(self) -> Result<()> {
        rustix::stdio::dup2_stdout(&self.output).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdin(&self.input).map_err(io::Error::from)?;
        Ok(())
    }

    /// Serves over given descriptors, for sockets and pipes of one's own.
    pub fn over(input: OwnedFd, output: OwnedFd) -> Self {
        Self {
            input: input.into(),
            output: output.into(),
        }
    }
}

fn duplicate(fd: &impl AsFd) -> Result<OwnedFd> {
    Ok(fd.as_fd().try_clone_to_owned()?)
}

/// Serves one client over standard input and output, until the input ends or
/// the server is shut down.
///
/// # Errors
/// When the server cannot be started, or the descriptors cannot be had.
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn serve(server: Server, guard: Guard) -> Result<()> {
    server.start().await?;
    let output = Arc::new(Output::default());
    let writer = spawn("purlin-stdout", {
        let output = Arc::clone(&output);
        let file = guard.output.try_clone()?;
        move || output.write_all_to(&file)
    })?;
    let driver = Arc::new(Driver::new(
        server.clone(),
        TransportKind::Stdio,
        Arc::clone(&output),
        Handle::current(),
    ));
    let ended = Arc::new(Notify::new());
    spawn("purlin-stdin", {
        let (driver, output, ended) =
            (Arc::clone(&driver), Arc::clone(&output), Arc::clone(&ended));
        let runtime = Handle::current();
        move || {
            let _runtime = runtime.enter();
            read_all(&guard.input, &guard.output, &driver, &output);
            ended.notify_one();
        }
    })?;
    first(ended.notified(), server.draining()).await;
    server.shutdown();
    let last = Arc::clone(&driver);
    let drained = tokio::task::spawn_blocking(move || last.drain(GRACE));
    // It only waits; were it to panic, the end is the same.
    let _ = drained.await;
    driver.close();
    output.close();
    let _ = tokio::task::spawn_blocking(move || writer.join()).await;
    server.stop().await;
    Ok(())
}

/// Waits for whichever ends first.
async fn first(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| match (a.as_mut().poll(cx), b.as_mut().poll(cx)) {
        (Poll::Pending, Poll::Pending) => Poll::Pending,
        _ => Poll::Ready(()),
    })
    .await;
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>> {
    Ok(thread::Builder::new().name(name.to_owned()).spawn(work)?)
}

/// What waits to be written.
#[derive(Default)]
struct Output {
    state: Mutex<Waiting>,
    work: Condvar,
    room: Notify,
}

#[derive(Default)]
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

    /// Writes from the reading thread: at once if nobody else is at it, else
    /// after what is waiting.
    fn write_now(&self, bytes: &mut Vec<u8>, file: &File) {
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
        let mut state = self.lock();
        state.busy = false;
        state.closed |= written.is_err();
        if !state.bytes.is_empty() || state.closed {
            self.work.notify_one();
        }
    }

    /// The writing thread.
    fn write_all_to(&self, file: &File) {
        let mut bytes = Vec::new();
        let mut state = self.lock();
        loop {
            if !state.bytes.is_empty() && !state.busy {
                std::mem::swap(&mut bytes, &mut state.bytes);
                state.busy = true;
                drop(state);
                self.room.notify_waiters();
                let written = write(file, &bytes);
                bytes.clear();
                state = self.lock();
                state.busy = false;
                state.closed |= written.is_err();
            } else if state.closed {
                break;
            } else {
                state = self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        drop(state);
        self.room.notify_waiters();
    }

    fn close(&self) {
        self.lock().closed = true;
        self.work.notify_one();
    }

    fn is_full(&self) -> bool {
        let state = self.lock();
        state.bytes.len() >= MAX_WAITING && !state.closed
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
                if !self.is_full() {
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

fn read(mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == IoErrorKind::WouldBlock => wait_for(file, PollFlags::IN)?,
            Err(error) if error.kind() == IoErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn wait_for(file: &File, flags: PollFlags) -> io::Result<()> {
    match poll(&mut [PollFd::new(file, flags)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The reading thread.
fn read_all(input: &File, stdout: &File, driver: &Driver<Output>, output: &Output) {
    let mut lines = Lines::default();
    let mut buffer = vec![0; READ];
    let mut answers = Vec::new();
    loop {
        let size = match read(input, &mut buffer) {
            Ok(0) => break,
            Ok(size) => size,
            Err(error) => {
                tracing::warn!(%error, "standard input failed");
                break;
            }
        };
        lines.feed(&buffer[..size], &mut |line| {
            serve_line(line, driver, &mut answers);
        });
        if !answers.is_empty() {
            output.write_now(&mut answers, stdout);
        }
        driver.wait_for_place();
    }
    lines.finish(&mut |line| serve_line(line, driver, &mut answers));
    output.write_now(&mut answers, stdout);
}

fn serve_line(line: Line, driver: &Driver<Output>, answers: &mut Vec<u8>) {
    let mut say = |message: Vec<u8>| {
        answers.extend_from_slice(&message);
        answers.push(b'\n');
    };
    match line {
        Line::Text(text) => driver.handle(text, &mut say),
        Line::TooLong => say(Refusal::too_large(MAX_MESSAGE).reply().body),
    }
}

/// One line of input.
#[derive(Debug, PartialEq, Eq)]
enum Line {
    Text(Vec<u8>),
    /// It was skipped, not kept.
    TooLong,
}

/// Cuts input into lines, however it arrives.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
    skipping: bool,
}

impl Lines {
    fn feed(&mut self, mut bytes: &[u8], each: &mut dyn FnMut(Line)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = bytes.split_at(end);
            bytes = rest.get(1..).unwrap_or_default();
            self.keep(line);
            self.end(each);
        }
        self.keep(bytes);
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.skipping {
            return;
        }
        if self.partial.len() + bytes.len() > MAX_MESSAGE {
            self.partial = Vec::new();
            self.skipping = true;
        } else {
            self.partial.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, each: &mut dyn FnMut(Line)) {
        if std::mem::take(&mut self.skipping) {
            each(Line::TooLong);
            return;
        }
        let line = std::mem::take(&mut self.partial);
        // Empty lines between messages mean nothing.
        if !line.iter().all(u8::is_ascii_whitespace) {
            each(Line::Text(line));
        }
    }

    /// The last line may lack its end.
    fn finish(&mut self, each: &mut dyn FnMut(Line)) {
        self.end(each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Vec<Line> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for chunk in chunks {
            lines.feed(chunk, &mut |line| found.push(line));
        }
        lines.finish(&mut |line| found.push(line));
        found
    }

    fn text(text: &str) -> Line {
        Line::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn any_split_gives_the_same_lines() {
        let input = b"{\"a\":1}\n\n  \r\n{\"b\":2}\r\n{\"c\":3}";
        let expected = [text("{\"a\":1}"), text("{\"b\":2}\r"), text("{\"c\":3}")];
        for split in 0..input.len() {
            let (head, tail) = input.split_at(split);
            assert_eq!(lines(&[head, tail]), expected);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_reported_once() {
        let long = vec![b'x'; MAX_MESSAGE + 1];
        assert_eq!(lines(&[&long, b"more\n{}\n"]), [Line::TooLong, text("{}")]);
    }
}
