//! TLS.

use std::sync::Arc;

use purlin_guard::fetch::{FetchRequest, Limits};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use crate::net::{Net, Reply, answer};

/// A host that proves a name, and the certificate to trust.
pub(crate) fn host(
    name: &str,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> (TlsAcceptor, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), cert.pem())
}

const TEXT: &str = "200 OK\r\ncontent-type: text/plain";

#[tokio::test]
async fn the_name_of_the_url_is_what_a_host_has_to_prove() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for (proved, expected) in [("a.example", Ok("ok")), ("b.example", Err("tls"))] {
            let (acceptor, pem) = host(proved, &[version]);
            let net = Net::default().reply(Reply::Secure(acceptor, answer(TEXT, "ok")));
            let fetcher = net.web().trust(&pem).unwrap().build();
            let result = fetcher.fetch("https://A.example./").await;
            let result = result.map(|it| it.text()).map_err(|error| error.name());
            assert_eq!(result.as_deref().map_err(|name| *name), expected);
        }
    }
}

#[tokio::test]
async fn a_host_that_nobody_vouches_for_is_refused() {
    let (acceptor, _) = host("a.example", rustls::ALL_VERSIONS);
    let (_, other) = host("a.example", rustls::ALL_VERSIONS);
    let net = Net::default().reply(Reply::Secure(acceptor, answer(TEXT, "ok")));
    let fetcher = net.web().trust(&other).unwrap().build();
    let error = fetcher.fetch("https://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "tls");
    assert!(net.requests().is_empty());
}

#[tokio::test]
async fn an_address_has_to_be_proved_too() {
    for (proved, expected) in [("1.1.1.1", Ok(())), ("1.0.0.1", Err("tls"))] {
        let (acceptor, pem) = host(proved, rustls::ALL_VERSIONS);
        let net = Net::default().reply_at("1.1.1.1", Reply::Secure(acceptor, answer(TEXT, "ok")));
        let fetcher = net.web().trust(&pem).unwrap().build();
        let result = fetcher.fetch("https://1.1.1.1/").await;
        assert_eq!(result.map(|_| ()).map_err(|error| error.name()), expected);
    }
}

#[tokio::test]
async fn tls_before_1_2_is_refused() {
    for minor in [0, 1, 2] {
        // A ServerHello of that version, with a cipher suite that was offered.
        let mut hello = vec![22, 3, minor, 0, 42, 2, 0, 0, 38, 3, minor];
        hello.extend([7; 32]);
        hello.extend([0, 0xc0, 0x2f, 0]);
        let net = Net::default().reply(Reply::Speak(hello));
        let (_, pem) = host("a.example", rustls::ALL_VERSIONS);
        let fetcher = net.web().trust(&pem).unwrap().build();
        let error = fetcher.fetch("https://a.example/").await.unwrap_err();
        assert_eq!(error.name(), "tls", "3.{minor}");
    }
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let (acceptor, pem) = host("a.example", rustls::ALL_VERSIONS);
    let moved = answer("302 Found\r\nlocation: http://b.example/", "");
    let net = Net::default().reply(Reply::Secure(acceptor, moved));
    let fetcher = net.web().trust(&pem).unwrap().build();
    let error = fetcher.fetch("https://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "redirect");
    assert_eq!(net.dialled().len(), 1);
}

#[tokio::test]
async fn documents_of_oauth_come_over_tls_and_from_where_they_were_asked() {
    for (reply, expected) in [
        (
            answer("200 OK\r\ncontent-type: application/json", "{}"),
            Ok(200),
        ),
        (
            answer("302 Found\r\nlocation: https://a.example/b", ""),
            Err("redirect"),
        ),
        (
            answer("401 No\r\ncontent-type: application/json", "{}"),
            Err("status"),
        ),
    ] {
        let (acceptor, pem) = host("a.example", rustls::ALL_VERSIONS);
        let net = Net::default().reply(Reply::Secure(acceptor, reply));
        let fetcher = net
            .oauth()
            .limits(Limits::default())
            .trust(&pem)
            .unwrap()
            .build();
        let result = fetcher
            .fetch(FetchRequest::get("https://a.example/keys"))
            .await;
        assert_eq!(
            result
                .map(|it| it.status().as_u16())
                .map_err(|error| error.name()),
            expected
        );
        assert_eq!(net.dialled().len(), 1);
    }
}

#[test]
fn what_is_no_certificate_is_not_trusted() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "text", broken] {
        assert!(Net::default().web().trust(pem).is_err(), "{pem}");
    }
}
