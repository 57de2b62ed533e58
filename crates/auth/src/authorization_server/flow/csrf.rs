//! Forms that only the browser they were given to can answer.
//!
//! A token in the form, and the same in a signed cookie. The token stays as long as the browser, so
//! that two tabs do not make each other's forms void; what a form is about is sealed with it
//! ([`ticket`](super::ticket)).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::super::{
    cookie::Cookies, issuer::Issuer, page::ErrorPage, parameters::Parameters, storage::Digest,
};
use crate::random;

const COOKIE: &str = "csrf";

/// A token has 256 bits.
const LENGTH: usize = 43;

const FOREIGN: ErrorPage = ErrorPage::new(
    StatusCode::FORBIDDEN,
    "This form was not answered from the page it was shown on.",
    "Go back to the application and start again. Your browser has to accept cookies of this page.",
);

/// The token of a browser, and the cookie to set if it is a new one.
#[derive(Debug)]
pub(in super::super) struct CsrfToken {
    pub(in super::super) token: String,
    pub(in super::super) cookie: Option<HeaderValue>,
}

/// The token of the browser that sent a request.
pub(in super::super) fn token(cookies: &Cookies, headers: &HeaderMap) -> CsrfToken {
    let known = cookies.get_signed(headers, COOKIE);
    if let Some(known) = known.filter(|known| known.len() == LENGTH) {
        return CsrfToken {
            token: known.to_owned(),
            cookie: None,
        };
    }
    let token = random::text();
    let cookie = cookies.set(COOKIE, &cookies.sign(COOKIE, &token), None);
    CsrfToken {
        token,
        cookie: Some(cookie),
    }
}

/// Makes sure that a form comes from our page in the browser it was shown in, and gives its token.
///
/// # Errors
/// A page, never a redirect.
pub(in super::super) fn check<'a>(
    cookies: &Cookies,
    issuer: &Issuer,
    headers: &'a HeaderMap,
    form: &Parameters,
) -> Result<&'a str, ErrorPage> {
    let sent_by_us = |name, ours: &str| {
        let mut values = headers.get_all(name).iter();
        values.all(|value| value.as_bytes() == ours.as_bytes())
    };
    let fetch_site = header::HeaderName::from_static("sec-fetch-site");
    if !sent_by_us(header::ORIGIN, issuer.browsers_origin())
        || !sent_by_us(fetch_site, "same-origin")
    {
        return Err(FOREIGN);
    }
    let cookie = cookies.get_signed(headers, COOKIE).ok_or(FOREIGN)?;
    let sent = form.get("csrf").ok_or(FOREIGN)?;
    let fits = Digest::of(cookie.as_bytes()).is_of(sent.as_bytes());
    fits.then_some(cookie).ok_or(FOREIGN)
}
