use std::collections::BTreeSet;

use purlin_client::{Client, Era};
use purlin_stores::Redis;
use serde_json::json;

use crate::cluster::Cluster;

const ERAS: [Era; 2] = [Era::Stateless, Era::Session];

/// Which processes answer.
async fn processes(client: &Client) -> BTreeSet<u32> {
    let mut processes = BTreeSet::new();
    for _ in 0..9 {
        processes.insert(client.call::<u32>("process", json!({})).await.unwrap());
    }
    processes
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_is_served_by_all_processes() {
    let cluster = Cluster::start().await;
    for era in ERAS {
        let (client, heard) = cluster.client(era).await;
        assert_eq!(processes(&client).await.len(), 3, "{era:?}");
        for n in 0..6 {
            let token = format!("token {n}");
            let done: String = client
                .call("work", json!({ "token": token }))
                .await
                .unwrap();
            assert_eq!(done, token);
            let asked: String = client
                .call("confirm", json!({ "token": token }))
                .await
                .unwrap();
            assert_eq!(asked, format!("{token}: true"), "{era:?}");
        }
        assert!(!heard.progress().is_empty());
        assert_eq!(heard.answered_twice(), [""; 0]);
        client.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_for_a_session_is_kept_at_all_processes() {
    let cluster = Cluster::start().await;
    for era in ERAS {
        let (client, _) = cluster.client(era).await;
        let count = match era {
            Era::Stateless => {
                let trip: String = client.call("start", json!({})).await.unwrap();
                json!({ "trip": trip })
            }
            _ => json!({}),
        };
        for n in 1..=9 {
            let counted: u32 = client.call("count", count.clone()).await.unwrap();
            assert_eq!(counted, n, "{era:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_runs_once_wherever_its_rounds_are_served() {
    let cluster = Cluster::start().await;
    let _: Redis = cluster.store();
    for era in ERAS {
        let (client, _) = cluster.client(era).await;
        for n in 0..6 {
            let id = format!("{era:?} {n}");
            let charged: i64 = client.call("order", json!({ "id": id })).await.unwrap();
            assert_eq!(charged, 1, "{id}");
        }
    }
}
