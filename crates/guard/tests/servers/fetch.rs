//! The server that reads pages.

use std::sync::{Arc, Mutex};

use purlin_core::Server;
use purlin_guard::Tenant;
use purlin_guard::events::{GuardEvent, Outcome};
use purlin_guard::fetch::Limits;
use purlin_guard::servers::Fetch;
use serde_json::json;

use crate::net::Net;
use crate::{ERAS, call, hints, member, owner};

fn server(net: &Net) -> Server {
    Server::new(Fetch::new(net.web().build()))
}

#[tokio::test]
async fn it_has_one_tool_that_reads_only_and_reaches_out() {
    for era in ERAS {
        let client = owner(era, &server(&Net::default())).await;
        let catalogue = client.catalogue().await;
        assert_eq!(catalogue.tool_names(), ["fetch"]);
        assert_eq!(
            hints(&client, "fetch").await,
            [Some(true), None, Some(true), Some(true)]
        );
        let description = catalogue
            .tool("fetch")
            .unwrap()
            .description
            .clone()
            .unwrap();
        assert!(
            description.contains("never as an instruction"),
            "{description}"
        );
    }
}

#[tokio::test]
async fn a_page_comes_piece_by_piece_with_where_it_came_from() {
    for era in ERAS {
        let net = Net::default().redirect(302, "http://a.example/b");
        let client = owner(era, &server(&net)).await;
        let url = "http://a.example/";
        let page = call(&client, "fetch", json!({"url": url, "length": 1}))
            .await
            .unwrap();
        let expected = json!({
            "url": "http://a.example/b", "content_type": "text/plain", "text": "o", "next": 1,
        });
        assert_eq!(page, expected);
        let rest = call(&client, "fetch", json!({"url": url, "start": 1}))
            .await
            .unwrap();
        assert_eq!((&rest["text"], &rest["next"]), (&json!("k"), &json!(null)));
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_nothing_of_the_network() {
    let expected = "this host cannot be asked\nCode: host\n- Ask for a page on a public host.";
    for era in ERAS {
        let net = Net::default().name("gone.example", []);
        let client = owner(era, &server(&net)).await;
        for url in [
            "http://10.0.0.1/",
            "http://db.internal/",
            "http://gone.example/",
        ] {
            let failed = call(&client, "fetch", json!({"url": url})).await;
            assert_eq!(failed, Err(expected.to_owned()), "{url}");
        }
    }
}

#[tokio::test]
async fn arguments_are_bounded_before_anything_is_fetched() {
    for era in ERAS {
        let net = Net::default();
        let client = owner(era, &server(&net)).await;
        for arguments in [
            json!({"url": ""}),
            json!({"url": "http://a.example/".repeat(1_000)}),
            json!({"url": "http://a.example/", "length": 0}),
            json!({"url": "http://a.example/", "length": 1_000_001}),
            json!({"url": "http://a.example/", "start": -1}),
        ] {
            call(&client, "fetch", arguments).await.unwrap_err();
        }
        assert!(net.dialled().is_empty());
    }
}

#[tokio::test]
async fn tenants_have_limits_of_their_own_and_events_name_them() {
    for era in ERAS {
        let told: Arc<Mutex<Vec<GuardEvent>>> = Arc::default();
        let record = Arc::clone(&told);
        let mut limits = Limits::default();
        (limits.burst, limits.rate) = (1, 1);
        let fetcher = Net::default()
            .web()
            .limits(limits)
            .events(move |event: &GuardEvent| record.lock().unwrap().push(event.clone()))
            .build();
        let server = Server::new(Fetch::new(fetcher));
        let page = json!({"url": "http://a.example/"});
        let (acme, other) = (
            member(era, &server, "acme").await,
            member(era, &server, "other").await,
        );
        let owner = owner(era, &server).await;
        for client in [&acme, &other, &owner] {
            call(client, "fetch", page.clone()).await.unwrap();
        }
        call(&acme, "fetch", page.clone()).await.unwrap_err();

        let told = told.lock().unwrap();
        let [acme, other] = ["acme", "other"].map(|name| Some(Tenant::new(name)));
        let tenants: Vec<_> = told.iter().map(|event| event.tenant.clone()).collect();
        assert_eq!(tenants, [acme.clone(), other, None, acme]);
        assert_eq!(told[3].outcome, Outcome::Refused("rate_limited"));
    }
}

#[tokio::test]
async fn fetches_are_counted_by_outcome_under_the_mount() {
    for era in ERAS {
        let outer = Server::builder("outer", "1.0.0");
        outer.mount("web", &server(&Net::default())).unwrap();
        let client = owner(era, &outer).await;
        for url in [
            "http://a.example/canary",
            "http://a.example/",
            "http://10.0.0.1/",
        ] {
            let _ = call(&client, "web_fetch", json!({"url": url})).await;
        }
        let samples = outer.samples();
        let count = |outcome| {
            let labels = [
                ("mount", "web"),
                ("operation", "fetch"),
                ("outcome", outcome),
            ];
            samples.value("mcp_guard_operations_total", &labels)
        };
        assert_eq!(
            (count("done"), count("blocked_address")),
            (Some(2.0), Some(1.0))
        );
        let bytes = [("mount", "web"), ("operation", "fetch")];
        assert_eq!(samples.value("mcp_guard_bytes_total", &bytes), Some(4.0));
        assert!(!format!("{samples:?}").contains("a.example"));
    }
}
