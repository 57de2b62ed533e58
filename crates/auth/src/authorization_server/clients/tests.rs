//! How clients come in, what they may say, and how they prove who they are.

use std::{net::IpAddr, sync::Arc, time::Duration};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{HeaderMap, HeaderValue, Response, header};
use proptest::prelude::*;
use purlin_core::store::MemoryStore;
use serde_json::{Value, json};

use super::*;
use crate::{
    audit::{AuthEventKind, AuthOutcome},
    authorization_server::{
        fixture::{Recorded, SetClock, Shelf, Spy, form},
        redirect::RedirectPattern,
        storage::{Keys, Limit},
        tokens::TokenErrorCode,
    },
};

const APP: &str = "https://app.example/client.json";

struct Town {
    clients: Clients,
    web: Arc<Shelf>,
    events: Recorded,
    store: Arc<Spy>,
}

fn town_with(named: Vec<StaticClient>) -> Town {
    town_within(named, Vec::new())
}

/// A server whose operator allows these redirect URIs alone.
fn town_within(named: Vec<StaticClient>, patterns: Vec<RedirectPattern>) -> Town {
    let (web, events, store) = (
        Arc::<Shelf>::default(),
        Recorded::default(),
        Arc::<Spy>::default(),
    );
    let storage = Storage::new(store.clone(), Keys::new([[7; 32]]).unwrap());
    let config = ClientsConfig {
        named,
        patterns,
        documents: true,
        fetch: web.clone(),
        audiences: vec!["https://auth.test".to_owned()],
        events: Arc::new(events.clone()),
        clock: SetClock::new(),
    };
    let limits = Limits::new(Arc::new(MemoryStore::new()));
    let clients = Clients::new(&storage, limits, config);
    Town {
        clients,
        web,
        events,
        store,
    }
}

fn town() -> Town {
    town_with(Vec::new())
}

fn peer(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// Metadata of a client, with changes; `null` takes a member away.
fn metadata(changes: Value) -> Value {
    let mut metadata = json!({
        "client_name": "App",
        "redirect_uris": ["http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    });
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        match value {
            Value::Null => _ = metadata.as_object_mut().unwrap().remove(&name),
            value => metadata[name] = value,
        }
    }
    metadata
}

async fn register(town: &Town, changes: Value) -> Result<Value, TokenError> {
    let body = metadata(changes).to_string();
    town.clients.register(body.as_bytes(), None).await
}

async fn refused(changes: Value, code: TokenErrorCode, text: &str) {
    let error = register(&town(), changes.clone()).await.unwrap_err();
    assert_eq!(error.code(), code, "{changes}");
    assert!(error.to_string().contains(text), "{changes}: {error}");
    assert_eq!(error.status().as_u16(), 400);
}

async fn invalid(changes: Value, text: &str) {
    refused(changes, TokenErrorCode::InvalidClientMetadata, text).await;
}

async fn bad_uri(uris: Value, text: &str) {
    refused(
        json!({"redirect_uris": uris}),
        TokenErrorCode::InvalidRedirectUri,
        text,
    )
    .await;
}

#[tokio::test]
async fn a_client_registers_itself_and_is_known_then() {
    let town = town();
    let answer = register(&town, json!({})).await.unwrap();
    let id = answer["client_id"].as_str().unwrap();
    assert_eq!(id.len(), 43, "256 random bits");
    assert_eq!(answer["client_id_issued_at"], 1_800_000_000);
    assert_eq!(
        answer["grant_types"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(answer.get("client_secret"), None);
    let client = town.clients.find(id).await.unwrap();
    assert_eq!(
        (client.name.as_str(), client.kind),
        ("App", ClientKind::Registered)
    );
    assert!(client.allows_redirect("http://127.0.0.1:1234/callback"));
    assert!(!client.allows_redirect("http://127.0.0.1:1234/other"));
    assert!(client.may_use(GrantType::RefreshToken));
    let unknown = town.clients.find("who").await.unwrap_err();
    assert_eq!(unknown.code(), TokenErrorCode::InvalidClient);
}

#[tokio::test]
async fn registration_takes_16_kib_at_most() {
    let town = town();
    let of_length = |length: usize| {
        let empty = metadata(json!({"software_id": ""})).to_string().len();
        metadata(json!({"software_id": "x".repeat(length - empty)})).to_string()
    };
    let body = of_length(16 * 1_024);
    town.clients.register(body.as_bytes(), None).await.unwrap();
    let body = of_length(16 * 1_024 + 1);
    let error = town
        .clients
        .register(body.as_bytes(), None)
        .await
        .unwrap_err();
    assert_eq!(error.code(), TokenErrorCode::InvalidClientMetadata);
}

#[tokio::test]
async fn registration_takes_10_redirect_uris_at_most_and_one_at_least() {
    let uris = |count: usize| -> Value {
        (0..count)
            .map(|index| format!("http://127.0.0.1/{index}"))
            .collect()
    };
    register(&town(), json!({"redirect_uris": uris(10)}))
        .await
        .unwrap();
    bad_uri(uris(11), "more than 10").await;
    bad_uri(json!([]), "missing or empty").await;
    bad_uri(Value::Null, "missing or empty").await;
}

#[tokio::test]
async fn registration_checks_every_redirect_uri() {
    bad_uri(
        json!(["http://127.0.0.1/", "javascript:alert(1)"]),
        "`redirect_uris[1]`",
    )
    .await;
    bad_uri(json!(["https://*.example/"]), "`*`").await;
    bad_uri(json!(["urn:ietf:wg:oauth:2.0:oob"]), "`redirect_uris[0]`").await;
    bad_uri(json!(["http://app.example/"]), "use `https`").await;
    let web = json!({"application_type": "web"});
    refused(web, TokenErrorCode::InvalidRedirectUri, "public host").await;
}

#[tokio::test]
async fn registration_takes_names_of_200_characters_without_control_or_direction() {
    register(&town(), json!({"client_name": "é".repeat(200)}))
        .await
        .unwrap();
    invalid(json!({"client_name": "é".repeat(201)}), "200 characters").await;
    invalid(json!({"client_name": "  "}), "`client_name`").await;
    for letter in [
        "\0", "\n", "\u{1b}", "\u{7f}", "\u{85}", "\u{200b}", "\u{200f}", "\u{202e}", "\u{2066}",
        "\u{61c}", "\u{2028}", "\u{feff}",
    ] {
        invalid(
            json!({"client_name": format!("a{letter}b")}),
            "control or direction",
        )
        .await;
    }
}

#[tokio::test]
async fn registration_refuses_what_it_cannot_offer() {
    for (changes, text) in [
        (json!({"application_type": "desktop"}), "`application_type`"),
        (json!({"response_types": ["token"]}), "`response_types`"),
        (json!({"grant_types": ["implicit"]}), "`grant_types`"),
        (json!({"grant_types": ["refresh_token"]}), "`grant_types`"),
        (json!({"scope": "a\"b"}), "`scope`"),
        (
            json!({"token_endpoint_auth_method": "client_secret_jwt"}),
            "`token_endpoint_auth_method`",
        ),
        (
            json!({"redirect_uris": "http://127.0.0.1/"}),
            "cannot be read",
        ),
        (json!({"client_name": 7}), "cannot be read"),
    ] {
        invalid(changes, text).await;
    }
    let town = town();
    for body in [
        "",
        "[]",
        "null",
        "{",
        r#"{"client_name":"a","client_name":"b"}"#,
        "\u{feff}{}",
    ] {
        let error = town
            .clients
            .register(body.as_bytes(), None)
            .await
            .unwrap_err();
        assert_eq!(error.status().as_u16(), 400, "{body}");
    }
}

#[tokio::test]
async fn what_is_registered_is_not_shown_by_errors() {
    let body = br#"{"client_name": {"s3cret": 1}, "redirect_uris": ["s3cret"]}"#;
    let error = town().clients.register(body, None).await.unwrap_err();
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_address_registers_10_clients_a_minute() {
    let town = town();
    let body = metadata(json!({})).to_string();
    for _ in 0..10 {
        town.clients
            .register(body.as_bytes(), peer("192.0.2.1"))
            .await
            .unwrap();
    }
    let error = town
        .clients
        .register(body.as_bytes(), peer("192.0.2.1"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.status().as_u16(), error.retry_after()),
        (429, Some(6))
    );
    town.clients
        .register(body.as_bytes(), peer("192.0.2.2"))
        .await
        .unwrap();
    let events = town.events.all();
    assert!(
        events
            .iter()
            .all(|event| event.kind() == AuthEventKind::Registration)
    );
    assert_eq!(events[10].outcome(), AuthOutcome::Refused);
    assert_eq!(
        (events[0].address(), events[0].outcome()),
        (peer("192.0.2.1"), AuthOutcome::Granted)
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_not_used_expires_after_30_days() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let town = town();
    let [used, unused] = [(), ()].map(|()| register(&town, json!({})));
    let (used, unused) = (used.await.unwrap(), unused.await.unwrap());
    let id = |answer: &Value| answer["client_id"].as_str().unwrap().to_owned();
    tokio::time::advance(29 * DAY).await;
    let fields = form(&[("client_id", &id(&used))]);
    town.clients
        .authenticate(&HeaderMap::new(), &fields, None)
        .await
        .unwrap();
    assert!(town.clients.find(&id(&unused)).await.is_ok());
    tokio::time::advance(DAY + Duration::from_secs(1)).await;
    assert!(town.clients.find(&id(&unused)).await.is_err());
    assert!(town.clients.find(&id(&used)).await.is_ok());
    tokio::time::advance(29 * DAY).await;
    assert!(town.clients.find(&id(&used)).await.is_err());
}

#[tokio::test]
async fn secrets_of_clients_are_not_kept_and_not_printed() {
    let town = town();
    let answer = register(&town, json!({"token_endpoint_auth_method": null}))
        .await
        .unwrap();
    assert_eq!(answer["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(answer["client_secret_expires_at"], 0);
    let secret = answer["client_secret"].as_str().unwrap();
    let id = answer["client_id"].as_str().unwrap();
    for (key, value) in town.store.written() {
        for hidden in [secret, id, "127.0.0.1"] {
            let holds = value
                .windows(hidden.len())
                .any(|window| window == hidden.as_bytes());
            assert!(!holds && !key.contains(hidden));
        }
    }
    let client = town.clients.find(id).await.unwrap();
    assert!(!format!("{client:?}").contains(secret));
}

fn basic(id: &str, secret: &str) -> HeaderMap {
    let text = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::try_from(text).unwrap())])
}

async fn registered(town: &Town, method: &str) -> (String, String) {
    let answer = register(town, json!({"token_endpoint_auth_method": method}))
        .await
        .unwrap();
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    (text("client_id"), text("client_secret"))
}

/// Whether a client is let in.
async fn proved(
    town: &Town,
    headers: &HeaderMap,
    fields: &[(&str, &str)],
) -> Result<String, TokenErrorCode> {
    let proved = town
        .clients
        .authenticate(headers, &form(fields), None)
        .await;
    proved.map(|client| client.id).map_err(|error| error.code())
}

#[tokio::test]
async fn a_client_proves_itself_in_the_way_it_registered_and_in_no_other() {
    let none = HeaderMap::new();
    let unproved = Err(TokenErrorCode::InvalidClient);
    let town = town();
    let (id, secret) = registered(&town, "client_secret_basic").await;
    assert_eq!(
        proved(&town, &basic(&id, &secret), &[]).await,
        Ok(id.clone())
    );
    assert_eq!(
        proved(&town, &basic(&id, &secret), &[("client_id", &id)]).await,
        Ok(id.clone())
    );
    assert_eq!(proved(&town, &basic(&id, "wrong"), &[]).await, unproved);
    let fields = [("client_id", id.as_str()), ("client_secret", &secret)];
    assert_eq!(proved(&town, &none, &fields).await, unproved);
    assert_eq!(proved(&town, &none, &[("client_id", &id)]).await, unproved);

    let (id, secret) = registered(&town, "client_secret_post").await;
    let fields = [("client_id", id.as_str()), ("client_secret", &secret)];
    assert_eq!(proved(&town, &none, &fields).await, Ok(id.clone()));
    let wrong = [("client_id", id.as_str()), ("client_secret", "wrong")];
    assert_eq!(proved(&town, &none, &wrong).await, unproved);
    assert_eq!(proved(&town, &basic(&id, &secret), &[]).await, unproved);

    let (id, _) = registered(&town, "none").await;
    assert_eq!(
        proved(&town, &none, &[("client_id", &id)]).await,
        Ok(id.clone())
    );
    assert_eq!(proved(&town, &basic(&id, ""), &[]).await, unproved);
    assert_eq!(
        proved(&town, &none, &[("client_id", "who")]).await,
        unproved
    );
    assert_eq!(proved(&town, &none, &[]).await, unproved);
}

#[tokio::test]
async fn a_client_proves_itself_in_one_way_at_a_time() {
    let town = town();
    let (id, secret) = registered(&town, "client_secret_basic").await;
    let many = Err(TokenErrorCode::InvalidRequest);
    let headers = basic(&id, &secret);
    assert_eq!(
        proved(&town, &headers, &[("client_secret", &secret)]).await,
        many
    );
    assert_eq!(
        proved(&town, &headers, &[("client_assertion", "x")]).await,
        many
    );
    assert_eq!(
        proved(&town, &headers, &[("client_id", "other")]).await,
        many
    );
    let mut twice = headers.clone();
    twice.append(
        header::AUTHORIZATION,
        headers[header::AUTHORIZATION].clone(),
    );
    assert_eq!(proved(&town, &twice, &[]).await, many);
}

#[tokio::test]
async fn the_parts_of_basic_are_percent_encoded() {
    let named = StaticClient::new("a:b c", ["http://127.0.0.1/"]).unwrap();
    let town = town_with(vec![named.with_secret("p%:+é\" 1".to_owned())]);
    let proved_by =
        async |id: &str, secret: &str| proved(&town, &basic(id, secret), &[]).await.is_ok();
    assert!(proved_by("a%3Ab+c", "p%25%3A%2B%C3%A9%22+1").await);
    assert!(proved_by("a%3ab%20c", "p%25:%2B%c3%a9%22%201").await);
    for (id, secret) in [
        ("a%3Ab+c", "p%:+é\" 1"),
        ("a:b c", "x"),
        ("a%3Ab+c", "p%2"),
        ("a%3Ab+c", "%FF"),
        ("a%3Ab+c", "%+1"),
    ] {
        assert!(!proved_by(id, secret).await, "{id} {secret}");
    }
    for header in [
        "Basic",
        "Basic ",
        "Basic !",
        "Bearer x",
        "Basic YQ==",
        "basic\tYTpi",
    ] {
        let headers =
            HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(header))]);
        let refused = proved(&town_with(Vec::new()), &headers, &[]).await;
        assert_eq!(refused, Err(TokenErrorCode::InvalidClient), "{header}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_fails_10_times_a_minute_to_prove_itself() {
    let town = town();
    let (id, secret) = registered(&town, "client_secret_basic").await;
    let attempt = async |secret: &str, from: &str| {
        let answer = town
            .clients
            .authenticate(&basic(&id, secret), &form(&[]), peer(from))
            .await;
        answer.map_err(|error| error.status().as_u16()).err()
    };
    for _ in 0..10 {
        assert_eq!(attempt("wrong", "192.0.2.1").await, Some(401));
    }
    assert_eq!(attempt(&secret, "192.0.2.1").await, Some(429));
    assert_eq!(attempt(&secret, "192.0.2.2").await, None);
}

#[tokio::test(start_paused = true)]
async fn whoever_guesses_behind_an_address_locks_nobody_out_who_is_known_there() {
    let town = town();
    let (id, secret) = registered(&town, "client_secret_basic").await;
    let (other, others_secret) = registered(&town, "client_secret_basic").await;
    let (public, _) = registered(&town, "none").await;
    let nat = peer("192.0.2.1");
    let attempt = async |id: &str, secret: &str| {
        let answer = town
            .clients
            .authenticate(&basic(id, secret), &form(&[]), nat)
            .await;
        answer.map_err(|error| error.status().as_u16()).err()
    };
    assert_eq!(attempt(&id, &secret).await, None);
    for _ in 0..10 {
        assert_eq!(attempt(&id, "wrong").await, Some(401));
    }
    assert_eq!(attempt(&id, "wrong").await, Some(429));
    assert_eq!(attempt(&id, &secret).await, None);
    // Nobody has seen this one be right here, so it may be a guess.
    assert_eq!(attempt(&other, &others_secret).await, Some(429));
    let fields = form(&[("client_id", &public)]);
    let headers = HeaderMap::new();
    let public = town.clients.authenticate(&headers, &fields, nat);
    public.await.unwrap();
    for (key, value) in town.store.written() {
        let shows = |text: &str| {
            value
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(!key.contains(&secret) && !shows(&secret));
    }
}

#[tokio::test(start_paused = true)]
async fn all_together_register_10000_clients_a_day_and_one_address_a_tenth() {
    let town = town();
    let body = metadata(json!({})).to_string();
    let register = async |from: &str| {
        let answer = town.clients.register(body.as_bytes(), peer(from)).await;
        answer.map_err(|error| error.status().as_u16()).err()
    };
    let limits = &town.clients.0.limits;
    assert_eq!(register("192.0.2.1").await, None);
    for _ in 1..1_000 {
        let one = limits.admit(Limit::RegistrationsOfADay, peer("192.0.2.1"));
        one.await.unwrap();
    }
    assert_eq!(register("192.0.2.1").await, Some(429));
    assert_eq!(register("198.51.100.1").await, None);
    for _ in 2..10_000 {
        limits.admit_all(Limit::AllRegistrations).await.unwrap();
    }
    assert_eq!(register("198.51.100.2").await, Some(429));
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(register("198.51.100.2").await, None);
}

#[tokio::test]
async fn while_the_store_is_down_no_client_is_known() {
    let town = town();
    let (id, secret) = registered(&town, "client_secret_basic").await;
    town.store.down(true);
    let down = Err(TokenErrorCode::TemporarilyUnavailable);
    assert_eq!(proved(&town, &basic(&id, &secret), &[]).await, down);
    let error = register(&town, json!({})).await.unwrap_err();
    assert_eq!(error.status().as_u16(), 503);
}

#[tokio::test]
async fn clients_that_the_operator_names_are_known_by_their_names() {
    let named = StaticClient::new("desktop", ["http://127.0.0.1/cb"])
        .unwrap()
        .with_name("Desktop");
    let town = town_with(vec![named.with_scopes(["read"])]);
    let client = town.clients.find("desktop").await.unwrap();
    assert_eq!(
        (client.kind, client.name.as_str()),
        (ClientKind::Static, "Desktop")
    );
    assert_eq!(client.scopes.as_deref(), Some(&["read".to_owned()][..]));
    assert!(StaticClient::new("x", ["http://app.example/"]).is_err());
}

#[tokio::test]
async fn an_operator_says_where_clients_may_send_users() {
    let patterns = ["http://localhost:3000", "https://*.app.example"];
    let patterns = patterns.map(|pattern| pattern.parse().unwrap()).to_vec();
    let named = StaticClient::new("named", ["https://other.example/cb"]).unwrap();
    let town = town_within(vec![named], patterns);
    for (uris, allowed) in [
        (json!(["http://localhost:3000/cb"]), true),
        (
            json!(["https://a.app.example/cb", "http://localhost:3000/"]),
            true,
        ),
        (
            json!(["https://a.app.example/cb", "http://localhost:4000/"]),
            false,
        ),
        (json!(["https://app.example/cb"]), false),
        (json!(["https://evil.example/a.app.example"]), false),
    ] {
        let answer = register(&town, json!({"redirect_uris": uris})).await;
        let refused = answer.as_ref().err().map(TokenError::code);
        let expected = (!allowed).then_some(TokenErrorCode::InvalidRedirectUri);
        assert_eq!(refused, expected, "{uris}");
    }
    let answer = register(
        &town,
        json!({"redirect_uris": ["http://localhost:3000/cb"]}),
    )
    .await;
    let id = answer.unwrap()["client_id"].as_str().unwrap().to_owned();
    let client = town.clients.find(&id).await.unwrap();
    assert!(client.allows_redirect("http://localhost:3000/cb"));
    assert!(
        !client.allows_redirect("http://localhost:4000/cb"),
        "the port of the pattern"
    );
    town.web.put(
        APP,
        document(json!({"redirect_uris": ["https://evil.example/cb"]})),
    );
    let error = town.clients.find(APP).await.unwrap_err();
    assert_eq!(error.code(), TokenErrorCode::InvalidRedirectUri);
    let client = town.clients.find("named").await.unwrap();
    assert!(client.allows_redirect("https://other.example/cb"));
}

/// A document about a client, at its URL.
fn document(changes: Value) -> Response<Vec<u8>> {
    let Value::Object(changes) = changes else {
        panic!("changes are an object");
    };
    let mut members = json!({"client_id": APP});
    members.as_object_mut().unwrap().extend(changes);
    let mut answer = Response::new(metadata(members).to_string().into_bytes());
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}

fn with_cache_control(mut answer: Response<Vec<u8>>, value: &'static str) -> Response<Vec<u8>> {
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    answer
}

async fn document_is_refused(answer: Response<Vec<u8>>, text: &str) {
    let town = town();
    town.web.put(APP, answer);
    let error = town.clients.find(APP).await.unwrap_err();
    assert!(error.to_string().contains(text), "{text}: {error}");
}

#[tokio::test]
async fn a_url_is_a_client_id_that_nobody_registers() {
    let town = town();
    town.web.put(APP, document(json!({})));
    let client = town.clients.find(APP).await.unwrap();
    assert_eq!((client.id.as_str(), client.kind), (APP, ClientKind::Url));
    assert_eq!(
        proved(&town, &HeaderMap::new(), &[("client_id", APP)]).await,
        Ok(APP.to_owned())
    );
}

#[tokio::test]
async fn the_logo_of_a_client_is_never_fetched() {
    let pictures = json!({
        "logo_uri": "https://app.example/logo.png",
        "client_uri": "https://app.example/",
        "policy_uri": "http://169.254.169.254/latest",
        "tos_uri": "https://app.example/terms",
    });
    let town = town();
    town.web.put(APP, document(pictures.clone()));
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.asked(), [APP]);
    register(&town, pictures).await.unwrap();
    assert_eq!(town.web.asked(), [APP], "nothing for a registration");
}

#[test]
fn a_url_client_id_is_https_with_a_path_and_nothing_else() {
    for (url, expected) in [
        (APP, true),
        ("https://app.example:443/c", true),
        ("https://app.example/c?v=1", true),
        ("http://app.example/c", false),
        ("HTTPS://app.example/c", false),
        ("https://app.example", false),
        ("https://app.example/", false),
        ("https://app.example/c#x", false),
        ("https://app.example/c#", false),
        ("https://user@app.example/c", false),
        ("https://user:p@app.example/c", false),
        ("https://app.example/a/../c", false),
        ("https://app.example/./c", false),
        ("https://app.example/%2e%2e/c", false),
        ("https://app.example:8443/c", false),
        ("https://127.0.0.1/c", false),
        ("https://169.254.169.254/latest", false),
        ("https://localhost/c", false),
        ("https://db.internal/c", false),
        ("https://intranet/c", false),
        ("https://app.example/*", false),
        ("https://app.example\\@evil.test/c", false),
    ] {
        assert_eq!(document::is_document_url(url), expected, "{url}");
    }
}

#[tokio::test]
async fn a_document_that_breaks_a_rule_is_refused() {
    for (changes, text) in [
        (
            json!({"client_id": "https://app.example/client.json/"}),
            "byte for byte",
        ),
        (
            json!({"client_id": "https://APP.example/client.json"}),
            "byte for byte",
        ),
        (json!({"client_id": null}), "byte for byte"),
        (json!({"client_name": null}), "no `client_name`"),
        (json!({"redirect_uris": null}), "`redirect_uris`"),
        (json!({"redirect_uris": ["https://*.app.example/"]}), "`*`"),
        (json!({"client_secret": "x"}), "shared secret"),
        (
            json!({"token_endpoint_auth_method": "client_secret_post"}),
            "shared secret",
        ),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "shared secret",
        ),
    ] {
        document_is_refused(document(changes), text).await;
    }
    let empty = metadata(json!({"client_id": APP, "x": ""}))
        .to_string()
        .len();
    let long = |length: usize| document(json!({"x": "x".repeat(length - empty)}));
    assert_eq!(long(5_120).body().len(), 5_120);
    document_is_refused(long(5_121), "5 KiB").await;
    let town = town();
    town.web.put(APP, long(5_120));
    town.clients.find(APP).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_no_document_is_refused_and_asked_for_again_after_30_s() {
    let mut missing = document(json!({}));
    *missing.status_mut() = http::StatusCode::NOT_FOUND;
    document_is_refused(missing, "no JSON document").await;
    let mut moved = document(json!({}));
    *moved.status_mut() = http::StatusCode::FOUND;
    document_is_refused(moved, "no JSON document").await;
    let mut page = document(json!({}));
    page.headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    document_is_refused(page, "no JSON document").await;
    let town = town();
    assert!(town.clients.find(APP).await.is_err());
    town.web.put(APP, document(json!({})));
    tokio::time::advance(Duration::from_secs(29)).await;
    assert!(town.clients.find(APP).await.is_err());
    assert_eq!(town.web.asked().len(), 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_answer_takes_no_client_away_for_a_day() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let town = town();
    let kept = || with_cache_control(document(json!({})), "max-age=60");
    town.web.put(APP, kept());
    town.clients.find(APP).await.unwrap();
    let mut failing = document(json!({}));
    *failing.status_mut() = http::StatusCode::BAD_GATEWAY;
    town.web.put(APP, failing);
    tokio::time::advance(Duration::from_secs(60)).await;
    for _ in 0..5 {
        town.clients.find(APP).await.unwrap();
    }
    assert_eq!(
        town.web.asked().len(),
        2,
        "it is not asked in vain each time"
    );
    town.web.clear();
    tokio::time::advance(DAY - Duration::from_secs(1)).await;
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.asked().len(), 3);
    tokio::time::advance(Duration::from_secs(30)).await;
    assert!(town.clients.find(APP).await.is_err());
    // What its host takes back is gone at once.
    town.web.put(APP, kept());
    tokio::time::advance(Duration::from_secs(30)).await;
    town.clients.find(APP).await.unwrap();
    let mut gone = document(json!({}));
    *gone.status_mut() = http::StatusCode::GONE;
    town.web.put(APP, gone);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(town.clients.find(APP).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_still_the_same_is_not_sent_again() {
    let town = town();
    let mut answer = with_cache_control(document(json!({})), "max-age=60");
    let version = HeaderValue::from_static("\"v1\"");
    answer.headers_mut().insert(header::ETAG, version);
    town.web.put(APP, answer);
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.known(), None);
    let mut same = with_cache_control(Response::new(Vec::new()), "max-age=120");
    *same.status_mut() = http::StatusCode::NOT_MODIFIED;
    town.web.put(APP, same);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(town.clients.find(APP).await.unwrap().name, "App");
    assert_eq!(town.web.known().as_deref(), Some("\"v1\""));
    tokio::time::advance(Duration::from_secs(119)).await;
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.asked().len(), 2);
    // To somebody who knows no version it says nothing.
    let other = "https://app.example/other.json";
    let mut same = Response::new(Vec::new());
    *same.status_mut() = http::StatusCode::NOT_MODIFIED;
    town.web.put(other, same);
    assert!(town.clients.find(other).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_many_documents_keeps_nobody_else_from_theirs() {
    let town = town();
    town.web
        .put(APP, with_cache_control(document(json!({})), "max-age=60"));
    let from = |host: u8| peer(&format!("192.0.2.{host}"));
    let find = async |url: &str, host: u8| {
        let found = town.clients.find_for(url, from(host)).await;
        found.map_err(|error| error.status().as_u16()).err()
    };
    let made_up = |serial: usize| format!("https://app.example/{serial}");
    for serial in 0..20 {
        assert_eq!(find(&made_up(serial), 1).await, Some(400));
    }
    assert_eq!(find(&made_up(20), 1).await, Some(429));
    assert_eq!(find(&made_up(20), 2).await, Some(400));
    assert_eq!(find(APP, 2).await, None);
    // However many they are, the host is asked so often and no more.
    for host in 3..20 {
        for serial in 0..20 {
            find(&made_up(serial * 100 + usize::from(host)), host).await;
        }
    }
    assert_eq!(town.web.asked().len(), 120);
    // Whose document is known goes on meanwhile.
    tokio::time::advance(Duration::from_secs(60)).await;
    for host in 20..40 {
        for serial in 0..20 {
            find(&made_up(serial * 100 + usize::from(host)), host).await;
        }
    }
    assert_eq!(find(APP, 2).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_host_is_asked_for_keys_of_clients_as_often_as_for_documents() {
    let town = town();
    for serial in 0..200 {
        let uri = format!("https://victim.example/{serial}");
        let answer = register(
            &town,
            json!({
                "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri,
            }),
        );
        let id = answer.await;
        let Ok(answer) = id else {
            tokio::time::advance(Duration::from_secs(6)).await;
            continue;
        };
        let id = answer["client_id"].as_str().unwrap();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({"alg": "ES256", "kid": "1"}));
        let claims = part(json!({"iss": id, "sub": id}));
        let assertion = format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let fields = form(&[
            ("client_assertion", &assertion),
            ("client_assertion_type", kind),
        ]);
        _ = town
            .clients
            .authenticate(&HeaderMap::new(), &fields, None)
            .await;
    }
    let asked = town.web.asked();
    assert!((1..=120).contains(&asked.len()), "{}", asked.len());
}

#[tokio::test(start_paused = true)]
async fn documents_are_cached_as_http_says() {
    let town = town();
    town.web
        .put(APP, with_cache_control(document(json!({})), "max-age=60"));
    let all = (0..5).map(|_| {
        let clients = town.clients.clone();
        tokio::spawn(async move { clients.find(APP).await.unwrap() })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(town.web.asked().len(), 1, "one asks for all");
    tokio::time::advance(Duration::from_secs(59)).await;
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.asked().len(), 1);
    town.web.put(
        APP,
        with_cache_control(document(json!({"client_name": "New"})), "no-store"),
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(town.clients.find(APP).await.unwrap().name, "New");
    town.clients.find(APP).await.unwrap();
    assert_eq!(town.web.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn at_most_1000_documents_are_kept() {
    let town = town();
    for index in 0..1_010 {
        // Of many hosts, for each is asked 20 times a minute at most.
        let url = format!("https://app{index}.example/c");
        let answer = document(json!({"client_id": url}));
        town.web.put(&url, answer);
        town.clients.find(&url).await.unwrap();
    }
    assert_eq!(town.clients.0.documents.as_ref().unwrap().kept(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_host_is_asked_for_20_documents_a_minute() {
    let town = town();
    for index in 0..20 {
        assert!(
            town.clients
                .find(&format!("https://victim.example/{index}"))
                .await
                .is_err()
        );
    }
    let error = town
        .clients
        .find("https://VICTIM.example/x")
        .await
        .unwrap_err();
    assert_eq!(error.status().as_u16(), 429);
    assert_eq!(town.web.asked().len(), 20);
}

proptest! {
    #[test]
    fn no_metadata_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
        _ = metadata::Metadata::read(&body);
        let text = String::from_utf8_lossy(&body);
        _ = document::is_document_url(&format!("https://{text}"));
    }

    #[test]
    fn whatever_basic_says_nothing_panics(text in "[ -~]{0,40}") {
        let Ok(value) = HeaderValue::try_from(text) else { return Ok(()) };
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
        _ = credentials::Credentials::read(&headers, &form(&[]));
    }
}
