//! The operations team's tests.

use std::time::Duration;

use platform::operations::{Operations, Release, Rollout};
use purlin::testing::{
    TestClient, client, connect,
    protocol::{CreateMessageResult, ElicitForm, ElicitResult},
};
use serde_json::{Value, json};

/// Operations that wait for nothing.
fn quick() -> Operations {
    Operations::with_pace(Duration::ZERO)
}

/// What the journal says: what was done, and how it stands.
async fn journal(client: &TestClient) -> Vec<(String, String)> {
    let text = client.read("operations://journal").await.unwrap();
    let runs: Vec<Value> = serde_json::from_str(&text).unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    runs.iter()
        .map(|run| (word(&run["what"]), word(&run["state"])))
        .collect()
}

/// Reads the journal until its only run stands so.
async fn until(client: &TestClient, state: &str) {
    while !matches!(&journal(client).await[..], [(_, now)] if now == state) {}
}

fn approve(form: ElicitForm) -> ElicitResult {
    let ElicitForm { message, .. } = form;
    assert_eq!(message, "Deploy shop 2.3.0?");
    let answer = json!({ "confirmed": true, "rollout": "gradual", "reason": "Sale on Monday." });
    ElicitResult::accept(answer.as_object().unwrap().clone())
}

fn shop() -> Value {
    json!({ "service": "shop", "version": "2.3.0" })
}

#[purlin::test(eras)]
async fn a_backup_says_how_far_it_is() {
    let client = connect(quick()).await;
    let done: String = client
        .call("backup", json!({ "service": "billing", "parts": 4 }))
        .await
        .unwrap();
    assert_eq!(done, "billing is backed up in 4 parts");
    let progress: Vec<_> = client.progress().iter().map(|step| step.progress).collect();
    assert_eq!(progress, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(client.logs().len(), 4);
    assert_eq!(client.logs()[0].data, json!("part 1 of 4 is written"));
}

#[purlin::test(eras)]
async fn a_cancelled_backup_is_abandoned() {
    let client = connect(Operations::with_pace(Duration::from_secs(3600))).await;
    let call = client.call_tool("backup", json!({ "service": "shop" }));
    tokio::select! {
        result = call => panic!("a backup of ten hours has ended: {result:?}"),
        () = until(&client, "running") => {}
    }
    until(&client, "abandoned").await;
}

#[purlin::test(eras)]
async fn a_confirmed_deployment_happens_once() {
    let client = client(quick()).answer_elicitation(approve).connect().await;
    let release: Release = client.call("deploy", shop()).await.unwrap();
    assert!(release.live);
    assert_eq!(release.rollout, Some(Rollout::Gradual));
    assert_eq!(release.reason.as_deref(), Some("Sale on Monday."));
    let done = ("release of shop 2.3.0".to_owned(), "done".to_owned());
    assert_eq!(journal(&client).await, [done]);
}

#[purlin::test(eras)]
async fn nothing_is_deployed_that_nobody_confirmed() {
    let unconfirmed = json!({ "confirmed": false, "rollout": "full" });
    for answer in [
        ElicitResult::decline(),
        ElicitResult::cancel(),
        ElicitResult::accept(unconfirmed.as_object().unwrap().clone()),
    ] {
        let client = client(quick())
            .answer_elicitation(move |_| answer.clone())
            .connect()
            .await;
        let release: Release = client.call("deploy", shop()).await.unwrap();
        assert!(!release.live);
        assert_eq!(journal(&client).await, []);
    }
}

#[purlin::test(eras)]
async fn a_client_that_cannot_ask_cannot_deploy() {
    let client = connect(quick()).await;
    assert!(client.call::<Release>("deploy", shop()).await.is_err());
    assert_eq!(journal(&client).await, []);
}

#[purlin::test(eras)]
async fn the_model_of_the_client_sums_up_the_journal() {
    let client = client(quick())
        .answer_sampling(|question| {
            let journal = question.messages[0].content[0].as_text().unwrap();
            assert_eq!(journal, "backup of routes: Done");
            CreateMessageResult::new("test-model", "All is well.")
        })
        .connect()
        .await;
    let _: String = client
        .call("backup", json!({ "service": "routes", "parts": 1 }))
        .await
        .unwrap();
    let summary: String = client.call("summarise", json!({})).await.unwrap();
    assert_eq!(summary, "All is well.");
}

#[purlin::test]
async fn a_fingerprint_depends_on_text_and_rounds() {
    let client = connect(quick()).await;
    let mut prints = Vec::new();
    for (text, rounds) in [("a", 10), ("a", 11), ("b", 10), ("a", 10)] {
        let arguments = json!({ "text": text, "rounds": rounds });
        let print: String = client.call("fingerprint", arguments).await.unwrap();
        prints.push(print);
    }
    assert_eq!(prints[0], prints[3]);
    assert_ne!(prints[0], prints[1]);
    assert_ne!(prints[0], prints[2]);
}

#[purlin::test]
async fn while_frozen_nothing_is_changed() {
    let client = connect(quick()).await;
    let freeze = async |on: bool| {
        let _: String = client.call("freeze", json!({ "on": on })).await.unwrap();
    };
    freeze(true).await;
    let backup = json!({ "service": "shop", "parts": 1 });
    let refused = client.call_tool("backup", &backup).await.unwrap();
    assert!(refused.is_error && refused.text().contains("frozen"));
    let print = client.call_tool("fingerprint", json!({ "text": "a", "rounds": 1 }));
    assert!(!print.await.unwrap().is_error);
    freeze(false).await;
    assert!(!client.call_tool("backup", &backup).await.unwrap().is_error);
}
