//! Services that tests start for themselves: where their programs are.

use std::path::PathBuf;

use crate::failure::Result;
use crate::system;
use crate::tools::Python;

/// The variables through which tests find the programs, and the programs, which are installed when
/// they are missing.
pub(crate) fn all() -> [(&'static str, Result<PathBuf>); 3] {
    let redis = system::need("redis-server", "redis-server");
    [
        ("PURLIN_REDIS_SERVER", redis),
        ("PURLIN_NGINX", system::nginx()),
        ("PURLIN_MOTO_PYTHON", moto()),
    ]
}

/// The Python that has moto, a look-alike of DynamoDB.
fn moto() -> Result<PathBuf> {
    let python = Python::install("moto", "crates/stores/tests/servers/moto-requirements.txt")?;
    Ok(python.program("python").get_program().into())
}
