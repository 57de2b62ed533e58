//! How clients connect to the platform.

use std::path::Path;

/// What is printed once the platform listens.
const TEXT: &str = include_str!("connect.txt");

/// Prints how each client connects to a server that listens at `url`.
#[allow(clippy::print_stdout)]
pub fn print(url: &str) {
    let program = std::env::current_exe().unwrap_or_else(|_| "platform".into());
    println!("{}", instructions(url, &program));
}

/// How each client connects: over HTTP to `url`, or by starting `program`.
pub fn instructions(url: &str, program: &Path) -> String {
    // Quoted and escaped: it is a part of a JSON file.
    let program = serde_json::Value::from(program.to_string_lossy()).to_string();
    TEXT.replace("{url}", url).replace("{program}", &program)
}
