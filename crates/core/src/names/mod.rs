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

mod message;
mod prefix;
mod table;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use message::Message;
use prefix::{Kind, Prefix};
use tree::Tree;

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
    /// The names of its further blocks.
    pub parts: &'static [&'static Names],
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

impl Names {
    /// No names; the rest of a constant.
    pub const NONE: Self = Self {
        server: "",
        tools: &[],
        prompts: &[],
        resources: &[],
        parts: &[],
        mounts: &[],
        max_tools: None,
    };

    /// Compares the blocks of the server, and counts its tools.
    ///
    /// # Panics
    /// When two components have one name, when a name is too long, or when
    /// there are more tools than allowed. In a constant that is a compile
    /// error, at the caller.
    #[track_caller]
    pub const fn check(&'static self) {
        let mut child = 0;
        while child < self.blocks() {
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
                self.check_child(self.blocks() + mount);
            }
            mount += 1;
        }
    }

    #[track_caller]
    const fn check_child(&'static self, index: usize) {
        let mut kind = 0;
        while kind < Kind::ALL.len() {
            let (tree, prefix) = self.child(index, Kind::ALL[kind]);
            tree.check_alone(Kind::ALL[kind], &prefix, index >= self.blocks());
            let mut earlier = 0;
            while earlier < index {
                let (other, other_prefix) = self.child(earlier, Kind::ALL[kind]);
                other.against_tree(Kind::ALL[kind], &other_prefix, tree, &prefix);
                earlier += 1;
            }
            kind += 1;
        }
    }

    /// The server's own block and its parts, which come before its mounts.
    const fn blocks(&self) -> usize {
        1 + self.parts.len()
    }

    /// Its blocks and its mounts.
    const fn children(&self) -> usize {
        self.blocks() + self.mounts.len()
    }

    const fn child(&'static self, index: usize, kind: Kind) -> (Tree, Prefix) {
        if index == 0 {
            return (Tree::Own(self), Prefix::NONE);
        }
        if index < self.blocks() {
            return (Tree::Whole(self.parts[index - 1]), Prefix::NONE);
        }
        let mount = &self.mounts[index - self.blocks()];
        let prefix = Prefix::NONE.and(mount.prefix, kind);
        (Tree::Whole(mount.names), prefix)
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
        let mut index = 0;
        while index < self.parts.len() {
            count += self.parts[index].count();
            index += 1;
        }
        index = 0;
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
