//! `/login`: a name and a password, where the identity provider wants these.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};

use super::{
    super::{
        call::Call,
        page::{ErrorPage, LoginPage},
        parameters::Parameters,
        server::Inner,
        storage::Limit,
    },
    authorize::with_cookie,
    consent::NO_FORM,
    csrf,
    lockout::Attempt,
    refusal::Refusal,
    request::AuthorizationRequest,
    transaction,
};
use crate::{
    audit::{AuthEventKind, AuthOutcome},
    identity::{Credentials, LoginErrorKind},
    secret::Secret,
};

/// The longest name and password that are looked at, in bytes.
const MAX_TEXT: usize = 1_024;

const OTHER_MACHINE: ErrorPage = ErrorPage::new(
    StatusCode::FORBIDDEN,
    "This way to log in is for the machine that the server runs on alone.",
    "Open this page in a browser on that machine.",
);

const WRONG: &str = "The user name or the password is not right. Check both and try again.";
const LOCKED: &str = "There have been too many attempts. Wait a quarter of an hour.";

impl Inner {
    /// Shows the page to the browser that allowed the application.
    pub(in super::super) async fn login_page(
        &self,
        call: &Call,
    ) -> Result<Response<Bytes>, Refusal> {
        self.limit(Limit::Authorization, call.peer).await?;
        self.check_machine(call)?;
        let parameters = call.query();
        let login = self.pending(call.headers(), &parameters).await?;
        Ok(self.ask_password(call, &login, "", None))
    }

    /// Judges what was typed.
    pub(in super::super) async fn login(&self, call: &Call) -> Result<Response<Bytes>, Refusal> {
        self.limit(Limit::Authorization, call.peer).await?;
        self.check_machine(call)?;
        let form = call.form().ok_or(NO_FORM)?;
        csrf::check(&self.cookies, &self.issuer, call.headers(), &form)?;
        let login = self.pending(call.headers(), &form).await?;
        let username = form.get("username").unwrap_or_default();
        let password = Secret::from(form.get("password").unwrap_or_default());
        if username.len() > MAX_TEXT || password.reveal().len() > MAX_TEXT {
            return Err(NO_FORM.into());
        }
        let attempt = self.lockout.attempt(username, call.peer).await?;
        if attempt == Attempt::Locked {
            return Ok(self.ask_password(call, &login, username, Some(Problem::Locked)));
        }
        match self
            .provider
            .sign_in(Credentials::new(username, &password))
            .await
        {
            Ok(identity) => {
                self.lockout.succeeded(username, call.peer).await?;
                let taken = self.transactions.take(&login.state, &login.browser).await?;
                let transaction = taken.ok_or(transaction::GONE)?;
                self.finish(call, &login.state, transaction.request, identity)
                    .await
            }
            Err(error) if error.kind() == LoginErrorKind::Denied => {
                self.note_failure(call, &login.request, attempt);
                Ok(self.ask_password(call, &login, username, Some(Problem::Wrong)))
            }
            Err(error) => Err(self.login_failed(call, login.request, &error)),
        }
    }

    /// A page where passwords of development are typed is for this machine.
    fn check_machine(&self, call: &Call) -> Result<(), ErrorPage> {
        let local = call
            .peer
            .is_some_and(|peer| peer.to_canonical().is_loopback());
        if self.provider.loopback_only() && !local {
            return Err(OTHER_MACHINE);
        }
        Ok(())
    }

    async fn pending(
        &self,
        headers: &HeaderMap,
        parameters: &Parameters,
    ) -> Result<Pending, Refusal> {
        let state = parameters.get("state");
        let browser = transaction::browser(&self.cookies, headers, state)?;
        let state = state.unwrap_or_default();
        let found = self.transactions.get(state, browser).await?;
        // What waits for the identity provider is not ours to ask passwords for.
        let transaction = found.filter(|found| found.secrets.is_none());
        let transaction = transaction.ok_or(transaction::GONE)?;
        Ok(Pending {
            state: state.to_owned(),
            browser: browser.to_owned(),
            request: transaction.request,
        })
    }

    /// Names nobody: what was typed as a name may be a password in the wrong field.
    fn note_failure(&self, call: &Call, request: &AuthorizationRequest, attempt: Attempt) {
        let event = |kind| {
            let event = self.event(kind, AuthOutcome::Refused, call);
            event.with_client(&request.client)
        };
        self.record(&event(AuthEventKind::Login).with_reason("wrong_password"));
        if attempt == Attempt::Last {
            self.record(&event(AuthEventKind::Lockout));
        }
    }

    fn ask_password(
        &self,
        call: &Call,
        login: &Pending,
        username: &str,
        problem: Option<Problem>,
    ) -> Response<Bytes> {
        let csrf = csrf::token(&self.cookies, call.headers());
        let (status, text) = match problem {
            None => (StatusCode::OK, None),
            Some(Problem::Wrong) => (StatusCode::FORBIDDEN, Some(WRONG)),
            Some(Problem::Locked) => (StatusCode::TOO_MANY_REQUESTS, Some(LOCKED)),
        };
        let page = LoginPage {
            provider: self.provider.name(),
            client: &login.request.name,
            action: &self.issuer.path("/login"),
            csrf: &csrf.token,
            state: &login.state,
            username,
            problem: text,
            status,
        };
        let mut response = page.answer(&self.pages);
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = self.lockout.window().as_secs().into();
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        with_cookie(response, csrf.cookie)
    }
}

/// What was wrong with an attempt.
#[derive(Clone, Copy, Debug)]
enum Problem {
    Wrong,
    Locked,
}

/// A login that waits for a password.
struct Pending {
    state: String,
    browser: String,
    request: AuthorizationRequest,
}
