//! What the measured clients have in common: their command line, and the calls
//! they make once they are connected.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, Parser};
use nix::time::{ClockId, clock_gettime};
use tokio::task::JoinSet;

/// Anything that ends a run.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What `add` answers to the numbers that every call gives it.
pub const SUM: &str = "42";

/// How a measured client is started.
#[derive(Debug, Parser)]
pub struct Load {
    #[command(flatten)]
    pub server: Server,
    /// Speak the stateless era; the session era otherwise.
    #[arg(long)]
    pub stateless: bool,
    /// Calls in flight at once, on one connection.
    #[arg(long, default_value_t = 1)]
    pub at_once: usize,
    /// All calls together.
    #[arg(long, default_value_t = 1_000)]
    pub calls: usize,
}

/// Where the server is.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Server {
    /// The URL of a running server.
    #[arg(long)]
    pub url: Option<String>,
    /// The program of a server on stdio.
    #[arg(long)]
    pub program: Option<PathBuf>,
}

impl Load {
    /// Warms up, then makes the calls and prints a line `SECONDS CPU_SECONDS`:
    /// wall time, and processor time of this process.
    ///
    /// # Errors
    /// The first of `call`.
    pub async fn run<F>(&self, call: impl Fn() -> F + Clone + Send + 'static) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        self.calls(self.calls / 10, &call).await?;
        let (start, before) = (Instant::now(), cpu()?);
        self.calls(self.calls, &call).await?;
        let cpu = cpu()? - before;
        println!("{} {}", start.elapsed().as_secs_f64(), cpu.as_secs_f64());
        Ok(())
    }

    /// Makes so many calls, `at_once` in flight.
    async fn calls<F>(
        &self,
        calls: usize,
        call: &(impl Fn() -> F + Clone + Send + 'static),
    ) -> Result<(), Error>
    where
        F: Future<Output = Result<(), Error>> + Send,
    {
        let each = calls.div_ceil(self.at_once);
        let mut callers = JoinSet::new();
        for _ in 0..self.at_once {
            let call = call.clone();
            callers.spawn(async move {
                for _ in 0..each {
                    call().await?;
                }
                Ok::<_, Error>(())
            });
        }
        while let Some(done) = callers.join_next().await {
            done??;
        }
        Ok(())
    }
}

/// Fails unless `text` is the sum.
///
/// # Errors
/// A wrong answer.
pub fn check(text: &str) -> Result<(), Error> {
    if text == SUM {
        Ok(())
    } else {
        Err(format!("a wrong answer: {text}").into())
    }
}

fn cpu() -> Result<Duration, Error> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
