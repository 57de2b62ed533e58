//! Functions that stand outside of any server.

use super::{Part, Server};
use crate::{Result, names::Names, registry::Change};

/// A function under `#[mcp_tool]`, `#[mcp_resource]`, `#[mcp_prompt]` or
/// `#[mcp_completion]` that stands outside of any server.
///
/// The attribute leaves the function as it is, and puts a type of the same name
/// beside it. [`Server::function`] and [`Server::add_function`] take the type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function for a server",
    label = "not a function for a server",
    note = "put `#[mcp_tool]`, `#[mcp_resource]`, `#[mcp_prompt]` or `#[mcp_completion]` \
            on a function, and name that"
)]
pub trait Function: 'static {
    /// Its one name.
    #[doc(hidden)]
    const __NAMES: &'static Names;

    /// Adds it.
    #[doc(hidden)]
    fn __assemble(part: &mut Part<()>);
}

impl Server {
    /// Adds an annotated function, for putting a server together in one
    /// expression. Names that collide are reported by [`start`](Self::start).
    ///
    /// ```
    /// # use purlin_core as purlin;
    /// use purlin::Server;
    /// use purlin_macros::mcp_tool;
    ///
    /// /// Adds two numbers.
    /// #[mcp_tool(crate = purlin)]
    /// pub fn add(a: i64, b: i64) -> i64 {
    ///     a + b
    /// }
    ///
    /// let server = Server::builder("calc", "1.0.0").function::<add>();
    /// assert_eq!(add(1, 2), 3);
    /// ```
    #[must_use]
    pub fn function<F: Function>(self) -> Self {
        let more = Part::of_function::<F>();
        self.edit(|source| source.extend(more), &Change::LISTS);
        self
    }

    /// Adds an annotated function while the server runs. Clients are told.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when its
    /// name is taken.
    pub fn add_function<F: Function>(&self) -> Result<()> {
        let more = Part::of_function::<F>();
        for tool in &more.tools {
            self.check_free(&**tool)?;
        }
        for resource in &more.resources {
            self.check_free(&**resource)?;
        }
        for prompt in &more.prompts {
            self.check_free(&**prompt)?;
        }
        self.edit(|source| source.extend(more), &Change::LISTS);
        Ok(())
    }
}
