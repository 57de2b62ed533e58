//! What files there are.

use std::time::{SystemTime, UNIX_EPOCH};

use purlin_core::{Context, ToolError};
use purlin_macros::{ToolOutput, mcp_server, mcp_tool};

use super::Files;
use crate::files::{Entry, Kind, Stat};

/// What is known of a file or a directory.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Item {
    /// Its name, or the path that was asked for.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its size in bytes; 0 if it is no file.
    pub size: u64,
    /// When its contents changed, in seconds since 1970 in UTC.
    pub modified: Option<u64>,
}

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core, rename_all = "snake_case")]
#[non_exhaustive]
pub enum ItemKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A link.
    Link,
    /// Something that is never opened.
    Other,
}

/// What is in a directory, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Listed {
    /// The first of them, as many as were asked for.
    pub entries: Vec<Item>,
    /// What to give as `after` for the next ones, if there are any.
    pub next: Option<String>,
    /// Whether there is more that cannot be listed, because the directory has too much in it.
    pub more: bool,
}

/// What matches a pattern, sorted by path.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Matches {
    /// The first of the paths, as many as were asked for.
    pub paths: Vec<String>,
    /// Whether there may be more: a narrower pattern, or a higher limit, shows them.
    pub more: bool,
}

#[mcp_server(crate = purlin_core, part = looking)]
impl Files {
    /// Lists what is in a directory.
    ///
    /// # Errors
    /// When there is no such directory.
    #[mcp_tool(read_only, idempotent, open_world = false)]
    pub async fn list(
        &self,
        /// The path of the directory; `.` is the one that all others are in.
        #[arg(default = ".", min_length = 1, max_length = 4095)]
        path: &str,
        /// The name after which to go on.
        #[arg(max_length = 255)]
        after: Option<String>,
        /// How many to return at most.
        #[arg(default = 500, range = 1..=10_000)]
        limit: usize,
        cx: &Context,
    ) -> Result<Listed, ToolError> {
        let listing = async { self.of(cx).await?.list(path).await };
        let mut listing = listing.await.map_err(ToolError::described)?;
        if let Some(after) = after {
            listing.entries.retain(|entry| entry.name > after);
        }
        let is_cut = listing.entries.len() > limit;
        listing.entries.truncate(limit);
        let last = listing.entries.last().map(|entry| entry.name.clone());
        Ok(Listed {
            entries: listing.entries.into_iter().map(Item::from).collect(),
            next: last.filter(|_| is_cut),
            more: listing.more,
        })
    }

    /// Finds files and directories by their paths.
    ///
    /// # Errors
    /// When the pattern is none.
    #[mcp_tool(read_only, idempotent, open_world = false)]
    pub async fn find(
        &self,
        /// What the paths look like, for example `notes/**/*.md` or `*.{csv,json}`: `*` stands for
        /// any text within a name, `**` for any number of directories.
        #[arg(min_length = 1, max_length = 4095)]
        pattern: &str,
        /// How many to return at most.
        #[arg(default = 500, range = 1..=10_000)]
        limit: usize,
        cx: &Context,
    ) -> Result<Matches, ToolError> {
        let found = async { self.of(cx).await?.glob(pattern).await };
        let mut found = found.await.map_err(ToolError::described)?;
        let more = found.more || found.paths.len() > limit;
        found.paths.truncate(limit);
        Ok(Matches {
            paths: found.paths,
            more,
        })
    }

    /// Says what is at a path.
    ///
    /// # Errors
    /// When there is nothing.
    #[mcp_tool(read_only, idempotent, open_world = false)]
    pub async fn stat(
        &self,
        /// The path, for example `notes/today.md`.
        #[arg(min_length = 1, max_length = 4095)]
        path: String,
        cx: &Context,
    ) -> Result<Item, ToolError> {
        let stat = async { self.of(cx).await?.stat(&path).await };
        let stat = stat.await.map_err(ToolError::described)?;
        Ok(Item::new(path, &stat))
    }
}

impl Item {
    fn new(name: String, stat: &Stat) -> Self {
        Self {
            name,
            kind: match stat.kind {
                Kind::File => ItemKind::File,
                Kind::Directory => ItemKind::Directory,
                Kind::Link => ItemKind::Link,
                Kind::Other => ItemKind::Other,
            },
            size: stat.size,
            modified: stat.modified.and_then(seconds),
        }
    }
}

impl From<Entry> for Item {
    fn from(entry: Entry) -> Self {
        Self::new(entry.name, &entry.stat)
    }
}

/// Nothing for what changed before 1970.
fn seconds(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}
