//! Which host names this server answers to.
//!
//! A page that rebinds its own name to 127.0.0.1 still sends that name in
//! `Host`, so checking the name is what stops DNS rebinding.

use std::sync::OnceLock;

use super::authority::Authority;

/// The names a request may be addressed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    rule: Rule,
    /// The first `Host` that was admitted, as it was spelled.
    pub(super) known: OnceLock<Box<[u8]>>,
}

/// Which names are ours.
#[derive(Clone, Debug, Default)]
pub(crate) enum Rule {
    /// `localhost`, 127.0.0.0/8 and `[::1]`, any port.
    #[default]
    Loopback,
    /// Exactly these.
    Listed(Vec<Listed>),
    /// Every syntactically valid one.
    Any,
}

/// One configured `host` (any port) or `host:port`.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    host: Box<str>,
    port: Option<u16>,
}

impl Listed {
    /// Reads one configured entry; `None` if it is not an authority.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Authority { host, port } = Authority::parse(text.as_bytes())?;
        Some(Self {
            host: host.to_ascii_lowercase().into(),
            port,
        })
    }

    fn admits(&self, authority: &Authority<'_>) -> bool {
        self.host.eq_ignore_ascii_case(authority.host)
            && (self.port.is_none() || self.port == authority.port)
    }
}

impl From<Rule> for Hosts {
    fn from(rule: Rule) -> Self {
        Self {
            rule,
            known: OnceLock::new(),
        }
    }
}

impl Hosts {
    /// Whether only loopback names are ours.
    pub(crate) fn is_loopback(&self) -> bool {
        matches!(self.rule, Rule::Loopback)
    }

    /// Whether a request for `authority` is for us.
    pub(crate) fn admit(&self, authority: &Authority<'_>) -> bool {
        match &self.rule {
            Rule::Loopback => authority.is_loopback(),
            Rule::Listed(listed) => listed.iter().any(|entry| entry.admits(authority)),
            Rule::Any => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Authority, Hosts, Listed, Rule};

    fn admits(hosts: &Hosts, text: &str) -> bool {
        Authority::parse(text.as_bytes()).is_some_and(|authority| hosts.admit(&authority))
    }

    #[test]
    fn loopback_names_are_the_default() {
        let hosts = Hosts::default();
        for text in ["localhost", "localhost:1", "127.0.0.1:8000", "[::1]:8000"] {
            assert!(admits(&hosts, text), "{text}");
        }
        for text in [
            "evil.example.com",
            "localhost.evil.example",
            "0.0.0.0:8000",
            "10.0.0.1",
        ] {
            assert!(!admits(&hosts, text), "{text}");
        }
    }

    #[test]
    fn a_listed_port_is_compared_and_an_absent_one_is_any() {
        let listed = ["mcp.example.com", "Other.example:8443"];
        let hosts = Hosts::from(Rule::Listed(
            listed
                .iter()
                .filter_map(|text| Listed::parse(text))
                .collect(),
        ));
        for (text, expected) in [
            ("mcp.example.com", true),
            ("MCP.EXAMPLE.COM:1234", true),
            ("other.example:8443", true),
            ("other.example", false),
            ("other.example:8444", false),
            ("x.mcp.example.com", false),
            ("localhost", false),
        ] {
            assert_eq!(admits(&hosts, text), expected, "{text}");
        }
    }
}
