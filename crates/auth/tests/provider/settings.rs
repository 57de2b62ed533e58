//! What is wrong with how a provider is set up, all at once.

use purlin_auth::provider::{InvalidProvider, Provider};

fn check(outcome: Result<impl std::fmt::Debug, InvalidProvider>, expected: &[&str]) {
    let mistakes = outcome.unwrap_err();
    let problems = mistakes.problems();
    assert_eq!(problems.len(), expected.len(), "{mistakes}");
    for (problem, start) in problems.iter().zip(expected) {
        assert!(problem.starts_with(start), "{problem}");
    }
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    check(Provider::google().login(), &["`client_id` is missing"]);
    check(
        Provider::github().login(),
        &["`client_id` is missing", "`client_secret` is missing"],
    );
    check(
        Provider::github().verifier("https://m.example/mcp"),
        &["`client_id`", "`client_secret`"],
    );
    check(
        Provider::entra("common").verifier("https://m.example/mcp"),
        &["`audience` is missing"],
    );
}

#[test]
fn what_cannot_be_is_told_with_what_is_expected() {
    check(
        Provider::auth0("shop auth0")
            .allowed_domains(["ann@shop.example"])
            .login(),
        &[
            "`domain` has to be",
            "`allowed_domains` are domains",
            "`client_id` is missing",
        ],
    );
    check(
        Provider::entra("shop.onmicrosoft.com")
            .client("a", "s")
            .login(),
        &["`tenant` has to be"],
    );
    check(
        Provider::cognito("AbCdEf123").client("a", "s").login(),
        &["`user_pool` has to be"],
    );
    check(
        Provider::okta("https://example.okta.com").verifier("https://m.example/mcp"),
        &["`issuer` is the authorization server of the organization"],
    );
    for issuer in [
        "http://id.example.com",
        "id.example.com",
        "https://a@b.example",
        "https://x.example/?a",
    ] {
        check(
            Provider::oidc(issuer).client("a", "s").login(),
            &["`issuer` has to be"],
        );
    }
    check(
        Provider::oidc("https://id.example.com")
            .client("a", "s")
            .tenants(["t"])
            .organizations(["o"])
            .login(),
        &[
            "`organizations` are those of GitHub",
            "`tenants` needs a claim",
        ],
    );
    check(
        Provider::oidc("https://id.example.com").protection("nowhere"),
        &[""],
    );
}

#[test]
fn a_provider_on_this_machine_needs_no_tls() {
    for issuer in [
        "http://127.0.0.1:9000",
        "http://localhost:9000/realms/x",
        "http://[::1]:9000",
    ] {
        Provider::oidc(issuer).client("a", "s").login().unwrap();
    }
    check(
        Provider::oidc("http://localhost.evil.example")
            .client("a", "s")
            .login(),
        &["`issuer`"],
    );
}

#[test]
fn a_mistake_holds_no_secret() {
    let provider = Provider::auth0("no domain").client("", "canary");
    assert!(!format!("{provider:?}").contains("canary"));
    let mistakes = provider.login().unwrap_err();
    assert!(!format!("{mistakes} {mistakes:?}").contains("canary"));
}
