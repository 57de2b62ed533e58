//! Programs that run beside a task: started, awaited, ended with it.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::cmd;
use crate::failure::{Context, Failure, Result};

/// How often a condition without an event of its own is looked at.
const POLL: Duration = Duration::from_millis(20);

/// How long a server may take to accept its first connection.
const START: Duration = Duration::from_secs(30);

/// A server in the background, killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stderr: Collected,
    words: String,
}

impl Server {
    /// Starts `command` and waits until `address` accepts a connection.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let words = cmd::words(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context(format_args!("cannot start `{words}`"))?;
        let stderr = collect(child.stderr.take());
        let mut server = Self {
            child,
            stderr,
            words,
        };
        server.await_port(address)?;
        Ok(server)
    }

    fn await_port(&mut self, address: SocketAddr) -> Result<()> {
        let deadline = Instant::now() + START;
        while TcpStream::connect_timeout(&address, POLL).is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                let stderr = std::mem::take(&mut self.stderr).text();
                return Err(Failure::new(format!(
                    "`{}` ended early ({status}): {stderr}",
                    self.words
                ))
                .next("start it by hand and read what it says"));
            }
            if Instant::now() > deadline {
                return Err(Failure::new(format!(
                    "`{}` did not listen on {address} within {START:?}",
                    self.words
                )));
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Asks the server to stop with SIGTERM; its exit status, or `None` if it
    /// was still running after `limit`.
    pub(crate) fn terminate(mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        terminate(&self.child)?;
        wait_until(&mut self.child, Instant::now() + limit)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGTERM to a child.
pub(crate) fn terminate(child: &Child) -> Result<()> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| Failure::new("the child has no usable process id"))?;
    kill_process(pid, Signal::TERM).context("cannot send SIGTERM")
}

/// Waits for a child; `None` when it still runs at `deadline`.
pub(crate) fn wait_until(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a child")? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(POLL);
    }
}

/// An address on the loopback that nobody listens on just now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .context("cannot find a free port on 127.0.0.1")
}

/// The output of a child, read by a thread so that the child never blocks.
#[derive(Debug, Default)]
pub(crate) struct Collected(Option<JoinHandle<Vec<u8>>>);

impl Collected {
    /// All of it, once the child has closed its end.
    pub(crate) fn text(self) -> String {
        let bytes = self
            .0
            .and_then(|thread| thread.join().ok())
            .unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Reads a pipe to its end in the background.
pub(crate) fn collect(pipe: Option<impl Read + Send + 'static>) -> Collected {
    Collected(pipe.map(|mut pipe| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        })
    }))
}
