//! What interpreters say of themselves.
//!
//! What is called `python3` may be a script of pyenv or asdf, or belong to a virtual environment.
//! The interpreter knows which file it is and where its standard library is, so it is asked: with
//! code of ours, outside of any box, as the operator who installed it would.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::process::Command;
use tokio::time::timeout;

use crate::code::Missing;
use crate::code::language::Kind;

/// How long an interpreter may take to answer. The first time it may compile its library.
const PATIENCE: Duration = Duration::from_secs(30);

const PYTHON: &str = "
import json, sys, sysconfig
assert sys.version_info >= (3, 8)
paths = sysconfig.get_paths()
own = sys.prefix == sys.base_prefix
site = [paths['purelib'], paths['platlib']]
json.dump({
    'program': getattr(sys, '_base_executable', None) or sys.executable,
    'library': [paths['stdlib'], paths['platstdlib']],
    'packages': [] if own else site,
    'hidden': site if own else [],
}, sys.stdout)
";

const NODE: &str = "
process.stdout.write(JSON.stringify({
    program: process.execPath,
    library: require('fs').existsSync('/usr/share/nodejs')
        && process.execPath.startsWith('/usr/') ? ['/usr/share/nodejs'] : [],
}))
";

/// What an interpreter says that it consists of.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Introspection {
    /// The executable.
    pub(super) program: PathBuf,
    /// Directories of its standard library.
    #[serde(default)]
    pub(super) library: Vec<PathBuf>,
    /// Directories of the packages of its virtual environment.
    #[serde(default)]
    pub(super) packages: Vec<PathBuf>,
    /// Directories of packages that are none of its own.
    #[serde(default)]
    pub(super) hidden: Vec<PathBuf>,
}

/// Asks an interpreter what it consists of, if it is one that can be asked.
///
/// # Errors
/// When it does not answer, or not with an executable.
pub(super) async fn introspect(kind: Kind, program: &Path) -> Result<Introspection, Missing> {
    let arguments = match kind {
        Kind::Python => ["-I", "-c", PYTHON].as_slice(),
        Kind::Node => ["-e", NODE].as_slice(),
        Kind::Shell | Kind::WebAssembly | Kind::Other => {
            return Ok(Introspection {
                program: program.to_owned(),
                ..Introspection::default()
            });
        }
    };
    let said = output(program, arguments).await;
    let answer = said.and_then(|said| serde_json::from_slice::<Introspection>(&said).ok());
    let answer = answer.filter(|answer| answer.program.is_absolute());
    answer.ok_or_else(|| {
        let advice = match kind {
            Kind::Python => "it does not say where it is; name a CPython of 3.8 or later",
            _ => "it does not say where it is; name a Node.js of 18 or later",
        };
        Missing::new(format!("`{}`", program.display()), advice)
    })
}

async fn output(program: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear();
    // What shims need to find out whom they stand for.
    for name in [
        "PATH",
        "HOME",
        "PYENV_ROOT",
        "PYENV_VERSION",
        "ASDF_DATA_DIR",
    ] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    output.status.success().then_some(output.stdout)
}
