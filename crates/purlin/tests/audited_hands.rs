//! What was refused lies in the audit log, in a chain that holds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;

use purlin::guard::{Tenant, UrlFetcher, fetch::UrlRules};
use purlin::middleware::{
    Audit,
    audit::{AuditFile, GuardLog, verify_file},
};
use serde_json::{Value, json};

/// What is recorded of some fetches by a log, when the chain holds.
async fn records(of: impl Fn(&Audit) -> GuardLog) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let audit = Audit::to(AuditFile::open(&path).unwrap()).unwrap();
    let rules = UrlRules::web().allow_ranges(["127.0.0.0/8"]).unwrap();
    let fetcher = UrlFetcher::with(rules.open_ports([1]))
        .events(of(&audit))
        .build();
    let acme = fetcher.scoped(&Tenant::new("acme"));
    acme.fetch("http://10.0.0.1/canary?canary")
        .await
        .unwrap_err();
    // Nobody listens there.
    fetcher
        .fetch("http://127.0.0.1:1/canary")
        .await
        .unwrap_err();
    audit.close().await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(
        verify_file(&path, None).unwrap().records,
        text.lines().count() as u64
    );
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Whether a record has all these members.
fn has(record: &Value, expected: &Value) -> bool {
    let mut expected = expected.as_object().unwrap().iter();
    expected.all(|(name, value)| record[name] == *value)
}

fn refused() -> Value {
    json!({
        "event": "guard/fetch", "target": "10.0.0.1", "tenant": "acme",
        "outcome": "denied", "reason": "blocked_address",
    })
}

#[tokio::test]
async fn a_blocked_url_is_recorded_by_its_host() {
    let records = records(GuardLog::to).await;
    assert_eq!(records.len(), 1, "{records:#?}");
    assert!(has(&records[0], &refused()), "{records:#?}");
    assert!(records[0]["micros"].is_u64(), "{records:#?}");
}

#[tokio::test]
async fn the_rest_is_recorded_where_that_is_wanted() {
    let records = records(|audit| GuardLog::to(audit).all()).await;
    let failed = json!({
        "event": "guard/fetch", "target": "127.0.0.1", "outcome": "error", "reason": "connect",
    });
    assert_eq!(records.len(), 2, "{records:#?}");
    assert!(has(&records[0], &refused()), "{records:#?}");
    assert!(has(&records[1], &failed), "{records:#?}");
    assert!(records[1].get("tenant").is_none(), "{records:#?}");
}
