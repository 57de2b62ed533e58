//! What a network and a server can do to a client: every call ends, with an error of the right
//! kind or with its own answer.
//!
//! The client talks to a server through a [`proxy`] of sockets that spoils what the server says.
//! Deadlines are short where nothing will ever come, so that their expiry is what is waited for.

#![allow(clippy::unwrap_used)]

mod proxy;
mod upstream;

use std::time::Duration;

use proxy::{Fault, Proxy};
use purlin_client::http::{Bearer, HttpEndpoint};
use purlin_client::{Client, ErrorKind, Result, Revision};
use serde_json::json;
use upstream::Upstream;

const ERAS: [Revision; 2] = [Revision::V2025_11_25, Revision::V2026_07_28];

/// Nothing is going to come: the shorter the better.
const NEVER: Duration = Duration::from_millis(100);

struct Setting {
    client: Client,
    proxy: Proxy,
    upstream: Upstream,
}

/// A client that is connected through a proxy, and has not noticed anything yet.
async fn setting(revision: Revision) -> Setting {
    let upstream = Upstream::start().await;
    let proxy = Proxy::start(upstream.address()).await;
    let endpoint = HttpEndpoint::new(&proxy.url()).unwrap().max_message(4096);
    let endpoint = endpoint.authorize(Bearer::new("secret").unwrap());
    let client = Client::builder().era(revision).connect(endpoint);
    Setting {
        client: client.await.unwrap(),
        proxy,
        upstream,
    }
}

impl Setting {
    async fn echo(&self, text: &str) -> Result<String> {
        self.client.call("echo", json!({"text": text})).await
    }

    /// Calls through a fault, in vain; then the network recovers, and a call gets its answer.
    async fn fails(&self, fault: Fault, kind: ErrorKind) {
        let what = format!("{fault:?} in {}", self.client.revision());
        self.proxy.spoil(fault);
        let failure = self.echo("lost").await.expect_err(&what);
        assert_eq!(failure.kind(), kind, "{what}: {failure}");
        self.proxy.recover();
        assert_eq!(self.echo("found").await.expect(&what), "found", "{what}");
    }

    /// As [`fails`](Self::fails), for what ends by running out of time.
    async fn times_out(&self, fault: Fault) {
        let what = format!("{fault:?} in {}", self.client.revision());
        self.proxy.spoil(fault);
        let call = self.client.call::<String>("echo", json!({"text": "lost"}));
        let failure = call.timeout(NEVER).await.expect_err(&what);
        assert_eq!(failure.kind(), ErrorKind::Timeout, "{what}: {failure}");
        self.proxy.recover();
        assert_eq!(self.echo("found").await.expect(&what), "found", "{what}");
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_before_the_answer_is_a_transport_error() {
    for era in ERAS {
        let setting = setting(era).await;
        setting.fails(Fault::Cut(0), ErrorKind::Transport).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_inside_the_answer_is_a_transport_error() {
    for era in ERAS {
        let setting = setting(era).await;
        // Inside the first line, inside the headers, inside the body.
        for percent in [3, 30, 95] {
            setting
                .fails(Fault::Cut(percent), ErrorKind::Transport)
                .await;
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_answer_harms_nobody() {
    for era in ERAS {
        let setting = setting(era).await;
        setting.proxy.spoil(Fault::Cut(100));
        for text in ["one", "two", "three"] {
            assert_eq!(setting.echo(text).await.unwrap(), text);
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_is_a_transport_error() {
    for era in ERAS {
        let setting = setting(era).await;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
        for events in ["", "data:\n\n", "data: {\"jsonrpc\": \"2.0\", \"id\""] {
            setting
                .fails(Fault::Say(format!("{head}{events}")), ErrorKind::Transport)
                .await;
        }
    }
}

#[tokio::test]
async fn a_peer_that_is_there_and_silent_runs_out_of_time() {
    for era in ERAS {
        let setting = setting(era).await;
        setting.times_out(Fault::Stall(0)).await;
    }
}

#[tokio::test]
async fn headers_and_bodies_that_never_end_run_out_of_time() {
    for era in ERAS {
        let setting = setting(era).await;
        for percent in [3, 30, 95] {
            setting.times_out(Fault::Stall(percent)).await;
        }
    }
}

#[tokio::test]
async fn an_error_of_the_server_is_told_with_its_status() {
    for era in ERAS {
        let setting = setting(era).await;
        for status in [500, 502, 503] {
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\nsorry");
            setting
                .fails(Fault::Say(answer), ErrorKind::HttpStatus)
                .await;
        }
    }
}

#[tokio::test]
async fn a_redirect_elsewhere_is_not_followed_and_tells_no_secret() {
    for era in ERAS {
        let setting = setting(era).await;
        let elsewhere = Upstream::start().await;
        for status in [301, 302, 303, 307, 308] {
            let location = elsewhere.address();
            let answer = format!(
                "HTTP/1.1 {status} X\r\nLocation: http://{location}/mcp\r\nContent-Length: 0\r\n\r\n"
            );
            let kind = match status {
                307 | 308 => ErrorKind::Transport,
                _ => ErrorKind::HttpStatus,
            };
            setting.fails(Fault::Say(answer), kind).await;
        }
        assert_eq!(elsewhere.requests(), 0);
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused() {
    let large = "x".repeat(8192);
    for era in ERAS {
        let setting = setting(era).await;
        for media in ["application/json", "text/event-stream"] {
            let answer =
                format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n\r\ndata: {large}\n\n");
            setting.fails(Fault::Say(answer), ErrorKind::Protocol).await;
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_no_message_is_refused() {
    for era in ERAS {
        let setting = setting(era).await;
        for body in ["{", "[]", "null", "{\"jsonrpc\": \"2.0\"}", "\u{fffd}"] {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            setting.fails(Fault::Say(answer), ErrorKind::Protocol).await;
        }
    }
}

#[tokio::test]
async fn an_answer_to_somebody_else_is_delivered_to_nobody() {
    for era in ERAS {
        let setting = setting(era).await;
        setting.fails(Fault::Renumber, ErrorKind::Protocol).await;
    }
}

#[tokio::test]
async fn of_two_answers_to_one_request_the_first_counts() {
    for era in ERAS {
        let setting = setting(era).await;
        setting.proxy.spoil(Fault::Twice);
        for text in ["one", "two", "three"] {
            assert_eq!(setting.echo(text).await.unwrap(), text);
        }
    }
}

#[tokio::test]
async fn calls_at_the_same_time_each_get_their_own_answer_or_error() {
    for era in ERAS {
        let setting = setting(era).await;
        setting
            .proxy
            .spoil(Fault::CutIfItSays("spoiled".to_owned()));
        let calls = (0..16).map(|number| {
            let text = match number % 4 {
                0 => format!("spoiled {number}"),
                _ => format!("sound {number}"),
            };
            let call = setting
                .client
                .call::<String>("echo", json!({"text": text}))
                .into_future();
            (text, tokio::spawn(call))
        });
        for (text, call) in calls.collect::<Vec<_>>() {
            match call.await.unwrap() {
                Ok(answer) => assert_eq!(answer, text),
                Err(failure) => {
                    assert!(text.starts_with("spoiled"), "{text}: {failure}");
                    assert_eq!(failure.kind(), ErrorKind::Transport);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_dies_takes_the_calls_in_flight_with_it() {
    for era in ERAS {
        let setting = setting(era).await;
        let Setting {
            client,
            proxy,
            mut upstream,
        } = setting;
        let call = client.call_tool("hold", json!({})).into_future();
        let call = tokio::spawn(call);
        upstream.held().await;
        drop(upstream);
        let failure = call.await.unwrap().unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Transport, "{failure}");
        // Nobody listens there any more, and the proxy says so by hanging up.
        let failure = client.call_tool("echo", json!({})).await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Transport, "{failure}");
        drop(proxy);
        let failure = client.call_tool("echo", json!({})).await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Transport, "{failure}");
    }
}
