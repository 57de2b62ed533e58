//! What a handler parameter may be besides an argument.

use std::any::type_name;
use std::ops::Deref;
use std::sync::Arc;

use crate::context::Context;
use crate::{Error, Result};

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

/// A value that middleware left for this request, by its type; see
/// [`Context::state`].
///
/// ```
/// use purlin_core::State;
///
/// struct Tenant(String);
///
/// async fn orders(State(tenant): State<Tenant>) -> String {
///     format!("orders of {}", tenant.0)
/// }
/// ```
#[derive(Debug)]
pub struct State<T>(pub Arc<T>);

impl<T: Send + Sync + 'static> FromContext for State<T> {
    async fn from_context(cx: &Context) -> Result<Self> {
        cx.extension()
            .map(Self)
            .ok_or_else(|| missing::<T>("no middleware has put one into the request"))
    }
}

/// A value of the lifespan, by its type; see
/// [`Server::lifespan`](crate::Server::lifespan).
#[derive(Debug)]
pub struct Resource<T>(pub Arc<T>);

impl<T: Send + Sync + 'static> FromContext for Resource<T> {
    async fn from_context(cx: &Context) -> Result<Self> {
        cx.resource()
            .map(Self)
            .ok_or_else(|| missing::<T>("the server has no lifespan that opens one"))
    }
}

macro_rules! transparent {
    ($($name:ident)*) => {
        $(
            impl<T> Deref for $name<T> {
                type Target = T;

                fn deref(&self) -> &T {
                    &self.0
                }
            }

            impl<T> Clone for $name<T> {
                fn clone(&self) -> Self {
                    Self(Arc::clone(&self.0))
                }
            }
        )*
    };
}

transparent!(State Resource);

fn missing<T>(why: &str) -> Error {
    Error::internal(format!(
        "a handler wants a `{}`, but {why}",
        type_name::<T>()
    ))
}
