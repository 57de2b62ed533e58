//! `cargo xtask interop`: the example servers driven by the official clients.

use clap::Args;

use crate::failure::Result;
use crate::tally::Tally;

#[derive(Debug, Default, Args)]
pub(crate) struct Options {}

/// The command itself.
pub(crate) fn run(options: &Options) -> Result<()> {
    all(options)?.verdict("interop")
}

/// Runs every client and counts the cells.
pub(crate) fn all(_options: &Options) -> Result<Tally> {
    Ok(Tally::default())
}
