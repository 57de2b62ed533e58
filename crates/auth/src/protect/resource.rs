//! The identifier of a protected server.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// The identifier of a server, as tokens and metadata name it, byte for byte (RFC 8707, RFC 9728).
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) text: Box<str>,
    /// Scheme and authority.
    origin: Box<str>,
    /// Empty for the root.
    path: Box<str>,
}

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

impl Resource {
    pub(super) fn parse(text: &str) -> Result<Self, ResourceError> {
        let refuse = |problem| Err(ResourceError::new(text, problem));
        if text.contains(['#', '?', '\\', '"', '%']) || !text.bytes().all(|b| b.is_ascii_graphic())
        {
            return refuse("write it without query, fragment and escapes, in ASCII");
        }
        let Ok(url) = text.parse::<Uri>() else {
            return refuse("write the whole URL, such as `https://mcp.example.com/mcp`");
        };
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return refuse("write the whole URL, such as `https://mcp.example.com/mcp`");
        };
        if authority.as_str().contains('@') {
            return refuse("write it without user and password");
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            _ => return refuse("write an `https` URL; `http` is for this machine alone"),
        }
        Ok(Self {
            text: text.into(),
            origin: format!("{scheme}://{authority}").into(),
            path: url.path().trim_end_matches('/').into(),
        })
    }

    /// Where the metadata is (RFC 9728, section 3.1).
    pub(super) fn metadata_url(&self) -> String {
        format!("{}{WELL_KNOWN}{}", self.origin, self.path)
    }

    /// The paths of the metadata: below the path of the server, and at the root, where clients
    /// look that were told of none.
    pub(super) fn metadata_paths(&self) -> Vec<String> {
        let mut paths = vec![format!("{WELL_KNOWN}{}", self.path)];
        if !self.path.is_empty() {
            paths.push(WELL_KNOWN.to_owned());
        }
        paths
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A text that cannot be the identifier of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceError {
    text: String,
    problem: &'static str,
}

impl ResourceError {
    fn new(text: &str, problem: &'static str) -> Self {
        let text = text.chars().filter(|c| !c.is_control()).take(200).collect();
        Self { text, problem }
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, problem } = self;
        write!(
            f,
            "`{text}` cannot be the URL of a protected server: {problem}"
        )
    }
}

impl Error for ResourceError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_below_the_path_and_at_the_root() {
        let resource = Resource::parse("https://mcp.example.com/tools/mcp").unwrap();
        assert_eq!(
            resource.metadata_url(),
            "https://mcp.example.com/.well-known/oauth-protected-resource/tools/mcp"
        );
        assert_eq!(resource.metadata_paths().len(), 2);
        let root = Resource::parse("https://mcp.example.com/").unwrap();
        assert_eq!(root.metadata_paths(), [WELL_KNOWN]);
        assert_eq!(&*root.text, "https://mcp.example.com/");
    }

    #[test]
    fn what_is_no_identifier_is_refused_with_the_reason() {
        for (text, part) in [
            ("mcp.example.com/mcp", "whole URL"),
            ("/mcp", "whole URL"),
            ("http://mcp.example.com/mcp", "`https`"),
            ("ftp://mcp.example.com/mcp", "`https`"),
            ("https://a@mcp.example.com/mcp", "user"),
            ("https://mcp.example.com/mcp#a", "fragment"),
            ("https://mcp.example.com/mcp?a", "query"),
            ("https://mcp.example.com/m c p", "ASCII"),
            ("https://mcp.example.com/\u{e4}", "ASCII"),
            ("", "URL"),
        ] {
            let error = Resource::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        Resource::parse("http://127.0.0.1:8000/mcp").unwrap();
        Resource::parse("http://[::1]:8000/mcp").unwrap();
    }
}
