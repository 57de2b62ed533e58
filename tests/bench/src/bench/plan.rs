//! What is measured, and what the figures should be.

use crate::request::{Era, Operation};
use crate::subject::{Subject, Transport};

use Era::{Session, Stateless};
use Operation::{Add, Echo, List, Search};
use Subject::{EchoLines, Hyper, Lean, Purlin, Rmcp};

/// CPU time per call of several servers under the same load, as a multiple of
/// the first.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) shape: Shape,
    pub(crate) era: Era,
    pub(crate) operation: Operation,
    /// Tools besides the three that do something.
    pub(crate) tools: usize,
    /// The most that ours may cost.
    pub(crate) target: Option<f64>,
}

/// How the calls arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// On so many connections.
    Http { connections: usize },
    /// So many lines at a time.
    Stdio { depth: usize },
}

impl Shape {
    pub(crate) fn transport(self) -> Transport {
        match self {
            Self::Http { .. } => Transport::Http,
            Self::Stdio { .. } => Transport::Stdio,
        }
    }
}

pub(crate) fn measures() -> Vec<Measure> {
    let http = |name, era, connections, target| Measure {
        name,
        subjects: vec![Hyper, Lean, Rmcp, Purlin],
        shape: Shape::Http { connections },
        era,
        operation: Add,
        tools: 0,
        target,
    };
    let stdio = |name, depth, target| Measure {
        name,
        subjects: vec![EchoLines, Lean, Rmcp, Purlin],
        shape: Shape::Stdio { depth },
        era: Session,
        operation: Add,
        tools: 0,
        target,
    };
    let beside_lean = |name, operation, tools, connections, target| Measure {
        name,
        subjects: vec![Lean, Rmcp, Purlin],
        shape: Shape::Http { connections },
        era: Stateless,
        operation,
        tools,
        target,
    };
    vec![
        http("http add, stateless, 1 connection", Stateless, 1, None),
        http(
            "http add, stateless, 32 connections",
            Stateless,
            32,
            Some(1.5),
        ),
        http("http add, stateless, 256 connections", Stateless, 256, None),
        http("http add, session, 1 connection", Session, 1, None),
        http("http add, session, 32 connections", Session, 32, Some(1.5)),
        http("http add, session, 256 connections", Session, 256, None),
        beside_lean(
            "http structured result of 20 rows",
            Search,
            0,
            32,
            Some(1.4),
        ),
        beside_lean("http tools/list, 100 tools", List, 97, 8, Some(1.3)),
        beside_lean("http tools/list, 1,000 tools", List, 997, 8, None),
        beside_lean("http echo of 1 MiB", Echo, 0, 4, None),
        stdio("stdio add, depth 1", 1, Some(1.6)),
        stdio("stdio add, depth 64", 64, Some(8.0)),
    ]
}

/// Instructions per call.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub(crate) name: &'static str,
    pub(crate) subjects: Vec<Subject>,
    pub(crate) transport: Transport,
    pub(crate) era: Era,
    pub(crate) tools: usize,
    /// The most that ours may cost.
    pub(crate) target: Option<f64>,
}

pub(crate) fn counts() -> Vec<Count> {
    let http = |name, era, tools, target| Count {
        name,
        subjects: match tools {
            0 => vec![Hyper, Lean, Rmcp, Purlin],
            _ => vec![Rmcp, Purlin],
        },
        transport: Transport::Http,
        era,
        tools,
        target,
    };
    vec![
        http(
            "instructions, http add, stateless",
            Stateless,
            0,
            Some(40e3),
        ),
        http(
            "instructions, http add, stateless, 1,000 tools",
            Stateless,
            1_000,
            Some(40e3),
        ),
        http("instructions, http add, session", Session, 0, None),
        Count {
            name: "instructions, stdio add",
            subjects: vec![EchoLines, Lean, Rmcp, Purlin],
            transport: Transport::Stdio,
            era: Session,
            tools: 0,
            target: Some(10e3),
        },
    ]
}

/// The time from the start of the process to its first answer.
pub(crate) const STARTS: [(&str, Transport); 2] = [
    ("cold start, http", Transport::Http),
    ("cold start, stdio", Transport::Stdio),
];

/// Our client and our server in one process, without a transport between them.
pub(crate) const MEMORY: &str = "in memory add";

/// Calls that both clients make, on one connection to our server.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    pub(crate) name: &'static str,
    pub(crate) transport: Transport,
    pub(crate) era: Era,
    pub(crate) at_once: usize,
}

pub(crate) fn calls() -> Vec<Calls> {
    let calls = |name, transport, era, at_once| Calls {
        name,
        transport,
        era,
        at_once,
    };
    let (http, stdio) = (Transport::Http, Transport::Stdio);
    vec![
        calls("client, http, session, 1 at a time", http, Session, 1),
        calls("client, http, session, 32 at once", http, Session, 32),
        calls("client, http, stateless, 1 at a time", http, Stateless, 1),
        calls("client, http, stateless, 32 at once", http, Stateless, 32),
        calls("client, stdio, session, 1 at a time", stdio, Session, 1),
        calls("client, stdio, session, 32 at once", stdio, Session, 32),
        calls("client, stdio, stateless, 1 at a time", stdio, Stateless, 1),
        calls("client, stdio, stateless, 32 at once", stdio, Stateless, 32),
    ]
}
