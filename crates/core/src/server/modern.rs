//! Requests of the stateless era, as transports hand them over.

use std::sync::OnceLock;

use super::{Exchange, Server};
use crate::{
    Context,
    access::Verdict,
    context::{Era, Origin},
    protocol::{ErrorCode, ErrorObject, method},
    registry::ToolEntry,
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
        let mut misrouted = None;
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
                    misrouted = self.check_header_params(&message, headers, &origin)?;
                }
                (envelope.revision, envelope.log_level)
            }
        };
        let era = Era::Modern {
            revision,
            log_level,
            capabilities: OnceLock::new(),
        };
        let context = Context::new(self.clone(), message, era, origin);
        if let Some(misrouted) = misrouted {
            context.state().insert(misrouted);
        }
        Ok(Exchange::start(context))
    }

    /// Holds `Mcp-Param-*` against the arguments. The schema is looked up anew
    /// for every call, for tools may change. Whoever may not use the tool learns
    /// nothing of its headers; where policies decide that, they are asked first.
    fn check_header_params(
        &self,
        message: &Inbound,
        headers: &RoutingHeaders<'_>,
        origin: &Origin,
    ) -> Result<Option<Misrouted>, Reply> {
        let Some(name) = message.param("name").and_then(Raw::as_str) else {
            return Ok(None);
        };
        let catalogue = self.catalogue();
        let entry = catalogue.tools.get(&name);
        let Some(entry) = entry.filter(|entry| !entry.headers.is_empty()) else {
            return Ok(None);
        };
        let requirement = &entry.access.requirement;
        if !requirement.admits(origin, &catalogue.tail.permissions) {
            return Ok(None);
        }
        match check_params(message, &entry.headers, headers) {
            Err(reply) if requirement.has_policies() => Ok(Some(Misrouted(reply))),
            checked => checked.map(|()| None),
        }
    }
}

/// The answer to a call whose headers disagree with it, for those who may use the
/// tool: left in the request until its policies were asked.
pub(super) struct Misrouted(Reply);

/// The answer to whoever may use the tool and has sent other headers. All others
/// go on, to be answered as if it had no headers.
pub(super) async fn misrouted(cx: &Context, entry: &ToolEntry) -> Option<Reply> {
    let Misrouted(reply) = &*cx.state().get()?;
    let arguments = cx.message().param("arguments");
    let arguments = arguments.filter(|arguments| arguments.is_object());
    let subject = || entry.asked_with(arguments.map(Raw::get));
    let requirement = &entry.access.requirement;
    let verdict = requirement.judge(cx, subject).await;
    matches!(verdict, Verdict::Granted).then(|| reply.clone())
}
