//! The helper process: started, asked, heard, and ended.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use purlin_sandbox::Report;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::resources::Resources;

/// How long a helper may take to clear up when it is told to end.
const GRACE: Duration = Duration::from_secs(2);

/// A helper that has started. Dropping it ends it, and with it everything that it started.
#[derive(Debug)]
pub(super) struct Helper {
    parts: Option<Parts>,
    reported: bool,
    exited: bool,
}

#[derive(Debug)]
struct Parts {
    // In this order: what a run has is removed when nobody has it.
    reports: Reports,
    child: Child,
    resources: Resources,
}

/// Something that a helper did.
#[derive(Debug)]
pub(super) enum Event {
    /// It has told something, or cannot any more.
    Report(io::Result<Report>),
    /// It is no more.
    Exited,
}

impl Helper {
    /// Starts a helper, and waits until it runs.
    pub(super) fn start(
        command: std::process::Command,
        resources: Resources,
    ) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        let (ours, theirs) = purlin_sandbox::socket()?;
        ours.set_nonblocking(true)?;
        let mut command = Command::from(command);
        command
            .stdin(theirs)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("the helper has no output"));
        };
        let helper = Self {
            parts: Some(Parts {
                reports: Reports {
                    stream: UnixStream::from_std(ours)?,
                    read: BytesMut::new(),
                },
                child,
                resources,
            }),
            reported: false,
            exited: false,
        };
        Ok((helper, stdout, stderr))
    }

    /// Asks for something, and hears the first report.
    pub(super) async fn ask(&mut self, frame: &[u8]) -> io::Result<Report> {
        let reports = &mut self.parts()?.reports;
        reports.stream.write_all(frame).await?;
        let report = reports.next().await?;
        // Whoever does not start has told its end.
        self.reported = !matches!(report, Report::Started);
        Ok(report)
    }

    /// What it does next, until it [is over](Self::is_over).
    ///
    /// # Cancellation
    /// Dropping the future loses nothing.
    pub(super) async fn event(&mut self) -> Event {
        let (reported, exited) = (self.reported, self.exited);
        let parts = match self.parts() {
            Ok(parts) if !reported || !exited => parts,
            _ => return Event::Exited,
        };
        let event = tokio::select! {
            report = parts.reports.next(), if !reported => Event::Report(report),
            _ = parts.child.wait(), if !exited => Event::Exited,
        };
        match event {
            Event::Report(_) => self.reported = true,
            Event::Exited => self.exited = true,
        }
        event
    }

    /// Whether it has told the end and is no more.
    pub(super) fn is_over(&self) -> bool {
        self.reported && self.exited
    }

    fn parts(&mut self) -> io::Result<&mut Parts> {
        // They are gone when it is dropped, and not before.
        self.parts
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let Some(parts) = self.parts.take().filter(|_| !self.exited) else {
            return;
        };
        // One that is killed leaves files and dead processes behind, so it is asked to end.
        // Without a runtime, dropping its parts kills it.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(parts.end());
        }
    }
}

impl Parts {
    /// Waits until it has ended, and kills it if it does not.
    async fn end(self) {
        let Self {
            reports,
            child,
            resources,
        } = self;
        // The child goes first, also where the runtime drops this before its end.
        let _resources = resources;
        let mut child = child;
        // The helper ends the run when it hears nobody any more.
        drop(reports);
        if timeout(GRACE, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}

/// What a helper says, as it comes.
#[derive(Debug)]
struct Reports {
    stream: UnixStream,
    read: BytesMut,
}

impl Reports {
    /// The next report.
    ///
    /// # Errors
    /// When there is none, or it makes no sense.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing.
    async fn next(&mut self) -> io::Result<Report> {
        loop {
            if let Some(report) = self.parse()? {
                return Ok(report);
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn parse(&mut self) -> io::Result<Option<Report>> {
        let Some(length) = self.read.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        if length > purlin_sandbox::MAX_FRAME {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.read.len() < 4 + length {
            return Ok(None);
        }
        self.read.advance(4);
        let body = self.read.split_to(length);
        Report::from_body(&body).map(Some).map_err(io::Error::other)
    }
}
