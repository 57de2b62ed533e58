//! A browser whose user always says yes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use purlin_auth::client::user_agent::{AuthorizationRequest, Loopback};

/// Receives users who open the page in such a browser.
pub(crate) fn loopback() -> Loopback {
    Loopback::shown_by(|request: &AuthorizationRequest| {
        let url = request.url().to_owned();
        // Elsewhere: whoever shows the page goes on to receive the user.
        std::thread::spawn(move || browse(&url));
        Ok(())
    })
}

/// Opens a page, and every page that it leads to.
fn browse(url: &str) {
    let (address, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "));
    if let Some(location) = location {
        browse(location);
    }
}
