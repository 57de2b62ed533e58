//! `/callback`: the browser is back from the identity provider.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::{
    super::{
        call::Call,
        page::ErrorPage,
        server::Inner,
        storage::Limit,
        tokens::{Family, Grant},
    },
    authorize::with_cookie,
    code::Bound,
    refusal::Refusal,
    request::AuthorizationRequest,
    transaction,
};
use crate::{
    audit::{AuthEventKind, AuthOutcome},
    identity::{Callback, Identity},
};

const AMBIGUOUS: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "The answer of the identity provider can be read in more than one way.",
    "Go back to the application and start again.",
);

impl Inner {
    /// Ends a login with what the identity provider says.
    pub(in super::super) async fn callback(&self, call: &Call) -> Result<Response<Bytes>, Refusal> {
        self.limit(Limit::Authorization, call.peer).await?;
        let parameters = call.query();
        if parameters.is_ambiguous() {
            return Err(AMBIGUOUS.into());
        }
        let state = parameters.get("state");
        let browser = transaction::browser(&self.cookies, call.headers(), state)?;
        let state = state.unwrap_or_default();
        let taken = self.transactions.take(state, browser).await?;
        let transaction = taken.ok_or(transaction::GONE)?;
        let redirect_uri = self.issuer.url("/callback");
        // A login that waits for a password has nothing to come back from.
        let secrets = transaction.secrets.ok_or(transaction::GONE)?;
        let callback = Callback::new(parameters.all(), &redirect_uri, &secrets);
        match self.provider.complete(callback).await {
            Ok(identity) => {
                self.finish(call, state, transaction.request, identity)
                    .await
            }
            Err(error) => Err(self.login_failed(call, transaction.request, &error)),
        }
    }

    /// The redirect with a code, for a login that has come to a good end.
    pub(in super::super) async fn finish(
        &self,
        call: &Call,
        state: &str,
        request: AuthorizationRequest,
        identity: Identity,
    ) -> Result<Response<Bytes>, Refusal> {
        let event = self.event(AuthEventKind::Login, AuthOutcome::Granted, call);
        self.record(
            &event
                .with_client(&request.client)
                .with_subject(&identity.subject),
        );
        let grant = Grant {
            family: Family::new(),
            client: request.client,
            identity,
            scopes: request.scopes,
            resource: self.resource.clone(),
            refreshable: request.refreshable,
        };
        let code = self.codes.issue(Bound {
            grant,
            redirect_uri: request.back.redirect_uri.clone(),
            challenge: request.challenge,
        });
        let answer = request.back.with_code(self.issuer.as_str(), &code.await?);
        Ok(with_cookie(
            answer,
            Some(transaction::forget(&self.cookies, state)),
        ))
    }
}
