//! Files that are written, moved and deleted.

use purlin_core::{Context, ToolError};
use purlin_macros::{ToolOutput, mcp_server, mcp_tool};

use super::Files;
use crate::files::{FileError, FileOperations};

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Written {
    /// Its path.
    pub path: String,
    /// How many bytes were written.
    pub bytes: usize,
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq, ToolOutput)]
#[arg(crate = purlin_core)]
#[non_exhaustive]
pub struct Changed {
    /// The path at which there is, or was, what was changed.
    pub path: String,
}

#[mcp_server(crate = purlin_core, part = changing)]
impl Files {
    /// Writes a text file, whole.
    ///
    /// # Errors
    /// When there is a file already and it is not to be replaced, or there is no room.
    #[mcp_tool(destructive, idempotent, open_world = false)]
    pub async fn write(
        &self,
        /// The path of the file, for example `notes/today.md`.
        #[arg(min_length = 1, max_length = 4095)]
        path: String,
        /// All of its text.
        #[arg(max_length = 10_485_760)]
        text: String,
        /// Whether a file that is there already is replaced.
        #[arg(default = false)]
        overwrite: bool,
        /// Whether directories on the way to it are made.
        #[arg(default = true)]
        parents: bool,
        cx: &Context,
    ) -> Result<Written, ToolError> {
        let work = async {
            let files = self.of(cx).await?;
            if parents {
                make_parent(&files, &path).await?;
            }
            match overwrite {
                true => files.write(&path, &text).await,
                false => files.create_new(&path, &text).await,
            }
        };
        work.await.map_err(ToolError::described)?;
        let bytes = text.len();
        Ok(Written { path, bytes })
    }

    /// Adds text to the end of a file, and makes it if there is none.
    ///
    /// # Errors
    /// When there is no room.
    #[mcp_tool(destructive = false, idempotent = false, open_world = false)]
    pub async fn append(
        &self,
        /// The path of the file.
        #[arg(min_length = 1, max_length = 4095)]
        path: String,
        /// What is added.
        #[arg(min_length = 1, max_length = 10_485_760)]
        text: String,
        cx: &Context,
    ) -> Result<Written, ToolError> {
        let work = async { self.of(cx).await?.append(&path, &text).await };
        work.await.map_err(ToolError::described)?;
        let bytes = text.len();
        Ok(Written { path, bytes })
    }

    /// Moves a file or a directory to another path, where there is nothing yet. The old path is
    /// gone.
    ///
    /// # Errors
    /// When there is something already.
    #[mcp_tool(name = "move", destructive, idempotent = false, open_world = false)]
    pub async fn rename(
        &self,
        /// The path it has.
        #[arg(min_length = 1, max_length = 4095)]
        from: &str,
        /// The path it gets.
        #[arg(min_length = 1, max_length = 4095)]
        to: String,
        cx: &Context,
    ) -> Result<Changed, ToolError> {
        let work = async { self.of(cx).await?.rename(from, &to).await };
        work.await.map_err(ToolError::described)?;
        Ok(Changed { path: to })
    }

    /// Copies a file to another path, where there is nothing yet.
    ///
    /// # Errors
    /// When there is something already, or no room.
    #[mcp_tool(destructive = false, idempotent = false, open_world = false)]
    pub async fn copy(
        &self,
        /// The path of the file.
        #[arg(min_length = 1, max_length = 4095)]
        from: &str,
        /// The path of the copy.
        #[arg(min_length = 1, max_length = 4095)]
        to: String,
        cx: &Context,
    ) -> Result<Changed, ToolError> {
        let work = async { self.of(cx).await?.copy(from, &to).await };
        work.await.map_err(ToolError::described)?;
        Ok(Changed { path: to })
    }

    /// Deletes a file, a link or a directory. There is no way back.
    ///
    /// # Errors
    /// When there is nothing, or the directory is not empty.
    #[mcp_tool(destructive, idempotent = false, open_world = false)]
    pub async fn delete(
        &self,
        /// The path of what is deleted.
        #[arg(min_length = 1, max_length = 4095)]
        path: String,
        /// Whether a directory is deleted with all that is in it.
        #[arg(default = false)]
        recursive: bool,
        cx: &Context,
    ) -> Result<Changed, ToolError> {
        let work = async {
            let files = self.of(cx).await?;
            match recursive {
                true => files.remove_all(&path).await,
                false => files.remove(&path).await,
            }
        };
        work.await.map_err(ToolError::described)?;
        Ok(Changed { path })
    }

    /// Makes a directory, and those that it is in. One that is there already stays as it is.
    ///
    /// # Errors
    /// When there is something else.
    #[mcp_tool(destructive = false, idempotent, open_world = false)]
    pub async fn make_directory(
        &self,
        /// The path of the directory, for example `notes/2026`.
        #[arg(min_length = 1, max_length = 4095)]
        path: String,
        cx: &Context,
    ) -> Result<Changed, ToolError> {
        let work = async { self.of(cx).await?.create_dir_all(&path).await };
        work.await.map_err(ToolError::described)?;
        Ok(Changed { path })
    }
}

/// Makes the directory that a file is to be in.
async fn make_parent(files: &FileOperations, path: &str) -> Result<(), FileError> {
    match path.rsplit_once('/') {
        Some((parent, _)) if !parent.is_empty() => files.create_dir_all(parent).await,
        _ => Ok(()),
    }
}
