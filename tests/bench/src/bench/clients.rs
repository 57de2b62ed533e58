//! Our client and that of the official Rust SDK, calling the same server in
//! interleaved rounds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::callgrind::{Counter, per_call};
use crate::plan::Calls;
use crate::request::Era;
use crate::subject::{Running, Subject, Transport, apart, beside_us};
use crate::{Effort, Error};

/// What the rounds gave.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) calls: Calls,
    pub(crate) rmcp: Row,
    pub(crate) purlin: Row,
}

/// What one client needed per call.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Microseconds of wall time, a figure per round.
    pub(crate) time: Vec<f64>,
    /// Microseconds of CPU, a figure per round.
    pub(crate) cpu: Vec<f64>,
    /// Instructions, counted where the calls follow each other.
    pub(crate) instructions: Option<f64>,
}

const RMCP: &str = "rmcp_client";
const PURLIN: &str = "purlin_client";

/// Lets both clients make the calls in turn, each in a process of its own.
pub(crate) fn run(
    calls: &Calls,
    effort: Effort,
    place_apart: bool,
    valgrind: &Path,
) -> Result<Compared, Error> {
    let server = Server::start(calls.transport, place_apart)?;
    let load = Load { calls, server };
    let (mut rmcp, mut purlin) = (Row::default(), Row::default());
    for _ in 0..effort.rounds {
        for (program, row) in [(RMCP, &mut rmcp), (PURLIN, &mut purlin)] {
            load.round(program, effort.calls * 5, row)?;
        }
    }
    if calls.at_once == 1 {
        for (program, row) in [(RMCP, &mut rmcp), (PURLIN, &mut purlin)] {
            let counted = per_call(effort, |calls| load.instructions(program, calls, valgrind))?;
            row.instructions = Some(counted);
        }
    }
    Ok(Compared {
        calls: calls.clone(),
        rmcp,
        purlin,
    })
}

/// Our server, whose calls cost least and so hide least of the client.
enum Server {
    /// Runs until it is dropped.
    Http { _running: Running, url: String },
    /// Started by each client anew.
    Stdio(PathBuf),
}

impl Server {
    fn start(transport: Transport, place_apart: bool) -> Result<Self, Error> {
        let subject = Subject::Purlin;
        if transport == Transport::Stdio {
            return Ok(Self::Stdio(subject.program()?));
        }
        let start = || Running::start(subject, transport, 0, &[]);
        let mut running = apart(place_apart, start)??;
        let url = format!("http://{}/mcp", running.listening()?);
        Ok(Self::Http {
            _running: running,
            url,
        })
    }
}

struct Load<'a> {
    calls: &'a Calls,
    server: Server,
}

impl Load<'_> {
    fn round(&self, program: &str, calls: usize, row: &mut Row) -> Result<(), Error> {
        let printed = self.finish(Command::new(beside_us(program)?), program, calls)?;
        let (time, cpu) = printed
            .trim()
            .split_once(' ')
            .ok_or("a client printed no figures")?;
        let per_call = |seconds: &str| -> Result<f64, Error> {
            Ok(seconds.parse::<f64>()? * 1e6 / calls as f64)
        };
        row.time.push(per_call(time)?);
        row.cpu.push(per_call(cpu)?);
        Ok(())
    }

    /// All instructions of a client that makes so many calls.
    fn instructions(&self, program: &str, calls: usize, valgrind: &Path) -> Result<u64, Error> {
        let counter = Counter::new(program, calls);
        let [first, rest @ ..] = &counter.before(valgrind);
        let mut command = Command::new(first);
        command.args(rest).arg(beside_us(program)?);
        self.finish(command, program, calls)?;
        counter.read()
    }

    /// Runs a client to its end: what it printed.
    fn finish(&self, mut command: Command, name: &str, calls: usize) -> Result<String, Error> {
        match &self.server {
            Server::Http { url, .. } => command.args(["--url", url]),
            Server::Stdio(program) => command.arg("--program").arg(program),
        };
        if self.calls.era == Era::Stateless {
            command.arg("--stateless");
        }
        let output = command
            .args(["--calls", &calls.to_string()])
            .args(["--at-once", &self.calls.at_once.to_string()])
            .env("RUST_LOG", "off")
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{name}: {said}").into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}
