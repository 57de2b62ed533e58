//! Authorization servers that ask nobody.

use http::header::LOCATION;
use purlin_client::BoxFuture;
use purlin_client::http::Web as Connections;

use super::{AuthorizationRequest, Round, UserAgent};
use crate::client::Result;
use crate::client::error::{AuthError, AuthErrorKind};
use crate::client::web::Web;

/// How often an authorization server may send us on.
const MOST_STEPS: usize = 10;

/// Follows the redirects of an authorization server that consents by itself, as those for tests
/// do. Where a user would have to log in, it fails.
///
/// ```
/// use purlin_auth::client::{OAuth, user_agent::Unattended};
///
/// let oauth = OAuth::login()
///     .user_agent(Unattended::new("http://localhost:3000/callback"))
///     .build();
/// ```
#[derive(Clone, Debug)]
pub struct Unattended {
    redirect_uri: String,
    web: Web,
}

impl Unattended {
    /// With this redirect URI, which is never contacted.
    pub fn new(redirect_uri: impl Into<String>) -> Self {
        Self {
            redirect_uri: redirect_uri.into(),
            web: Web::default(),
        }
    }

    /// The HTTP client to follow redirects with, for example one that trusts certificates of your
    /// own.
    #[must_use]
    pub fn web(mut self, web: Connections) -> Self {
        self.web = Web::new(web);
        self
    }

    async fn follow(self, request: AuthorizationRequest) -> Result<String> {
        let mut url = request.url().to_owned();
        for _ in 0..MOST_STEPS {
            let response = self.web.visit(&url).await?;
            let location = response.headers().get(LOCATION);
            let Some(location) = location.and_then(|location| location.to_str().ok()) else {
                break;
            };
            if location.split('?').next() == Some(&self.redirect_uri) {
                return Ok(location.to_owned());
            }
            url = match location.strip_prefix('/') {
                Some(path) => format!("{}/{path}", crate::client::url::Url::parse(&url)?.base()),
                None => location.to_owned(),
            };
        }
        let message = "the authorization server wants to see a user";
        Err(AuthError::new(AuthErrorKind::UserAgent, message))
    }
}

impl UserAgent for Unattended {
    fn open<'a>(&'a self, _: Option<&'a str>) -> BoxFuture<'a, Result<Box<dyn Round>>> {
        let round: Box<dyn Round> = Box::new(self.clone());
        Box::pin(std::future::ready(Ok(round)))
    }
}

impl Round for Unattended {
    fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn visit(self: Box<Self>, request: AuthorizationRequest) -> BoxFuture<'static, Result<String>> {
        Box::pin(self.follow(request))
    }
}
