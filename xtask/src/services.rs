//! Services that tests start for themselves: where their programs are.

use std::path::PathBuf;

use crate::failure::Result;
use crate::system;

/// The variables through which tests find the programs, and the programs, which are installed when
/// they are missing.
pub(crate) fn all() -> [(&'static str, Result<PathBuf>); 1] {
    let redis = system::need("redis-server", "redis-server");
    [("PURLIN_REDIS_SERVER", redis)]
}
