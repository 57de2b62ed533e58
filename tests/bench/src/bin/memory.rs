//! Calls in memory: our client and our server in one process, `add` one call
//! after another. Prints a line `ERA MICROSECONDS` of CPU time per call.

use clap::Parser;
use nix::time::{ClockId, clock_gettime};
use purlin::client::{Client, Era};
use purlin::prelude::*;
use serde_json::json;

/// How many calls to make in each era.
#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 20_000)]
    calls: u32,
}

/// The tool measured.
#[mcp_server(name = "memory")]
mod tools {
    /// Adds two numbers.
    #[mcp_tool]
    pub fn add(a: i64, b: i64) -> i64 {
        a + b
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calls = Arguments::parse().calls;
    for (name, era) in [("stateless", Era::Stateless), ("session", Era::Session)] {
        let server = tools::Server.into_server();
        let client = Client::builder().era(era).connect(&server).await?;
        let sum: i64 = client.call("add", json!({"a": 19, "b": 23})).await?;
        assert_eq!(sum, 42);
        let before = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
        for _ in 0..calls {
            let _: i64 = client.call("add", json!({"a": 19, "b": 23})).await?;
        }
        let cpu = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)? - before;
        let cpu: std::time::Duration = cpu.into();
        println!("{name} {:.3}", cpu.as_secs_f64() * 1e6 / f64::from(calls));
    }
    Ok(())
}
