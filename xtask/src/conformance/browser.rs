//! As much of a browser as a login takes: cookies, redirects, forms. For `http` on this machine.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::failure::{Context, Failure, Result};

const PATIENCE: Duration = Duration::from_secs(10);
/// How often a refused connection is tried again.
const POLL: Duration = Duration::from_millis(20);
/// The most redirects of one step.
const REDIRECTS: usize = 10;

/// A page, and where it was found.
#[derive(Debug)]
pub(super) struct Page {
    url: String,
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

/// Somebody with a browser.
#[derive(Debug, Default)]
pub(super) struct Browser {
    /// Of this host; ports do not part cookies.
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// Goes to an address, and on to wherever it leads.
    pub(super) fn get(&mut self, url: &str) -> Result<Page> {
        let page = self.send("GET", url, None)?;
        self.follow(page)
    }

    /// Answers the first form of a page, with these fields beside the hidden ones.
    pub(super) fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Result<Page> {
        let action = attribute(&page.body, "<form ", "action").ok_or_else(|| {
            Failure::new(format!("there is no form at {}: {}", page.url, page.body))
        })?;
        let url = join(&page.url, &action);
        let hidden = page.body.split("<input ").skip(1).filter_map(|input| {
            let input = input.split('>').next()?;
            let of = |name| attribute(input, "", name);
            (of("type")? == "hidden").then(|| Some((of("name")?, of("value")?)))?
        });
        let given = fields
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let pairs = hidden
            .chain(given)
            .map(|(name, value)| format!("{name}={}", encode(&value)));
        let form = pairs.collect::<Vec<_>>().join("&");
        let form = ("application/x-www-form-urlencoded", &*form);
        let answer = self.send("POST", &url, Some(form))?;
        self.follow(answer)
    }

    /// Sends a document.
    pub(super) fn post_json(&mut self, url: &str, document: &str) -> Result<Page> {
        self.send("POST", url, Some(("application/json", document)))
    }

    fn follow(&mut self, mut page: Page) -> Result<Page> {
        for _ in 0..REDIRECTS {
            let location = page.headers.iter().find(|(name, _)| name == "location");
            let Some((_, location)) = location else {
                return Ok(page);
            };
            page = self.send("GET", &join(&page.url, location), None)?;
        }
        Err(Failure::new(format!("more than {REDIRECTS} redirects")))
    }

    fn send(&mut self, method: &str, url: &str, body: Option<(&str, &str)>) -> Result<Page> {
        let (host, target) = split(url)?;
        let (kind, body) = body.unwrap_or_default();
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncookie: {}\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
            cookies.join("; "),
            body.len(),
        );
        let mut stream = connect(host)?;
        let answer = (|| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(request.as_bytes())?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            std::io::Result::Ok(answer)
        })();
        let answer = answer.context(format_args!("{host} does not answer"))?;
        let page = read(url, &String::from_utf8_lossy(&answer))?;
        self.keep_cookies(&page);
        Ok(page)
    }

    fn keep_cookies(&mut self, page: &Page) {
        for (_, cookie) in page.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

fn read(url: &str, answer: &str) -> Result<Page> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(|| Failure::new(format!("{url} answers no HTTP")))?;
    let headers = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    Ok(Page {
        url: url.to_owned(),
        status,
        headers: headers.collect(),
        body: body.to_owned(),
    })
}

/// The suite names the address before it listens for the answer.
fn connect(host: &str) -> Result<TcpStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match TcpStream::connect(host) {
            Err(error)
                if error.kind() == ErrorKind::ConnectionRefused && Instant::now() < deadline =>
            {
                std::thread::sleep(POLL);
            }
            connected => return connected.context(format_args!("cannot reach {host}")),
        }
    }
}

/// Host with port, and the rest.
fn split(url: &str) -> Result<(&str, &str)> {
    let rest = url.strip_prefix("http://");
    let rest = rest.ok_or_else(|| Failure::new(format!("`{url}` is not `http://`")))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    Ok(rest.split_at(end))
}

fn join(base: &str, to: &str) -> String {
    match split(base) {
        Ok((host, _)) if to.starts_with('/') => format!("http://{host}{to}"),
        _ => to.to_owned(),
    }
}

/// The value of an attribute of the first tag that starts so. Our pages quote every value.
fn attribute(html: &str, tag: &str, name: &str) -> Option<String> {
    let tag = &html[html.find(tag)? + tag.len()..];
    let tag = &tag[..tag.find('>').unwrap_or(tag.len())];
    let mark = format!("{name}=\"");
    let value = &tag[tag.find(&mark)? + mark.len()..];
    Some(value[..value.find('"')?].replace("&amp;", "&"))
}

fn encode(value: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let encode = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    value.bytes().map(encode).collect()
}
