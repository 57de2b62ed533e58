use purlin::prelude::*;
use purlin::testing::{self, Era, ErrorKind, Revision};
use serde_json::json;

use crate::features::{client, connect};

#[mcp_server(name = "small")]
mod small {
    /// Works.
    #[mcp_tool]
    fn well() -> bool {
        true
    }
}

#[purlin::test]
async fn every_revision_is_spoken() {
    for revision in Revision::ALL {
        let client = client(small::Server).era(revision).connect().await;
        assert_eq!(client.revision(), revision);
        assert!(client.call::<bool>("well", ()).await.unwrap());
    }
}

#[purlin::test]
async fn a_client_that_may_choose_gets_the_newest_revision() {
    assert_eq!(connect(small::Server).await.revision(), Revision::LATEST);
}

#[purlin::test]
async fn a_session_answers_pings_and_the_stateless_era_has_none() {
    let session = client(small::Server).era(Era::Session).connect().await;
    session.ping().await.unwrap();
    let stateless = testing::connect_in(Era::Stateless, small::Server).await;
    assert_eq!(
        stateless.ping().await.unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(
        stateless
            .request("ping", json!({}))
            .await
            .unwrap_err()
            .code(),
        Some(-32601)
    );
}

#[purlin::test(eras)]
async fn what_is_not_offered_is_not_declared_and_not_answered() {
    let client = testing::connect(small::Server).await;
    let declared = client.server_capabilities();
    assert!(declared.tools.is_some());
    assert!(declared.resources.is_none() && declared.prompts.is_none());
    for method in ["resources/list", "prompts/list", "completion/complete"] {
        let error = client.request(method, json!({})).await.unwrap_err();
        assert_eq!(error.code(), Some(-32601), "{method}");
    }
}

#[purlin::test]
async fn a_stateless_request_in_an_unknown_revision_is_told_the_known_ones() {
    let client = testing::connect_in(Era::Stateless, small::Server).await;
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2099-01-01",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let error = client
        .request("tools/list", json!({"_meta": meta}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(-32022));
    let data = error.rpc().unwrap().data.clone().unwrap();
    assert_eq!(data["requested"], "2099-01-01");
    assert!(
        data["supported"]
            .as_array()
            .unwrap()
            .contains(&json!("2026-07-28"))
    );
}

#[purlin::test(eras)]
async fn lists_come_in_pages_and_bad_cursors_are_refused() {
    let server = crate::features::catalogue::everything().page_size(2);
    let client = connect(server).await;
    assert_eq!(client.list_tools().await.unwrap().len(), 5);
    let pages = client.transcript().matches("-> ").count();
    assert!(pages >= 3, "{}", client.transcript());
    let error = client
        .request("tools/list", json!({"cursor": "made up"}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(-32602));
}
