//! Whether a request is for our resource: the one judgement of it.

/// Whether what a client names is the resource that tokens are for (RFC 8707). A client that names
/// none means ours.
///
/// One slash at the end is let pass: a type that parses URLs adds it to `https://mcp.test`, and
/// half of all clients use one. Tokens are for the resource as it was configured all the same.
pub(super) fn is_ours(named: Option<&str>, ours: &str) -> bool {
    let bare = |url: &str| url.strip_suffix('/').unwrap_or(url).to_owned();
    named.is_none_or(|named| named == ours || bare(named) == bare(ours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_ours_with_one_slash_more_or_less() {
        for (named, ours, expected) in [
            (None, "https://mcp.test", true),
            (Some("https://mcp.test"), "https://mcp.test", true),
            (Some("https://mcp.test/"), "https://mcp.test", true),
            (Some("https://mcp.test"), "https://mcp.test/", true),
            (Some("https://mcp.test/mcp/"), "https://mcp.test/mcp", true),
            (Some("https://mcp.test//"), "https://mcp.test", false),
            (Some("https://mcp.test/mcp"), "https://mcp.test", false),
            (Some("https://MCP.test"), "https://mcp.test", false),
            (Some(""), "https://mcp.test", false),
        ] {
            assert_eq!(is_ours(named, ours), expected, "{named:?} for {ours}");
        }
    }
}
