//! The JavaScript engine that `purlin-guard` carries is what npm has, byte for byte.

use std::fs;
use std::path::Path;

use crate::cmd;
use crate::failure::{Context, Failure, Result};
use crate::tools::Npm;

/// The engine, as it is kept.
const KEPT: &str = "crates/guard/src/code/wasm/quickjs.wasm";

/// Fails when what is kept is not what the package holds.
pub(crate) fn check() -> Result<()> {
    let npm = Npm::install("quickjs", "xtask/quickjs")?;
    let published = npm.dir().join("node_modules/quickjs-wasi/quickjs.wasm");
    match read(&published)? == read(&cmd::root().join(KEPT))? {
        true => Ok(()),
        false => Err(
            Failure::new(format!("{KEPT} is not what npm has")).next(format!(
                "copy {} there, and renew QUICKJS.md beside it",
                published.display()
            )),
        ),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).context(format_args!("cannot read {}", file.display()))
}
