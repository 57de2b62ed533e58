//! Whether a text may be a redirect URI at all.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{host::Host, parts::Parts};

/// The longest redirect URI, in bytes.
const LONGEST: usize = 2_048;

/// Schemes that lead nowhere a client could be: they run code, read files, start programs, or
/// show a code to be copied by hand.
const REFUSED: [&str; 24] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "ftps",
    "gopher",
    "intent",
    "jar",
    "javascript",
    "ldap",
    "ldaps",
    "mailto",
    "ms-msdt",
    "search-ms",
    "sftp",
    "sms",
    "tel",
    "urn",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// What a client says it is (`application_type`; OpenID Connect Dynamic Client Registration 1.0,
/// section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    /// It runs on a machine of its user. Also whoever does not say, since clients of MCP that do
    /// not say are such.
    #[default]
    Native,
    /// It runs on a server, under `https` at a public host.
    Web,
}

/// Why a text is no redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidRedirectUri {
    /// Longer than 2,048 bytes.
    TooLong,
    /// A character that no URI has, such as a space, a backslash or a control character, or `%`
    /// before something else than two hexadecimal digits.
    Characters,
    /// No absolute URI.
    Malformed,
    /// A fragment, even an empty one.
    Fragment,
    /// A `*`.
    Wildcard,
    /// A user name.
    UserInfo,
    /// A `.` or `..` in the path, plain or encoded.
    DotSegments,
    /// A host that is missing.
    NoHost,
    /// A host that is encoded, malformed, or an address in an unusual spelling.
    Host,
    /// A port that is not 1 to 65535 in plain digits.
    Port,
    /// A scheme that leads to no client.
    Scheme,
    /// `http` to somewhere else than the user's own machine.
    NotHttps,
    /// For a `web` client: something else than `https` at a public host.
    NotPublic,
}

impl fmt::Display for InvalidRedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "is longer than 2,048 bytes",
            Self::Characters => "has a character that may not stand in a URI: encode it",
            Self::Malformed => "is not an absolute URI, such as `https://app.example/callback`",
            Self::Fragment => "has a fragment: leave `#` and what follows it out",
            Self::Wildcard => "has a `*`: register each URI in full",
            Self::UserInfo => "has a user name before its host: leave it out",
            Self::DotSegments => "has `.` or `..` in its path: write the path out",
            Self::NoHost => "has no host",
            Self::Host => "has a host that is not a plain name or address",
            Self::Port => "has a port that is not a number from 1 to 65535",
            Self::Scheme => "has a scheme that leads to no client",
            Self::NotHttps => {
                "uses `http` for a host other than `127.0.0.1`, `[::1]` or `localhost`: use `https`"
            }
            Self::NotPublic => {
                "is not `https` at a public host, which clients with `application_type` `web` need"
            }
        })
    }
}

impl std::error::Error for InvalidRedirectUri {}

/// Whether a text may be registered as a redirect URI (RFC 8252, sections 7 and 8.4; RFC 9700,
/// section 4.1.1).
///
/// ```
/// use purlin_auth::authorization_server::redirect::{ApplicationType::{Native, Web}, check};
///
/// assert!(check("https://app.example/callback", Web).is_ok());
/// assert!(check("http://127.0.0.1:33418/", Native).is_ok());
/// assert!(check("com.example.app:/callback", Native).is_ok());
/// assert!(check("http://127.0.0.1:33418/", Web).is_err());
/// assert!(check("http://app.example/callback", Native).is_err());
/// ```
///
/// # Errors
/// Says what is wrong with it.
pub fn check(uri: &str, of: ApplicationType) -> Result<(), InvalidRedirectUri> {
    if uri.len() > LONGEST {
        return Err(InvalidRedirectUri::TooLong);
    }
    let parts = Parts::of(uri)?;
    if REFUSED.iter().any(|refused| parts.has_scheme(refused)) {
        return Err(InvalidRedirectUri::Scheme);
    }
    let host = match parts.host {
        Some(text) => Some(Host::parse(text).ok_or(InvalidRedirectUri::Host)?),
        None => None,
    };
    let (http, https) = (parts.has_scheme("http"), parts.has_scheme("https"));
    match host {
        None if http || https => Err(InvalidRedirectUri::NoHost),
        Some(host) if http && !host.is_loopback() => Err(InvalidRedirectUri::NotHttps),
        host if of == ApplicationType::Web && !(https && host.is_some_and(Host::is_public)) => {
            Err(InvalidRedirectUri::NotPublic)
        }
        _ => Ok(()),
    }
}
