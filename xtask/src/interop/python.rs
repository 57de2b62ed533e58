//! The official Python client, in both of its modes.

use std::time::Duration;

use crate::cmd;
use crate::failure::Result;
use crate::tools::Python;

use super::cells::Cells;
use super::example::{Example, Target};

const SCRIPT: &str = "tests/interop/python/client.py";

pub(super) fn drive(
    python: &Python,
    example: &Example,
    target: &Target,
    cells: &mut Cells,
) -> Result<()> {
    for mode in ["auto", "legacy"] {
        cells.group(format!(
            "python {mode}, {} over {}",
            example.name,
            target.transport()
        ));
        let mut command = python.program("python");
        command
            .arg(cmd::root().join(SCRIPT))
            .args([example.name, mode])
            .args(target.arguments());
        cells.add_script(&cmd::capture(&mut command, Duration::from_secs(120))?);
    }
    Ok(())
}
