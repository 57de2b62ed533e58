//! The server: started, looked at from outside, ended with its owner.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{Result, connection::Connection, message};

/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Loaded {
    child: Child,
    address: SocketAddr,
}

/// What a process holds at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Holdings {
    /// Resident memory in KiB.
    pub(crate) rss: u64,
    /// Open descriptors.
    pub(crate) descriptors: usize,
}

impl Loaded {
    /// Starts `program`; what it says goes to a file beside it.
    pub(crate) async fn start(program: &Path, arguments: &[String]) -> Result<Self> {
        let log = File::create(program.with_extension("log"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let mut lines = BufReader::new(output).lines();
        let line = timeout(START, lines.next_line()).await??;
        let address = line.ok_or("the server ended before it listened")?.parse()?;
        Ok(Self { child, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it holds now.
    pub(crate) fn holdings(&self) -> Result<Holdings> {
        let id = self.child.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let rss = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .ok_or("/proc tells no VmRSS")?;
        Ok(Holdings {
            rss: rss.trim().parse()?,
            descriptors: std::fs::read_dir(format!("/proc/{id}/fd"))?.count(),
        })
    }

    /// How many tasks its runtime has, the one that tells included.
    pub(crate) async fn tasks(&self) -> Result<usize> {
        let mut connection = Connection::open(self.address, Ipv4Addr::LOCALHOST).await?;
        let request = message::call(self.address, "tasks", "{}", 1);
        let answer = connection.exchange(&request).await?;
        let text = message::text(&answer.body).ok_or("no count of tasks")?;
        Ok(text.parse()?)
    }
}

/// KiB as MiB.
pub(crate) fn mib(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}
