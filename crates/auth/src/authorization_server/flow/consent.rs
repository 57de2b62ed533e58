//! `/consent`: the user's answer.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};

use super::{
    super::{call::Call, page::ErrorPage, server::Inner, storage::Limit},
    authorize::with_cookie,
    csrf,
    refusal::{OAuthError, Refusal, redirect},
    remembered,
    request::AuthorizationRequest,
    ticket,
};
use crate::{
    audit::{AuthEventKind, AuthOutcome},
    identity::{LoginError, LoginErrorKind, LoginRequest},
    random,
};

pub(in super::super) const NO_FORM: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "This page takes the answer to a form alone.",
    "Go back to the application and start again.",
);
const EXPIRED: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "The question has expired: it was asked more than ten minutes ago.",
    "Go back to the application and start again.",
);
pub(in super::super) const DENIED: OAuthError =
    OAuthError::new("access_denied", "the user refused");

impl Inner {
    /// Takes the answer of the consent page.
    pub(in super::super) async fn consent(&self, call: &Call) -> Result<Response<Bytes>, Refusal> {
        self.limit(Limit::Authorization, call.peer).await?;
        let form = call.form().ok_or(NO_FORM)?;
        let csrf = csrf::check(&self.cookies, &self.issuer, call.headers(), &form)?;
        let ticket = form.get("ticket").unwrap_or_default();
        let request = ticket::open(&self.ring, ticket, csrf, self.now()).ok_or(EXPIRED)?;
        let event = |kind, outcome| {
            let event = self.event(kind, outcome, call);
            self.record(&event.with_client(&request.client));
        };
        match form.get("decision") {
            Some("allow") if !form.is_ambiguous() => {
                event(AuthEventKind::Consent, AuthOutcome::Granted);
                let remember = form.get("remember") == Some("yes");
                let cookie = remember.then(|| self.remember(call, &request));
                self.begin(call, request, cookie).await
            }
            Some("deny") => {
                event(AuthEventKind::Denial, AuthOutcome::Refused);
                Err(Refusal::Client(request.back, DENIED))
            }
            _ => Err(NO_FORM.into()),
        }
    }

    fn remember(&self, call: &Call, request: &AuthorizationRequest) -> HeaderValue {
        let (cookies, ring) = (&self.cookies, &self.ring);
        remembered::with(cookies, ring, call.headers(), request, self.now())
    }

    /// Begins the login of a request that the user has allowed, in the browser that did.
    pub(in super::super) async fn begin(
        &self,
        call: &Call,
        request: AuthorizationRequest,
        cookie: Option<HeaderValue>,
    ) -> Result<Response<Bytes>, Refusal> {
        let state = random::text();
        let redirect_uri = self.issuer.url("/callback");
        let login = LoginRequest::new(&state, &redirect_uri).with_scopes(&request.scopes);
        let step = match self.provider.begin(login).await {
            Ok(step) => step,
            Err(error) => return Err(self.login_failed(call, request, &error)),
        };
        let to = match step.redirect_to() {
            Some(to) => to.to_owned(),
            None => format!("{}?state={state}", self.issuer.url("/login")),
        };
        let secrets = step.secrets().cloned();
        let begun = self
            .transactions
            .begin(&self.cookies, &state, request, secrets);
        let browser = begun.await?;
        Ok(with_cookie(
            with_cookie(redirect(&to), Some(browser)),
            cookie,
        ))
    }

    /// What the client is told of a login that nobody came out of.
    pub(in super::super) fn login_failed(
        &self,
        call: &Call,
        request: AuthorizationRequest,
        error: &LoginError,
    ) -> Refusal {
        let cause = std::error::Error::source(error).map(tracing::field::display);
        tracing::warn!(provider = self.provider.name(), %error, cause, "a login failed");
        let (outcome, reason, told) = verdict(error.kind());
        let event = self.event(AuthEventKind::Login, outcome, call);
        self.record(&event.with_client(&request.client).with_reason(reason));
        Refusal::Client(request.back, told)
    }
}

fn verdict(kind: LoginErrorKind) -> (AuthOutcome, &'static str, OAuthError) {
    match kind {
        LoginErrorKind::Denied => {
            let told = OAuthError::new("access_denied", "the identity provider refused the login");
            (AuthOutcome::Refused, "denied", told)
        }
        LoginErrorKind::Untrusted => {
            let text = "the answer of the identity provider cannot be trusted";
            (
                AuthOutcome::Refused,
                "untrusted",
                OAuthError::new("server_error", text),
            )
        }
        LoginErrorKind::Unavailable => {
            let text = "the identity provider does not answer: try again later";
            (
                AuthOutcome::Failed,
                "unavailable",
                OAuthError::new("temporarily_unavailable", text),
            )
        }
        LoginErrorKind::Configuration => {
            let text = "this server is not set up for its identity provider";
            (
                AuthOutcome::Failed,
                "configuration",
                OAuthError::new("server_error", text),
            )
        }
    }
}
