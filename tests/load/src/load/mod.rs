//! One pressure after another, each on a fresh server.

mod overload;
mod pace;
mod sessions;
mod stalled;
mod steady;
mod streams;
mod yardstick;

use std::{path::PathBuf, time::Duration};

use clap::Args;

use crate::{Result, process::Loaded, report::Report};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The program under load.
    #[arg(long)]
    server: PathBuf,
    /// How long each pressure that has a duration lasts. Rates stay as they are.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only the pressures whose name contains this.
    #[arg(long)]
    only: Option<String>,
}

impl Options {
    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds.max(4))
    }

    fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }

    async fn server(&self, arguments: &[&str]) -> Result<Loaded> {
        let arguments: Vec<_> = arguments.iter().map(|text| (*text).to_owned()).collect();
        Loaded::start(&self.server, &arguments).await
    }
}

pub(crate) async fn run(options: &Options) -> Result<Report> {
    let mut report = Report::new("Load");
    if options.wants("steady") {
        steady::run(options, &mut report).await?;
    }
    if options.wants("overload") {
        overload::run(options, &mut report).await?;
    }
    if options.wants("streams") {
        streams::run(options, &mut report).await?;
    }
    if options.wants("stalled") {
        stalled::run(options, &mut report).await?;
    }
    if options.wants("sessions") {
        sessions::run(options, &mut report).await?;
    }
    Ok(report)
}
