//! The document that a client is known by, where nobody has to register.
//!
//! Its URL is of a host that does not exist: the server of this test asks here instead of the
//! web, and judges what it gets as it judges everything that comes from there.

use http::{Request, Response, StatusCode, header};
use purlin::BoxFuture;
use purlin::auth::fetch::{Fetch, FetchError};
use serde_json::json;

/// The client's id.
pub(crate) const URL: &str = "https://desk.example/client.json";

/// The web, as far as there is any.
#[derive(Debug)]
pub(crate) struct Web;

impl Fetch for Web {
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        _: usize,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>> {
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        if request.uri() == URL {
            let json = header::HeaderValue::from_static("application/json");
            response = Response::new(document());
            response.headers_mut().insert(header::CONTENT_TYPE, json);
        }
        Box::pin(async { Ok(response) })
    }
}

fn document() -> Vec<u8> {
    let document = json!({
        "client_id": URL,
        "client_name": "Order Desk",
        // Whatever the port.
        "redirect_uris": ["http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    document.to_string().into_bytes()
}
