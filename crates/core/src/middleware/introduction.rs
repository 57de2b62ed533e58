//! What hooks take when a client and a server introduce themselves.

use crate::{
    Context,
    protocol::{ClientCapabilities, Implementation, InitializeParams},
};

/// A client asks for a session: `initialize`.
///
/// ```
/// use purlin_core::{
///     BoxFuture, Error, ErrorKind, Result,
///     middleware::{Hooks, Initialize, Middleware, Next},
///     protocol::InitializeResult,
/// };
///
/// /// Turns away releases of a client that are known to be broken.
/// struct NoOldClients;
///
/// impl Middleware for NoOldClients {
///     fn hooks(&self) -> Hooks {
///         Hooks::INITIALIZE
///     }
///
///     fn on_initialize<'a>(
///         &'a self,
///         asked: Initialize<'a>,
///         next: Next<'a>,
///     ) -> BoxFuture<'a, Result<InitializeResult>> {
///         Box::pin(async move {
///             let client = asked.client_info();
///             if client.name == "acme-desk" && client.version.starts_with("0.") {
///                 let problem = "this release of Acme Desk is not supported: update it";
///                 return Err(Error::new(ErrorKind::Forbidden, problem));
///             }
///             let mut result = next.run(asked).await?;
///             result.instructions = Some("Prices are in euros.".to_owned());
///             Ok(result)
///         })
///     }
/// }
/// ```
///
/// The revision of the session is settled before
/// ([`Context::revision`](crate::Context::revision)): another one in the result
/// changes nothing.
#[derive(Debug, Clone)]
pub struct Initialize<'a> {
    pub(crate) cx: &'a Context,
    pub(crate) params: &'a InitializeParams,
}

impl<'a> Initialize<'a> {
    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }

    /// All that the client has said.
    pub fn params(&self) -> &'a InitializeParams {
        self.params
    }

    /// Who the client says it is. Not verified: never let somebody in by it.
    pub fn client_info(&self) -> &'a Implementation {
        &self.params.client_info
    }

    /// What the client says it can do.
    pub fn capabilities(&self) -> &'a ClientCapabilities {
        &self.params.capabilities
    }
}

/// A client asks what the server is and offers: `server/discover`.
///
/// A result that a hook has changed is not shared between callers by caches,
/// unless the hook sets another
/// [`cache_scope`](crate::protocol::DiscoverResult::cache_scope) than that of the
/// server.
#[derive(Debug, Clone)]
pub struct Discover<'a> {
    pub(crate) cx: &'a Context,
}

impl<'a> Discover<'a> {
    /// The request.
    pub fn context(&self) -> &'a Context {
        self.cx
    }
}
