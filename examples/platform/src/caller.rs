//! Who is asking: found out once by a middleware, used by any tool.

use purlin::{
    TransportKind,
    middleware::{AnyRequest, AnyResponse},
    prelude::*,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The program that made a request, as far as it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Caller {
    /// The name the client gave, or `unknown`.
    pub client: String,
    /// Whether it runs on this machine.
    pub local: bool,
}

impl Caller {
    fn of(cx: &Context) -> Self {
        Self {
            client: cx
                .client_info()
                .map_or_else(|| "unknown".to_owned(), |info| info.name),
            local: cx.transport() != TransportKind::Http,
        }
    }
}

/// Leaves the [`Caller`] in the request, for `State<Caller>`.
#[middleware]
pub async fn identify(request: AnyRequest<'_>, next: Next<'_>) -> Result<AnyResponse> {
    let cx = request.context();
    cx.state().insert(Caller::of(cx));
    next.run(request).await
}
