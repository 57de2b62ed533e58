//! What a handler parameter may be besides an argument.

use std::any::type_name;
use std::ops::Deref;
use std::sync::Arc;

use crate::context::{Amount, Context};
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
/// [`Context::state`]. What came with the request from outside is an
/// [`Extension`].
///
/// ```
/// use purlin_core::State;
///
/// struct Tenant(String);
///
/// async fn orders(tenant: &State<Tenant>) -> String {
///     format!("orders of {}", tenant.0.0)
/// }
/// ```
#[derive(Debug)]
pub struct State<T>(pub Arc<T>);

impl<T: Send + Sync + 'static> FromContext for State<T> {
    async fn from_context(cx: &Context) -> Result<Self> {
        cx.state()
            .get()
            .map(Self)
            .ok_or_else(|| missing::<T>("no middleware has put one into the request"))
    }
}

/// A value that the transport, or a layer around it, put into the request, by
/// its type; see [`Origin::with_extensions`](crate::Origin::with_extensions).
///
/// Such values arrive with the request and do not change while it is served:
/// parts of its HTTP request, the findings of a tower layer. What middleware of
/// the server works out is [`State`].
///
/// ```
/// use purlin_core::Extension;
///
/// struct Region(String);
///
/// async fn greet(region: Extension<Region>) -> String {
///     format!("greetings from {}", region.0.0)
/// }
/// ```
#[derive(Debug)]
pub struct Extension<T>(pub Arc<T>);

impl<T: Send + Sync + 'static> FromContext for Extension<T> {
    async fn from_context(cx: &Context) -> Result<Self> {
        cx.extension()
            .map(Self)
            .ok_or_else(|| missing::<T>("neither transport nor layer has put one into the request"))
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

macro_rules! optional {
    ($($name:ident)*) => {
        $(impl<T: Send + Sync + 'static> FromContext for Option<$name<T>> {
            async fn from_context(cx: &Context) -> Result<Self> {
                Ok($name::from_context(cx).await.ok())
            }
        })*
    };
}

optional!(State Extension Resource);

/// How far the request has come, as a parameter of its own.
///
/// ```
/// use purlin_core::Progress;
///
/// async fn import(rows: Vec<String>, progress: Progress) {
///     for (done, _row) in rows.iter().enumerate() {
///         progress.report(done + 1, rows.len());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Progress(Context);

impl Progress {
    /// Reports `done` out of `total`, in any unit; see [`Context::progress`].
    pub fn report(&self, done: impl Amount, total: impl Amount) {
        self.0.progress(done, total);
    }

    /// Reports `done` out of `total` with a sentence about it.
    pub fn report_with(&self, done: impl Amount, total: impl Amount, message: &str) {
        self.0.progress_with(done, total, message);
    }

    /// Reports progress where the end is not known.
    pub fn report_open(&self, done: impl Amount, message: Option<&str>) {
        self.0.progress_open(done, message);
    }

    /// Whether the client asked for progress. Reports are dropped otherwise.
    pub fn is_wanted(&self) -> bool {
        self.0.wants_progress()
    }
}

impl FromContext for Progress {
    async fn from_context(cx: &Context) -> Result<Self> {
        Ok(Self(cx.clone()))
    }
}

/// Whether the request is still wanted, as a parameter of its own.
///
/// Asynchronous handlers need none: they are dropped when their request is cancelled. It is for
/// blocking code and for work that goes on elsewhere.
///
/// ```
/// use purlin_core::Cancel;
///
/// fn count(cancel: Cancel) -> Option<u64> {
///     (0..1_000_000).find(|_| cancel.is_cancelled())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Cancel(Context);

impl Cancel {
    /// Whether the request was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the request is cancelled.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }
}

impl FromContext for Cancel {
    async fn from_context(cx: &Context) -> Result<Self> {
        Ok(Self(cx.clone()))
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

transparent!(State Extension Resource);

fn missing<T>(why: &str) -> Error {
    Error::internal(format!(
        "a handler wants a `{}`, but {why}",
        type_name::<T>()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn values_are_found_by_type() {
        let cx = Context::for_tests();
        assert!(State::<u8>::from_context(&cx).await.is_err());
        assert!(
            Option::<State<u8>>::from_context(&cx)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            Option::<Resource<u8>>::from_context(&cx)
                .await
                .unwrap()
                .is_none()
        );
        cx.state().insert(7_u8);
        assert_eq!(*State::<u8>::from_context(&cx).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn progress_and_cancellation_are_those_of_the_request() {
        let cx = Context::for_tests();
        assert!(!Progress::from_context(&cx).await.unwrap().is_wanted());
        let cancel = Cancel::from_context(&cx).await.unwrap();
        assert!(!cancel.is_cancelled());
        cx.request().cancel.set();
        cancel.cancelled().await;
        assert!(cancel.is_cancelled());
    }
}
