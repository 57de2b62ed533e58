//! Requests of the stateless era, as transports hand them over.

use std::sync::OnceLock;

use super::{Exchange, Server};
use crate::{
    Context,
    context::{Era, Origin},
    protocol::{ErrorCode, ErrorObject, method},
    wire::{Envelope, Inbound, MessageKind, Raw, Reply, Revision, RoutingHeaders, check_params},
};

impl Server {
    /// Takes one message of the stateless era. `headers` are those of its HTTP
    /// request; other transports have none.
    ///
    /// `None` is a notification that needs no service.
    ///
    /// # Errors
    /// The answer to send when the message is refused: its `_meta` is not
    /// whole, its headers disagree with it, its version is not supported.
    pub fn accept_modern(
        &self,
        message: Inbound,
        headers: Option<&RoutingHeaders<'_>>,
        origin: Origin,
    ) -> Result<Option<Exchange>, Reply> {
        let (revision, log_level) = match message.kind() {
            MessageKind::Response => {
                let error = ErrorObject::new(
                    ErrorCode::INVALID_REQUEST,
                    "the server has not asked anything: answers travel in `inputResponses`",
                );
                return Err(Reply::error(None, &error).with_status(400));
            }
            MessageKind::Notification => {
                if message.method() == method::NOTIFICATIONS_CANCELLED
                    && let (Some(link), Some(id)) = (origin.link(), message.param("requestId"))
                {
                    link.cancel(id.get());
                }
                (Revision::LATEST, None)
            }
            MessageKind::Request => {
                let envelope = Envelope::read(&message, headers)?;
                if let Some(headers) = headers
                    && message.method() == method::TOOLS_CALL
                {
                    self.check_header_params(&message, headers, &origin)?;
                }
                (envelope.revision, envelope.log_level)
            }
        };
        let era = Era::Modern {
            revision,
            log_level,
            capabilities: OnceLock::new(),
        };
        Ok(Exchange::start(Context::new(
            self.clone(),
            message,
            era,
            origin,
        )))
    }

    /// Holds `Mcp-Param-*` against the arguments. The schema is looked up anew
    /// for every call, for tools may change. Whoever may not use the tool learns
    /// nothing of its headers.
    fn check_header_params(
        &self,
        message: &Inbound,
        headers: &RoutingHeaders<'_>,
        origin: &Origin,
    ) -> Result<(), Reply> {
        let Some(name) = message.param("name").and_then(Raw::as_str) else {
            return Ok(());
        };
        let catalogue = self.catalogue();
        match catalogue.tools.get(&name) {
            Some(entry)
                if !entry.headers.is_empty()
                    && entry
                        .access
                        .requirement
                        .admits(origin, &catalogue.tail.permissions) =>
            {
                check_params(message, &entry.headers, headers)
            }
            _ => Ok(()),
        }
    }
}
