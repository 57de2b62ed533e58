//! The server under test: a process that this program starts, or one that listens.

use std::cell::Cell;
use std::time::{Duration, Instant};

use purlin_client::transport::Command;
use purlin_client::{Client, ClientError, Connection, Era};
use rustix::process::{Pid, test_kill_process};

use crate::questions::answering;
use crate::{Failure, Verdict, expect};

/// How long a process may take to end once its input is closed, and again after `SIGTERM`.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) enum Running {
    /// A command line to start, and the process once it runs.
    Process(Vec<String>, Cell<Option<u32>>),
    Url(String),
}

impl Running {
    pub(crate) fn find(transport: &str, target: &[String]) -> Result<Self, Failure> {
        match (transport, target) {
            ("stdio", words) => Ok(Self::Process(words.to_vec(), Cell::default())),
            ("http", [url]) => Ok(Self::Url(url.clone())),
            _ => Err(format!("there is no transport `{transport}`").into()),
        }
    }

    pub(crate) async fn connect(&self, era: Era) -> Result<Client, ClientError> {
        let builder = answering(Client::builder().era(era)).timeout(Duration::from_secs(20));
        match self {
            Self::Url(url) => builder.connect(url.as_str()).await,
            Self::Process(words, id) => {
                let command = Command::new(&words[0]).args(&words[1..]).grace(GRACE);
                let child = command.spawn()?;
                id.set(child.id());
                builder.connect(Connection::new(child)).await
            }
        }
    }

    /// Closes the client. A process is gone then, and did not have to be killed.
    pub(crate) async fn end(&self, client: &Client) -> Verdict {
        let begun = Instant::now();
        client.close().await;
        let took = begun.elapsed();
        expect(took < 2 * GRACE, took)?;
        let Self::Process(_, id) = self else {
            return Ok(());
        };
        let pid = id.get().and_then(|id| i32::try_from(id).ok());
        let pid = pid.and_then(Pid::from_raw).ok_or("it never ran")?;
        expect(test_kill_process(pid).is_err(), "a process that still runs")
    }
}
