//! Who the client is in each scenario about authorization.

use std::env;

use purlin_auth::client::user_agent::Unattended;
use purlin_auth::client::{
    Algorithm, ClientCredentials, Enterprise, OAuth, Registered, SigningKey, Workload,
};
use purlin_client::http::HttpEndpoint;
use serde_json::Value;

use crate::Failure;

/// Where the suite says this client describes itself.
const METADATA: &str = "https://conformance-test.local/client-metadata.json";
/// Where users would come back to, were there any.
const CALLBACK: &str = "http://localhost:3000/callback";

/// The endpoint, with what the scenario needs to be let in.
pub(crate) fn endpoint(url: &str, scenario: &str) -> Result<HttpEndpoint, Failure> {
    let endpoint = HttpEndpoint::new(url)?;
    if !scenario.starts_with("auth/") {
        return Ok(endpoint);
    }
    let context = env::var("MCP_CONFORMANCE_CONTEXT").unwrap_or_default();
    let context: Value = serde_json::from_str(&context).unwrap_or_default();
    Ok(endpoint.authorize(oauth(scenario, &context)?))
}

fn oauth(scenario: &str, context: &Value) -> Result<OAuth, Failure> {
    let text = |key: &str| context[key].as_str().unwrap_or_default();
    let client = || Registered::new(text("client_id"));
    let login = OAuth::login()
        .name("conformance-client")
        .user_agent(Unattended::new(CALLBACK));
    let builder = match scenario {
        "auth/pre-registration" => {
            let client = client()
                .secret(text("client_secret"))
                .issuer(text("issuer"));
            login.client(client)
        }
        "auth/client-credentials-basic" => {
            let client = client().secret(text("client_secret"));
            OAuth::machine(ClientCredentials::new(client))
        }
        "auth/client-credentials-jwt" => {
            let key = SigningKey::from_pem(Algorithm::Es256, text("private_key_pem"))?;
            OAuth::machine(ClientCredentials::new(client().key(key)))
        }
        "auth/enterprise-managed-authorization" => {
            let idp = Registered::new(text("idp_client_id"));
            let client = client().secret(text("client_secret"));
            let flow = Enterprise::new(idp, text("idp_id_token"), client)
                .token_endpoint(text("idp_token_endpoint"));
            OAuth::machine(flow)
        }
        "auth/wif-jwt-bearer" => {
            OAuth::machine(Workload::new(text("client_id"), text("valid_jwt")))
        }
        // What a registration says can only be seen where there is one.
        "auth/offline-access-scope" => login,
        _ => login.client_metadata_url(METADATA),
    };
    Ok(builder.build())
}
