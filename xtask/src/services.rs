//! Services that tests start for themselves: where their programs are.

use std::path::PathBuf;

use crate::failure::Result;
use crate::system;
use crate::tools::Python;

/// The variables through which tests find the programs, and the programs, which are installed when
/// they are missing.
pub(crate) fn all() -> [(&'static str, Result<PathBuf>); 2] {
    [
        (
            "PURLIN_REDIS_SERVER",
            system::need("redis-server", "redis-server"),
        ),
        ("PURLIN_MOTO_SERVER", moto()),
    ]
}

/// A look-alike of Amazon's services, for the store in DynamoDB.
fn moto() -> Result<PathBuf> {
    let python = Python::install("moto", "crates/stores/tests/servers/moto-requirements.txt")?;
    Ok(python.program("moto_server").get_program().into())
}
