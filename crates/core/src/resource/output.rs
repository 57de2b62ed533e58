//! What reading a resource may return.

use std::any::Any;

use serde::Serialize;

use super::ResourceResult;
use crate::error::IntoResourceError;
use crate::protocol::ResourceContents;
use crate::tool::{Direct, Fallible, Infallible, Json};
use crate::{Error, ResourceError, Result};

/// Serialisable values, as the `K` of [`ResourceOutput`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Value {}

/// A type that reading a resource may return, alone or in a `Result`.
///
/// - `String` and `&'static str` are text, `Vec<u8>` is a blob.
/// - [`Json`] and own types with [`serde::Serialize`] are JSON text, of the media type
///   `application/json` unless the resource declares another.
/// - [`ResourceContents`], lists of them and [`ResourceResult`] are returned as they are.
/// - `None` means that there is no such resource.
///
/// `K` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the contents of a resource",
    label = "a resource cannot return this",
    note = "derive `ToolOutput` for it, or serde's `Serialize`, to return it as JSON text",
    note = "or return a `String`, `Vec<u8>`, `Json<T>`, `ResourceContents`, `ResourceResult`, or an \
            `Option` or `Result` of one of these"
)]
pub trait ResourceOutput<K>: Sized {
    /// The result.
    ///
    /// # Errors
    /// When there is no such resource, or the value cannot be serialised as JSON.
    fn into_resource(self) -> Result<ResourceResult>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + 'static> ResourceOutput<Value> for T {
    fn into_resource(self) -> Result<ResourceResult> {
        // A few serialisable types mean something else than their JSON.
        let mut value = Some(self);
        let value_any: &mut dyn Any = &mut value;
        if let Some(result) = take(value_any, |text: String| ResourceResult::text(text))
            .or_else(|| take(value_any, |text: &'static str| ResourceResult::text(text)))
            .or_else(|| take(value_any, |bytes: Vec<u8>| ResourceResult::blob(bytes)))
            .or_else(|| {
                take(value_any, |one: ResourceContents| {
                    ResourceResult::new([one])
                })
            })
            .or_else(|| {
                take(value_any, |many: Vec<ResourceContents>| {
                    ResourceResult::new(many)
                })
            })
        {
            return result;
        }
        match value {
            Some(value) => from_json(serde_json::to_string(&value).map_err(Error::internal)?),
            None => Err(not_found()),
        }
    }
}

/// The result of a value that is a `T`, or an `Option` of one.
fn take<T: 'static>(
    value: &mut dyn Any,
    result: impl FnOnce(T) -> ResourceResult,
) -> Option<Result<ResourceResult>> {
    if let Some(value) = value.downcast_mut::<Option<T>>() {
        return value.take().map(|value| Ok(result(value)));
    }
    let value = value.downcast_mut::<Option<Option<T>>>()?.take()?;
    Some(value.map(result).ok_or_else(not_found))
}

fn from_json(json: String) -> Result<ResourceResult> {
    // `None` of any other type.
    if json == "null" {
        Err(not_found())
    } else {
        Ok(ResourceResult::from_json(json))
    }
}

fn not_found() -> Error {
    ResourceError::not_found("there is no such resource").into()
}

impl<T: Serialize> ResourceOutput<Direct> for Json<T> {
    fn into_resource(self) -> Result<ResourceResult> {
        ResourceResult::json(&self.0)
    }
}

impl<T: Serialize> ResourceOutput<Direct> for Option<Json<T>> {
    fn into_resource(self) -> Result<ResourceResult> {
        self.ok_or_else(not_found)?.into_resource()
    }
}

impl ResourceOutput<Direct> for ResourceResult {
    fn into_resource(self) -> Result<ResourceResult> {
        Ok(self)
    }
}

impl ResourceOutput<Direct> for Option<ResourceResult> {
    fn into_resource(self) -> Result<ResourceResult> {
        self.ok_or_else(not_found)
    }
}

impl<T, E> Fallible<T, E> {
    /// The result of a read.
    pub fn respond_resource<K>(self, value: Result<T, E>) -> Result<ResourceResult>
    where
        T: ResourceOutput<K>,
        E: IntoResourceError,
    {
        value.map_err(E::into_resource_error)?.into_resource()
    }
}

impl<T> Infallible<T> {
    /// The result of a read.
    pub fn respond_resource<K>(self, value: T) -> Result<ResourceResult>
    where
        T: ResourceOutput<K>,
    {
        value.into_resource()
    }
}
