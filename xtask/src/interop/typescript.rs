//! The official TypeScript client, in all of its modes.

use std::fs;
use std::time::Duration;

use crate::cmd;
use crate::failure::{Context, Result};
use crate::tools::Npm;

use super::cells::Cells;
use super::example::{Example, Target};

const SCRIPT: &str = "client.mjs";

pub(super) fn drive(
    npm: &Npm,
    example: &Example,
    target: &Target,
    cells: &mut Cells,
) -> Result<()> {
    place(npm, SCRIPT)?;
    for era in ["modern", "auto", "legacy"] {
        cells.group(format!(
            "typescript {era}, {} over {}",
            example.name,
            target.transport()
        ));
        let mut command = npm.node(SCRIPT);
        command.args([example.name, era]).args(target.arguments());
        cells.add_script(&cmd::capture(&mut command, Duration::from_secs(120))?);
    }
    Ok(())
}

/// Puts a script beside the packages that it imports: Node looks for them there.
pub(super) fn place(npm: &Npm, script: &str) -> Result<()> {
    let source = cmd::root().join("tests/interop/ts").join(script);
    fs::copy(&source, npm.dir().join(script))
        .context(format_args!("cannot copy {}", source.display()))?;
    Ok(())
}
