//! What stands in front of the names of a mounted server.

/// How long the prefixes of a name may be together.
const MAX_PREFIX: usize = 256;

/// What is compared with what.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Tool,
    Prompt,
    Resource,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Tool, Self::Prompt, Self::Resource];

    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Tool => "tools are called",
            Self::Prompt => "prompts are called",
            Self::Resource => "resources have the URI",
        }
    }
}

/// The prefixes of a table, joined as they stand in a name.
pub(super) struct Prefix {
    pub(super) bytes: [u8; MAX_PREFIX],
    pub(super) len: usize,
}

impl Prefix {
    pub(super) const NONE: Self = Self {
        bytes: [0; MAX_PREFIX],
        len: 0,
    };

    /// `weather_` for names, `weather/` for URIs.
    #[track_caller]
    pub(super) const fn and(mut self, prefix: Option<&str>, kind: Kind) -> Self {
        if let Some(prefix) = prefix {
            self.push(prefix.as_bytes(), prefix.len());
            self.push(
                if let Kind::Resource = kind {
                    b"/"
                } else {
                    b"_"
                },
                1,
            );
        }
        self
    }

    #[track_caller]
    pub(super) const fn join(&self, inner: &Self) -> Self {
        let mut joined = Self::NONE;
        joined.push(&self.bytes, self.len);
        joined.push(&inner.bytes, inner.len);
        joined
    }

    #[track_caller]
    const fn push(&mut self, bytes: &[u8], len: usize) {
        assert!(
            self.len + len <= MAX_PREFIX,
            "the prefixes of these mounts have more than 256 characters together"
        );
        let mut index = 0;
        while index < len {
            self.bytes[self.len] = bytes[index];
            self.len += 1;
            index += 1;
        }
    }

    /// Whether names behind the two prefixes can be equal at all: where neither
    /// starts with the other, they cannot.
    pub(super) const fn overlaps(&self, other: &Self) -> bool {
        let mut index = 0;
        while index < self.len && index < other.len {
            if self.bytes[index] != other.bytes[index] {
                return false;
            }
            index += 1;
        }
        true
    }
}
