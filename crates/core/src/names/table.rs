//! One sorted table, and names compared with their prefixes in them.

use super::Names;
use super::message::Message;
use super::prefix::{Kind, Prefix};

/// How long the name of a tool or prompt may be with its prefixes (SEP-986).
const MAX_NAME: usize = 64;

/// The sorted names of one block behind their prefix.
pub(super) struct Table<'a> {
    server: &'static str,
    names: &'static [&'static str],
    pub(super) prefix: &'a Prefix,
    kind: Kind,
}

impl<'a> Table<'a> {
    pub(super) const fn new(names: &'static Names, kind: Kind, prefix: &'a Prefix) -> Self {
        Self {
            server: names.server,
            names: names.of(kind),
            prefix,
            kind,
        }
    }

    /// Names that follow each other are not equal, and none is too long.
    #[track_caller]
    pub(super) const fn check(&self, kind: Kind, mounted: bool) {
        let mut index = 0;
        while index < self.names.len() {
            let name = self.name(index);
            if !matches!(kind, Kind::Resource) && name.len() > MAX_NAME {
                Message::new()
                    .text("the name `")
                    .name(&name)
                    .text("` has ")
                    .number(name.len())
                    .text(" characters, and clients take at most 64: shorten a prefix or the name")
                    .panic();
            }
            // Inside a mount this was found before, where the names are.
            if !mounted && index > 0 && matches!(self.name(index - 1).compare(&name), Order::Same) {
                self.collide(kind, &name, self.server);
            }
            index += 1;
        }
    }

    #[track_caller]
    pub(super) const fn merge(&self, kind: Kind, other: &Self) {
        let (mut left, mut right) = (0, 0);
        while left < self.names.len() && right < other.names.len() {
            let name = self.name(left);
            match name.compare(&other.name(right)) {
                Order::Before => left += 1,
                Order::After => right += 1,
                Order::Same => self.collide(kind, &name, other.server),
            }
        }
    }

    #[track_caller]
    const fn collide(&self, kind: Kind, name: &Name<'_>, other: &'static str) {
        Message::new()
            .text("two ")
            .text(kind.plural())
            .text(" `")
            .name(name)
            .text("`: one of `")
            .text(self.server)
            .text("`, one of `")
            .text(other)
            .text("`; rename one, or give a mount another `prefix`")
            .panic();
    }

    const fn name(&self, index: usize) -> Name<'a> {
        let name = self.names[index].as_bytes();
        let split = match self.kind {
            Kind::Resource => after_scheme(name),
            Kind::Tool | Kind::Prompt => 0,
        };
        Name {
            name,
            split,
            prefix: self.prefix,
        }
    }
}

/// Where a prefix goes into a URI: behind `scheme://`.
const fn after_scheme(uri: &[u8]) -> usize {
    let mut index = 0;
    while index + 2 < uri.len() {
        if uri[index] == b':' {
            let slashes = uri[index + 1] == b'/' && uri[index + 2] == b'/';
            return if slashes { index + 3 } else { index + 1 };
        }
        index += 1;
    }
    0
}

/// A name with its prefix in it, not put together.
pub(super) struct Name<'a> {
    name: &'static [u8],
    /// Where in the name the prefix goes.
    split: usize,
    prefix: &'a Prefix,
}

enum Order {
    Before,
    Same,
    After,
}

impl Name<'_> {
    pub(super) const fn len(&self) -> usize {
        self.name.len() + self.prefix.len
    }

    pub(super) const fn byte(&self, index: usize) -> u8 {
        if index < self.split {
            self.name[index]
        } else if index < self.split + self.prefix.len {
            self.prefix.bytes[index - self.split]
        } else {
            self.name[index - self.prefix.len]
        }
    }

    /// A constant pays for every call, so the bytes are compared in place where
    /// they stand under each other: behind prefixes of one length, which are
    /// equal, since [`Prefix::overlaps`] has been asked before.
    const fn compare(&self, other: &Self) -> Order {
        let (left, right) = (self.name, other.name);
        let mut index = 0;
        if self.prefix.len == other.prefix.len {
            while index < left.len() && index < right.len() {
                if left[index] != right[index] {
                    return Order::of(left[index] as usize, right[index] as usize);
                }
                index += 1;
            }
        }
        while index < self.len() && index < other.len() {
            let (left, right) = (self.byte(index), other.byte(index));
            if left != right {
                return Order::of(left as usize, right as usize);
            }
            index += 1;
        }
        Order::of(self.len(), other.len())
    }
}

impl Order {
    const fn of(left: usize, right: usize) -> Self {
        if left < right {
            Self::Before
        } else if left > right {
            Self::After
        } else {
            Self::Same
        }
    }
}
