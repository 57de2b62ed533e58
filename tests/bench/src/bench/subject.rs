//! A measured server: its program, its process, and what the process has used.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

use crate::Error;

/// A server that takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Subject {
    /// Reads and answers a fixed string: the floor over HTTP.
    Hyper,
    /// Sends each line back: the floor on stdio.
    EchoLines,
    /// The hand-written server.
    Lean,
    /// The official Rust SDK.
    Rmcp,
    /// Ours.
    Purlin,
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Stdio,
}

impl Subject {
    /// The name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hyper => "bare hyper",
            Self::EchoLines => "line echo",
            Self::Lean => "lean",
            Self::Rmcp => "rmcp 3.9",
            Self::Purlin => "purlin",
        }
    }

    pub(crate) fn program(self) -> Result<PathBuf, Error> {
        let name = match self {
            Self::Hyper => "hyper_fixed",
            Self::EchoLines => "echo_lines",
            Self::Lean => "lean",
            Self::Rmcp => "rmcp_server",
            Self::Purlin => "purlin_server",
        };
        beside_us(name)
    }
}

/// A program of this package.
pub(crate) fn beside_us(name: &str) -> Result<PathBuf, Error> {
    let here = std::env::current_exe()?;
    Ok(here.with_file_name(name))
}

/// A started server; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// Where it listens, if over HTTP.
    pub(crate) address: Option<SocketAddr>,
}

impl Running {
    /// Starts `subject` with `tools` more tools, `before` (valgrind) in front.
    pub(crate) fn start(
        subject: Subject,
        transport: Transport,
        tools: usize,
        before: &[String],
    ) -> Result<Self, Error> {
        let program = subject.program()?;
        let mut command = match before {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        if tools > 0 {
            command.args(["--tools", &tools.to_string()]);
        }
        let address = match transport {
            Transport::Http => Some(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?),
            Transport::Stdio => None,
        };
        if let Some(address) = address {
            command
                .args(["--http", &address.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null());
        } else {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
        }
        // Nobody reads what it logs, and logs on a terminal would cost.
        command.stderr(Stdio::null()).env("RUST_LOG", "off");
        let child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", subject.name()))?;
        Ok(Self { child, address })
    }

    /// Waits until it accepts a connection.
    pub(crate) fn listening(&mut self) -> Result<SocketAddr, Error> {
        let address = self.address.ok_or("not over HTTP")?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("the server ended early: {status}").into());
            }
            if Instant::now() > deadline {
                return Err("the server does not listen".into());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        Ok(address)
    }

    /// Its ends of the pipes.
    pub(crate) fn pipes(&mut self) -> Result<(ChildStdin, ChildStdout), Error> {
        let input = self.child.stdin.take().ok_or("no pipe to write to")?;
        let output = self.child.stdout.take().ok_or("no pipe to read from")?;
        Ok((input, output))
    }

    /// The processor time it has used, user and system, all threads.
    pub(crate) fn cpu(&self) -> Result<Duration, Error> {
        let clock = clock_getcpuclockid(self.pid()?)?;
        Ok(clock_gettime(clock)?.into())
    }

    /// Its resident memory in KiB.
    pub(crate) fn rss(&self) -> Result<u64, Error> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.ok_or("no VmRSS")?.parse()?)
    }

    /// Ends it with SIGTERM and waits.
    pub(crate) fn stop(mut self) -> Result<(), Error> {
        drop(self.child.stdin.take());
        kill(self.pid()?, Signal::SIGTERM)?;
        self.child.wait()?;
        Ok(())
    }

    fn pid(&self) -> Result<Pid, Error> {
        Ok(Pid::from_raw(i32::try_from(self.child.id())?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Leaves the last processor to this thread, which makes the load, and runs
/// `start` on the others, so that what it starts stays there. With one
/// processor, or unless asked to, nothing is moved.
pub(crate) fn apart<T>(apart: bool, start: impl FnOnce() -> T) -> Result<T, Error> {
    static PROCESSORS: OnceLock<Vec<usize>> = OnceLock::new();
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    // Looked at once: after the first time this thread is held to one.
    let processors = PROCESSORS.get_or_init(|| {
        (0..CpuSet::count())
            .filter(|&cpu| allowed.is_set(cpu).unwrap_or(false))
            .collect()
    });
    let (true, [servers @ .., load]) = (apart && processors.len() > 1, processors.as_slice())
    else {
        return Ok(start());
    };
    sched_setaffinity(this, &set(servers)?)?;
    let started = start();
    sched_setaffinity(this, &set(&[*load])?)?;
    Ok(started)
}

fn set(processors: &[usize]) -> Result<CpuSet, Error> {
    let mut set = CpuSet::new();
    for &cpu in processors {
        set.set(cpu)?;
    }
    Ok(set)
}
