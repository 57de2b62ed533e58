//! Opening the user's browser.

use std::io;
use std::process::{Command, Stdio};

/// Opens a URL with what the platform opens web pages with. No shell ever reads the URL, and it is
/// known to be `http` or `https`: other schemes start other programs.
pub(super) fn open(url: &str) -> io::Result<()> {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(io::Error::other("not the URL of a web page"));
    }
    start(command(), url)
}

/// Starts a program with the URL as one argument.
fn start(mut command: Command, url: &str) -> io::Result<()> {
    command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = command.status()?;
    status
        .success()
        .then_some(())
        .ok_or_else(|| io::Error::other("no browser opened"))
}

#[cfg(target_os = "macos")]
fn command() -> Command {
    Command::new("open")
}

#[cfg(windows)]
fn command() -> Command {
    let mut command = Command::new("rundll32");
    command.arg("url.dll,FileProtocolHandler");
    command
}

#[cfg(not(any(target_os = "macos", windows)))]
fn command() -> Command {
    Command::new("xdg-open")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_program_is_given_the_url_as_it_is() {
        let url = "https://as.test/?a=$(id)&b=`id`;c|d>e 'f' \"g\" %h";
        let mut same = Command::new("test");
        same.args([url, "="]);
        start(same, url).unwrap();
    }

    #[test]
    fn only_web_pages_are_opened() {
        for url in [
            "file:///etc/passwd",
            "javascript:x",
            "calculator:",
            "--help",
            "",
        ] {
            assert!(open(url).is_err(), "{url}");
        }
    }
}
