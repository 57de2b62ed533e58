//! The name of an authorization server, and where its endpoints are.

use std::{fmt, net::IpAddr};

use http::Uri;

/// The issuer, byte for byte as it was configured: clients compare it as a text.
#[derive(Clone, Debug)]
pub(super) struct Issuer {
    text: String,
    origin: String,
    /// The origin as browsers write it.
    browsers_origin: String,
    /// Empty, or starts with a slash and does not end with one.
    path: String,
    loopback: bool,
}

/// A URL that cannot be what it is to be, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UrlMistake(&'static str);

impl fmt::Display for UrlMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Issuer {
    /// # Errors
    /// When no client would accept it (RFC 8414, section 2).
    pub(super) fn parse(text: &str) -> Result<Self, UrlMistake> {
        let uri = web_address(text)?;
        if uri.query().is_some() {
            return Err(UrlMistake("it has a query"));
        }
        let path = uri.path().trim_end_matches('/');
        if path.contains(['%', ';']) || path.split('/').any(|part| part == "." || part == "..") {
            return Err(UrlMistake("its path is not a plain one"));
        }
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        let scheme = uri.scheme_str().unwrap_or_default();
        Ok(Self {
            browsers_origin: serialised(scheme, authority),
            origin: format!("{scheme}://{authority}"),
            path: path.to_owned(),
            loopback: is_loopback(&uri),
            text: text.to_owned(),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// What browsers call the origin of our pages: in small letters, without the port that goes
    /// without saying (RFC 6454, section 6.2).
    pub(super) fn browsers_origin(&self) -> &str {
        &self.browsers_origin
    }

    pub(super) fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The URL of an endpoint, by its name with a slash.
    pub(super) fn url(&self, endpoint: &str) -> String {
        format!("{}{}{endpoint}", self.origin, self.path)
    }

    /// The path of an endpoint.
    pub(super) fn path(&self, endpoint: &str) -> String {
        format!("{}{endpoint}", self.path)
    }

    /// Where clients look for metadata: RFC 8414 (section 3.1), and both places of OpenID Connect.
    pub(super) fn metadata_paths(&self) -> Vec<String> {
        let path = &self.path;
        let mut paths = vec![
            format!("/.well-known/oauth-authorization-server{path}"),
            format!("/.well-known/openid-configuration{path}"),
        ];
        if !path.is_empty() {
            paths.push(format!("{path}/.well-known/openid-configuration"));
        }
        paths
    }
}

fn serialised(scheme: &str, authority: &str) -> String {
    let authority = authority.to_ascii_lowercase();
    let default = match scheme {
        "https" => ":443",
        _ => ":80",
    };
    let host = authority.strip_suffix(default).unwrap_or(&authority);
    format!("{scheme}://{}", host.strip_suffix(':').unwrap_or(host))
}

/// # Errors
/// For everything but a plain `https` URL, or an `http` one of this machine.
pub(super) fn web_address(text: &str) -> Result<Uri, UrlMistake> {
    if text.contains('#') {
        return Err(UrlMistake("it has a fragment"));
    }
    let uri: Uri = text.parse().map_err(|_| UrlMistake("it is no URL"))?;
    let authority = uri.authority().ok_or(UrlMistake("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(UrlMistake("it holds a user name"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if is_loopback(&uri) => Ok(uri),
        Some("http") => Err(UrlMistake(
            "it is `http`, which is for addresses of this machine alone: use `https`",
        )),
        _ => Err(UrlMistake("it does not begin with `https://`")),
    }
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().to_ascii_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = bare.parse().ok();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_stays_the_text_it_was() {
        for (text, origin, endpoint) in [
            (
                "https://as.test",
                "https://as.test",
                "https://as.test/token",
            ),
            (
                "https://as.test/",
                "https://as.test",
                "https://as.test/token",
            ),
            (
                "https://as.test/a",
                "https://as.test",
                "https://as.test/a/token",
            ),
            (
                "http://127.0.0.1:9000",
                "http://127.0.0.1:9000",
                "http://127.0.0.1:9000/token",
            ),
        ] {
            let issuer = Issuer::parse(text).unwrap();
            assert_eq!(issuer.as_str(), text);
            assert_eq!(issuer.browsers_origin(), origin);
            assert_eq!(issuer.url("/token"), endpoint);
        }
    }

    #[test]
    fn forms_come_from_the_origin_as_browsers_write_it() {
        for (text, origin) in [
            ("https://AS.Test:443/a", "https://as.test"),
            ("https://as.test:8443", "https://as.test:8443"),
            ("https://as.test:80", "https://as.test:80"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:443", "http://[::1]:443"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(
                Issuer::parse(text).unwrap().browsers_origin(),
                origin,
                "{text}"
            );
        }
    }

    #[test]
    fn metadata_is_at_every_place_where_clients_look() {
        let paths = Issuer::parse("https://as.test/a/b")
            .unwrap()
            .metadata_paths();
        assert_eq!(
            paths,
            [
                "/.well-known/oauth-authorization-server/a/b",
                "/.well-known/openid-configuration/a/b",
                "/a/b/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            Issuer::parse("https://as.test")
                .unwrap()
                .metadata_paths()
                .len(),
            2
        );
    }

    #[test]
    fn what_clients_would_refuse_is_no_issuer() {
        for text in [
            "http://as.test",
            "ftp://as.test",
            "https://as.test?x",
            "https://as.test#x",
            "https://user@as.test",
            "https://as.test/a/../b",
            "as.test",
            "",
        ] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
    }
}
