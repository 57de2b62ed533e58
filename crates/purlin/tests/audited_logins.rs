//! Logins lie in the audit log, in one chain that holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

// The world in which the authorization server itself is tested.
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "../../auth/tests/authorization_server/scene/mod.rs"]
mod scene;

use std::fs;

use purlin::middleware::{
    Audit,
    audit::{AuditFile, AuthLog, verify_file},
};
use scene::{CALLBACK, Scene, token};
use serde_json::Value;

/// A log in a directory that goes with it.
struct Log {
    directory: tempfile::TempDir,
    audit: Audit,
}

impl Log {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = AuditFile::open(directory.path().join("audit.jsonl")).unwrap();
        Self {
            directory,
            audit: Audit::to(file).unwrap(),
        }
    }

    async fn scene(&self) -> Scene {
        let recorder = AuthLog::to(&self.audit);
        Scene::production_with(|builder| builder.events(recorder)).await
    }

    /// The records, when the chain holds.
    async fn records(&self) -> Vec<Value> {
        self.audit.close().await.unwrap();
        let path = self.directory.path().join("audit.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        let records: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let found = verify_file(&path, None).unwrap();
        assert_eq!(found.records, records.len() as u64);
        records
    }
}

fn of<'a>(records: &'a [Value], event: &str, outcome: &str) -> &'a Value {
    let is_it = |record: &&Value| record["event"] == event && record["outcome"] == outcome;
    let found = records.iter().find(is_it);
    found.unwrap_or_else(|| panic!("no {event} that is {outcome} in {records:#?}"))
}

#[tokio::test]
async fn a_login_a_consent_tokens_and_refusals_are_recorded_in_a_chain_that_holds() {
    let log = Log::new();
    let scene = log.scene().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let back = scene.log_in(&mut browser, &client).await;
    let code = back.parameter("code").unwrap();
    let issued = token(&scene.exchange(&client, &code).await);
    assert!(scene.lets_in(&issued).await);
    // A code is good for one time, and this user says no.
    assert_eq!(scene.exchange(&client, &code).await.status, 400);
    let mut other = scene.browser.another();
    let asked = other.get(&scene.request(&client).url()).await;
    other.submit(&asked, &[("decision", "deny")]).await;

    let records = log.records().await;
    for event in [
        "auth/registration",
        "auth/consent",
        "auth/login",
        "auth/issue",
    ] {
        let record = of(&records, event, "ok");
        assert_eq!(record["client"], *client, "{record}");
        assert!(record["address"].is_string(), "{record}");
    }
    assert!(of(&records, "auth/login", "ok")["subject"].is_string());
    let reused = of(&records, "auth/reuse_detected", "denied");
    assert_eq!(reused["reason"], "code");
    assert_eq!(of(&records, "auth/denial", "denied")["client"], *client);
    // What was issued is in no record.
    let written = serde_json::to_string(&records).unwrap();
    assert!(!written.contains(&issued) && !written.contains(&code));
}

#[tokio::test]
async fn nobody_waits_for_a_log_that_is_full_or_closed() {
    let log = Log::new();
    let scene = log.scene().await;
    log.audit.close().await.unwrap();
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let back = scene.log_in(&mut browser, &client).await;
    assert!(back.parameter("code").is_some(), "{back:?}");
    assert!(log.audit.statistics().refused >= 3);
}
