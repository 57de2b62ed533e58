//! Redirects.

use bytes::Bytes;
use http::Method;
use purlin_guard::fetch::{FetchRequest, Limits, UrlRules};

use crate::net::{Net, Reply, answer};

#[tokio::test]
async fn five_statuses_are_redirects_and_no_others() {
    for status in [301, 302, 303, 307, 308] {
        let net = Net::default().redirect(status, "/b");
        assert_eq!(
            net.get("http://a.example/").await.unwrap(),
            "ok",
            "{status}"
        );
        assert!(net.requests()[1].starts_with("GET /b "));
    }
    for status in [300, 304, 305, 306, 399] {
        let net = Net::default().redirect(status, "/b");
        let error = net.get("http://a.example/").await.unwrap_err();
        assert_eq!(error.name(), "status", "{status}");
        assert_eq!(net.requests().len(), 1);
    }
    // An answer that is none does not lead anywhere either.
    let net = Net::default().answer("200 OK\r\ncontent-type: text/plain\r\nlocation: /b", "here");
    assert_eq!(net.get("http://a.example/").await.unwrap(), "here");
}

#[tokio::test]
async fn at_most_five_redirects_are_followed() {
    let mut net = Net::default();
    for hop in 1..=5 {
        net = net.redirect(302, &format!("/{hop}"));
    }
    assert_eq!(net.get("http://a.example/").await.unwrap(), "ok");
    assert_eq!(net.requests().len(), 6);
    for hop in 1..=6 {
        net = net.redirect(302, &format!("/{hop}"));
    }
    let error = net.get("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "redirect");
    assert_eq!(net.requests().len(), 12);
}

#[tokio::test]
async fn each_location_goes_through_the_whole_guard() {
    for (location, expected) in [
        ("http://127.0.0.1/", "blocked_address"),
        (
            "http://169.254.169.254/latest/meta-data/",
            "blocked_address",
        ),
        ("http://[::1]/", "blocked_address"),
        ("http://localhost/", "blocked_host"),
        ("http://metadata.google.internal/", "blocked_host"),
        ("http://2130706433/", "invalid_url"),
        ("http://0x7f.1/", "invalid_url"),
        ("http://user@b.example/", "userinfo"),
        ("//user@b.example/", "userinfo"),
        ("//127.0.0.1/", "blocked_address"),
        ("///127.0.0.1/", "invalid_url"),
        ("http://b.example:22/", "port"),
        ("//b.example:22/", "port"),
        ("ftp://b.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("http:/127.0.0.1/", "invalid_url"),
        ("http:b", "invalid_url"),
        ("https:b", "invalid_url"),
        ("javascript:alert(1)", "invalid_url"),
        ("/\\127.0.0.1/", "invalid_url"),
        ("\\\\127.0.0.1/", "invalid_url"),
        ("/a b", "invalid_url"),
        ("/a\tb", "invalid_url"),
        ("", "invalid_url"),
        ("http://inside.example/", "blocked_address"),
    ] {
        let net = Net::default()
            .name("inside.example", [&["10.0.0.1"]])
            .redirect(302, location);
        let error = net.get("http://a.example/").await.unwrap_err();
        assert_eq!(error.name(), expected, "{location}");
        assert_eq!(net.dialled().len(), 1, "{location}");
    }
    let long = format!("/{}", "x".repeat(8192));
    let net = Net::default().redirect(302, &long);
    assert_eq!(
        net.get("http://a.example/").await.unwrap_err().name(),
        "invalid_url"
    );
    let no_text =
        [b"HTTP/1.1 302 Found\r\nlocation: /\xff\r\ncontent-length: 0\r\n\r\n".as_slice()];
    let net = Net::default().reply(Reply::Bytes(no_text.concat()));
    assert_eq!(
        net.get("http://a.example/").await.unwrap_err().name(),
        "invalid_url"
    );
}

#[tokio::test]
async fn a_name_is_looked_up_anew_for_each_hop() {
    let net = Net::default()
        .name("a.example", [&["1.1.1.1"], &["127.0.0.1"]])
        .reply_at(
            "1.1.1.1",
            Reply::Bytes(answer("302 Found\r\nlocation: /b", "")),
        );
    let error = net.get("http://a.example/").await.unwrap_err();
    assert_eq!(error.name(), "blocked_address");
    assert_eq!(net.lookups().len(), 2);
    assert_eq!(net.dialled(), ["1.1.1.1:80"]);
}

#[tokio::test]
async fn relative_locations_are_resolved() {
    for (location, to) in [
        ("/b", "http://a.example/b"),
        ("b", "http://a.example/x/b"),
        ("../b?c#d", "http://a.example/b?c"),
        ("?c", "http://a.example/x/y?c"),
        (
            "b?u=http://c.example/",
            "http://a.example/x/b?u=http://c.example/",
        ),
        ("//b.example/c", "http://b.example/c"),
        ("HTTP://B.example", "http://b.example/"),
        ("https://b.example", "https://b.example/"),
    ] {
        let net = Net::default().redirect(302, location);
        let net = net.name("b.example", [&["1.1.1.1"]]);
        // There is no TLS at the other end.
        let net = match to.starts_with("https") {
            true => net.reply_at("1.1.1.1", Reply::Speak(b"no TLS at all".to_vec())),
            false => net,
        };
        let fetched = net.web().build().fetch("http://a.example/x/y").await;
        match fetched {
            Ok(fetched) => assert_eq!(fetched.url().as_str(), to, "{location}"),
            Err(error) => assert!(to.starts_with("https") && error.name() == "tls", "{error}"),
        }
    }
}

#[tokio::test]
async fn a_redirect_without_a_location_is_the_final_answer() {
    let net = Net::default().answer("302 Found\r\ncontent-type: text/plain", "nowhere");
    let request = FetchRequest::get("http://a.example/").any_status();
    let fetched = net.web().build().fetch(request).await.unwrap();
    assert_eq!(
        (fetched.status().as_u16(), &*fetched.text()),
        (302, "nowhere")
    );
    assert_eq!(net.requests().len(), 1);
}

#[tokio::test]
async fn the_profile_oauth_follows_none() {
    // In the clear, for want of a certificate here; the profile's rules are tested elsewhere.
    let rules = UrlRules::web().no_redirects();
    for any in [false, true] {
        let net = Net::default().redirect(302, "/b");
        let fetcher = net.with(rules.clone()).limits(Limits::default()).build();
        let mut request = FetchRequest::get("http://a.example/").any_content_type();
        if any {
            request = request.any_status();
        }
        let name = fetcher.fetch(request).await.map_err(|error| error.name());
        assert_eq!(
            name.map(|it| it.status().as_u16()),
            if any { Ok(302) } else { Err("redirect") }
        );
        assert_eq!(net.requests().len(), 1);
    }
}

/// Everything that a caller may say.
fn request(method: Method) -> FetchRequest {
    FetchRequest::new(method, "http://a.example/")
        .header("accept", "text/plain")
        .header("accept-language", "de")
        .header("user-agent", "ours")
        .header("authorization", "Bearer secret")
        .header("x-api-key", "secret")
        .header("content-type", "application/json")
}

#[tokio::test]
async fn another_origin_gets_three_headers_of_the_caller_alone() {
    for location in ["http://b.example/", "http://a.example:443/", "//b.example/"] {
        let net = Net::default().redirect(302, location);
        net.web().build().fetch(request(Method::GET)).await.unwrap();
        let [first, second] = &net.requests()[..] else {
            panic!("two requests");
        };
        for header in ["authorization: Bearer secret", "x-api-key: secret"] {
            assert!(first.contains(header), "{first}");
        }
        for header in [
            "accept: text/plain",
            "accept-language: de",
            "user-agent: ours",
        ] {
            assert!(second.contains(header), "{second}");
        }
        assert!(
            !second.contains("secret") && !second.contains("content-type"),
            "{second}"
        );
    }
}

#[tokio::test]
async fn what_was_dropped_does_not_come_back() {
    let net = Net::default()
        .redirect(302, "http://b.example/")
        .redirect(302, "http://a.example/");
    net.web().build().fetch(request(Method::GET)).await.unwrap();
    let requests = net.requests();
    assert_eq!(requests.len(), 3);
    assert!(
        requests[1..]
            .iter()
            .all(|request| !request.contains("secret"))
    );
}

#[tokio::test]
async fn the_same_origin_gets_all_headers() {
    let net = Net::default().redirect(302, "http://A.example.:80/b");
    net.web().build().fetch(request(Method::GET)).await.unwrap();
    assert!(net.requests()[1].contains("authorization: Bearer secret"));
}

#[tokio::test]
async fn a_body_is_sent_again_with_307_and_308_to_the_same_origin_alone() {
    for (status, location, kept) in [
        (307, "/b", true),
        (308, "/b", true),
        (301, "/b", false),
        (302, "/b", false),
        (303, "/b", false),
        (307, "http://b.example/b", false),
        (308, "http://b.example/b", false),
    ] {
        let net = Net::default().redirect(status, location);
        let request = request(Method::POST).body(Bytes::from_static(b"the body"));
        net.web().build().fetch(request).await.unwrap();
        let second = &net.requests()[1];
        let method = if kept { "POST /b " } else { "GET /b " };
        assert!(second.starts_with(method), "{status} {location}: {second}");
        assert_eq!(
            second.contains("the body"),
            kept,
            "{status} {location}: {second}"
        );
        assert_eq!(
            second.contains("content-"),
            kept,
            "{status} {location}: {second}"
        );
    }
}

#[tokio::test]
async fn a_head_request_stays_one() {
    for status in [301, 302, 303, 307, 308] {
        let net = Net::default().redirect(status, "http://b.example/b");
        net.web()
            .build()
            .fetch(request(Method::HEAD))
            .await
            .unwrap();
        assert!(net.requests()[1].starts_with("HEAD /b "), "{status}");
    }
}
