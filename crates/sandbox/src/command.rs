//! How a helper is started.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::sys;

/// A command that starts this very program as a helper.
///
/// Standard input has to be one end of a pair of Unix stream sockets, over which the server sends a
/// [`Plan`](crate::Plan) and hears [`Report`](crate::Report)s; standard output and standard error are
/// those of the payload. [`socket`] makes such a pair. When the server closes its end or dies, the
/// helper ends the run.
///
/// The program's `main` is not reached in the helper. A set-uid program does not become one.
pub fn command() -> Command {
    sys::keep();
    command_of(Path::new("/proc/self/exe"))
}

/// A command that starts a shipped helper, the binary `purlin-sandbox`, at this path. For programs
/// that cannot start themselves, such as those without `/proc`.
pub fn command_of(helper: &Path) -> Command {
    let mut command = Command::new(helper);
    let name = sys::HELPER.to_str().expect("a text of ours");
    // A group of its own: what a terminal sends to the server's is for the server to act on.
    command
        .arg0(name)
        .env_clear()
        .current_dir("/")
        .process_group(0);
    command
}

/// The two ends of the connection with a helper: the server's, and what is the helper's standard
/// input. Neither is inherited by other programs.
///
/// # Errors
///
/// Where there are no more descriptors.
pub fn socket() -> io::Result<(UnixStream, Stdio)> {
    let (ours, theirs) = UnixStream::pair()?;
    Ok((ours, Stdio::from(OwnedFd::from(theirs))))
}
