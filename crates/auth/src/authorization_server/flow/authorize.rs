//! `/authorize`: what does the application want, and does the user want that?

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::{
    super::{
        call::Call,
        clients::{Client, ClientKind},
        page::{ConsentPage, ErrorPage},
        redirect,
        server::Inner,
        storage::Limit,
    },
    csrf, destination,
    refusal::Refusal,
    remembered,
    request::{self, AuthorizationRequest, Rules},
    ticket,
};
use crate::audit::{AuthEventKind, AuthOutcome};

pub(in super::super) const UNKNOWN_CLIENT: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "The application is not known here, or its registration has expired.",
    "Go back to the application and start again. If you build it, register it again, or have it \
     name a client id that is the URL of its metadata document.",
);

pub(in super::super) const BAD_CLIENT: ErrorPage = ErrorPage::new(
    StatusCode::BAD_REQUEST,
    "What the application says of itself is not as it has to be.",
    "Tell whoever builds it: the metadata document at its client id breaks a rule, which the log \
     of this server names.",
);

impl Inner {
    /// Answers a request of an application, brought by the user's browser.
    pub(in super::super) async fn authorize(
        &self,
        call: &Call,
    ) -> Result<Response<Bytes>, Refusal> {
        self.limit(Limit::Authorization, call.peer).await?;
        let parameters = call.query();
        let client = match parameters.get("client_id") {
            Some(id) => self.find_client(id, call.peer).await?,
            None => return Err(UNKNOWN_CLIENT.into()),
        };
        let back = request::destination(&parameters, &client)?;
        let rules = Rules {
            resource: &self.resource,
            scopes: &self.scopes,
        };
        let request = request::check(&parameters, &client, back, rules)?;
        if self.is_allowed(call, &request) {
            let event = self.event(AuthEventKind::Consent, AuthOutcome::Granted, call);
            let reason = if self.skips_consent {
                "not_asked"
            } else {
                "remembered"
            };
            self.record(&event.with_client(&client.id).with_reason(reason));
            return self.begin(call, request, None).await;
        }
        Ok(self.ask(call, &client, request))
    }

    /// Whether this browser need not be asked.
    fn is_allowed(&self, call: &Call, request: &AuthorizationRequest) -> bool {
        let (cookies, ring) = (&self.cookies, &self.ring);
        !request.ask
            && (self.skips_consent
                || remembered::covers(cookies, ring, call.headers(), request, self.now()))
    }

    fn ask(&self, call: &Call, client: &Client, request: AuthorizationRequest) -> Response<Bytes> {
        let csrf = csrf::token(&self.cookies, call.headers());
        let destination = destination::of(&request.back.redirect_uri);
        let loopback = redirect::is_loopback(&request.back.redirect_uri);
        let page_scopes = request.scopes.clone();
        let ticket = ticket::seal(&self.ring, request, &csrf.token, self.now());
        let page = ConsentPage {
            client: &client.name,
            publisher: publisher(client),
            destination: &destination,
            loopback,
            scopes: &self.scopes.explained(&page_scopes),
            provider: self.provider.name(),
            action: &self.issuer.path("/consent"),
            csrf: &csrf.token,
            ticket: &ticket,
            can_remember: true,
        };
        with_cookie(page.answer(&self.pages), csrf.cookie)
    }
}

/// The host that published what a client says of itself, where its id is a URL.
fn publisher(client: &Client) -> Option<&str> {
    let rest = client.id.strip_prefix("https://")?;
    (client.kind == ClientKind::Url).then(|| rest.split('/').next().unwrap_or(rest))
}

/// Adds a cookie, if there is one to set.
pub(in super::super) fn with_cookie(
    mut response: Response<Bytes>,
    cookie: Option<HeaderValue>,
) -> Response<Bytes> {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
