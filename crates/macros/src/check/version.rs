//! Versions as they are compared: Semantic Versioning 2.0.0.

use std::cmp::Ordering;

/// A version, without its build metadata, which has no say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Version {
    core: [u64; 3],
    /// The identifiers after the `-`.
    pre: Vec<Identifier>,
}

/// Numbers come before words (section 11).
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Version {
    /// Reads `1.2.0`, `2.0.0-rc.1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (text, _build) = text.split_once('+').unwrap_or((text, ""));
        let (core, pre) = match text.split_once('-') {
            Some((core, pre)) => (core, Some(pre)),
            None => (text, None),
        };
        let numbers: Option<Vec<u64>> = core.split('.').map(number).collect();
        let pre = match pre {
            Some(pre) => pre.split('.').map(identifier).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Self {
            core: numbers?.try_into().ok()?,
            pre,
        })
    }
}

fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    text.parse().ok().filter(|_| plain && !padded)
}

fn identifier(text: &str) -> Option<Identifier> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.is_empty() || !text.bytes().all(fits) {
        return None;
    }
    match text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Some(Identifier::Number(number(text)?)),
        false => Some(Identifier::Word(text.to_owned())),
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // What is about to be a version comes before it.
        let is_release = |version: &Self| version.pre.is_empty();
        self.core
            .cmp(&other.core)
            .then_with(|| is_release(self).cmp(&is_release(other)))
            .then_with(|| self.pre.cmp(&other.pre))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_in_the_order_of_the_specification() {
        let ordered = [
            "0.9.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.10.0",
            "2.0.0",
        ];
        let versions: Vec<_> = ordered.iter().map(|text| Version::parse(text)).collect();
        assert!(versions.iter().all(Option::is_some));
        assert!(versions.is_sorted());
        assert_eq!(Version::parse("1.0.0+a"), Version::parse("1.0.0+b"));
    }

    #[test]
    fn anything_else_is_no_version() {
        for text in [
            "", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.-3", "1.2.3-", "+1.2.3",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
