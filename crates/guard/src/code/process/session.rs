//! A run in its box: what it prints until it ends, or until its time is over.
//!
//! Whatever the run does, this ends: readers wait for no end of file beyond the deadline, since
//! whoever holds the other end of a pipe decides when that is.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use purlin_sandbox::{Ended, Report};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::time::{Instant, sleep_until};

use super::helper::{Event, Helper};
use crate::BoxFuture;
use crate::code::backend::{End, How, Session};
use crate::code::{Missing, OutputFile, Piece, Unavailable, Usage};

/// How long the helper may take to end a run whose time is over.
const GRACE: Duration = Duration::from_secs(2);

/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// How much of the end of standard error is searched for complaints about memory.
const TAIL: usize = 4 << 10;

/// When a run is over, whatever its helper says. What no clock can tell is as good as a day.
fn deadline(wall: Duration) -> Instant {
    let now = Instant::now();
    let end = now.checked_add(wall).and_then(|end| end.checked_add(GRACE));
    end.unwrap_or(now + DAY)
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A run in its box.
pub(super) struct BoxSession {
    // First: what ends the run when this is dropped.
    helper: Helper,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
    end: Option<io::Result<Option<Ended>>>,
    deadline: Instant,
    tail: BytesMut,
    complaints: Arc<[String]>,
}

impl BoxSession {
    /// A run that has just started.
    pub(super) fn new(
        (helper, stdout, stderr): (Helper, ChildStdout, ChildStderr),
        wall: Duration,
        complaints: Arc<[String]>,
    ) -> Self {
        Self {
            helper,
            stdout: Pipe::new(stdout),
            stderr: Pipe::new(stderr),
            end: None,
            deadline: deadline(wall),
            tail: BytesMut::new(),
            complaints,
        }
    }

    /// The same, where the end was told at once.
    pub(super) fn ended(mut self, report: Report) -> Self {
        self.end = Some(ended(Ok(report)));
        self
    }

    async fn piece(&mut self) -> Option<Piece> {
        loop {
            let is_over = self.helper.is_over();
            if is_over && self.stdout.is_closed() && self.stderr.is_closed() {
                return None;
            }
            tokio::select! {
                bytes = self.stdout.next(), if !self.stdout.is_closed() => {
                    if let Some(bytes) = bytes {
                        return Some(Piece::Stdout(bytes));
                    }
                }
                bytes = self.stderr.next(), if !self.stderr.is_closed() => {
                    if let Some(bytes) = bytes {
                        self.keep_tail(&bytes);
                        return Some(Piece::Stderr(bytes));
                    }
                }
                event = self.helper.event(), if !is_over => {
                    if let Event::Report(report) = event {
                        self.end = Some(ended(report));
                        // From now on, only what has been printed is waited for.
                        self.deadline = self.deadline.min(Instant::now() + GRACE);
                    }
                }
                () = sleep_until(self.deadline) => {
                    self.end.get_or_insert(Ok(None));
                    return None;
                }
            }
        }
    }

    fn keep_tail(&mut self, bytes: &Bytes) {
        self.tail.extend_from_slice(bytes);
        if self.tail.len() > 2 * TAIL {
            self.tail = self.tail.split_off(self.tail.len() - TAIL);
        }
    }

    /// Whether the last that it said was that it gets no more memory.
    fn complained(&self) -> bool {
        let start = self.tail.len().saturating_sub(TAIL);
        let said = String::from_utf8_lossy(&self.tail[start..]);
        self.complaints.iter().any(|it| said.contains(&**it))
    }

    fn judge(&self, how: purlin_sandbox::How) -> How {
        use purlin_sandbox::How as Told;
        match how {
            Told::Exited(0) => How::Exited(0),
            Told::Exited(_) | Told::Killed(_) if self.complained() => How::Memory,
            Told::Exited(code) => How::Exited(code),
            Told::Killed(signal) => How::Killed(signal),
            Told::WallClock => How::Timeout,
            Told::Cpu => How::Cpu,
            Told::Memory => How::Memory,
            Told::Disk => How::Disk,
            _ => How::Killed(0),
        }
    }
}

/// What a report says of the end.
fn ended(report: io::Result<Report>) -> io::Result<Option<Ended>> {
    match report? {
        Report::Ended(ended) => Ok(Some(ended)),
        Report::Failed(failure) => Err(io::Error::other(failure)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

impl Session for BoxSession {
    fn next(&mut self) -> BoxFuture<'_, Option<Piece>> {
        Box::pin(self.piece())
    }

    fn end(&mut self) -> Result<End, Unavailable> {
        match self.end.take() {
            Some(Ok(Some(ended))) => Ok(End {
                how: self.judge(ended.how),
                usage: Usage {
                    cpu: ended.usage.cpu,
                    peak_memory: ended.usage.peak_memory,
                    ..Usage::default()
                },
                files: ended.files.into_iter().map(returned).collect(),
                files_left_out: usize::try_from(ended.files_left_out).unwrap_or(usize::MAX),
            }),
            Some(Err(error)) => Err(lost(&error)),
            // Nobody said so before the deadline.
            Some(Ok(None)) | None => Ok(End {
                how: How::Timeout,
                usage: Usage::default(),
                files: Vec::new(),
                files_left_out: 0,
            }),
        }
    }
}

fn returned(file: purlin_sandbox::File) -> OutputFile {
    OutputFile {
        name: file.name,
        bytes: file.bytes.into(),
    }
}

/// The helper is gone, and nobody says what became of the run.
pub(super) fn lost(error: &io::Error) -> Unavailable {
    let advice = format!("it did not start, or did not stay until the end ({error})");
    Missing::new("the helper process", advice).into()
}

/// A pipe that is read until it is closed.
struct Pipe<R> {
    reader: Option<R>,
    read: BytesMut,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(reader: R) -> Self {
        Self {
            reader: Some(reader),
            read: BytesMut::new(),
        }
    }

    fn is_closed(&self) -> bool {
        self.reader.is_none()
    }

    /// What is in it next; nothing at its end, and when it cannot be read.
    async fn next(&mut self) -> Option<Bytes> {
        let reader = self.reader.as_mut()?;
        self.read.reserve(CHUNK);
        match reader.read_buf(&mut self.read).await {
            Ok(0) | Err(_) => {
                self.reader = None;
                None
            }
            Ok(_) => Some(self.read.split().freeze()),
        }
    }
}
