//! A real browser at the pages of a login: Chromium without a screen, with a keyboard alone.
//!
//! Pictures of the pages stay in `target/pages`, for people to judge.

use std::fs;
use std::time::Duration;

use crate::cmd;
use crate::failure::{Context, Result};
use crate::system;
use crate::tools::Npm;

use super::cells::Cells;
use super::login;

const SCRIPT: &str = "pages.mjs";

/// How long all of it may take: half a minute, on a machine with nothing else to do.
const LIMIT: Duration = Duration::from_secs(900);

pub(super) fn drive(cells: &mut Cells) -> Result<()> {
    let chromium = system::chromium()?;
    let npm = Npm::install("interop-browser", "tests/interop/browser")?;
    npm.place(SCRIPT)?;
    let pictures = cmd::target().join("pages");
    fs::create_dir_all(&pictures).context(format_args!("cannot create {}", pictures.display()))?;
    let (url, _server) = login::start()?;
    let (themed, _server) = login::start_themed()?;
    cells.group("the pages of a login in Chromium");
    let mut browser = npm.node(SCRIPT);
    browser.args([url, themed]).args([&chromium, &pictures]);
    cells.add_script(&cmd::capture(&mut browser, LIMIT)?);
    println!("  pictures: {}", pictures.display());
    Ok(())
}
