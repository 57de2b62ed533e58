//! A login that has begun: allowed by the user, and now with the identity provider.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};
use purlin_core::store::StoreResult;
use serde::{Deserialize, Serialize};

use super::{
    super::{
        cookie::Cookies,
        page::ErrorPage,
        storage::{Digest, Records, Storage},
    },
    request::AuthorizationRequest,
};
use crate::{random, secret::Secret};

/// How long a login may take.
const LIFE: Duration = Duration::from_secs(600);
/// The length of a state: 256 bits.
const STATE: usize = 43;

const OTHER_BROWSER: ErrorPage = ErrorPage::new(
    StatusCode::FORBIDDEN,
    "This login was not begun in this browser.",
    "If somebody sent you a link that led here, close this page. Otherwise go back to the \
     application and start again; your browser has to accept cookies of this page.",
);
pub(in super::super) const GONE: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "This login has expired, or has been used already.",
    "Go back to the application and start again.",
);

/// What is remembered of it, sealed, under its state.
#[derive(Serialize, Deserialize)]
pub(in super::super) struct Transaction {
    pub(in super::super) request: AuthorizationRequest,
    /// What the provider wants back; `None` where our own page asks for a password.
    pub(in super::super) secrets: Option<Secret>,
    /// What the cookie of the browser that allowed it holds.
    browser: Digest,
}

/// The logins that have begun.
#[derive(Clone, Debug)]
pub(in super::super) struct Transactions {
    records: Records<Transaction>,
}

impl Transactions {
    pub(in super::super) fn new(storage: &Storage) -> Self {
        Self {
            records: storage.records("transaction"),
        }
    }

    /// Remembers a login, and gives the cookie for the browser that began it.
    pub(in super::super) async fn begin(
        &self,
        cookies: &Cookies,
        state: &str,
        request: AuthorizationRequest,
        secrets: Option<Secret>,
    ) -> StoreResult<HeaderValue> {
        let browser = random::text();
        let transaction = Transaction {
            request,
            secrets,
            browser: Digest::of(browser.as_bytes()),
        };
        self.records.put(state, &transaction, LIFE).await?;
        let name = cookie_name(state);
        Ok(cookies.set(&name, &cookies.sign(&name, &browser), Some(LIFE)))
    }

    /// The login of a state, which goes on. `None` when there is none, or the browser is another.
    pub(in super::super) async fn get(
        &self,
        state: &str,
        browser: &str,
    ) -> StoreResult<Option<Transaction>> {
        let found = self.records.get(state).await?.map(|found| found.value);
        Ok(found.filter(|found| found.browser.is_of(browser.as_bytes())))
    }

    /// The login of a state, which ends with this, whatever comes of it.
    pub(in super::super) async fn take(
        &self,
        state: &str,
        browser: &str,
    ) -> StoreResult<Option<Transaction>> {
        let taken = self.records.take(state).await?;
        Ok(taken.filter(|taken| taken.browser.is_of(browser.as_bytes())))
    }
}

/// What the browser that allowed the login of this state holds in its cookie.
///
/// This is what stops a stranger's login from being completed by whoever follows a link: the
/// identity provider may well log in the victim, and the code would go to the attacker's client.
///
/// # Errors
/// A page, for every other browser. The store is not asked: nobody ends a login by guessing.
pub(in super::super) fn browser<'a>(
    cookies: &Cookies,
    headers: &'a HeaderMap,
    state: Option<&str>,
) -> Result<&'a str, ErrorPage> {
    let state = state.filter(|state| state.len() == STATE);
    let browser = state.and_then(|state| cookies.get_signed(headers, &cookie_name(state)));
    browser.ok_or(OTHER_BROWSER)
}

/// Takes the cookie back.
pub(in super::super) fn forget(cookies: &Cookies, state: &str) -> HeaderValue {
    cookies.clear(&cookie_name(state))
}

/// Each login has its own cookie, so that two tabs do not end each other's.
fn cookie_name(state: &str) -> String {
    let hash = Digest::of(state.as_bytes()).to_string();
    format!("login-{hash}")
}
