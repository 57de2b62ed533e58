//! The four servers together.

use platform::{Platform, Settings, caller::Caller};
use purlin::config::Loader;
use purlin::middleware::audit::verify;
use purlin::testing::{
    Change, Subscription, assert_snapshot, connect,
    protocol::{CompleteParams, Content, Reference},
};
use serde_json::{Value, json};

#[purlin::test]
async fn what_the_platform_offers_changes_only_on_purpose() {
    let client = connect(Platform::default()).await;
    assert_snapshot("tests/platform/catalogue.json", client.catalogue().await);
}

#[purlin::test(eras)]
async fn every_team_has_its_prefix() {
    let client = connect(Platform::default()).await;
    let catalogue = client.catalogue().await;
    for tool in [
        "whoami",
        "weather_current",
        "inventory_search",
        "documents_search",
        "operations_deploy",
    ] {
        assert!(catalogue.tool(tool).is_some(), "{tool}");
    }
    assert!(
        catalogue
            .uri_templates()
            .contains(&"weather://weather/cities/{country}")
    );
    assert_eq!(
        catalogue.prompt_names(),
        ["documents_explain", "documents_review"]
    );
}

#[purlin::test(eras)]
async fn a_tool_learns_from_the_middleware_who_is_asking() {
    let client = connect(Platform::default()).await;
    let caller: Value = client.call("whoami", json!({})).await.unwrap();
    assert_eq!(caller, json!({ "client": "test", "local": true }));
    let known = Caller {
        client: "test".to_owned(),
        local: true,
    };
    assert_eq!(caller, json!(known));
}

#[purlin::test(eras)]
async fn the_audit_sees_every_teams_calls() {
    let settings = Loader::new().load::<Settings>().unwrap();
    let client = connect(Platform::open(&settings).await.unwrap()).await;
    for city in ["Paris", "Atlantis"] {
        let city = json!({ "city": city });
        client.call_tool("weather_current", city).await.unwrap();
    }
    let trail = client.read("platform://audit").await.unwrap();
    let trail: Value = serde_json::from_str(&trail).unwrap();
    let call = |outcome| {
        let (event, target) = ("tools/call", "weather_current");
        json!({ "event": event, "target": target, "outcome": outcome })
    };
    assert_eq!(trail, json!([call("ok"), call("error")]));
}

#[purlin::test]
async fn the_audit_log_in_a_file_is_a_chain_that_holds() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("audit.jsonl");
    let path = file.to_str().unwrap();
    let settings = Loader::new().variables([("AUDIT_FILE", path)]);
    let settings = settings.load::<Settings>().unwrap();
    let client = connect(Platform::open(&settings).await.unwrap()).await;
    for records in 1..=2 {
        client.call_tool("whoami", json!({})).await.unwrap();
        // No answer comes before its record.
        let written = std::fs::File::open(&file).unwrap();
        assert_eq!(verify(written, None, None).unwrap().records, records);
    }
}

#[purlin::test]
async fn a_freeze_of_operations_is_no_concern_of_the_inventory() {
    let client = connect(Platform::default()).await;
    let _: String = client
        .call("operations_freeze", json!({ "on": true }))
        .await
        .unwrap();
    let fix = json!({ "sku": "FST-001", "quantity": 1 });
    let reserved = client.call_tool("inventory_reserve", fix).await.unwrap();
    assert!(!reserved.is_error);
    let backup = json!({ "service": "shop" });
    let backup = client.call_tool("operations_backup", backup).await.unwrap();
    assert!(backup.is_error);
}

#[purlin::test(eras)]
async fn links_lead_to_pages_under_the_prefix() {
    let client = connect(Platform::default()).await;
    let result = client
        .call_tool("documents_search", json!({ "text": "suppliers" }))
        .await
        .unwrap();
    let [Content::ResourceLink(link)] = &result.content[..] else {
        panic!("one page is about suppliers: {:?}", result.content);
    };
    assert_eq!(link.uri, "handbook://documents/pages/ordering");
    assert!(client.read(&link.uri).await.unwrap().contains("suppliers"));
}

#[purlin::test(eras)]
async fn a_change_in_a_mounted_server_is_announced_under_the_prefix() {
    let low_stock = "inventory://inventory/low-stock";
    let client = connect(Platform::default()).await;
    let mut changes = client
        .listen(Subscription::new().resource(low_stock))
        .await
        .unwrap();
    let drills = json!({ "sku": "TLS-004", "quantity": 5 });
    client.call_tool("inventory_reserve", drills).await.unwrap();
    let change = changes.next().await.transpose().unwrap();
    assert_eq!(change, Some(Change::Resource(low_stock.to_owned())));
}

#[purlin::test]
async fn arguments_are_completed_under_the_prefix() {
    let client = connect(Platform::default()).await;
    let template = Reference::resource("weather://weather/cities/{country}");
    let completion = client
        .complete(CompleteParams::new(template, "country", "p"))
        .await
        .unwrap();
    assert_eq!(completion.values, ["Portugal"]);
}

#[purlin::test]
async fn models_are_told_how_to_use_it() {
    let client = connect(Platform::default()).await;
    assert!(client.instructions().unwrap().contains("inventory_search"));
    assert_eq!(client.server_info().unwrap().name, "platform");
}
