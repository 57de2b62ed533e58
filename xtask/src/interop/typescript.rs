//! The official TypeScript client, in all of its modes.

use std::time::Duration;

use crate::cmd;
use crate::failure::Result;
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
    npm.place(SCRIPT)?;
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
