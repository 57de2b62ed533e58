//! 1,000 requests a second over 256 connections, and what they leave.

use std::time::Duration;

use super::{
    Options,
    pace::{Pace, Tool, p99},
    yardstick::{Yardstick, without_share},
};
use crate::{
    Result,
    process::{Loaded, mib},
    report::Report,
};

const TEST: &str = "steady, 1,000/s over 256 connections";

/// What memory may grow by where 5 % of it is less: 2 MiB, in KiB. Short runs look
/// at a process of some 15 MiB, whose allocator still takes its first pages.
const SLACK: u64 = 2 * 1024;

/// The most it may grow by: 20 MiB, in KiB.
const MOST: u64 = 20 * 1024;

pub(crate) async fn run(options: &Options, report: &mut Report) -> Result<()> {
    let server = options.server(&[]).await?;
    let pace = |duration| Pace {
        tool: Tool::Add,
        connections: 256,
        rate: Some(1_000.0),
        duration,
    };
    // A sixth to warm up: what 5 minutes are to 30.
    pace(options.duration() / 6).run(server.address()).await?;
    let (before, tasks_before) = (quiet(&server).await?, server.tasks().await?);
    let yardstick = Yardstick::start().await?;
    let mut outcome = pace(options.duration()).run(server.address()).await?;
    let share = yardstick.p99().await?;
    let (after, tasks_after) = (quiet(&server).await?, server.tasks().await?);

    let is_right = outcome.wrong + outcome.lost + outcome.refused.len() == 0;
    report.hard(TEST, "0 errors", outcome.errors(), is_right);
    let rate = format!("{:.0}/s", outcome.goodput());
    report.speed(TEST, "1,000/s answered", rate, outcome.goodput() >= 990.0);
    let p99 = p99(&mut outcome.answered);
    let (words, held) = without_share(p99, share, Duration::from_millis(20));
    report.speed(TEST, "p99 ≤ 20 ms", words, held);
    let grown = after.rss.saturating_sub(before.rss);
    let bound = (before.rss / 20).clamp(SLACK, MOST);
    report.hard(
        TEST,
        format!("memory grows ≤ {}", mib(bound)),
        format!("{} → {}", mib(before.rss), mib(after.rss)),
        grown <= bound,
    );
    report.hard(
        TEST,
        "no more descriptors",
        format!("{} → {}", before.descriptors, after.descriptors),
        after.descriptors <= before.descriptors,
    );
    report.hard(
        TEST,
        "no more tasks",
        format!("{tasks_before} → {tasks_after}"),
        tasks_after <= tasks_before,
    );
    Ok(())
}

/// What the server holds once it has seen its clients go.
async fn quiet(server: &Loaded) -> Result<crate::process::Holdings> {
    let mut last = server.holdings()?;
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = server.holdings()?;
        if now.descriptors >= last.descriptors && server.tasks().await? < 32 {
            return Ok(now);
        }
        last = now;
    }
    Ok(last)
}
