//! A browser: it keeps cookies by the rules that browsers have, says where a form comes from, and
//! goes where it is sent when it is told to.
//!
//! `https` origins are reached over plain TCP, as if something in front of the server ended TLS.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use super::page::Page;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// Somebody's browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    hosts: HashMap<String, SocketAddr>,
    /// The address of the machine it is on, for whoever counts by address.
    from: Option<IpAddr>,
    pub(crate) cookies: Vec<Cookie>,
}

/// A cookie that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) host: String,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secure: bool,
    pub(crate) lax: bool,
}

/// What a request has besides its address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    /// The origin of the page that sends it.
    pub(crate) from: Option<&'a str>,
    pub(crate) body: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
}

impl Browser {
    /// A browser that finds this origin at this address.
    pub(crate) fn knowing(origin: &str, address: SocketAddr) -> Self {
        let mut browser = Self::default();
        let (_, authority) = origin.split_once("://").unwrap();
        browser.hosts.insert(authority.to_owned(), address);
        browser
    }

    /// Another browser in the same world.
    pub(crate) fn another(&self) -> Self {
        Self {
            cookies: Vec::new(),
            ..self.clone()
        }
    }

    /// The same browser on a machine of its own: one of those that 127.0.0.0/8 has.
    #[allow(dead_code, reason = "not every suite has many")]
    pub(crate) fn on_machine(mut self, number: u16) -> Self {
        let [high, low] = number.to_be_bytes();
        self.from = Some(IpAddr::from([127, 78, high, low]));
        self
    }

    /// Where it finds an origin.
    pub(crate) fn address(&self, origin: &str) -> SocketAddr {
        self.hosts[origin.split_once("://").unwrap().1]
    }

    /// Follows a link, from anywhere.
    pub(crate) async fn get(&mut self, url: &str) -> Page {
        let sent = Sent {
            method: "GET",
            from: None,
            body: "",
            kind: "",
            headers: &[],
        };
        self.send(url, sent).await
    }

    /// Presses a button of the form of a page.
    pub(crate) async fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let form = page.form(fields);
        self.post(&page.action(), &form, &page.origin()).await
    }

    /// Sends a form from a page of an origin.
    pub(crate) async fn post(&mut self, url: &str, form: &str, from: &str) -> Page {
        let sent = Sent {
            method: "POST",
            from: Some(from),
            body: form,
            kind: FORM,
            headers: &[],
        };
        self.send(url, sent).await
    }

    pub(crate) async fn send(&mut self, url: &str, sent: Sent<'_>) -> Page {
        self.attempt(url, sent).await.expect("an answer")
    }

    /// The same where the other end may go away: nothing without a whole answer.
    pub(crate) async fn attempt(&mut self, url: &str, sent: Sent<'_>) -> Option<Page> {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let origin = format!("{scheme}://{authority}");
        let mut lines = vec![
            format!("{} {target} HTTP/1.1", sent.method),
            format!("host: {authority}"),
            "connection: close".to_owned(),
        ];
        let cookies = self.cookies_for(scheme, authority, &origin, sent);
        if !cookies.is_empty() {
            lines.push(format!("cookie: {cookies}"));
        }
        if sent.method == "POST" {
            lines.push(format!("content-length: {}", sent.body.len()));
            lines.push(format!("content-type: {}", sent.kind));
        }
        if let Some(from) = sent.from {
            let site = if from == origin {
                "same-origin"
            } else {
                "cross-site"
            };
            lines.push(format!("origin: {from}\r\nsec-fetch-site: {site}"));
        }
        lines.extend(
            sent.headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}")),
        );
        let request = format!("{}\r\n\r\n{}", lines.join("\r\n"), sent.body);
        let answer = exchange(self.from, self.hosts[authority], &request).await;
        let page = Page::read(url, &answer.ok()?)?;
        for line in page.all("set-cookie") {
            self.accept(scheme, authority, line);
        }
        Some(page)
    }

    fn cookies_for(&self, scheme: &str, authority: &str, origin: &str, sent: Sent<'_>) -> String {
        let cross_site_post = sent.method == "POST" && sent.from != Some(origin);
        let fitting = self.cookies.iter().filter(|cookie| {
            cookie.host == host(authority)
                && (scheme == "https" || !cookie.secure)
                && !(cross_site_post && cookie.lax)
        });
        let pairs = fitting.map(|cookie| format!("{}={}", cookie.name, cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// RFC 6265bis, section 5.7: also what it says of `__Host-` and of `Secure`.
    fn accept(&mut self, scheme: &str, authority: &str, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        let has = |attribute: &str| attributes.iter().any(|known| known == attribute);
        let secure = has("secure");
        let bound_to_host =
            secure && has("path=/") && !attributes.iter().any(|it| it.starts_with("domain"));
        let over_tls = scheme == "https";
        if (secure && !over_tls) || (name.starts_with("__Host-") && !(bound_to_host && over_tls)) {
            return;
        }
        assert!(has("httponly"), "no script may read {line}");
        let host = host(authority);
        self.cookies
            .retain(|known| (&*known.host, &*known.name) != (host, name));
        if has("max-age=0") {
            return;
        }
        self.cookies.push(Cookie {
            host: host.to_owned(),
            name: name.to_owned(),
            value: value.to_owned(),
            secure,
            lax: has("samesite=lax"),
        });
    }
}

/// Ports do not part cookies.
fn host(authority: &str) -> &str {
    authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host)
}

async fn exchange(from: Option<IpAddr>, to: SocketAddr, request: &str) -> io::Result<String> {
    let socket = TcpSocket::new_v4()?;
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let mut stream = socket.connect(to).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    String::from_utf8(answer).map_err(io::Error::other)
}
