//! `/token`, `/revoke` and `/register`: what programs ask for.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::{
    super::{
        call::Call,
        clients::{Client, GrantType},
        parameters::Parameters,
        server::Inner,
        storage::Limit,
        tokens::{TokenError, TokenErrorCode, TokenResponse},
    },
    code::{Bound, Redeemed},
    request,
};
use crate::audit::{AuthEventKind, AuthOutcome};

impl Inner {
    /// Gives tokens for a code, a refresh token, or an assertion.
    pub(in super::super) async fn token(&self, call: &Call) -> Response<Bytes> {
        match self.grant(call).await {
            Ok(tokens) => json_answer(StatusCode::OK, &json!(tokens)),
            Err(error) => refused(call, &error),
        }
    }

    /// Takes tokens back (RFC 7009).
    pub(in super::super) async fn revoke(&self, call: &Call) -> Response<Bytes> {
        match self.revoked(call).await {
            Ok(()) => json_answer(StatusCode::OK, &json!({})),
            Err(error) => refused(call, &error),
        }
    }

    /// Registers a client (RFC 7591).
    pub(in super::super) async fn register(&self, call: &Call) -> Response<Bytes> {
        match self.clients.register(&call.body, call.peer).await {
            Ok(registered) => json_answer(StatusCode::CREATED, &registered),
            Err(error) => refused(call, &error),
        }
    }

    async fn grant(&self, call: &Call) -> Result<TokenResponse, TokenError> {
        let form = self.form(call).await?;
        let client = self
            .clients
            .authenticate(call.headers(), &form, call.peer)
            .await?;
        match form.get("grant_type") {
            Some("authorization_code") => self.redeem(call, &client, &form).await,
            Some("refresh_token") => {
                check_resource(&form, &self.resource)?;
                let renewed = self.tokens.refresh(&client, &form, call.peer).await;
                let outcome = outcome(&renewed);
                let event = self.event(AuthEventKind::Refresh, outcome, call);
                self.record(&event.with_client(&client.id));
                renewed
            }
            Some(grant) if grant == GrantType::JwtBearer.as_str() => {
                self.accept_assertion(call, &client, &form).await
            }
            Some(_) => Err(unsupported()),
            None => Err(TokenError::invalid_request("`grant_type` is missing")),
        }
    }

    /// A short-lived token for the word of an identity provider (RFC 7523, section 2.1).
    async fn accept_assertion(
        &self,
        call: &Call,
        client: &Client,
        form: &Parameters,
    ) -> Result<TokenResponse, TokenError> {
        let assertions = self.assertions.as_ref().ok_or_else(unsupported)?;
        let offered = |scope: &str| self.scopes.offers(client, scope);
        let granted = assertions.redeem(client, form, &offered).await;
        let event = self.event(AuthEventKind::Issue, outcome(&granted), call);
        let event = event.with_client(&client.id).with_reason("assertion");
        let granted = granted.inspect_err(|_| self.record(&event))?;
        let event = event.clone().with_subject(&granted.identity.subject);
        let tokens = self.tokens.issue_asserted(granted).await?;
        self.record(&event);
        Ok(tokens)
    }

    async fn revoked(&self, call: &Call) -> Result<(), TokenError> {
        let form = self.form(call).await?;
        let client = self
            .clients
            .authenticate(call.headers(), &form, call.peer)
            .await?;
        self.tokens.revoke(&client, &form).await?;
        let event = self.event(AuthEventKind::Revocation, AuthOutcome::Granted, call);
        self.record(&event.with_client(&client.id));
        Ok(())
    }

    async fn form(&self, call: &Call) -> Result<Parameters, TokenError> {
        let admitted = self.limits.admit(Limit::Token, call.peer).await;
        admitted.map_err(TokenError::slow_down)?;
        let form = call.form().ok_or_else(|| {
            TokenError::invalid_request("send a form: `application/x-www-form-urlencoded`")
        })?;
        if form.is_ambiguous() {
            return Err(TokenError::invalid_request(
                "a parameter is there more than once",
            ));
        }
        Ok(form)
    }

    /// Tokens for a code, which is used up by whoever comes with it, rightly or not.
    async fn redeem(
        &self,
        call: &Call,
        client: &Client,
        form: &Parameters,
    ) -> Result<TokenResponse, TokenError> {
        let code = form.get("code");
        let code = code.ok_or_else(|| TokenError::invalid_request("`code` is missing"))?;
        let issued = |outcome, reason: Option<&'static str>| {
            let event = self
                .event(AuthEventKind::Issue, outcome, call)
                .with_client(&client.id);
            match reason {
                Some(reason) => event.with_reason(reason),
                None => event,
            }
        };
        let bound = match self.codes.redeem(code).await? {
            Redeemed::Now(bound) => bound,
            Redeemed::Before(family) => {
                self.tokens.revoke_family(&family).await?;
                let event = self.event(AuthEventKind::ReuseDetected, AuthOutcome::Refused, call);
                self.record(&event.with_client(&client.id).with_reason("code"));
                return Err(not_valid());
            }
            Redeemed::Unknown => {
                self.record(&issued(AuthOutcome::Refused, Some("unknown_code")));
                return Err(not_valid());
            }
        };
        let subject = bound.grant.identity.subject.clone();
        if let Err(error) = fits(&bound, client, form, &self.resource) {
            self.record(&issued(AuthOutcome::Refused, Some("foreign_code")).with_subject(&subject));
            return Err(error);
        }
        let tokens = self.tokens.issue(bound.grant).await?;
        self.record(&issued(AuthOutcome::Granted, None).with_subject(&subject));
        Ok(tokens)
    }
}

/// Whether a code was given to this client, for what it asks for, and to whoever holds the
/// verifier.
fn fits(
    bound: &Bound,
    client: &Client,
    form: &Parameters,
    resource: &str,
) -> Result<(), TokenError> {
    let verifier = form.get("code_verifier");
    let verifier =
        verifier.ok_or_else(|| TokenError::invalid_request("`code_verifier` is missing"))?;
    check_resource(form, resource)?;
    let fits = bound.grant.client == client.id
        && bound.grant.resource == resource
        && form.get("redirect_uri") == Some(&*bound.redirect_uri)
        && bound.is_verified_by(verifier);
    fits.then_some(()).ok_or_else(not_valid)
}

fn check_resource(form: &Parameters, resource: &str) -> Result<(), TokenError> {
    request::resource(form.get("resource"), resource)
        .map_err(|error| TokenError::new(TokenErrorCode::InvalidTarget, error.description))
}

fn outcome<T>(result: &Result<T, TokenError>) -> AuthOutcome {
    match result {
        Ok(_) => AuthOutcome::Granted,
        Err(error) if error.status().is_server_error() => AuthOutcome::Failed,
        Err(_) => AuthOutcome::Refused,
    }
}

fn unsupported() -> TokenError {
    let text = "this `grant_type` is not one of `grant_types_supported`";
    TokenError::new(TokenErrorCode::UnsupportedGrantType, text)
}

/// One text for every way in which a code can be wrong.
fn not_valid() -> TokenError {
    TokenError::invalid_grant(
        "the code is not valid: it has expired, was used, or was given to somebody else",
    )
}

/// Whoever authenticates with a header is told how, in one (RFC 6749, section 5.2).
fn refused(call: &Call, error: &TokenError) -> Response<Bytes> {
    let mut response = json_answer(error.status(), &error.to_json());
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if error.status() == StatusCode::UNAUTHORIZED
        && call.headers().contains_key(header::AUTHORIZATION)
    {
        let basic = HeaderValue::from_static("Basic realm=\"token\"");
        headers.insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}

/// JSON that nobody keeps.
fn json_answer(status: StatusCode, document: &serde_json::Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
