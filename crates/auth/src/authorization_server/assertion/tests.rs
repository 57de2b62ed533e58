//! Statements of others, and every way to abuse one.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Response};
use purlin_core::store::MemoryStore;
use purlin_stores::Redis;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    authorization_server::{
        clients::{Client, ClientAuth, ClientKind, Clients, ClientsConfig, GrantType},
        fixture::{Recorded, SetClock, Shelf, form, redis_server::RedisServer},
        redirect::ApplicationType,
        storage::{Keys, Limits, Storage},
        tokens::{Grant, TokenError, TokenErrorCode},
    },
    verify::{self, Clock as _},
};

const US: &str = "https://auth.test";
const TOKEN: &str = "https://auth.test/token";
const RESOURCE: &str = "https://mcp.test/mcp";
const IDP: &str = "https://idp.test";
const IDP_KEYS: &str = "https://idp.test/keys";

/// A party that signs.
struct Signer {
    pair: EcdsaKeyPair,
    kid: &'static str,
}

impl Signer {
    fn new(kid: &'static str) -> Self {
        let (curve, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(curve, document.as_ref(), &random).unwrap();
        Self { pair, kid }
    }

    fn public(&self) -> Value {
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let [x, y] = [x, y].map(|part| URL_SAFE_NO_PAD.encode(part));
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "x": x, "y": y})
    }

    fn set(&self) -> Value {
        json!({"keys": [self.public()]})
    }

    fn published(&self) -> Response<Vec<u8>> {
        Response::new(self.set().to_string().into_bytes())
    }

    /// Signs whatever it is given.
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Members of an object, with changes; `null` takes one away.
fn changed(mut members: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        members[name] = value.clone();
    }
    members
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    members
}

fn client(id: &str) -> Client {
    Client {
        id: id.to_owned(),
        name: id.to_owned(),
        redirect_uris: Vec::new(),
        auth: ClientAuth::None,
        kind: ClientKind::Static,
        application_type: ApplicationType::Native,
        scopes: None,
        grants: GrantType::ALL.to_vec(),
        uri: None,
        patterns: Arc::default(),
    }
}

/// A company's identity provider, and two replicas that trust it.
struct Company {
    idp: Signer,
    web: Arc<Shelf>,
    clock: Arc<SetClock>,
    replicas: [IdentityAssertions; 2],
}

fn company_on(stores: [Storage; 2]) -> Company {
    let (web, clock, idp) = (Arc::<Shelf>::default(), SetClock::new(), Signer::new("k1"));
    web.put(IDP_KEYS, idp.published());
    let replicas = stores.map(|storage| {
        let trusted = TrustedIssuer::new(IDP, verify::Keys::jwks(IDP_KEYS)).roles_claim("groups");
        let fetch: Arc<dyn crate::fetch::Fetch> = web.clone();
        IdentityAssertions::new(&storage, US, RESOURCE, vec![trusted], &fetch, clock.clone())
    });
    Company {
        idp,
        web,
        clock,
        replicas,
    }
}

fn company() -> Company {
    let storage = Storage::new(Arc::new(MemoryStore::new()), Keys::random());
    company_on([storage.clone(), storage])
}

impl Company {
    fn header(changes: &Value) -> Value {
        changed(
            json!({"alg": "ES256", "typ": "oauth-id-jag+jwt", "kid": "k1"}),
            changes,
        )
    }

    fn claims(&self, changes: &Value) -> Value {
        let now = self.clock.seconds();
        let claims = json!({
            "iss": IDP, "aud": US, "sub": "alice", "client_id": "app", "jti": crate::random::text(),
            "iat": now, "exp": now + 300, "resource": RESOURCE, "scope": "read write",
            "groups": ["staff"], "email": "alice@idp.test", "email_verified": true,
        });
        changed(claims, changes)
    }

    async fn redeem(&self, assertion: &str) -> Result<Grant, TokenError> {
        let fields = form(&[("assertion", assertion)]);
        self.replicas[0]
            .redeem(&client("app"), &fields, &|_| true)
            .await
    }

    async fn refuses(&self, assertion: &str, reason: &str) {
        let error = self.redeem(assertion).await.unwrap_err();
        assert_eq!(error.code(), TokenErrorCode::InvalidGrant, "{reason}");
        assert!(error.to_string().contains(reason), "{reason}: {error}");
    }

    /// Refuses claims that differ so.
    async fn refuses_claims(&self, changes: Value, reason: &str) {
        let assertion = self
            .idp
            .sign(&Self::header(&json!({})), &self.claims(&changes));
        self.refuses(&assertion, reason).await;
    }

    async fn refuses_header(&self, changes: Value, reason: &str) {
        let assertion = self
            .idp
            .sign(&Self::header(&changes), &self.claims(&json!({})));
        self.refuses(&assertion, reason).await;
    }

    fn assertion(&self, changes: &Value) -> String {
        self.idp
            .sign(&Self::header(&json!({})), &self.claims(changes))
    }
}

#[tokio::test]
async fn an_identity_assertion_lets_a_user_in() {
    let company = company();
    let grant = company
        .redeem(&company.assertion(&json!({})))
        .await
        .unwrap();
    assert_eq!(
        (grant.client.as_str(), grant.resource.as_str()),
        ("app", RESOURCE)
    );
    assert_eq!(grant.scopes, ["read", "write"]);
    assert!(!grant.refreshable);
    let alice = grant.identity;
    assert_eq!(
        (alice.subject.as_str(), alice.issuer.as_deref()),
        ("alice", Some(IDP))
    );
    assert_eq!(
        (alice.roles, alice.email),
        (vec!["staff".to_owned()], Some("alice@idp.test".to_owned()))
    );
    let grant = company
        .redeem(&company.assertion(&json!({"email_verified": "true"})))
        .await;
    assert_eq!(grant.unwrap().identity.email, None);
}

#[tokio::test]
async fn an_identity_assertion_is_for_us_from_whom_we_trust_and_for_its_client() {
    let company = company();
    for (changes, reason) in [
        (json!({"iss": "https://evil.test"}), "not trusted"),
        (json!({"iss": format!("{IDP}/")}), "not trusted"),
        (json!({"iss": [IDP]}), "not trusted"),
        (json!({"iss": null}), "not trusted"),
        (json!({"aud": "https://other.test"}), "`aud`"),
        (json!({"aud": format!("{US}/")}), "`aud`"),
        (json!({"aud": [US, "https://other.test"]}), "`aud`"),
        (json!({"aud": TOKEN}), "`aud`"),
        (json!({"aud": null}), "`aud`"),
        (json!({"client_id": "evil"}), "`client_id`"),
        (json!({"client_id": null}), "`client_id`"),
        (json!({"sub": null}), "`sub`"),
        (json!({"sub": ""}), "`sub`"),
        (json!({"sub": 7}), "`sub`"),
        (json!({"jti": null}), "`jti`"),
        (json!({"jti": 7}), "`jti`"),
        (json!({"cnf": {"jkt": "x"}}), "`cnf`"),
        (json!({"scope": ["read"]}), "`scope`"),
        (json!({"groups": "admin"}), "roles"),
        (json!({"groups": [1]}), "roles"),
    ] {
        company.refuses_claims(changes, reason).await;
    }
    company
        .redeem(&company.assertion(&json!({"aud": [US]})))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_identity_assertion_is_valid_for_a_moment() {
    let company = company();
    let now = company.clock.seconds();
    for (changes, reason) in [
        (json!({"exp": null}), "`exp`"),
        (json!({"exp": "4000000000"}), "no number"),
        (json!({"exp": now - 30}), "expired"),
        (json!({"exp": now + 3_601}), "an hour"),
        (json!({"iat": now + 31}), "not valid yet"),
        (json!({"nbf": now + 31}), "not valid yet"),
        (json!({"nbf": "soon"}), "no number"),
    ] {
        company.refuses_claims(changes, reason).await;
    }
    company
        .redeem(&company.assertion(&json!({"exp": now - 29})))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_identity_assertion_is_no_other_token_and_chooses_no_key() {
    let company = company();
    for (changes, reason) in [
        (json!({"typ": null}), "`typ`"),
        (json!({"typ": "JWT"}), "`typ`"),
        (json!({"typ": "at+jwt"}), "`typ`"),
        (json!({"alg": "none"}), "`alg`"),
        (json!({"alg": "HS256"}), "private key"),
        (json!({"alg": "RS256"}), "algorithm"),
        (json!({"kid": 7}), "`kid`"),
        (json!({"jwk": company.idp.public()}), "header"),
        (json!({"jku": "https://evil.test/keys"}), "header"),
        (json!({"x5u": "https://evil.test/cert"}), "header"),
        (json!({"crit": ["exp"]}), "header"),
    ] {
        company.refuses_header(changes, reason).await;
    }
    let long = company.idp.sign(
        &Company::header(&json!({"typ": "application/oauth-id-jag+jwt"})),
        &company.claims(&json!({})),
    );
    company.redeem(&long).await.unwrap();
}

#[tokio::test]
async fn an_injected_kid_finds_no_key_and_leads_nowhere() {
    let company = company();
    company
        .redeem(&company.assertion(&json!({})))
        .await
        .unwrap();
    let evil = Signer::new("k1");
    for kid in [
        "../../dev/null",
        "https://evil.test/keys",
        "k1' OR '1'='1",
        "k2",
        "",
    ] {
        let header = Company::header(&json!({"kid": kid}));
        let forged = evil.sign(&header, &company.claims(&json!({})));
        assert!(company.redeem(&forged).await.is_err(), "{kid}");
    }
    // Its own key under the name of a trusted one.
    let forged = evil.sign(&Company::header(&json!({})), &company.claims(&json!({})));
    company.refuses(&forged, "signature").await;
    assert!(company.web.asked().iter().all(|url| url == IDP_KEYS));
}

#[tokio::test]
async fn an_identity_assertion_is_used_once() {
    let company = company();
    let assertion = company.assertion(&json!({}));
    company.redeem(&assertion).await.unwrap();
    company.refuses(&assertion, "used before").await;
    // Signed anew, with the same `jti`.
    let claims = company.claims(&json!({"jti": "one", "scope": "read"}));
    company
        .redeem(&company.idp.sign(&Company::header(&json!({})), &claims))
        .await
        .unwrap();
    company
        .refuses_claims(json!({"jti": "one"}), "used before")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_take_one_assertion_at_the_same_time_over_redis() {
    let server = RedisServer::start().await;
    let keys = Keys::random();
    let company = Arc::new(company_on([0, 1].map(|_| {
        let store = Redis::builder(format!("redis://{}/", server.address()))
            .build()
            .unwrap();
        Storage::new(Arc::new(store), keys.clone())
    })));
    for _ in 0..20 {
        let assertion = company.assertion(&json!({}));
        let taking = [0, 1].map(|replica| {
            let (company, assertion) = (company.clone(), assertion.clone());
            tokio::spawn(async move {
                let fields = form(&[("assertion", &assertion)]);
                company.replicas[replica]
                    .redeem(&client("app"), &fields, &|_| true)
                    .await
                    .is_ok()
            })
        });
        let mut taken = 0;
        for answer in taking {
            taken += usize::from(answer.await.unwrap());
        }
        assert_eq!(taken, 1);
    }
}

#[tokio::test]
async fn an_assertion_grants_what_it_says_and_what_is_offered() {
    let company = company();
    let assertion = company.assertion(&json!({}));
    let app = client("app");
    let slashed = format!("{RESOURCE}/");
    for (fields, expected) in [
        (vec![("scope", "read")], Ok(vec!["read"])),
        (
            vec![("scope", "read admin")],
            Err(TokenErrorCode::InvalidScope),
        ),
        (
            vec![("resource", "https://evil.test")],
            Err(TokenErrorCode::InvalidTarget),
        ),
        (vec![("resource", RESOURCE)], Ok(vec!["read", "write"])),
        (vec![("resource", &slashed)], Ok(vec!["read", "write"])),
    ] {
        let assertion = company.assertion(&json!({}));
        let mut fields = fields;
        fields.push(("assertion", &assertion));
        let granted = company.replicas[0]
            .redeem(&app, &form(&fields), &|_| true)
            .await;
        let granted = granted
            .as_ref()
            .map(|grant| grant.scopes.clone())
            .map_err(TokenError::code);
        assert_eq!(
            granted,
            expected.map(|scopes| scopes.into_iter().map(str::to_owned).collect())
        );
    }
    let fields = form(&[("assertion", &assertion)]);
    let grant = company.replicas[0]
        .redeem(&app, &fields, &|scope| scope == "read")
        .await
        .unwrap();
    assert_eq!(grant.scopes, ["read"]);
    for (resource, ours) in [
        (json!([RESOURCE]), true),
        (json!(slashed), true),
        (json!("https://evil.test"), false),
        (json!(7), false),
    ] {
        let answer = company
            .redeem(&company.assertion(&json!({"resource": resource})))
            .await;
        assert_eq!(answer.is_ok(), ours, "{resource}");
    }
    let browser = Client {
        grants: vec![GrantType::AuthorizationCode],
        ..app
    };
    let error = company.replicas[0]
        .redeem(&browser, &fields, &|_| true)
        .await
        .unwrap_err();
    assert_eq!(error.code(), TokenErrorCode::UnauthorizedClient);
}

#[tokio::test]
async fn while_the_keys_of_an_issuer_cannot_be_had_nothing_is_decided() {
    let company = company();
    let mut broken = company.idp.published();
    *broken.status_mut() = http::StatusCode::BAD_GATEWAY;
    company.web.put(IDP_KEYS, broken);
    let error = company
        .redeem(&company.assertion(&json!({})))
        .await
        .unwrap_err();
    assert_eq!(error.status().as_u16(), 503);
}

/// A client with a key, known by its document.
const APP: &str = "https://app.example/client.json";

struct Town {
    clients: Clients,
    web: Arc<Shelf>,
    clock: Arc<SetClock>,
    key: Signer,
}

async fn town(keys: Option<Value>) -> Town {
    let (web, clock, key) = (Arc::<Shelf>::default(), SetClock::new(), Signer::new("c1"));
    let storage = Storage::new(Arc::new(MemoryStore::new()), Keys::random());
    let config = ClientsConfig {
        named: Vec::new(),
        patterns: Vec::new(),
        documents: true,
        fetch: web.clone(),
        audiences: vec![US.to_owned(), TOKEN.to_owned()],
        events: Arc::new(Recorded::default()),
        clock: clock.clone(),
    };
    let limits = Limits::new(Arc::new(MemoryStore::new()));
    let clients = Clients::new(&storage, limits, config);
    let keys = keys.unwrap_or_else(|| json!({"jwks": key.set()}));
    let document = json!({
        "client_id": APP, "client_name": "App", "redirect_uris": ["https://app.example/cb"],
        "token_endpoint_auth_method": "private_key_jwt",
    });
    let mut answer = Response::new(changed(document, &keys).to_string().into_bytes());
    let json = http::HeaderValue::from_static("application/json");
    answer
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    web.put(APP, answer);
    web.put("https://app.example/keys", key.published());
    Town {
        clients,
        web,
        clock,
        key,
    }
}

impl Town {
    fn assertion(&self, header: &Value, claims: &Value) -> String {
        let now = self.clock.seconds();
        let jti = crate::random::text();
        let base = json!({"iss": APP, "sub": APP, "aud": US, "jti": jti, "exp": now + 60});
        let head = changed(json!({"alg": "ES256", "kid": "c1"}), header);
        self.key.sign(&head, &changed(base, claims))
    }

    async fn proves(
        &self,
        assertion: &str,
        more: &[(&str, &str)],
    ) -> Result<String, TokenErrorCode> {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let mut fields = vec![("client_assertion", assertion)];
        fields.extend(more);
        if !more
            .iter()
            .any(|(name, _)| *name == "client_assertion_type")
        {
            fields.push(("client_assertion_type", kind));
        }
        let proved = self
            .clients
            .authenticate(&HeaderMap::new(), &form(&fields), None)
            .await;
        proved.map(|client| client.id).map_err(|error| error.code())
    }
}

#[tokio::test]
async fn a_client_proves_itself_by_its_key_once_for_each_assertion() {
    for keys in [None, Some(json!({"jwks_uri": "https://app.example/keys"}))] {
        let town = town(keys).await;
        for claims in [json!({}), json!({"aud": [TOKEN]}), json!({"aud": TOKEN})] {
            let assertion = town.assertion(&json!({}), &claims);
            assert_eq!(town.proves(&assertion, &[]).await, Ok(APP.to_owned()));
            let replayed = town.proves(&assertion, &[]).await;
            assert_eq!(replayed, Err(TokenErrorCode::InvalidClient));
        }
    }
}

#[tokio::test]
async fn a_client_cannot_be_impersonated_by_an_assertion() {
    let unproved = Err(TokenErrorCode::InvalidClient);
    let claims = [
        json!({"iss": "https://evil.example/client.json"}),
        json!({"sub": "other"}),
        json!({"aud": "https://other.test"}),
        json!({"aud": [US, "https://other.test"]}),
        json!({"aud": null}),
        json!({"jti": null}),
        json!({"exp": null}),
        json!({"exp": 1}),
        json!({"exp": 4_000_000_000_u64}),
    ];
    for claims in claims {
        let town = town(None).await;
        let assertion = town.assertion(&json!({}), &claims);
        assert_eq!(town.proves(&assertion, &[]).await, unproved, "{claims}");
    }
    for header in [
        json!({"typ": "oauth-id-jag+jwt"}),
        json!({"typ": "at+jwt"}),
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"kid": "../../dev/null"}),
        json!({"jku": "https://evil.test/keys"}),
    ] {
        let town = town(None).await;
        let assertion = town.assertion(&header, &json!({}));
        assert_eq!(town.proves(&assertion, &[]).await, unproved, "{header}");
        assert!(town.web.asked().iter().all(|url| url == APP));
    }
    let town = town(None).await;
    let evil = Signer::new("c1");
    let claims =
        json!({"iss": APP, "sub": APP, "aud": US, "jti": "x", "exp": town.clock.seconds() + 60});
    let forged = evil.sign(&json!({"alg": "ES256", "kid": "c1"}), &claims);
    assert_eq!(town.proves(&forged, &[]).await, unproved);
    let good = || town.assertion(&json!({}), &json!({}));
    assert_eq!(
        town.proves(&good(), &[("client_id", "other")]).await,
        unproved
    );
    let many = Err(TokenErrorCode::InvalidRequest);
    assert_eq!(town.proves(&good(), &[("client_secret", "x")]).await, many);
    assert_eq!(
        town.proves(&good(), &[("client_assertion_type", "saml")])
            .await,
        many
    );
    let fields = form(&[("client_id", APP)]);
    let bare = town
        .clients
        .authenticate(&HeaderMap::new(), &fields, None)
        .await
        .unwrap_err();
    assert_eq!(
        bare.code(),
        TokenErrorCode::InvalidClient,
        "the id alone proves nothing"
    );
}

#[tokio::test]
async fn a_client_that_registered_a_key_proves_itself_by_it() {
    let town = town(None).await;
    let body = json!({
        "redirect_uris": ["http://127.0.0.1/cb"], "jwks": town.key.set(),
        "token_endpoint_auth_method": "private_key_jwt",
    });
    let answer = town
        .clients
        .register(body.to_string().as_bytes(), None)
        .await
        .unwrap();
    assert_eq!(
        (answer.get("client_secret"), &answer["jwks"]),
        (None, &town.key.set())
    );
    let id = answer["client_id"].as_str().unwrap();
    let assertion = town.assertion(&json!({}), &json!({"iss": id, "sub": id}));
    assert_eq!(town.proves(&assertion, &[]).await, Ok(id.to_owned()));
    // Signed by the key of this client, in the name of another.
    let assertion = town.assertion(&json!({}), &json!({"iss": id}));
    let unproved = Err(TokenErrorCode::InvalidClient);
    assert_eq!(
        town.proves(&assertion, &[("client_id", id)]).await,
        unproved
    );
}

#[tokio::test]
async fn a_document_declares_public_keys_at_one_place() {
    for (keys, text) in [
        (json!({}), "needs `jwks` or `jwks_uri`"),
        (json!({"jwks": {"keys": []}}), "1 to 10 keys"),
        (
            json!({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}),
            "private or shared",
        ),
        (
            json!({"jwks": {"keys": [{"kty": "EC", "d": "c2VjcmV0"}]}}),
            "private or shared",
        ),
        (
            json!({"jwks": {"keys": [{}]}, "jwks_uri": "https://app.example/keys"}),
            "exclude",
        ),
        (json!({"jwks_uri": "http://app.example/keys"}), "`jwks_uri`"),
        (
            json!({"jwks_uri": "https://169.254.169.254/keys"}),
            "`jwks_uri`",
        ),
    ] {
        let town = town(Some(keys)).await;
        let error = town.clients.find(APP).await.unwrap_err();
        assert!(error.to_string().contains(text), "{text}: {error}");
    }
}

#[tokio::test]
async fn the_times_of_statements_follow_the_wall_clock() {
    let company = company();
    let assertion = company.assertion(&json!({}));
    company.clock.forward(Duration::from_secs(330));
    company.refuses(&assertion, "expired").await;
}
