//! Four times as many calls as the places of a tool can serve.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{
    Options,
    pace::{Pace, Tool, p99},
    yardstick::{Yardstick, without_share},
};
use crate::{
    Result,
    connection::{Connection, HANG, source},
    message,
    report::Report,
};

const TEST: &str = "overload, 4 × saturation";

pub(crate) async fn run(options: &Options, report: &mut Report) -> Result<()> {
    let server = options.server(&[]).await?;
    // As many callers as have a place or may wait for one: nobody is refused.
    let saturation = Pace {
        tool: Tool::Busy,
        connections: 64,
        rate: None,
        duration: options.duration() / 4,
    };
    let saturated = saturation.run(server.address()).await?;
    let overload = Pace {
        connections: 512,
        rate: Some(4.0 * saturated.goodput()),
        duration: options.duration(),
        ..saturation
    };
    let yardstick = Yardstick::start().await?;
    let mut outcome = overload.run(server.address()).await?;
    let share = yardstick.p99().await?;
    let recovery = recovery(server.address()).await?;

    let errors = saturated.wrong + saturated.lost + outcome.wrong + outcome.lost;
    let limit = "answers are right, or 429 or 503";
    report.hard(TEST, limit, outcome.errors(), errors == 0);
    let (good, full) = (outcome.goodput(), saturated.goodput());
    report.speed(
        TEST,
        "goodput ≥ 80 % of saturation",
        format!(
            "{good:.0}/s of {full:.0}/s, {:.0}/s offered",
            outcome.offered()
        ),
        good >= 0.8 * full,
    );
    let refused = outcome.refused.len();
    let p99 = p99(&mut outcome.refused);
    let (words, held) = without_share(p99, share, Duration::from_millis(50));
    let limit = "refused in ≤ 50 ms (p99)";
    report.speed(TEST, limit, format!("{words}, of {refused}"), held);
    let held = recovery <= Duration::from_secs(2);
    report.speed(TEST, "recovery ≤ 2 s", format!("{recovery:.1?}"), held);
    Ok(())
}

/// How long it takes until a new client has what it asks for.
async fn recovery(address: std::net::SocketAddr) -> Result<Duration> {
    let start = Instant::now();
    while start.elapsed() < HANG {
        let mut connection = Connection::open(address, source(0)).await?;
        let request = message::call(address, "busy", r#"{"token":"after"}"#, 1);
        let response = connection.exchange(&request).await?;
        if message::answers(&response.body, 1, "after") {
            return Ok(start.elapsed());
        }
        sleep(Duration::from_millis(10)).await;
    }
    Err("the server refuses everything after an overload".into())
}
