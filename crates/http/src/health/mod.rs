//! `/health`: the process answers, and how it does. `/ready`: it takes new work.
//!
//! `/health` asks nothing and waits for nothing, so it can be answered where
//! everything else stands still. `/ready` asks what the server depends on, under
//! the limits of [`Server::health`](purlin_core::Server::health). Neither names an
//! address or a cause: whoever may ask them has proved nothing.

mod process;

use http::{HeaderValue, Method, Response, StatusCode, header};
use purlin_core::{Server, health::Status};
use tokio::time::Instant;

use crate::{answer, body::Body};

pub(crate) const HEALTH: &str = "/health";
pub(crate) const READY: &str = "/ready";

/// The body of `/health`.
pub(crate) fn alive(server: &Server, since: Instant) -> String {
    let implementation = server.implementation();
    let mut text = r#"{"status":"ok""#.to_owned();
    let mut member = |name: &str, value: &str| {
        text.push_str(&format!(r#","{name}":{value}"#));
    };
    member("name", &quoted(&implementation.name));
    member("version", &quoted(&implementation.version));
    member(
        "uptimeSeconds",
        &format!("{:.3}", since.elapsed().as_secs_f64()),
    );
    if let Some(bytes) = process::resident_bytes() {
        member("residentBytes", &bytes.to_string());
    }
    if let Some(used) = process::cpu_time() {
        member("cpuSeconds", &format!("{:.3}", used.as_secs_f64()));
    }
    text.push('}');
    text
}

/// The status and the body of `/ready`.
async fn ready(server: &Server) -> (StatusCode, String) {
    let health = server.health().await;
    let state = match health.status() {
        _ if health.is_draining() => "draining",
        Status::Ok => "ready",
        other => other.as_str(),
    };
    let mut text = format!(r#"{{"status":"{state}""#);
    let dependencies = health.dependencies().iter();
    let states: Vec<_> = dependencies
        .map(|have| format!(r#"{}:"{}""#, quoted(have.name()), have.status()))
        .collect();
    if !states.is_empty() {
        text.push_str(&format!(r#","dependencies":{{{}}}"#, states.join(",")));
    }
    text.push('}');
    let status = if health.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, text)
}

/// The answer at one of the two paths, if it is one of them.
pub(crate) async fn respond(
    server: &Server,
    since: Instant,
    method: &Method,
    path: &str,
) -> Option<Response<Body>> {
    if path != HEALTH && path != READY {
        return None;
    }
    if method != Method::GET && method != Method::HEAD {
        return Some(answer::not_allowed("GET, HEAD"));
    }
    let (status, text) = if path == HEALTH {
        (StatusCode::OK, alive(server, since))
    } else {
        ready(server).await
    };
    let mut response = answer::json(status, text.into());
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    Some(response)
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_stays_one_string() {
        assert_eq!(quoted("a\"b\\c\nd"), r#""a\"b\\c\u000ad""#);
    }
}
