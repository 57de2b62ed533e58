use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use purlin_client::http::header::{AUTHORIZATION, HeaderMap, WWW_AUTHENTICATE};
use purlin_client::http::{
    Authorize, Bearer, HttpEndpoint, HttpRequest, Refusal, StatusCode, Verdict,
};
use purlin_client::{BoxFuture, Client, ClientError, ErrorKind, Result};
use serde_json::json;

use crate::peer::http::HttpPeer;
use crate::peer::{discovered, initialized, text};

/// Obtains `token-1` when it is first refused, then `token-2`, and so on.
#[derive(Default)]
struct Login {
    refusals: AtomicU32,
    /// What it was shown: method, URL, challenge.
    seen: Mutex<Vec<(String, String, String)>>,
    /// The newest nonce.
    nonce: Mutex<Option<String>>,
}

impl Authorize for &'static Login {
    fn authorize<'a>(&'a self, _: HttpRequest<'a>) -> BoxFuture<'a, Result<HeaderMap>> {
        Box::pin(async {
            let mut headers = HeaderMap::new();
            let number = self.refusals.load(Ordering::SeqCst);
            if number > 0 {
                let value = format!("Bearer token-{number}");
                headers.insert(AUTHORIZATION, value.parse().unwrap());
            }
            if let Some(nonce) = &*self.nonce.lock().unwrap() {
                headers.insert("x-proof", nonce.parse().unwrap());
            }
            Ok(headers)
        })
    }

    fn refused<'a>(&'a self, refusal: Refusal<'a>) -> BoxFuture<'a, Result<Verdict>> {
        Box::pin(async move {
            let number = self.refusals.load(Ordering::SeqCst);
            let sent = refusal.credentials.get(AUTHORIZATION);
            assert_eq!(sent.is_some(), number > 0);
            let challenge = refusal.headers.get(WWW_AUTHENTICATE);
            self.seen.lock().unwrap().push((
                refusal.request.method.to_string(),
                refusal.request.url.to_owned(),
                challenge.map_or(String::new(), |text| text.to_str().unwrap().to_owned()),
            ));
            self.refusals.fetch_add(1, Ordering::SeqCst);
            Ok(Verdict::Retry)
        })
    }

    fn answered(&self, _: StatusCode, headers: &HeaderMap) {
        if let Some(nonce) = headers.get("dpop-nonce") {
            *self.nonce.lock().unwrap() = Some(nonce.to_str().unwrap().to_owned());
        }
    }
}

fn login() -> &'static Login {
    Box::leak(Box::default())
}

fn endpoint(peer: &HttpPeer, login: &'static Login) -> HttpEndpoint {
    HttpEndpoint::new(&peer.url()).unwrap().authorize(login)
}

#[tokio::test]
async fn a_refused_request_is_sent_again_with_what_was_obtained() {
    let (peer, login) = (HttpPeer::start().await, login());
    let (client, ()) = tokio::join!(Client::connect(endpoint(&peer, login)), async {
        let hello = peer.expect("server/discover").await;
        assert_eq!(hello.header("authorization"), None);
        let id = hello.body["id"].clone();
        let challenge = "WWW-Authenticate: Bearer scope=\"a\"\r\nDPoP-Nonce: n-1\r\n";
        hello.status(401, challenge, "").await;
        let hello = peer.expect("server/discover").await;
        assert_eq!(hello.header("authorization"), Some("Bearer token-1"));
        assert_eq!(hello.header("x-proof"), Some("n-1"));
        assert_eq!(hello.body["id"], id);
        hello.result("DPoP-Nonce: n-2\r\n", &discovered()).await;
    });
    let client = client.unwrap();
    let (result, ()) = tokio::join!(async { client.call::<String>("t", ()).await }, async {
        let request = peer.expect("tools/call").await;
        assert_eq!(request.header("x-proof"), Some("n-2"));
        request
            .status(403, "WWW-Authenticate: Bearer scope=\"b\"\r\n", "")
            .await;
        let request = peer.expect("tools/call").await;
        assert_eq!(request.header("authorization"), Some("Bearer token-2"));
        request.result("", &text("hi")).await;
    });
    assert_eq!(result.unwrap(), "hi");
    let seen = |challenge: &str| ("POST".to_owned(), peer.url(), challenge.to_owned());
    assert_eq!(
        *login.seen.lock().unwrap(),
        [seen("Bearer scope=\"a\""), seen("Bearer scope=\"b\"")]
    );
}

#[tokio::test]
async fn a_server_that_is_never_content_is_given_up() {
    let (peer, login) = (HttpPeer::start().await, login());
    let refuse = async {
        loop {
            peer.next().await.status(401, "", "").await;
        }
    };
    let failure = tokio::select! {
        outcome = Client::connect(endpoint(&peer, login)) => outcome.unwrap_err(),
        () = refuse => unreachable!(),
    };
    assert_eq!(failure.kind(), ErrorKind::Unauthorized);
    assert_eq!(failure.status(), Some(401));
    assert_eq!(login.refusals.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn the_stream_of_a_session_is_authorized_too() {
    let (peer, login) = (HttpPeer::start().await, login());
    let (client, ()) = tokio::join!(Client::connect(endpoint(&peer, login)), async {
        peer.expect("server/discover")
            .await
            .status(405, "", "")
            .await;
        let hello = peer.expect("initialize").await;
        hello.result("", &initialized("2025-11-25")).await;
        let opened = peer.expect("notifications/initialized").await;
        opened.status(202, "", "").await;
        let stream = peer.next().await;
        assert_eq!(stream.method, "GET");
        stream.status(401, "", "").await;
        let stream = peer.next().await;
        assert_eq!(stream.method, "GET");
        assert_eq!(stream.header("authorization"), Some("Bearer token-1"));
    });
    client.unwrap();
}

/// Finds no credentials.
struct Nobody;

impl Authorize for Nobody {
    fn authorize<'a>(&'a self, _: HttpRequest<'a>) -> BoxFuture<'a, Result<HeaderMap>> {
        Box::pin(async { Ok(HeaderMap::new()) })
    }

    fn refused<'a>(&'a self, _: Refusal<'a>) -> BoxFuture<'a, Result<Verdict>> {
        Box::pin(async { Err(ClientError::from_authorization("logging in", "no browser")) })
    }
}

#[tokio::test]
async fn credentials_that_cannot_be_obtained_end_the_call() {
    let peer = HttpPeer::start().await;
    let endpoint = HttpEndpoint::new(&peer.url()).unwrap().authorize(Nobody);
    let (client, ()) = tokio::join!(Client::connect(endpoint), async {
        peer.next().await.status(401, "", "").await;
    });
    let failure = client.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Unauthorized);
    assert_eq!(failure.to_string(), "logging in: no browser");
}

#[tokio::test]
async fn a_bearer_token_is_said_with_every_request_and_to_nobody_else() {
    let (peer, elsewhere) = (HttpPeer::start().await, HttpPeer::start().await);
    let endpoint = HttpEndpoint::new(&peer.url()).unwrap();
    let endpoint = endpoint.authorize(Bearer::new("secret").unwrap());
    assert!(!format!("{endpoint:?}").contains("secret"));
    let (client, ()) = tokio::join!(Client::connect(endpoint), async {
        let hello = peer.expect("server/discover").await;
        assert_eq!(hello.header("authorization"), Some("Bearer secret"));
        hello.result("", &discovered()).await;
    });
    let client = client.unwrap();
    let call = async { client.call_tool("t", json!({})).await };
    let (result, ()) = tokio::join!(call, async {
        let location = format!("Location: {}\r\n", elsewhere.url());
        peer.next().await.status(307, &location, "").await;
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Transport);
    tokio::select! {
        biased;
        _ = elsewhere.next() => panic!("the token went elsewhere"),
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn a_refusal_says_what_the_server_says_in_a_message_and_repeats_no_credentials() {
    let peer = HttpPeer::start().await;
    let refused = async |status: u16, body: String| {
        let endpoint = HttpEndpoint::new(&peer.url()).unwrap();
        let endpoint = endpoint.authorize(Bearer::new("canary-token").unwrap());
        let endpoint = endpoint.header("x-api-key", "canary-key").unwrap();
        let (client, ()) = tokio::join!(Client::connect(endpoint), async {
            let json = "Content-Type: application/json\r\n";
            peer.next().await.status(status, json, &body).await;
        });
        let failure = client.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Unauthorized);
        assert_eq!(failure.status(), Some(status));
        let printed = format!("{failure:?}");
        assert!(!printed.contains("canary"), "{printed}");
        failure.to_string()
    };
    let says = |message: &str| {
        let error = json!({"code": -32001, "message": message});
        json!({"jsonrpc": "2.0", "id": null, "error": error}).to_string()
    };
    let told = |said: String| said.split_once("): ").map(|(_, said)| said.to_owned());

    let said = refused(401, says("send a token")).await;
    assert!(said.ends_with("(HTTP status 401): send a token"), "{said}");
    let said = refused(403, says("not\npermitted\u{1b}[31m\r: needs `a`")).await;
    assert_eq!(told(said).unwrap(), "notpermitted[31m: needs `a`");
    let said = told(refused(403, says(&"x".repeat(500))).await).unwrap();
    assert_eq!(said, "x".repeat(200));
    // What is no message of the protocol, and what repeats the request.
    for body in [
        "<html>Bearer canary-token</html>".to_owned(),
        String::new(),
        json!({"error": "invalid_token", "message": "canary-token"}).to_string(),
        says("bad token: canary-token"),
        says("bad token: Bearer canary-token!"),
        says("bad key (canary-key)"),
    ] {
        let said = refused(401, body).await;
        assert!(said.ends_with("(HTTP status 401)"), "{said}");
    }
}
