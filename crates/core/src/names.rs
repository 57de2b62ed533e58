//! Names compared while the user's crate compiles.
//!
//! Every `#[mcp_server]` leaves a table of its names behind, sorted byte by
//! byte. A prefix in front of all names of a table keeps their order, so two
//! tables are compared by one linear merge whatever the prefixes are, and two
//! servers of a thousand tools each stay far below the limit at which the
//! compiler doubts that a constant will ever be known.
//!
//! The result of a comparison is nothing, or a panic in our words, which is the
//! compile error the user sees. What is added at run time is checked by the
//! registry when the server starts.

/// The names of one server, or of one block of it.
#[derive(Debug)]
pub struct Names {
    /// The type, as it is called in a message.
    pub server: &'static str,
    /// Sorted byte by byte.
    pub tools: &'static [&'static str],
    /// Sorted byte by byte.
    pub prompts: &'static [&'static str],
    /// URIs and templates, sorted byte by byte.
    pub resources: &'static [&'static str],
    /// The names of the block under `#[mcp_server(part)]`.
    pub part: Option<&'static Names>,
    /// The servers in its fields.
    pub mounts: &'static [MountedNames],
    /// How many tools the author allows.
    pub max_tools: Option<usize>,
}

/// The names of a server in a field of another.
#[derive(Debug)]
pub struct MountedNames {
    /// The field.
    pub field: &'static str,
    /// What is put in front of the names.
    pub prefix: Option<&'static str>,
    /// The names.
    pub names: &'static Names,
}

/// The names of a type that left no tables behind: a `Server`
/// put together at run time, or a server in an `Arc`. An inherent constant of
/// the same name takes precedence.
pub trait NoNames {
    /// All names of the server.
    const __PURLIN_NAMES: &'static Names = &Names::NONE;
    /// The names of its block under `#[mcp_server(part)]`.
    const __PURLIN_PART: Option<&'static Names> = None;
}

impl<S: ?Sized> NoNames for S {}

/// How long the name of a tool or prompt may be with its prefixes (SEP-986).
const MAX_NAME: usize = 64;

/// How long the prefixes of a name may be together.
const MAX_PREFIX: usize = 256;

impl Names {
    /// No names; the rest of a constant.
    pub const NONE: Self = Self {
        server: "",
        tools: &[],
        prompts: &[],
        resources: &[],
        part: None,
        mounts: &[],
        max_tools: None,
    };

    /// Compares the server's own block with its part, and counts its tools.
    ///
    /// # Panics
    /// When two components have one name, when a name is too long, or when
    /// there are more tools than allowed. In a constant that is a compile
    /// error, at the caller.
    #[track_caller]
    pub const fn check(&'static self) {
        let mut child = 0;
        while child < Self::BLOCKS {
            self.check_child(child);
            child += 1;
        }
        if let Some(max) = self.max_tools
            && self.count() > max
        {
            Message::new()
                .text("`")
                .text(self.server)
                .text("` has ")
                .number(self.count())
                .text(" tools, and its `max_tools` is ")
                .number(max)
                .text(": mount fewer servers, or raise the number")
                .panic();
        }
    }

    /// Compares what is mounted in `field` with all that comes before it.
    ///
    /// What comes together further inside has been compared there.
    ///
    /// # Panics
    /// When two components have one name, or a name is too long. In a constant
    /// that is a compile error, at the caller.
    #[track_caller]
    pub const fn check_mount(&'static self, field: &str) {
        let mut mount = 0;
        while mount < self.mounts.len() {
            if same(self.mounts[mount].field.as_bytes(), field.as_bytes()) {
                self.check_child(Self::BLOCKS + mount);
            }
            mount += 1;
        }
    }

    #[track_caller]
    const fn check_child(&'static self, index: usize) {
        let mut kind = 0;
        while kind < Kind::ALL.len() {
            let (tree, prefix) = self.child(index, Kind::ALL[kind]);
            tree.check_alone(Kind::ALL[kind], &prefix, index >= Self::BLOCKS);
            let mut earlier = 0;
            while earlier < index {
                let (other, other_prefix) = self.child(earlier, Kind::ALL[kind]);
                other.against_tree(Kind::ALL[kind], &other_prefix, tree, &prefix);
                earlier += 1;
            }
            kind += 1;
        }
    }

    /// The server's own block and its part come before its mounts.
    const BLOCKS: usize = 2;

    /// The block itself, its part, and its mounts.
    const fn parts(&self) -> usize {
        Self::BLOCKS + self.mounts.len()
    }

    const fn child(&'static self, index: usize, kind: Kind) -> (Tree, Prefix) {
        match index {
            0 => (Tree::Own(self), Prefix::NONE),
            1 => match self.part {
                Some(part) => (Tree::Own(part), Prefix::NONE),
                None => (Tree::Own(&Self::NONE), Prefix::NONE),
            },
            _ => {
                let mount = &self.mounts[index - Self::BLOCKS];
                (
                    Tree::Whole(mount.names),
                    Prefix::NONE.and(mount.prefix, kind),
                )
            }
        }
    }

    const fn of(&self, kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Tool => self.tools,
            Kind::Prompt => self.prompts,
            Kind::Resource => self.resources,
        }
    }

    const fn count(&self) -> usize {
        let mut count = self.tools.len();
        if let Some(part) = self.part {
            count += part.tools.len();
        }
        let mut index = 0;
        while index < self.mounts.len() {
            count += self.mounts[index].names.count();
            index += 1;
        }
        count
    }
}

impl MountedNames {
    /// No names; the rest of a constant.
    pub const NONE: Self = Self {
        field: "",
        prefix: None,
        names: &Names::NONE,
    };
}

/// What is compared with what.
#[derive(Clone, Copy)]
enum Kind {
    Tool,
    Prompt,
    Resource,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Tool, Self::Prompt, Self::Resource];

    const fn plural(self) -> &'static str {
        match self {
            Self::Tool => "tools are called",
            Self::Prompt => "prompts are called",
            Self::Resource => "resources have the URI",
        }
    }
}

/// A table by itself, or with everything mounted under it.
#[derive(Clone, Copy)]
enum Tree {
    Own(&'static Names),
    Whole(&'static Names),
}

impl Tree {
    /// Calls for every table of the tree: its prefix does not collide with
    /// itself, and no name is too long.
    #[track_caller]
    const fn check_alone(self, kind: Kind, prefix: &Prefix, mounted: bool) {
        match self {
            Self::Own(names) => Table::new(names, kind, prefix).check(kind, mounted),
            Self::Whole(names) => {
                let mut index = 0;
                while index < names.parts() {
                    let (tree, inner) = names.child(index, kind);
                    tree.check_alone(kind, &prefix.join(&inner), mounted);
                    index += 1;
                }
            }
        }
    }

    #[track_caller]
    const fn against_tree(self, kind: Kind, prefix: &Prefix, other: Self, other_prefix: &Prefix) {
        if !prefix.overlaps(other_prefix) {
            return;
        }
        match self {
            Self::Own(names) => {
                let table = Table::new(names, kind, prefix);
                other.against_table(kind, other_prefix, &table);
            }
            Self::Whole(names) => {
                let mut index = 0;
                while index < names.parts() {
                    let (tree, inner) = names.child(index, kind);
                    tree.against_tree(kind, &prefix.join(&inner), other, other_prefix);
                    index += 1;
                }
            }
        }
    }

    #[track_caller]
    const fn against_table(self, kind: Kind, prefix: &Prefix, table: &Table<'_>) {
        if !prefix.overlaps(table.prefix) {
            return;
        }
        match self {
            Self::Own(names) => table.merge(kind, &Table::new(names, kind, prefix)),
            Self::Whole(names) => {
                let mut index = 0;
                while index < names.parts() {
                    let (tree, inner) = names.child(index, kind);
                    tree.against_table(kind, &prefix.join(&inner), table);
                    index += 1;
                }
            }
        }
    }
}

/// The prefixes of a table, joined as they stand in a name.
struct Prefix {
    bytes: [u8; MAX_PREFIX],
    len: usize,
}

impl Prefix {
    const NONE: Self = Self {
        bytes: [0; MAX_PREFIX],
        len: 0,
    };

    /// `weather_` for names, `weather/` for URIs.
    #[track_caller]
    const fn and(mut self, prefix: Option<&str>, kind: Kind) -> Self {
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
    const fn join(&self, inner: &Self) -> Self {
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
    const fn overlaps(&self, other: &Self) -> bool {
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

/// The sorted names of one block behind their prefix.
struct Table<'a> {
    server: &'static str,
    names: &'static [&'static str],
    prefix: &'a Prefix,
    kind: Kind,
}

impl<'a> Table<'a> {
    const fn new(names: &'static Names, kind: Kind, prefix: &'a Prefix) -> Self {
        Self {
            server: names.server,
            names: names.of(kind),
            prefix,
            kind,
        }
    }

    /// Names that follow each other are not equal, and none is too long.
    #[track_caller]
    const fn check(&self, kind: Kind, mounted: bool) {
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
    const fn merge(&self, kind: Kind, other: &Self) {
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

const fn same(left: &[u8], right: &[u8]) -> bool {
    let mut index = 0;
    while index < left.len() && index < right.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    left.len() == right.len()
}

/// A name with its prefix in it, not put together.
struct Name<'a> {
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
    const fn len(&self) -> usize {
        self.name.len() + self.prefix.len
    }

    const fn byte(&self, index: usize) -> u8 {
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

/// A panic message put together without an allocation.
struct Message {
    bytes: [u8; Message::MAX],
    len: usize,
}

impl Message {
    const MAX: usize = 1024;

    const fn new() -> Self {
        Self {
            bytes: [0; Self::MAX],
            len: 0,
        }
    }

    const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut index = 0;
        while index < text.len() {
            self.byte(text[index]);
            index += 1;
        }
        self
    }

    const fn name(mut self, name: &Name<'_>) -> Self {
        let mut index = 0;
        while index < name.len() {
            self.byte(name.byte(index));
            index += 1;
        }
        self
    }

    const fn number(mut self, number: usize) -> Self {
        if number >= 10 {
            self = self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
        self
    }

    const fn byte(&mut self, byte: u8) {
        if self.len < Self::MAX {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
    }

    #[track_caller]
    const fn panic(&self) -> ! {
        let (bytes, _) = self.bytes.split_at(self.len);
        match core::str::from_utf8(bytes) {
            Ok(message) => panic!("{}", message),
            Err(_) => panic!("two components of this server have one name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MountedNames, Names};

    fn refusal(names: &'static Names) -> String {
        let caught = std::panic::catch_unwind(|| {
            names.check();
            for mount in names.mounts {
                names.check_mount(mount.field);
            }
        });
        let message = caught.expect_err("the names collide");
        message
            .downcast::<String>()
            .map_or_else(|_| String::new(), |message| *message)
    }

    const WEATHER: Names = Names {
        server: "Weather",
        tools: &["current", "forecast"],
        resources: &["data://cities", "weather://cities/{country}"],
        ..Names::NONE
    };

    const LEGACY: Names = Names {
        server: "Legacy",
        tools: &["ping", "weather_current"],
        ..Names::NONE
    };

    #[test]
    fn prefixes_keep_servers_apart() {
        const PLATFORM: Names = Names {
            server: "Platform",
            mounts: &[
                MountedNames {
                    field: "a",
                    prefix: Some("a"),
                    names: &WEATHER,
                },
                MountedNames {
                    field: "b",
                    prefix: Some("b"),
                    names: &WEATHER,
                },
                MountedNames {
                    field: "c",
                    prefix: None,
                    names: &WEATHER,
                },
            ],
            ..Names::NONE
        };
        const { PLATFORM.check() };
        const { PLATFORM.check_mount("a") };
        const { PLATFORM.check_mount("b") };
        const { PLATFORM.check_mount("c") };
    }

    #[test]
    fn a_collision_names_both_sides() {
        static PLATFORM: Names = Names {
            server: "Platform",
            mounts: &[
                MountedNames {
                    field: "weather",
                    prefix: Some("weather"),
                    names: &WEATHER,
                },
                MountedNames {
                    field: "legacy",
                    prefix: None,
                    names: &LEGACY,
                },
            ],
            ..Names::NONE
        };
        let message = refusal(&PLATFORM);
        assert_eq!(
            message,
            "two tools are called `weather_current`: one of `Weather`, one of `Legacy`; \
             rename one, or give a mount another `prefix`",
        );
    }

    #[test]
    fn resources_take_the_prefix_behind_the_scheme() {
        const OTHER: Names = Names {
            server: "Other",
            resources: &["data://w/cities"],
            ..Names::NONE
        };
        static PLATFORM: Names = Names {
            server: "Platform",
            mounts: &[
                MountedNames {
                    field: "weather",
                    prefix: Some("w"),
                    names: &WEATHER,
                },
                MountedNames {
                    field: "other",
                    prefix: None,
                    names: &OTHER,
                },
            ],
            ..Names::NONE
        };
        assert!(refusal(&PLATFORM).starts_with("two resources have the URI `data://w/cities`"));
    }

    #[test]
    fn nested_prefixes_stack() {
        const INNER: Names = Names {
            server: "Inner",
            mounts: &[MountedNames {
                field: "w",
                prefix: Some("b"),
                names: &WEATHER,
            }],
            ..Names::NONE
        };
        const CLASH: Names = Names {
            server: "Clash",
            tools: &["a_b_current"],
            ..Names::NONE
        };
        static PLATFORM: Names = Names {
            server: "Platform",
            part: Some(&CLASH),
            mounts: &[MountedNames {
                field: "inner",
                prefix: Some("a"),
                names: &INNER,
            }],
            ..Names::NONE
        };
        assert!(refusal(&PLATFORM).starts_with("two tools are called `a_b_current`"));
    }

    #[test]
    fn names_are_short_with_their_prefixes_too() {
        const LONG: &str = "a_prefix_of_no_fewer_than_sixty_characters_if_you_count_them";
        static PLATFORM: Names = Names {
            server: "Platform",
            mounts: &[MountedNames {
                field: "weather",
                prefix: Some(LONG),
                names: &WEATHER,
            }],
            ..Names::NONE
        };
        assert!(refusal(&PLATFORM).contains("characters, and clients take at most 64"));
    }

    #[test]
    fn tools_are_counted_with_the_mounts() {
        static PLATFORM: Names = Names {
            server: "Platform",
            mounts: &[MountedNames {
                field: "weather",
                prefix: None,
                names: &WEATHER,
            }],
            max_tools: Some(1),
            ..Names::NONE
        };
        assert!(refusal(&PLATFORM).starts_with("`Platform` has 2 tools, and its `max_tools` is 1"));
    }
}
