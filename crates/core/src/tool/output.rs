//! What a tool may return.

use schemars::JsonSchema;
use schemars::generate::SchemaGenerator;
use serde::Serialize;

use super::{Audio, Image, Json, ToolDescription, ToolResult};
use crate::protocol::{Content, EmbeddedResource, Resource, ResourceContents};
use crate::{Error, Result};

/// Serialisable data, as the `K` of [`ToolOutput`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Data {}

/// Types of this library, as the `K` of [`ToolOutput`].
#[doc(hidden)]
#[derive(Debug)]
pub enum Direct {}

/// A type a tool may return, alone or in a `Result`.
///
/// - Texts become a text block.
/// - Numbers, `bool`, lists, maps and own types with [`serde::Serialize`] and
///   [`schemars::JsonSchema`] become structured content, with an output schema and a text mirror.
/// - `()` and `None` become a result without content.
/// - [`Image`], [`Audio`], [`Content`], resources and lists of content become content blocks.
/// - [`ToolResult`] is returned as it is.
///
/// `K` is inferred; it keeps the two families apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "a tool cannot return this",
    note = "derive `ToolOutput` for it to return it as structured content",
    note = "or return a `String`, `Content`, `Vec<Content>`, `Image`, `Audio`, `ToolResult`, or a \
            `Result` of one of these"
)]
pub trait ToolOutput<K>: Sized {
    /// Says what the tool returns.
    #[doc(hidden)]
    fn describe(tool: &mut ToolDescription);

    /// The result.
    ///
    /// # Errors
    /// When the value cannot be serialised as JSON.
    fn into_result(self) -> Result<ToolResult>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + JsonSchema> ToolOutput<Data> for T {
    fn describe(tool: &mut ToolDescription) {
        tool.output(SchemaGenerator::subschema_for::<T>, false);
    }

    fn into_result(self) -> Result<ToolResult> {
        serde_json::to_string(&self)
            .map(ToolResult::from_json)
            .map_err(Error::internal)
    }
}

impl<T: Serialize + JsonSchema> ToolOutput<Direct> for Json<T> {
    fn describe(tool: &mut ToolDescription) {
        tool.output(SchemaGenerator::subschema_for::<T>, true);
    }

    fn into_result(self) -> Result<ToolResult> {
        ToolResult::structured(&self.0)
    }
}

impl ToolOutput<Direct> for ToolResult {
    fn describe(_: &mut ToolDescription) {}

    fn into_result(self) -> Result<ToolResult> {
        Ok(self)
    }
}

macro_rules! blocks {
    ($($ty:ty)*) => {
        $(
            #[diagnostic::do_not_recommend]
            impl ToolOutput<Direct> for $ty {
                fn describe(_: &mut ToolDescription) {}

                fn into_result(self) -> Result<ToolResult> {
                    Ok(Content::from(self).into())
                }
            }

            #[diagnostic::do_not_recommend]
            impl ToolOutput<Direct> for Option<$ty> {
                fn describe(_: &mut ToolDescription) {}

                fn into_result(self) -> Result<ToolResult> {
                    Ok(self.map(Content::from).into_iter().collect())
                }
            }

            #[diagnostic::do_not_recommend]
            impl ToolOutput<Direct> for Vec<$ty> {
                fn describe(_: &mut ToolDescription) {}

                fn into_result(self) -> Result<ToolResult> {
                    Ok(self.into_iter().map(Content::from).collect())
                }
            }
        )*
    };
}

blocks!(Content Image Audio EmbeddedResource ResourceContents Resource);
