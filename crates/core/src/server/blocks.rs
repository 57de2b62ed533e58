//! How the blocks of one server find each other while the user's crate compiles.
//!
//! An attribute sees the one item it stands on. Where a server is made of
//! several, each leaves something behind that the others ask for by trait: the
//! block that names the server says which parts and functions it lists
//! ([`ListsPart`], [`ListsFunction`]), and a part says that it is there
//! ([`HasPart`]). A name becomes a number for that, [`name_id`] in the macros.

use std::marker::PhantomData;

use super::{McpServer, Part};
use crate::names::Names;

/// A server with a block under `#[mcp_server(part = name)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no part of this name",
    label = "there is no such part",
    note = "write `#[mcp_server(part = …)]` with this name on another `impl` block of `{Self}`, \
            or take the name off the list"
)]
pub trait HasPart<const ID: u64>: Sized {
    /// The names in the block.
    const NAMES: &'static Names;

    /// Adds what is in the block.
    fn assemble(part: &mut Part<Self>);
}

/// A server whose attribute lists a part, `parts(name)`.
#[diagnostic::on_unimplemented(
    message = "the attribute that names the server `{Self}` does not list this part",
    label = "not in the list of parts",
    note = "add the name there: `#[mcp_server(parts(…))]`"
)]
pub trait ListsPart<const ID: u64> {}

/// Asks for the list.
pub const fn listed_part<S: ListsPart<ID>, const ID: u64>() {}

/// A server whose attribute lists a function, `also(name)`.
#[diagnostic::on_unimplemented(
    message = "this belongs to a server: put `#[mcp_server]` on the `impl` block around it",
    label = "no server has it",
    note = "where a macro wrote the function, the attribute cannot see it: \
            name it, `#[mcp_server(also(…))]`"
)]
pub trait ListsFunction<const ID: u64> {}

/// Asks for the list.
pub const fn listed_function<S: ListsFunction<ID>, const ID: u64>() {}

/// Refuses a list that names what is not there.
///
/// # Panics
/// With `message`, when `names` is nothing; in a constant that is a compile
/// error.
#[track_caller]
pub const fn is_there(names: Option<&'static Names>, message: &str) {
    if names.is_none() {
        panic!("{}", message);
    }
}

/// The names of what may not be there; that it is not is said elsewhere.
pub const fn names_of(names: Option<&'static Names>) -> &'static Names {
    match names {
        Some(names) => names,
        None => &Names::NONE,
    }
}

/// The block under `#[mcp_server(part)]` of a type that has none. What the
/// attribute writes is inherent and takes precedence.
pub trait NoPart: Sized {
    /// No names.
    const __PURLIN_PART: &'static Names = &Names::NONE;

    /// Adds nothing.
    fn __purlin_part(_: &mut Part<Self>) {}
}

impl<S> NoPart for S {}

/// The names of a type, asked for without knowing whether it is a server.
#[derive(Debug)]
pub struct NamesOf<S>(PhantomData<fn() -> S>);

impl<S: McpServer> NamesOf<S> {
    /// What is known of the server's names while compiling. Where `S` is no
    /// server, the constant of [`NoNames`] is found in its place.
    pub const NAMES: &'static Names = S::__NAMES;
}

/// The names of a type that is no server; that it is none is said elsewhere.
pub trait NoNames {
    /// No names.
    const NAMES: &'static Names = &Names::NONE;
}

impl<S> NoNames for NamesOf<S> {}
