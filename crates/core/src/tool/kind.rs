//! Whether a parameter is an argument or injected, decided by trait on its concrete type.
//!
//! `(&&Kind::<T>::NEW).param()` finds, by the order in which methods are looked up, first
//! [`InjectedKind`] for types with [`FromContext`], then [`ArgumentKind`] for types that can show
//! a default, then [`ArgumentKind`] for all others. The tags have inherent methods with bounds, so
//! that a type that fits nothing gives one error, in our words.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use serde::Serialize;

use super::{ToolArg, ToolDescription, ToolInput};
use crate::context::Context;
use crate::extract::FromContext;
use crate::schema::raw::respell_integers;
use crate::{Error, Result};

/// The type of a parameter.
#[doc(hidden)]
#[derive(Debug)]
pub struct Kind<T>(PhantomData<fn() -> T>);

impl<T> Kind<T> {
    /// The one value.
    pub const NEW: Self = Self(PhantomData);
}

/// Parameters that come from the request.
#[doc(hidden)]
pub trait InjectedKind {
    /// The tag that says so.
    type Tag;
    /// The tag.
    fn param(&self) -> Self::Tag;
}

impl<T: FromContext> InjectedKind for &Kind<T> {
    type Tag = Injected<T>;
    fn param(&self) -> Injected<T> {
        Injected(PhantomData)
    }
}

/// Parameters that come from the client.
#[doc(hidden)]
pub trait ArgumentKind {
    /// The tag that says so.
    type Tag;
    /// The tag.
    fn param(&self) -> Self::Tag;
}

impl<T: Serialize> ArgumentKind for &&Kind<T> {
    type Tag = Argument<T, Shown>;
    fn param(&self) -> Argument<T, Shown> {
        Argument(PhantomData)
    }
}

impl<T> ArgumentKind for Kind<T> {
    type Tag = Argument<T, Hidden>;
    fn param(&self) -> Argument<T, Hidden> {
        Argument(PhantomData)
    }
}

/// A default that can be written into the schema.
#[doc(hidden)]
#[derive(Debug)]
pub enum Shown {}

/// A default that cannot.
#[doc(hidden)]
#[derive(Debug)]
pub enum Hidden {}

/// A parameter that comes from the client.
#[doc(hidden)]
#[derive(Debug)]
pub struct Argument<T, D>(PhantomData<fn() -> (T, D)>);

impl<T, D> Clone for Argument<T, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, D> Copy for Argument<T, D> {}

impl<T, D> Argument<T, D> {
    /// Asks whether a client can send it.
    ///
    /// Every expansion asks this first, in the same words, so that a type that
    /// does not fit is one error however often the type is used.
    #[must_use]
    pub fn argument(self) -> Self
    where
        T: ToolArg,
    {
        self
    }

    /// Describes the argument of a tool.
    pub fn describe(self, tool: &mut ToolDescription, index: usize)
    where
        T: ToolArg,
    {
        tool.argument(index, T::__schema, T::__absent().is_none());
    }

    /// Takes the argument; `None` when it is wrong, which the input notes.
    pub fn take(self, input: &mut ToolInput<'_>, index: usize) -> Option<T>
    where
        T: ToolArg,
    {
        match input.given(index) {
            Some(json) => decode(input, index, json),
            None => T::__absent().or_else(|| {
                input.missing(index);
                None
            }),
        }
    }

    /// Takes the argument, or its default.
    pub fn take_or(self, input: &mut ToolInput<'_>, index: usize, value: fn() -> T) -> Option<T>
    where
        T: ToolArg,
    {
        match input.given(index) {
            Some(json) => decode(input, index, json),
            None => Some(value()),
        }
    }

    /// Hands on what was taken.
    pub fn extract(self, taken: Option<T>, _: &Context) -> Ready<Result<T>> {
        // Whoever finds a mistake rejects the input before it gets here.
        ready(taken.ok_or_else(|| Error::internal("an argument was used although it is wrong")))
    }
}

impl<T: Serialize> Argument<T, Shown> {
    /// Describes an argument with a default, which the schema shows.
    pub fn default(self, tool: &mut ToolDescription, index: usize, value: fn() -> T)
    where
        T: ToolArg,
    {
        tool.argument(index, T::__schema, false);
        tool.default_value(index, serde_json::to_value(value()).ok());
    }
}

impl<T> Argument<T, Hidden> {
    /// Describes an argument with a default.
    pub fn default(self, tool: &mut ToolDescription, index: usize, _: fn() -> T)
    where
        T: ToolArg,
    {
        tool.argument(index, T::__schema, false);
    }
}

pub(super) fn decode<T: ToolArg>(input: &mut ToolInput<'_>, index: usize, json: &str) -> Option<T> {
    let error = match T::__decode(json) {
        Ok(value) => return input.admits(index, json).then_some(value),
        Err(error) => error,
    };
    // `1.0` is an integer in JSON Schema, though not to serde.
    if let Some(respelled) = respell_integers(json)
        && let Ok(value) = T::__decode(&respelled)
    {
        return input.admits(index, json).then_some(value);
    }
    input.refuse(index, json, &error);
    None
}

/// A parameter that comes from the request.
#[doc(hidden)]
#[derive(Debug)]
pub struct Injected<T>(PhantomData<fn() -> T>);

impl<T> Clone for Injected<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Injected<T> {}

impl<T> Injected<T> {
    /// Asks nothing of the client.
    #[must_use]
    pub fn argument(self) -> Self {
        self
    }

    /// Says nothing: the schema never shows it.
    pub fn describe(self, _: &mut ToolDescription, _: usize) {}

    /// Says nothing: what is injected has no default.
    pub fn default(self, _: &mut ToolDescription, _: usize, _: fn() -> T) {}

    /// Takes nothing from the client.
    pub fn take(self, _: &mut ToolInput<'_>, _: usize) -> Option<T> {
        None
    }

    /// Takes nothing from the client.
    pub fn take_or(self, _: &mut ToolInput<'_>, _: usize, _: fn() -> T) -> Option<T> {
        None
    }

    /// Gets the value from the request.
    pub fn extract(self, _: Option<T>, cx: &Context) -> impl Future<Output = Result<T>> + Send
    where
        T: FromContext,
    {
        T::from_context(cx)
    }
}
