//! Whether a proof was made for the URL that was asked (RFC 9449, section 4.3).

use http::Uri;

/// Whether two URLs are the same but for their queries: case does not matter in schemes and
/// hosts, and a port that goes without saying may be said (RFC 3986, section 6.2).
pub(super) fn is_same(one: &str, other: &str) -> bool {
    match (parts(one), parts(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

fn parts(text: &str) -> Option<(String, String, u16, String)> {
    let text = text.split(['?', '#']).next()?;
    let url: Uri = text.parse().ok()?;
    let scheme = url.scheme_str()?.to_ascii_lowercase();
    let default = match &*scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let host = url.host()?.to_ascii_lowercase();
    let port = url.port_u16().unwrap_or(default);
    Some((scheme, host, port, url.path().to_owned()))
}

/// The URL that a request to `resource` was sent to, as far as its client knows: the one by which
/// we are known, or the same place at the path that was asked.
pub(super) fn targets(resource: &str, path: &str) -> [String; 2] {
    let after_scheme = resource.find("://").map_or(0, |at| at + 3);
    let end = resource[after_scheme..].find('/');
    let origin = end.map_or(resource, |at| &resource[..after_scheme + at]);
    [resource.to_owned(), format!("{origin}{path}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_compared_as_urls() {
        let asked = "https://mcp.example.com/mcp";
        for (proved, same) in [
            ("https://mcp.example.com/mcp", true),
            ("https://MCP.example.com:443/mcp?a=b#c", true),
            ("HTTPS://mcp.example.com/mcp", true),
            ("http://mcp.example.com/mcp", false),
            ("https://mcp.example.com:8443/mcp", false),
            ("https://mcp.example.com/MCP", false),
            ("https://mcp.example.com/mcp/", false),
            ("https://mcp.example.com.evil.example/mcp", false),
            ("https://evil.example/mcp", false),
            ("/mcp", false),
            ("", false),
        ] {
            assert_eq!(is_same(proved, asked), same, "{proved}");
        }
        let [_, other] = targets("https://a.example/mcp", "/tools");
        assert_eq!(other, "https://a.example/tools");
        let [_, other] = targets("https://a.example", "/tools");
        assert_eq!(other, "https://a.example/tools");
    }
}
