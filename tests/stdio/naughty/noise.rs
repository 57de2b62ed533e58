//! Handlers that make noise: on the wire and beside it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use purlin::prelude::*;

/// Floods and prints.
#[mcp_server]
pub(crate) mod noise {
    use super::*;

    /// Reports progress without ever waiting.
    #[mcp_tool]
    async fn flood(times: u64, cx: &Context) -> u64 {
        for done in 1..=times {
            cx.progress(done, times);
            cx.info("flood");
        }
        times
    }

    /// Reports progress and waits after each report.
    #[mcp_tool]
    async fn flood_waiting(times: u64, cx: &Context) -> u64 {
        for done in 1..=times {
            cx.progress(done, times);
            cx.info("flood");
            tokio::task::yield_now().await;
        }
        times
    }

    /// Leaves a task behind that goes on reporting progress.
    #[mcp_tool(allow(missing_cleanup))]
    async fn babble(cx: &Context) -> bool {
        let cx = cx.clone();
        tokio::spawn(async move {
            for done in 1..=10_000_u32 {
                cx.progress(done, 10_000_u32);
                tokio::task::yield_now().await;
            }
        });
        tokio::task::yield_now().await;
        true
    }

    /// Prints in every way there is.
    #[mcp_tool(allow(stdout_pollution, blocking_in_async, leaky_abstraction))]
    #[allow(clippy::print_stdout)]
    fn print() -> bool {
        println!("printed with println");
        print!("printed without a line end");
        let mut stdout = std::io::stdout();
        let raw = stdout.write_all(b"written to stdout\n");
        let flushed = stdout.flush();
        let device = std::fs::write("/dev/stdout", "written to the device\n");
        raw.is_ok() && flushed.is_ok() && device.is_ok()
    }

    /// Starts a process that reads all of its standard input and writes it,
    /// and a line of its own, to its standard output. Gives what it exits with.
    #[mcp_tool(blocking)]
    fn spawn() -> Option<i32> {
        let status = Command::new("sh")
            .args(["-c", "echo a child speaks; cat"])
            .status();
        status.ok()?.code()
    }

    /// Starts a process that reads its standard input, and gives what it read.
    #[mcp_tool(blocking)]
    fn what_a_child_reads() -> String {
        let child = Command::new("cat").stdout(Stdio::piped()).output();
        child.map_or_else(
            |error| error.to_string(),
            |output| String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }

    /// Reads standard input itself.
    #[mcp_tool(blocking)]
    fn what_we_read() -> String {
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(_) => line,
            Err(error) => error.to_string(),
        }
    }
}

pub(crate) use noise::Server;
