//! The little that browsers are told.

/// What the user sees. Nothing of the answer is shown: it is not verified yet.
const DONE: &str = "<!doctype html><meta charset=utf-8><title>Done</title>\
    <p>You can close this window and go back to the application.";

/// Nothing is loaded, run, framed, stored or sent on.
const HEAD: &str = "content-type: text/html; charset=utf-8\r\n\
    content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
    cache-control: no-store\r\n\
    referrer-policy: no-referrer\r\n\
    connection: close\r\n";

pub(super) fn done() -> String {
    response("200 OK", DONE)
}

pub(super) fn not_found() -> String {
    response("404 Not Found", "")
}

fn response(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{HEAD}content-length: {length}\r\n\r\n{body}")
}
