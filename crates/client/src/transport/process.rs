//! A server as a child process: one message per line on its standard streams.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fmt;
use std::process::Stdio;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStderr, ChildStdin};
use tokio::sync::{Mutex, mpsc, watch};

use super::queue::{Outlet, Queue, queue};
use super::{Transport, lines};
use crate::error::ClientError;
use crate::{BoxFuture, Result};

/// A command that starts a server on its standard streams.
///
/// ```no_run
/// use purlin_client::transport::Command;
///
/// let command = Command::new("npx").args(["-y", "server"]).env("LOG", "debug");
/// ```
#[derive(Debug)]
pub struct Command {
    command: tokio::process::Command,
    grace: Duration,
    max_message: usize,
}

impl Command {
    /// A program, found in `PATH`, without arguments.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let command = tokio::process::Command::new(program);
        Self {
            command,
            grace: Duration::from_secs(2),
            max_message: lines::MAX_MESSAGE,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable; the rest of this process's environment is inherited.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn current_dir(mut self, directory: impl AsRef<std::path::Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// How long the server may take to exit after its input is closed, and again after `SIGTERM`,
    /// before it is killed. 2 seconds by default.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Starts the process.
    ///
    /// # Errors
    /// When it does not start.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn(mut self) -> Result<Child> {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let program = self
            .command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        let mut child = self
            .command
            .spawn()
            .map_err(|error| ClientError::transport(format!("starting `{program}`"), error))?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(ClientError::from_transport(
                "the process has no standard streams",
            ));
        };
        let (outgoing, to_write) = queue();
        let (deliver, incoming) = mpsc::channel(64);
        let (ended, exit) = watch::channel(None);
        let tail = Arc::new(Tail::default());
        let id = child.id();
        tokio::spawn(keep(stderr, Arc::clone(&tail)));
        tokio::spawn(lines::read(stdout, deliver, self.max_message));
        tokio::spawn(run(child, stdin, to_write, self.grace, ended));
        Ok(Child {
            id,
            outgoing,
            incoming: Mutex::new(incoming),
            exit,
            tail,
        })
    }
}

/// A running server process. Dropping it closes its input, and ends it if that does not.
pub struct Child {
    id: Option<u32>,
    outgoing: Queue,
    incoming: Mutex<mpsc::Receiver<Result<Vec<u8>>>>,
    exit: watch::Receiver<Option<String>>,
    tail: Arc<Tail>,
}

impl Child {
    /// The process id, while the process was running when it was started.
    pub fn id(&self) -> Option<u32> {
        self.id
    }

    /// The last lines that the server wrote to its standard error.
    pub fn stderr(&self) -> Vec<String> {
        self.tail
            .lines
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    /// How it ended, with the last thing it said; for the error that calls in flight get.
    async fn obituary(&self) -> ClientError {
        let mut exit = self.exit.clone();
        let status = match exit.wait_for(Option::is_some).await {
            Ok(status) => status.clone().unwrap_or_default(),
            Err(_) => "unknown".to_owned(),
        };
        let last = self
            .stderr()
            .pop()
            .map(|line| format!("; it said: {line}"))
            .unwrap_or_default();
        ClientError::closed_because(format!("the server process ended ({status}){last}"))
    }
}

impl Transport for Child {
    fn send(&self, message: Vec<u8>) {
        self.outgoing.push(message);
    }

    fn enqueue(&self, message: Vec<u8>) -> BoxFuture<'_, ()> {
        self.outgoing.enqueue(message)
    }

    fn recv(&self) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async {
            match self.incoming.lock().await.recv().await {
                Some(message) => message.map(Some),
                None => Err(self.obituary().await),
            }
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.outgoing.close();
        let mut exit = self.exit.clone();
        Box::pin(async move {
            // An error means that the supervisor is gone, and the process with it.
            let _ = exit.wait_for(Option::is_some).await;
        })
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Writes what is to be sent, until there is no sender any more or the process has ended; then
/// sees to it that it ends: input closed, `SIGTERM`, kill. Once nobody sends any more, a process
/// that does not read has its grace to take what is left.
async fn run(
    mut child: tokio::process::Child,
    mut stdin: ChildStdin,
    mut to_write: Outlet,
    grace: Duration,
    ended: watch::Sender<Option<String>>,
) {
    let mut batch = Vec::new();
    loop {
        let count = tokio::select! {
            count = to_write.messages.recv_many(&mut batch, 64) => count,
            _ = child.wait() => 0,
        };
        if count == 0 {
            break;
        }
        let bytes = lines::join(&batch);
        let written =
            async { stdin.write_all(&bytes).await.is_ok() && stdin.flush().await.is_ok() };
        let too_late = async {
            // An error means that it was closed, which is what is waited for.
            let _ = (&mut to_write.closed).await;
            tokio::time::sleep(grace).await;
        };
        let goes_on = tokio::select! {
            written = written => written,
            () = too_late => false,
        };
        if !goes_on {
            break;
        }
        batch.clear();
    }
    // Whoever waits for room need not wait for the end of the process.
    drop((to_write, batch));
    drop(stdin);
    let status = end(&mut child, grace).await;
    let _ = ended.send(Some(status));
}

async fn end(child: &mut tokio::process::Child, grace: Duration) -> String {
    if let Ok(status) = tokio::time::timeout(grace, child.wait()).await {
        return describe(status);
    }
    ask_to_terminate(child);
    if let Ok(status) = tokio::time::timeout(grace, child.wait()).await {
        return describe(status);
    }
    // It may have just exited, which is what is wanted.
    let _ = child.start_kill();
    describe(child.wait().await)
}

fn describe(status: std::io::Result<std::process::ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}

#[cfg(unix)]
fn ask_to_terminate(child: &tokio::process::Child) {
    use rustix::process::{Pid, Signal, kill_process};

    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // Not yet waited for, so the id cannot belong to another process.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(not(unix))]
fn ask_to_terminate(_: &tokio::process::Child) {}

/// The last lines of standard error.
#[derive(Default)]
struct Tail {
    lines: StdMutex<VecDeque<String>>,
}

const KEPT_LINES: usize = 100;
const KEPT_BYTES_PER_LINE: u64 = 4096;

/// Reads standard error, so that the server never blocks on it, and keeps its end.
async fn keep(stderr: ChildStderr, tail: Arc<Tail>) {
    let mut lines = BufReader::new(stderr);
    loop {
        let mut line = Vec::new();
        match (&mut lines)
            .take(KEPT_BYTES_PER_LINE)
            .read_until(b'\n', &mut line)
            .await
        {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        let mut kept = tail.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(text);
    }
}
