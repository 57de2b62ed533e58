//! What a handler parameter may be besides an argument.

use crate::Result;
use crate::context::Context;

/// A type that a handler gets from the request, not from the client.
///
/// A parameter of such a type never shows in a schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not come from the request",
    label = "cannot be injected",
    note = "implement `FromContext` for it"
)]
pub trait FromContext: Sized + Send {
    /// Gets the value.
    ///
    /// # Errors
    /// When the request has none; the handler is then not called.
    fn from_context(cx: &Context) -> impl Future<Output = Result<Self>> + Send;
}

impl FromContext for Context {
    async fn from_context(cx: &Context) -> Result<Self> {
        Ok(cx.clone())
    }
}
