//! Tools that work on files.

mod change;
mod edit;
mod look;
mod read;

use std::sync::Arc;

use purlin_core::{Context, Server};
use purlin_macros::mcp_server;

use super::caller;
use crate::Tenant;
use crate::events::GuardMetrics;
use crate::files::{FileError, FileOperations};

pub use change::{Changed, Written};
pub use edit::Edited;
pub use look::{Item, ItemKind, Listed, Matches};
pub use read::Text;

/// The tools that change something.
const CHANGING: [&str; 7] = [
    "append",
    "copy",
    "delete",
    "edit",
    "make_directory",
    "move",
    "write",
];

/// A server that works on the files below a root, through [`FileOperations`].
///
/// | tool | what it does |
/// |---|---|
/// | `read` | the text of a file, piece by piece |
/// | `list`, `find`, `stat` | what there is |
/// | `write`, `append`, `edit` | changes what is in a file |
/// | `move`, `copy`, `delete`, `make_directory` | changes what there is |
///
/// Files are resources as well, of the template `file:///{+path}`: what is no text is read so.
/// Tools are listed with what they do to files, and what was written by others is marked as such.
/// Operations are counted ([`GuardMetrics`]).
///
/// Who shares files with whom has to be said: [`shared`](Self::shared) or
/// [`per_tenant`](Self::per_tenant).
///
/// ```
/// use purlin_core::{McpServer, Server};
/// use purlin_guard::{FileOperations, servers::Files};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// let files = FileOperations::builder(directory.path()).build()?;
/// let server = Server::builder("assistant", "1.0.0");
/// server.mount("notes", &Files::per_tenant(files).into_server())?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Files {
    files: FileOperations,
    sharing: Sharing,
    read_only: bool,
    metrics: GuardMetrics,
}

/// Who works in the same files.
#[derive(Clone, Copy, Debug)]
enum Sharing {
    Everybody,
    Tenants,
}

impl Files {
    /// All callers work in the same files, of whichever tenant they are: for the directory of
    /// one user, or for what everybody may see.
    #[must_use]
    pub fn shared(files: FileOperations) -> Self {
        Self::new(files, Sharing::Everybody)
    }

    /// Each tenant works in files of its own, with a quota of its own, and sees nothing of the
    /// others. Callers without a tenant have some together, which are none of the others';
    /// `Tenants::required` of the shelf of middleware refuses them.
    #[must_use]
    pub fn per_tenant(files: FileOperations) -> Self {
        Self::new(files, Sharing::Tenants)
    }

    fn new(files: FileOperations, sharing: Sharing) -> Self {
        let metrics = GuardMetrics::default();
        Self {
            read_only: files.is_read_only(),
            files: files.telling(metrics.clone()),
            sharing,
            metrics,
        }
    }

    /// Offers only what reads. [`FileOperations`] that only read have that already.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    fn setup(&self, server: Server) -> Server {
        if self.read_only {
            for tool in CHANGING {
                server.remove_tool(tool);
            }
        }
        server.measured(Arc::new(self.metrics.clone()))
    }

    /// The files of a caller.
    ///
    /// # Errors
    /// When there are too many tenants at once, or the file system fails.
    async fn of(&self, cx: &Context) -> Result<FileOperations, FileError> {
        let tenant = caller::tenant(cx);
        match (self.sharing, tenant) {
            (Sharing::Everybody, None) => Ok(self.files.clone()),
            (Sharing::Everybody, Some(tenant)) => Ok(self.files.on_behalf_of(&tenant)),
            (Sharing::Tenants, tenant) => {
                let tenant = tenant.unwrap_or_else(Tenant::none);
                self.files.scoped(&tenant).await
            }
        }
    }
}

#[mcp_server(
    crate = purlin_core,
    name = "files",
    parts(reading, looking, changing, editing, resources),
    setup = Self::setup
)]
impl Files {}
