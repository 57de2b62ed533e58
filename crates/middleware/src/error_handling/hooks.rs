//! What happens around a request.

use purlin_core::{
    BoxFuture, Context, Error, ErrorKind, Result,
    measure::Samples,
    middleware::{AnyRequest, AnyResponse, Hooks, Middleware, Next},
};

use super::{CorrelationId, ErrorHandling, Failed, answer::explained};
use crate::line;

/// How much of a cause is logged, in characters.
const MAX_CAUSE: usize = 1_000;

impl Middleware for ErrorHandling {
    fn hooks(&self) -> Hooks {
        Hooks::REQUEST
    }

    /// By kind alone: methods are what clients make up.
    fn measure(&self, samples: &mut Samples) {
        for (key, count) in self.statistics() {
            let kind = key.split(':').next().unwrap_or_default();
            let help = "Requests that failed, by the kind of their error";
            samples.counter("mcp_errors_total", help, &[("kind", kind)], count);
        }
    }

    fn on_request<'a>(
        &'a self,
        request: AnyRequest<'a>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<AnyResponse>> {
        Box::pin(async move {
            let cx = request.context();
            // The target is worked out of the request only when something fails.
            let kept = request.clone();
            match next.run(request).await {
                Ok(response) => {
                    self.note(cx, &response);
                    Ok(response)
                }
                Err(error) if error.kind() == ErrorKind::InputRequired => Err(error),
                Err(error) => Err(self.handle(cx, kept.target(), error)),
            }
        })
    }
}

impl ErrorHandling {
    /// Counts tools that say they failed. Their answer is theirs.
    fn note(&self, cx: &Context, response: &AnyResponse) {
        if matches!(response, AnyResponse::Tool(result) if result.is_error()) {
            self.counters.count(ErrorKind::Tool, cx.method());
        }
    }

    fn handle(&self, cx: &Context, target: Option<&str>, error: Error) -> Error {
        let error = match &self.transform {
            Some(transform) => transform(error),
            None => error,
        };
        self.counters.count(error.kind(), cx.method());
        let has_id = |data: &serde_json::Value| data.get(Error::CORRELATION_ID).is_some();
        if error.data().is_some_and(has_id) {
            return error;
        }
        let id = CorrelationId::new();
        tracing::Span::current().record("correlation_id", id.as_str());
        log(cx, target, &error, &id);
        if let Some(callback) = &self.callback {
            callback(&Failed {
                context: cx,
                method: cx.method(),
                target,
                error: &error,
                correlation_id: &id,
            });
        }
        let masked = self.mask.unwrap_or_else(|| cx.masks_errors());
        explained(error, &id, masked)
    }
}

/// Writes one line: what is ours as an error, what a client did wrong at DEBUG.
fn log(cx: &Context, target: Option<&str>, error: &Error, id: &CorrelationId) {
    let method = escaped(cx.method(), line::MAX_TEXT);
    let target = line::without_query(target.unwrap_or_default());
    let target = escaped(target, line::MAX_TEXT);
    let cause = escaped(&cause(error), MAX_CAUSE);
    let kind = error.kind();
    macro_rules! write {
        ($level:ident) => {
            tracing::$level!(
                target: "purlin::errors",
                correlation_id = id.as_str(), %method, %target, ?kind, error = %cause,
                "a request failed"
            )
        };
    }
    match kind {
        ErrorKind::UnknownTool
        | ErrorKind::UnknownPrompt
        | ErrorKind::UnknownResource
        | ErrorKind::UnknownMethod
        | ErrorKind::InvalidParams
        | ErrorKind::InvalidArguments
        | ErrorKind::Protocol
        | ErrorKind::Cancelled => write!(debug),
        kind if kind.is_internal() => write!(error),
        _ => write!(warn),
    }
}

/// The text and all causes.
fn cause(error: &Error) -> String {
    let mut text = error.public_text(false).into_owned();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

fn escaped(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    line::escape_into(&mut out, line::cut(text, limit).0);
    out
}
