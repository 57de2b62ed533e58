//! The helper as a program of its own, for servers that cannot start themselves as one.
//!
//! All it does happens before `main`, where it was started by a server.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Keeps the library in the binary.
    #[cfg(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    let _ = purlin_sandbox::command();
    let text = "purlin-sandbox is started by a server, which names it as its helper\n";
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::FAILURE
}
