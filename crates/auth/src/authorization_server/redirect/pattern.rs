//! What an operator allows, beside what a client registered.

use std::{fmt, str::FromStr};

use super::{
    check::{ApplicationType, check},
    host::Host,
    parts::{Parts, canonical_port, is_scheme},
};

/// Which redirect URIs an operator allows: scheme, host, port, and the start of the path.
///
/// Each part is compared with the part of a URI that has passed [`check`](super::check), never text
/// with text. `*.` before the host stands for one label or more and not for the host itself; `*` as
/// the port stands for any or none; the path covers what is below it at a slash. A pattern without
/// a host (`com.example.app:/`) is for URIs without one.
///
/// ```
/// use purlin_auth::authorization_server::redirect::RedirectPattern;
///
/// let pattern: RedirectPattern = "https://*.example.com/oauth".parse()?;
/// assert!(pattern.matches("https://app.example.com/oauth/callback"));
/// assert!(!pattern.matches("https://example.com/oauth/callback"));
/// assert!(!pattern.matches("https://app.example.com/oauthevil"));
/// assert!(!pattern.matches("https://app.example.com:8443/oauth"));
///
/// let loopback: RedirectPattern = "http://localhost:*".parse()?;
/// assert!(loopback.matches("http://localhost:33418/callback"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectPattern {
    scheme: String,
    host: Option<HostPattern>,
    port: PortPattern,
    /// Without a slash at its end.
    path: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum HostPattern {
    Exactly(String),
    Below(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PortPattern {
    Any,
    /// `None`: the one that goes without saying.
    Exactly(Option<u16>),
}

/// A text that is not a [`RedirectPattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern(String);

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.chars().take(200).collect();
        write!(
            f,
            "{text:?} is not a pattern of redirect URIs: write `https://host/path`, \
             `https://*.example.com`, `http://localhost:*` or `com.example.app:/`"
        )
    }
}

impl std::error::Error for InvalidPattern {}

impl RedirectPattern {
    /// Whether the pattern allows a URI.
    pub fn matches(&self, uri: &str) -> bool {
        if check(uri, ApplicationType::Native).is_err() {
            return false;
        }
        let Ok(parts) = Parts::of(uri) else {
            return false;
        };
        let host = match (&self.host, parts.host) {
            (None, None) => true,
            (Some(pattern), Some(host)) => pattern.matches(host),
            _ => false,
        };
        let port = match self.port {
            PortPattern::Any => true,
            PortPattern::Exactly(port) => self.known_port(port) == self.known_port(parts.port),
        };
        let below = parts.path.strip_prefix(self.path.as_str());
        let path = below.is_some_and(|below| below.is_empty() || below.starts_with('/'));
        parts.has_scheme(&self.scheme) && host && port && path
    }

    fn known_port(&self, port: Option<u16>) -> Option<u16> {
        port.or(match self.scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let (authority, path) = match rest.strip_prefix("//") {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
            None => (None, rest.starts_with('/').then_some(rest)?),
        };
        let (host, port) = match authority {
            None => (None, PortPattern::Exactly(None)),
            Some(authority) => {
                let (host, port) = HostPattern::with_port(authority)?;
                (Some(host), port)
            }
        };
        // The path is read by the same rules as that of a URI.
        let is_path = Parts::of(&format!("x://host{path}")).is_ok_and(|parts| parts.path == path);
        (is_scheme(scheme) && is_path).then(|| Self {
            scheme: scheme.to_ascii_lowercase(),
            host,
            port,
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

impl FromStr for RedirectPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        Self::parse(text).ok_or_else(|| InvalidPattern(text.to_owned()))
    }
}

impl HostPattern {
    fn with_port(authority: &str) -> Option<(Self, PortPattern)> {
        let (host, port) = match authority.rfind(':') {
            Some(colon) if !authority[colon..].contains(']') => match &authority[colon + 1..] {
                "*" => (&authority[..colon], PortPattern::Any),
                port => {
                    let port = Some(canonical_port(port)?);
                    (&authority[..colon], PortPattern::Exactly(port))
                }
            },
            _ => (authority, PortPattern::Exactly(None)),
        };
        let (below, name) = match host.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, host),
        };
        let parsed = Host::parse(name)?;
        let name = name.to_ascii_lowercase();
        match (below, parsed) {
            (false, _) => Some((Self::Exactly(name), port)),
            // An address has nothing below it.
            (true, Host::Name(_)) => Some((Self::Below(name), port)),
            (true, Host::Address(_)) => None,
        }
    }

    fn matches(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        match self {
            Self::Exactly(name) => host == *name,
            Self::Below(domain) => {
                let above = host.strip_suffix(domain.as_str());
                above.is_some_and(|above| above.len() > 1 && above.ends_with('.'))
            }
        }
    }
}
