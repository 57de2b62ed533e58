//! Users who come back to a port of this machine (RFC 8252, section 7.3).

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use purlin_client::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{AuthorizationRequest, Round, UserAgent, browser, page};
use crate::client::Result;
use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::url::Url;

const PATH: &str = "/callback";
/// How long users may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a browser may take to say what it wants, and how much it may say.
const REQUEST_TIME: Duration = Duration::from_secs(10);
const REQUEST_SIZE: usize = 16 << 10;

/// Receives users at `http://127.0.0.1:<port>/callback`, for as long as a login takes.
///
/// ```
/// use purlin_auth::client::{OAuth, user_agent::Loopback};
///
/// // On a server without a screen: print the URL, and forward the port.
/// let oauth = OAuth::login().user_agent(Loopback::headless().port(8765)).build();
/// ```
#[derive(Clone)]
pub struct Loopback {
    port: Option<u16>,
    patience: Duration,
    show: Arc<Show>,
}

/// Shows a user the page to open.
type Show = dyn Fn(&AuthorizationRequest) -> io::Result<()> + Send + Sync;

impl Loopback {
    /// Opens the user's browser; where there is none, prints the URL.
    pub fn browser() -> Self {
        Self::shown_by(|request| browser::open(request.url()).or_else(|_| print(request)))
    }

    /// Prints the URL on standard error, for the user to open.
    pub fn headless() -> Self {
        Self::shown_by(print)
    }

    /// Hands out the URL, for you to show.
    pub fn shown_by(
        show: impl Fn(&AuthorizationRequest) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            port: None,
            patience: PATIENCE,
            show: Arc::new(show),
        }
    }

    /// The port to receive users at, as it was registered. Any free one by default.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// How long users may take: five minutes by default.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The port that was asked for; else that of the last time, if it is free; else any.
    async fn listen(&self, earlier: Option<u16>) -> io::Result<TcpListener> {
        let bind = |port| TcpListener::bind(("127.0.0.1", port));
        match (self.port, earlier) {
            (Some(port), _) => bind(port).await,
            (None, Some(port)) => match bind(port).await {
                Ok(listener) => Ok(listener),
                Err(_) => bind(0).await,
            },
            (None, None) => bind(0).await,
        }
    }
}

fn print(request: &AuthorizationRequest) -> io::Result<()> {
    print_to(&mut io::stderr(), request)
}

fn print_to(out: &mut impl Write, request: &AuthorizationRequest) -> io::Result<()> {
    writeln!(out, "To log in, open this page:\n{}", request.url())
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("port", &self.port)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

impl UserAgent for Loopback {
    fn open<'a>(&'a self, earlier: Option<&'a str>) -> BoxFuture<'a, Result<Box<dyn Round>>> {
        Box::pin(async move {
            let earlier = earlier.and_then(|uri| Url::parse(uri).ok()?.port());
            let opened = self.listen(earlier).await;
            let failed = |error| failure("no port to receive the user at").because(error);
            let listener = opened.map_err(failed)?;
            let port = listener.local_addr().map_err(failed)?.port();
            let round: Box<dyn Round> = Box::new(Listening {
                listener,
                redirect_uri: format!("http://127.0.0.1:{port}{PATH}"),
                agent: self.clone(),
            });
            Ok(round)
        })
    }
}

struct Listening {
    listener: TcpListener,
    redirect_uri: String,
    agent: Loopback,
}

impl Round for Listening {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn visit(self: Box<Self>, request: AuthorizationRequest) -> BoxFuture<'static, Result<String>> {
        Box::pin(async move {
            let (show, shown) = (Arc::clone(&self.agent.show), request.clone());
            // Starting a browser may take its time.
            let shown = tokio::task::spawn_blocking(move || show(&shown)).await;
            shown
                .unwrap_or_else(|error| Err(io::Error::other(error)))
                .map_err(|error| failure("the user cannot be shown the page").because(error))?;
            tokio::time::timeout(self.agent.patience, self.receive(&request))
                .await
                .unwrap_or_else(|_| Err(failure("the user did not come back in time")))
        })
    }
}

impl Listening {
    /// Waits for the user. Browsers open connections that they never use, and other programs may
    /// knock, so many are heard at a time, and only the answer to this request counts.
    async fn receive(&self, request: &AuthorizationRequest) -> Result<String> {
        let mut visitors = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    let (stream, _) =
                        accepted.map_err(|error| failure("receiving the user").because(error))?;
                    visitors.spawn(hear(stream, request.clone()));
                }
                Some(heard) = visitors.join_next() => {
                    if let Ok(Some(target)) = heard {
                        let origin = self.redirect_uri.trim_end_matches(PATH);
                        return Ok(format!("{origin}{target}"));
                    }
                }
            }
        }
    }
}

/// Hears what a visitor wants; gives the target of the request if it is the answer.
async fn hear(mut stream: TcpStream, request: AuthorizationRequest) -> Option<String> {
    let target = tokio::time::timeout(REQUEST_TIME, target(&mut stream))
        .await
        .ok()??;
    let is_answer = target.split('?').next() == Some(PATH) && request.is_answered_by(&target);
    let response = if is_answer {
        page::done()
    } else {
        page::not_found()
    };
    // Whether the page arrives or not, the answer did.
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    is_answer.then_some(target)
}

/// Reads a request to the end of its head, and gives its target.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut chunk = [0; 2048];
        let length = stream.read(&mut chunk).await.ok()?;
        head.extend_from_slice(&chunk[..length]);
        if length == 0 || head.len() > REQUEST_SIZE {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let mut words = head.lines().next()?.split(' ');
    (words.next()? == "GET").then(|| words.next().map(str::to_owned))?
}

fn failure(message: &str) -> AuthError {
    AuthError::new(AuthErrorKind::UserAgent, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            url: "https://as.test/authorize".to_owned(),
            state: "s".to_owned(),
        }
    }

    async fn get(uri: &str, target: &str) -> String {
        let address = uri.trim_start_matches("http://").trim_end_matches(PATH);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_the_answer_to_this_login_ends_it() {
        let agent = Loopback::shown_by(|_| Ok(()));
        let round = agent.open(None).await.unwrap();
        let uri = round.redirect_uri().to_owned();
        let visitors = async {
            // A connection that says nothing, as browsers open them.
            let address = uri.trim_start_matches("http://").trim_end_matches(PATH);
            let silent = TcpStream::connect(address).await.unwrap();
            for target in ["/favicon.ico", "/callback?code=evil&state=t", "/callback"] {
                assert!(
                    get(&uri, target).await.starts_with("HTTP/1.1 404"),
                    "{target}"
                );
            }
            let page = get(&uri, "/callback?code=c&state=s").await;
            assert!(page.starts_with("HTTP/1.1 200") && page.contains("frame-ancestors 'none'"));
            drop(silent);
        };
        let (came_back, ()) = tokio::join!(round.visit(request()), visitors);
        assert_eq!(came_back.unwrap(), format!("{uri}?code=c&state=s"));
    }

    #[test]
    fn a_user_without_a_browser_reads_the_page_to_open() {
        let mut printed = Vec::new();
        print_to(&mut printed, &request()).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        assert_eq!(printed.lines().last(), Some("https://as.test/authorize"));
    }

    #[tokio::test]
    async fn the_port_of_the_last_time_is_used_again() {
        let agent = Loopback::headless();
        let first = agent.open(None).await.unwrap().redirect_uri().to_owned();
        let second = agent.open(Some(&first)).await.unwrap();
        assert_eq!(second.redirect_uri(), first);
        let third = agent.open(Some(&first)).await.unwrap();
        assert_ne!(third.redirect_uri(), first);
    }

    #[tokio::test]
    async fn a_user_who_does_not_come_back_is_not_waited_for_for_ever() {
        let agent = Loopback::shown_by(|_| Ok(())).patience(Duration::ZERO);
        let round = agent.open(None).await.unwrap();
        let error = round.visit(request()).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::UserAgent);
    }
}
