//! `cargo xtask soak`: mixed traffic for as long as asked, each answer checked,
//! memory and descriptors flat. With `--chaos` clients, connections and the store
//! are killed on the way.

use clap::Args;

use crate::failure::Result;
use crate::{load, system};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How long, in minutes.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Cut connections, lose clients, let tools hang, and kill Redis, in which
    /// sessions are kept.
    #[arg(long)]
    chaos: bool,
}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    let report = if options.chaos { "chaos.md" } else { "soak.md" };
    let mut soak = load::program(report, "soak")?;
    let seconds = (options.minutes * 60.0).max(8.0);
    soak.args(["--seconds", &format!("{seconds:.0}")]);
    if options.chaos {
        let redis = system::need("redis-server", "redis-server")?;
        soak.arg("--chaos").arg("--redis").arg(redis);
    }
    load::judge(&mut soak)
}
