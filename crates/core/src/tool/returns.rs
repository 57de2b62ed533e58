//! Whether a handler can fail, decided by trait on what it returns.
//!
//! Works as [`Kind`](super::Kind) does for parameters: `(&&Returns::<R>::NEW).tag()` finds
//! [`Fallible`] for every `Result`, also behind an alias, and [`Infallible`] for all others.

use std::marker::PhantomData;

use super::{DeclaredOutput, OpenOutput, ToolDescription, ToolOutput, ToolResult};
use crate::Result;
use crate::error::IntoToolError;

/// What a handler returns.
#[doc(hidden)]
#[derive(Debug)]
pub struct Returns<R>(PhantomData<fn() -> R>);

impl<R> Returns<R> {
    /// The one value.
    pub const NEW: Self = Self(PhantomData);
}

/// Handlers that return a `Result`.
#[doc(hidden)]
pub trait FallibleKind {
    /// The tag that says so.
    type Tag;
    /// The tag.
    fn tag(&self) -> Self::Tag;
}

impl<T, E> FallibleKind for &Returns<Result<T, E>> {
    type Tag = Fallible<T, E>;
    fn tag(&self) -> Fallible<T, E> {
        Fallible(PhantomData)
    }
}

/// Handlers that return anything else.
#[doc(hidden)]
pub trait InfallibleKind {
    /// The tag that says so.
    type Tag;
    /// The tag.
    fn tag(&self) -> Self::Tag;
}

impl<T> InfallibleKind for Returns<T> {
    type Tag = Infallible<T>;
    fn tag(&self) -> Infallible<T> {
        Infallible(PhantomData)
    }
}

/// A handler that returns `Result<T, E>`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Fallible<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E> Fallible<T, E> {
    /// The one value.
    pub(super) const NEW: Self = Self(PhantomData);

    /// Asks whether a tool can return it. Every expansion asks this first, in
    /// the same words, so that a type that does not fit is one error.
    #[must_use]
    pub fn output<K>(self) -> Self
    where
        T: ToolOutput<K>,
        E: IntoToolError,
    {
        self
    }

    /// Describes what a tool returns.
    pub fn describe<K>(self, tool: &mut ToolDescription)
    where
        T: ToolOutput<K>,
        E: IntoToolError,
    {
        T::describe(tool);
    }

    /// Describes what the author says it returns.
    pub fn declare<O: DeclaredOutput>(self, tool: &mut ToolDescription)
    where
        T: OpenOutput,
    {
        O::declare(tool);
    }

    /// The result of a tool.
    pub fn respond<K>(self, value: Result<T, E>) -> Result<ToolResult>
    where
        T: ToolOutput<K>,
        E: IntoToolError,
    {
        value.map_err(E::into_tool_error)?.into_result()
    }
}

/// A handler that returns `T`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Infallible<T>(PhantomData<fn() -> T>);

impl<T> Infallible<T> {
    /// Asks whether a tool can return it.
    #[must_use]
    pub fn output<K>(self) -> Self
    where
        T: ToolOutput<K>,
    {
        self
    }

    /// Describes what a tool returns.
    pub fn describe<K>(self, tool: &mut ToolDescription)
    where
        T: ToolOutput<K>,
    {
        T::describe(tool);
    }

    /// Describes what the author says it returns.
    pub fn declare<O: DeclaredOutput>(self, tool: &mut ToolDescription)
    where
        T: OpenOutput,
    {
        O::declare(tool);
    }

    /// The result of a tool.
    pub fn respond<K>(self, value: T) -> Result<ToolResult>
    where
        T: ToolOutput<K>,
    {
        value.into_result()
    }
}
