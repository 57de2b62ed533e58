use purlin_http::{HttpConfig, HttpServer, ServeError};

use crate::{
    fixture::{Fixture, modern_call},
    raw::post,
};

fn public() -> purlin_http::HttpServerBuilder {
    HttpServer::builder(Fixture::new().server)
        .bind("0.0.0.0:0")
        .signals(false)
}

fn named() -> HttpConfig {
    HttpConfig::new().allowed_hosts(["mcp.example.com"])
}

#[tokio::test]
async fn binding_a_public_address_needs_hosts_and_a_decision_about_callers() {
    for (builder, missing) in [
        (public(), &["allowed_hosts", "allow_unauthenticated"][..]),
        (public().allow_unauthenticated(), &["allowed_hosts"]),
        (public().config(named()), &["allow_unauthenticated"]),
    ] {
        let error = builder.listen().await.unwrap_err();
        assert!(matches!(error, ServeError::Exposed { .. }));
        for fix in missing {
            assert!(error.to_string().contains(fix), "{error}");
        }
    }
    assert!(
        public()
            .config(named())
            .allow_unauthenticated()
            .listen()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn binding_refuses_settings_that_make_no_sense() {
    let config = HttpConfig::new().allowed_hosts(["http://mcp.example.com/"]);
    let error = Fixture::new()
        .builder()
        .config(config)
        .listen()
        .await
        .unwrap_err();
    assert!(matches!(error, ServeError::Config(_)), "{error}");
}

#[tokio::test]
async fn binding_tells_the_real_address_before_serving() {
    let http = Fixture::new().builder().listen().await.unwrap();
    assert_ne!(http.local_addr().port(), 0);
    assert_eq!(http.url(), format!("http://{}/mcp", http.local_addr()));
}

#[tokio::test]
async fn health_and_ready_answer_beside_the_endpoint() {
    let hosted = Fixture::new().host().await;
    for path in ["/health", "/ready"] {
        // Probes of an orchestrator come with an address as their host.
        let request = format!("GET {path} HTTP/1.1\r\nHost: 10.1.2.3:8000\r\n\r\n");
        assert_eq!(hosted.status(request).await, 200, "{path}");
        let request = format!("DELETE {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(hosted.status(request).await, 405, "{path}");
    }
}

#[tokio::test]
async fn the_endpoint_lives_where_it_was_put() {
    let hosted = Fixture::new()
        .host_config(HttpConfig::new().path("/tools/v1"))
        .await;
    let request = modern_call("echo");
    assert_eq!(hosted.status(&request).await, 404);
    assert_eq!(
        hosted
            .status(request.replacen("/mcp", "/tools/v1", 1))
            .await,
        200
    );
    assert_eq!(hosted.status(post(&[], "{}")).await, 404);
}
