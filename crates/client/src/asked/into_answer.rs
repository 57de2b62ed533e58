//! What a handler's closure may return.

use std::future::{Future, ready};

use purlin_core::protocol::ErrorObject;

use crate::BoxFuture;

/// The answer to a question of the server: now or later, with or without a way to refuse.
///
/// Implemented for `A`, `Result<A, ErrorObject>`, and futures of both, so that a handler may be a
/// plain closure or an async one. The marker tells the four apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "a handler cannot answer with `{Self}`",
    note = "return `{A}`, `Result<{A}, ErrorObject>`, or a future of one of them"
)]
pub trait IntoAnswer<A, Marker> {
    /// The answer, on its way.
    fn into_answer(self) -> BoxFuture<'static, Result<A, ErrorObject>>;
}

/// Marks an answer that is there at once.
#[derive(Debug)]
pub enum Now {}

/// Marks an answer, or a refusal, that is there at once.
#[derive(Debug)]
pub enum NowOrRefused {}

/// Marks an answer that is awaited.
#[derive(Debug)]
pub enum Later {}

/// Marks an answer, or a refusal, that is awaited.
#[derive(Debug)]
pub enum LaterOrRefused {}

impl<A: Send + 'static> IntoAnswer<A, Now> for A {
    fn into_answer(self) -> BoxFuture<'static, Result<A, ErrorObject>> {
        Box::pin(ready(Ok(self)))
    }
}

impl<A: Send + 'static> IntoAnswer<A, NowOrRefused> for Result<A, ErrorObject> {
    fn into_answer(self) -> BoxFuture<'static, Result<A, ErrorObject>> {
        Box::pin(ready(self))
    }
}

impl<A, F> IntoAnswer<A, Later> for F
where
    F: Future<Output = A> + Send + 'static,
{
    fn into_answer(self) -> BoxFuture<'static, Result<A, ErrorObject>> {
        Box::pin(async move { Ok(self.await) })
    }
}

impl<A, F> IntoAnswer<A, LaterOrRefused> for F
where
    F: Future<Output = Result<A, ErrorObject>> + Send + 'static,
{
    fn into_answer(self) -> BoxFuture<'static, Result<A, ErrorObject>> {
        Box::pin(self)
    }
}
