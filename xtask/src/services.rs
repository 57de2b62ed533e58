//! Services that tests start for themselves: where their programs are.

use std::path::PathBuf;

use crate::failure::Result;
use crate::system;
use crate::tools::{Npm, Python};

/// The variables through which tests find the programs, and the programs, which are installed when
/// they are missing.
pub(crate) fn all() -> [(&'static str, Result<PathBuf>); 5] {
    let redis = system::need("redis-server", "redis-server");
    [
        ("PURLIN_REDIS_SERVER", redis),
        ("PURLIN_NGINX", system::nginx()),
        ("PURLIN_MOTO_PYTHON", moto()),
        ("PURLIN_MCP_PYTHON", python_client()),
        ("PURLIN_MCP_TYPESCRIPT", typescript_client()),
    ]
}

/// The Python that has moto, a look-alike of DynamoDB.
fn moto() -> Result<PathBuf> {
    let python = Python::install("moto", "crates/stores/tests/servers/moto-requirements.txt")?;
    Ok(python.program("python").get_program().into())
}

/// The Python that has the official client.
fn python_client() -> Result<PathBuf> {
    let python = Python::install("interop-python", "tests/interop/python/requirements.txt")?;
    Ok(python.program("python").get_program().into())
}

/// The directory in which the official TypeScript client is installed.
fn typescript_client() -> Result<PathBuf> {
    let npm = Npm::install("interop-ts", "tests/interop/ts")?;
    Ok(npm.dir().to_owned())
}
