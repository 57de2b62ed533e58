//! Calls at a rate that the server has no say in, over so many connections.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::sleep_until};

use crate::{
    Result,
    connection::{Connection, HANG, source},
    message,
};

/// Which calls, how many, how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) tool: Tool,
    pub(crate) connections: usize,
    /// Calls a second of all connections together; as fast as answers come where
    /// there is none.
    pub(crate) rate: Option<f64>,
    pub(crate) duration: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Tool {
    Add,
    Busy,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// How long after they were due calls were answered rightly.
    pub(crate) answered: Vec<Duration>,
    /// How long after they were sent calls were refused.
    pub(crate) refused: Vec<Duration>,
    /// Answers that are neither, and answers to somebody else.
    pub(crate) wrong: usize,
    /// Calls without an answer.
    pub(crate) lost: usize,
    pub(crate) example: Option<String>,
    pub(crate) elapsed: Duration,
}

impl Tool {
    /// The request with this id, and what answers it.
    fn request(self, address: SocketAddr, id: u64) -> (Vec<u8>, String) {
        match self {
            Self::Add => {
                let arguments = format!(r#"{{"a":{id},"b":{id}}}"#);
                let request = message::call(address, "add", &arguments, id);
                (request, (id + id).to_string())
            }
            Self::Busy => {
                let token = format!("token {id}");
                let arguments = format!(r#"{{"token":"{token}"}}"#);
                (message::call(address, "busy", &arguments, id), token)
            }
        }
    }
}

impl Pace {
    pub(crate) async fn run(self, address: SocketAddr) -> Result<Outcome> {
        let mut opened = Vec::new();
        for number in 0..self.connections {
            opened.push(Connection::open(address, source(number)).await?);
        }
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, connection) in opened.into_iter().enumerate() {
            tasks.spawn(self.one(address, connection, number, start));
        }
        let mut all = Outcome::default();
        while let Some(one) = tasks.join_next().await {
            all.merge(one?);
        }
        all.elapsed = start.elapsed();
        Ok(all)
    }

    /// The calls of one connection. A call that is late is sent at once.
    async fn one(
        self,
        address: SocketAddr,
        mut connection: Connection,
        number: usize,
        start: Instant,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        #[allow(clippy::cast_precision_loss)] // a few hundred
        let gap = self.rate.map(|rate| self.connections as f64 / rate);
        for turn in 0_u32.. {
            let due = match gap {
                Some(gap) => {
                    let share = f64::from(u32::try_from(number).unwrap_or(0))
                        / f64::from(u32::try_from(self.connections).unwrap_or(1));
                    start + Duration::from_secs_f64(gap * (f64::from(turn) + share))
                }
                None => Instant::now(),
            };
            if due >= start + self.duration || Instant::now() >= start + self.duration + HANG {
                break;
            }
            sleep_until(due.into()).await;
            let id = number as u64 * 10_000_000 + u64::from(turn);
            let (request, expected) = self.tool.request(address, id);
            let sent = Instant::now();
            match connection.exchange(&request).await {
                Ok(response) if message::answers(&response.body, id, &expected) => {
                    outcome.answered.push(due.elapsed());
                }
                Ok(response) if matches!(response.status, 429 | 503) => {
                    outcome.refused.push(sent.elapsed());
                }
                Ok(response) => {
                    outcome.wrong += 1;
                    outcome.example = Some(format!("{} {}", response.status, response.body));
                }
                Err(error) => {
                    outcome.lost += 1;
                    outcome.example = Some(error.to_string());
                    match Connection::open(address, source(number)).await {
                        Ok(again) => connection = again,
                        Err(_) => break,
                    }
                }
            }
        }
        outcome
    }
}

impl Outcome {
    fn merge(&mut self, other: Self) {
        self.answered.extend(other.answered);
        self.refused.extend(other.refused);
        self.wrong += other.wrong;
        self.lost += other.lost;
        self.example = self.example.take().or(other.example);
    }

    /// Right answers a second.
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    pub(crate) fn goodput(&self) -> f64 {
        self.answered.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Calls a second.
    #[allow(clippy::cast_precision_loss)] // far below 2^52
    pub(crate) fn offered(&self) -> f64 {
        let calls = self.answered.len() + self.refused.len() + self.wrong + self.lost;
        calls as f64 / self.elapsed.as_secs_f64()
    }

    /// Errors, with one of them.
    pub(crate) fn errors(&self) -> String {
        let (wrong, lost) = (self.wrong, self.lost);
        let example = self.example.as_deref().map(|text| text.replace('|', "/"));
        let example: String = example.unwrap_or_default().chars().take(120).collect();
        format!("{wrong} wrong, {lost} lost {example}")
            .trim()
            .to_owned()
    }
}

/// The duration that 99 of 100 stay below.
pub(crate) fn p99(durations: &mut [Duration]) -> Duration {
    durations.sort_unstable();
    let at = durations.len() * 99 / 100;
    durations.get(at).copied().unwrap_or_default()
}
