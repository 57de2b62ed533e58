//! Hosts by name: which are meant by a pattern, and which are no business of anybody outside.

use std::str::FromStr;

use super::ConfigError;
use super::target::Host;

/// A host, or all hosts below a name: `example.com`, `*.example.com`, `192.0.2.1`.
///
/// ```
/// use purlin_guard::fetch::{HostPattern, Target};
///
/// let below: HostPattern = "*.example.com".parse()?;
/// let matches = |url: &str| below.matches(Target::parse(url).expect("a URL").host());
/// assert!(matches("https://a.b.example.com/"));
/// assert!(!matches("https://example.com/") && !matches("https://badexample.com/"));
/// # Ok::<(), purlin_guard::fetch::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPattern {
    host: Host,
    below: bool,
}

impl HostPattern {
    /// Whether a host is meant: whole labels count, and `*.` stands for one at least.
    #[must_use]
    pub fn matches(&self, host: &Host) -> bool {
        if self.below {
            is_below(host, &self.host)
        } else {
            *host == self.host
        }
    }

    /// As [`matches`](Self::matches), but a name also means everything below it.
    #[must_use]
    pub fn covers(&self, host: &Host) -> bool {
        self.matches(host) || is_below(host, &self.host)
    }
}

impl FromStr for HostPattern {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let fault = |_| {
            ConfigError::new(format!(
                "`{text}` is no host: write `example.com`, `*.example.com` or an address"
            ))
        };
        let host = Host::parse(name).map_err(fault)?;
        if below && host.address().is_some() {
            return Err(ConfigError::new(format!(
                "`{text}` is no host: there is nothing below an address"
            )));
        }
        Ok(Self { host, below })
    }
}

fn is_below(host: &Host, parent: &Host) -> bool {
    let (Host::Name(host), Host::Name(parent)) = (host, parent) else {
        return false;
    };
    is_under(host, parent)
}

fn is_under(host: &str, parent: &str) -> bool {
    let before = host.strip_suffix(parent);
    before.is_some_and(|before| before.len() > 1 && before.ends_with('.'))
}

/// Names that lead into a network of one's own or nowhere, with all that is below them.
const RESERVED: [&str; 9] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "home.arpa",
    "onion",
    "invalid",
    "svc",
    "cluster.local",
];

/// Whether a host is refused by its name, before it is looked up.
pub(super) fn is_reserved(host: &Host) -> bool {
    let Host::Name(name) = host else {
        return false;
    };
    let reserved = |parent: &&str| name == parent || is_under(name, parent);
    !name.contains('.') || RESERVED.iter().any(reserved)
}
