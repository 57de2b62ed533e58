//! The inventory team's tests.

use std::{path::Path, sync::Arc};

use platform::inventory::{Category, Inventory, Item};
use purlin::prelude::{Error, Server};
use purlin::testing::{
    Change, Subscription, TestClient, connect,
    protocol::{CompleteParams, Reference},
};
use serde_json::json;
use tokio::sync::Notify;

async fn item(client: &TestClient, sku: &str) -> Item {
    let text = client
        .read(&format!("inventory://items/{sku}"))
        .await
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

#[purlin::test(eras)]
async fn a_search_gives_twenty_rows_unless_asked_otherwise() {
    let client = connect(Inventory::default()).await;
    let items: Vec<Item> = client.call("search", json!({})).await.unwrap();
    assert_eq!(items.len(), 20);
    let items: Vec<Item> = client.call("search", json!({ "limit": 3 })).await.unwrap();
    assert_eq!(items.len(), 3);
}

#[purlin::test]
async fn a_search_goes_by_text_and_category() {
    let client = connect(Inventory::default()).await;
    let bolts: Vec<Item> = client
        .call("search", json!({ "text": "BOLT" }))
        .await
        .unwrap();
    assert!(bolts.iter().all(|item| item.name.starts_with("Hex bolt")));
    assert_eq!(bolts.len(), 2);
    let lumber: Vec<Item> = client
        .call("search", json!({ "category": "lumber" }))
        .await
        .unwrap();
    assert!(lumber.iter().all(|item| item.category == Category::Lumber));
    assert!(lumber.iter().any(|item| item.name.starts_with("Purlin")));
}

#[purlin::test]
async fn what_is_reserved_is_gone_until_it_is_restocked() {
    let client = connect(Inventory::default()).await;
    let before = item(&client, "TLS-001").await.quantity;
    let reserved: Item = client
        .call("reserve", json!({ "sku": "TLS-001", "quantity": 2 }))
        .await
        .unwrap();
    assert_eq!(reserved.quantity, before - 2);
    let restocked: Item = client
        .call("restock", json!({ "sku": "TLS-001", "quantity": 2 }))
        .await
        .unwrap();
    assert_eq!(restocked.quantity, before);
}

#[purlin::test]
async fn nothing_is_reserved_that_is_not_there() {
    let client = connect(Inventory::default()).await;
    let before = item(&client, "TLS-005").await;
    let result = client
        .call_tool("reserve", json!({ "sku": "TLS-005", "quantity": 500 }))
        .await
        .unwrap();
    assert!(result.is_error);
    assert!(result.text().contains("out_of_stock"), "{}", result.text());
    assert_eq!(item(&client, "TLS-005").await, before);

    let result = client
        .call_tool("reserve", json!({ "sku": "TLS-999", "quantity": 1 }))
        .await
        .unwrap();
    assert!(result.text().contains("unknown_item"), "{}", result.text());
}

#[purlin::test(eras)]
async fn subscribers_hear_when_stock_runs_low_and_when_it_is_back() {
    let low_stock = "inventory://low-stock";
    let client = connect(Inventory::default()).await;
    let mut changes = client
        .listen(Subscription::new().resource(low_stock))
        .await
        .unwrap();
    let drills = |quantity| json!({ "sku": "TLS-004", "quantity": quantity });
    for (tool, quantity, is_low) in [("reserve", 5, true), ("restock", 5, false)] {
        let _: Item = client.call(tool, drills(quantity)).await.unwrap();
        let change = changes.next().await.transpose().unwrap();
        assert_eq!(change, Some(Change::Resource(low_stock.to_owned())));
        let listed = client.read(low_stock).await.unwrap().contains("TLS-004");
        assert_eq!(listed, is_low);
    }
}

/// A warehouse whose stock is in a file, and a signal that it has been closed.
fn warehouse(file: &Path) -> (Server, Arc<Notify>) {
    let closed = Arc::new(Notify::new());
    let tell = Arc::clone(&closed);
    // What a mounted server has opened is closed before what is around it.
    let server = Server::builder("warehouse", "1.0.0")
        .with("stock", Inventory::in_file(file))
        .lifespan(
            || async { Ok::<_, Error>(()) },
            move |_| {
                tell.notify_one();
                async {}
            },
        );
    (server, closed)
}

#[purlin::test]
async fn stock_in_a_file_survives_a_restart() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inventory.json");
    let _ = std::fs::remove_file(&file);
    let one = json!({ "sku": "TLS-001", "quantity": 1 });
    let mut left = Vec::new();
    for _ in 0..2 {
        let (server, closed) = warehouse(&file);
        let client = connect(server).await;
        let item: Item = client.call("stock_reserve", &one).await.unwrap();
        left.push(item.quantity);
        drop(client);
        closed.notified().await;
    }
    assert_eq!(left[0] - 1, left[1]);
}

#[purlin::test]
async fn skus_are_completed_from_the_store() {
    let client = connect(Inventory::default()).await;
    let template = Reference::resource("inventory://items/{sku}");
    let completion = client
        .complete(CompleteParams::new(template, "sku", "fin"))
        .await
        .unwrap();
    assert_eq!(completion.values.len(), 5);
}
