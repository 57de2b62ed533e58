//! The helper process: started, asked, and heard.

use std::io;
use std::process::Stdio;

use bytes::{Buf, BytesMut};
use purlin_sandbox::Report;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// A helper that has started. Dropping it kills it, and with it everything that it started.
#[derive(Debug)]
pub(super) struct Helper {
    pub(super) child: Child,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
    pub(super) reports: Reports,
}

/// What a helper says, as it comes.
#[derive(Debug)]
pub(super) struct Reports {
    stream: UnixStream,
    read: BytesMut,
}

impl Helper {
    /// Starts a helper. Blocks until it runs.
    pub(super) fn start(command: std::process::Command) -> io::Result<Self> {
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
        Ok(Self {
            child,
            stdout,
            stderr,
            reports: Reports {
                stream: UnixStream::from_std(ours)?,
                read: BytesMut::new(),
            },
        })
    }

    /// Asks for something, and hears the first report.
    pub(super) async fn ask(&mut self, frame: &[u8]) -> io::Result<Report> {
        self.reports.stream.write_all(frame).await?;
        self.reports.next().await
    }
}

impl Reports {
    /// The next report.
    ///
    /// # Errors
    /// When there is none, or it makes no sense.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> io::Result<Report> {
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
