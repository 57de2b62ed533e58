//! Why nothing was fetched.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// What is known of a cause; for the log, never for the caller.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why nothing was fetched.
///
/// The text (`Display`) is for whoever asked, which may be a model: it holds no address, path or
/// piece of an answer, and does not tell a host that may not be asked from one that does not
/// exist. What operators want to know is in [`name`](Self::name), in [`source`](Error::source)
/// and in the log.
#[derive(Debug)]
#[non_exhaustive]
pub enum FetchError {
    /// The text is no URL that every parser reads alike; what is wrong about it.
    InvalidUrl(&'static str),
    /// Neither `http` nor `https`, or not `https` where only that is asked.
    Scheme,
    /// There is a user or a password in the URL.
    Userinfo,
    /// The port is none, or not open.
    Port,
    /// The host is not to be asked, by its name or by a [`Policy`](super::Policy).
    BlockedHost,
    /// The host is at an address that is not to be asked.
    BlockedAddress,
    /// The name leads nowhere.
    Dns(Cause),
    /// A redirect leads where none is followed; why.
    Redirect(&'static str),
    /// No address of the host takes a connection.
    Connect(Cause),
    /// The host does not prove who it is, or speaks no TLS of today.
    Tls(Cause),
    /// It took too long.
    Timeout(Phase),
    /// The answer is larger than allowed.
    TooLarge(Part),
    /// The answer swells beyond measure when it is decompressed.
    DecompressionRatio,
    /// The answer is encoded in a way that was not asked for.
    UnsupportedEncoding,
    /// The answer cannot be decompressed.
    Decode(Cause),
    /// The answer is of a kind that is not read.
    ContentType,
    /// The answer is none of HTTP, or broke off.
    Protocol(Cause),
    /// The host answers with a failure.
    Status(StatusCode),
    /// A header that callers may not set, or none at all; what is wrong about it.
    InvalidHeader(&'static str),
    /// Neither `GET` nor `HEAD` nor `POST`.
    InvalidMethod,
    /// The host is asked too often; when it may be asked again.
    RateLimited(Duration),
}

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Until there was a connection: lookup, TCP and TLS.
    Connect,
    /// From the request to the head of the answer.
    FirstByte,
    /// All of it.
    Total,
}

/// What of an answer is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Its headers.
    Head,
    /// Its body.
    Body,
}

impl FetchError {
    /// The name of this kind of error, for logs and metrics.
    ///
    /// ```
    /// use purlin_guard::fetch::FetchError;
    ///
    /// assert_eq!(FetchError::BlockedAddress.name(), "blocked_address");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::InvalidUrl(_) => "invalid_url",
            Self::Scheme => "scheme",
            Self::Userinfo => "userinfo",
            Self::Port => "port",
            Self::BlockedHost => "blocked_host",
            Self::BlockedAddress => "blocked_address",
            Self::Dns(_) => "dns",
            Self::Redirect(_) => "redirect",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout(_) => "timeout",
            Self::TooLarge(_) => "too_large",
            Self::DecompressionRatio => "decompression_ratio",
            Self::UnsupportedEncoding => "unsupported_encoding",
            Self::Decode(_) => "decode",
            Self::ContentType => "content_type",
            Self::Protocol(_) => "protocol",
            Self::Status(_) => "status",
            Self::InvalidHeader(_) => "invalid_header",
            Self::InvalidMethod => "invalid_method",
            Self::RateLimited(_) => "rate_limited",
        }
    }

    /// As [`name`](Self::name), for whoever asked: three kinds are `host`, so that nobody finds
    /// out by them what there is in a network.
    #[must_use]
    pub fn public_name(&self) -> &'static str {
        match self {
            Self::BlockedHost | Self::BlockedAddress | Self::Dns(_) => "host",
            other => other.name(),
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidUrl(why) => write!(f, "that is no URL to be fetched: {why}"),
            Self::Scheme => f.write_str("URLs with this scheme are not fetched"),
            Self::Userinfo => f.write_str("a URL with a user or password is not fetched"),
            Self::Port => f.write_str("URLs with this port are not fetched"),
            Self::BlockedHost | Self::BlockedAddress | Self::Dns(_) => {
                f.write_str("this host cannot be asked")
            }
            Self::Redirect(why) => write!(f, "the redirect is not followed: {why}"),
            Self::Connect(_) => f.write_str("no connection to the host"),
            Self::Tls(_) => f.write_str("no secure connection to the host"),
            Self::Timeout(Phase::Connect) => f.write_str("connecting took too long"),
            Self::Timeout(Phase::FirstByte) => f.write_str("the host did not answer in time"),
            Self::Timeout(Phase::Total) => f.write_str("fetching took too long"),
            Self::TooLarge(Part::Head) => f.write_str("the headers of the answer are too large"),
            Self::TooLarge(Part::Body) => f.write_str("the answer is too large"),
            Self::DecompressionRatio => f.write_str("the answer is compressed beyond measure"),
            Self::UnsupportedEncoding => f.write_str("the answer has an unknown encoding"),
            Self::Decode(_) => f.write_str("the answer cannot be decompressed"),
            Self::ContentType => f.write_str("the answer is no text, JSON or XML"),
            Self::Protocol(_) => f.write_str("the answer is broken"),
            Self::Status(status) => write!(f, "the host answers with status {}", status.as_u16()),
            Self::InvalidHeader(why) => write!(f, "a header may not be sent: {why}"),
            Self::InvalidMethod => f.write_str("only GET, HEAD and POST are sent"),
            Self::RateLimited(after) => write!(
                f,
                "this host is asked too often: try again in {} s",
                after.as_millis().div_ceil(1000).max(1)
            ),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Dns(cause)
            | Self::Connect(cause)
            | Self::Tls(cause)
            | Self::Decode(cause)
            | Self::Protocol(cause) => Some(&**cause),
            _ => None,
        }
    }
}
