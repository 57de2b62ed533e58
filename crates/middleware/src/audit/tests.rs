use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use purlin_core::{Origin, Principal, Server, ToolResult, TransportKind, transport::memory};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::*;
use crate::fixture::{Wire, server, tool};

/// A directory of this test alone, gone with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let mut name = [0; 8];
        getrandom::fill(&mut name).unwrap();
        let path = std::env::temp_dir().join(format!("audit-{:x}", u64::from_be_bytes(name)));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn log(&self) -> PathBuf {
        self.0.join("audit.jsonl")
    }

    fn open(&self) -> Audit {
        Audit::to(AuditFile::open(self.log()).unwrap()).unwrap()
    }

    fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.log()).unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes so many events, and closes the log.
async fn write(audit: Audit, count: usize) {
    for number in 0..count {
        let event = AuditEvent::new("login").field("number", &number.to_string());
        audit.record(event).await.unwrap();
    }
    audit.close().await.unwrap();
}

#[tokio::test]
async fn a_call_is_recorded_with_who_what_and_how_it_ended() {
    let directory = Directory::new();
    let audit = directory.open().arguments(true);
    let server = server().middleware(audit.clone());
    let alice = Principal::new("alice")
        .with_tenant("acme")
        .with_issuer("https://a.example");
    let origin = Origin::new(TransportKind::Http).with_principal(alice);
    let link = memory::connect_from(&server, origin).await.unwrap();
    let wire = Wire::over(link);
    wire.call("echo", json!({ "city": "Paris", "apiKey": "hunter2" }))
        .await;
    wire.call("fail", json!({})).await;
    wire.ask("tools/list", json!({})).await;
    // Each record before it is written when this one is.
    audit.record(AuditEvent::new("end")).await.unwrap();
    let records = directory.records();
    assert_eq!(records.len(), 3);
    let echo = &records[0];
    assert_eq!(
        (
            &echo["seq"],
            &echo["event"],
            &echo["target"],
            &echo["outcome"]
        ),
        (
            &json!(1),
            &json!("tools/call"),
            &json!("echo"),
            &json!("ok")
        )
    );
    assert_eq!(
        (&echo["subject"], &echo["tenant"], &echo["issuer"]),
        (&json!("alice"), &json!("acme"), &json!("https://a.example"))
    );
    let arguments = echo["arguments"].as_str().unwrap();
    assert!(
        arguments.contains("Paris") && !arguments.contains("hunter2"),
        "{arguments}"
    );
    assert!(echo["micros"].is_u64() && echo["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        (&records[1]["outcome"], &records[1]["kind"]),
        (&json!("error"), &json!("Tool"))
    );
}

#[tokio::test]
async fn a_refusal_and_a_correlation_id_are_recorded() {
    let directory = Directory::new();
    let audit = directory.open();
    let server = server()
        .middleware(audit.clone())
        .middleware(crate::ErrorHandling::new());
    let admin = tool("admin", |_, _| async { Ok(ToolResult::new()) }).scopes(["admin"]);
    server.add_tool(admin).unwrap();
    let wire = Wire::over_http(&server).await;
    wire.call("admin", json!({})).await;
    audit.record(AuditEvent::new("end")).await.unwrap();
    let record = &directory.records()[0];
    assert_eq!(record["outcome"], "denied");
    assert!(record["correlation_id"].is_string(), "{record}");
}

#[tokio::test]
async fn the_query_of_a_uri_is_not_recorded() {
    let directory = Directory::new();
    let audit = directory.open();
    let wire = Wire::to(&server().middleware(audit.clone())).await;
    let uri = json!({"uri": "data://orders?token=s3cret"});
    wire.ask("resources/read", uri).await;
    audit.record(AuditEvent::new("end")).await.unwrap();
    assert_eq!(directory.records()[0]["target"], "data://orders");
    let written = fs::read_to_string(directory.log()).unwrap();
    assert!(!written.contains("s3cret"), "{written}");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_recorded_as_cancelled() {
    let directory = Directory::new();
    let audit = directory.open();
    let started = Arc::new(tokio::sync::Notify::new());
    let starts = Arc::clone(&started);
    let hang = tool("hang", move |_, _| {
        starts.notify_one();
        std::future::pending()
    });
    let server = server().middleware(audit.clone());
    server.add_tool(hang).unwrap();
    let wire = Wire::to(&server).await;
    wire.request(7, "tools/call", json!({ "name": "hang" }));
    started.notified().await;
    wire.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } }));
    // The request is dropped by the task that polls it.
    while audit.statistics().written == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(directory.records()[0]["outcome"], "cancelled");
}

#[tokio::test]
async fn every_change_of_a_record_is_found() {
    let directory = Directory::new();
    write(directory.open(), 6).await;
    let whole = fs::read(directory.log()).unwrap();
    assert_eq!(verify_file(directory.log(), None).unwrap().records, 6);
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
        fs::write(directory.log(), &changed).unwrap();
        assert!(verify_file(directory.log(), None).is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn every_record_that_is_removed_moved_doubled_or_cut_off_is_found() {
    let directory = Directory::new();
    write(directory.open(), 8).await;
    let whole = fs::read_to_string(directory.log()).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let check = |lines: &[&str], what: &str| {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(directory.log(), text).unwrap();
        let found = verify_file(directory.log(), None);
        assert!(found.is_err(), "{what} was not found");
    };
    for at in 0..lines.len() {
        let mut removed = lines.clone();
        removed.remove(at);
        check(&removed, &format!("the removal of {at}"));
        check(&lines[..at], &format!("the cut at {at}"));
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        check(&doubled, &format!("the copy of {at}"));
        for other in 0..at {
            let mut moved = lines.clone();
            moved.swap(at, other);
            check(&moved, &format!("the exchange of {at} and {other}"));
        }
    }
    fs::write(directory.log(), &whole[..whole.len() - 9]).unwrap();
    assert!(matches!(
        verify_file(directory.log(), None),
        Err(Tampered::NoRecord { line: 8 })
    ));
}

#[tokio::test]
async fn a_chain_written_anew_is_found_by_the_head_kept_elsewhere() {
    let (real, forged) = (Directory::new(), Directory::new());
    let audit = real.open();
    audit.record(AuditEvent::new("deletion")).await.unwrap();
    let kept = audit.head().unwrap();
    audit.close().await.unwrap();
    write(forged.open(), 1).await;
    let records = fs::File::open(forged.log()).unwrap();
    assert!(matches!(
        verify(records, None, Some(&kept)),
        Err(Tampered::Replaced { sequence: 1 })
    ));
    assert_eq!(kept, kept.to_string().parse().unwrap());
}

#[tokio::test]
async fn nobody_without_the_key_writes_a_chain_that_holds() {
    let directory = Directory::new();
    let file = AuditFile::open(directory.log()).unwrap();
    write(Audit::keyed(file, b"key").unwrap(), 3).await;
    assert_eq!(
        verify_file(directory.log(), Some(b"key")).unwrap().records,
        3
    );
    for key in [None, Some(&b"other"[..])] {
        assert!(matches!(
            verify_file(directory.log(), key),
            Err(Tampered::Changed { line: 1 })
        ));
    }
}

#[tokio::test]
async fn a_new_start_goes_on_with_the_chain() {
    let directory = Directory::new();
    for _ in 0..3 {
        write(directory.open(), 2).await;
    }
    let found = verify_file(directory.log(), None).unwrap();
    assert_eq!((found.records, found.head.unwrap().sequence), (6, 6));
}

#[tokio::test]
async fn a_record_that_a_crash_cut_is_moved_away() {
    let directory = Directory::new();
    write(directory.open(), 2).await;
    let mut text = fs::read_to_string(directory.log()).unwrap();
    text.push_str(r#"{"seq":3,"time":"#);
    fs::write(directory.log(), text).unwrap();
    write(directory.open(), 1).await;
    assert_eq!(verify_file(directory.log(), None).unwrap().records, 3);
    let torn = fs::read_to_string(directory.0.join("audit.jsonl.torn")).unwrap();
    assert_eq!(torn, "{\"seq\":3,\"time\":\n");
}

#[tokio::test]
async fn a_log_whose_end_is_missing_is_not_gone_on_with() {
    let directory = Directory::new();
    write(directory.open(), 3).await;
    let text = fs::read_to_string(directory.log()).unwrap();
    let first = text.lines().next().unwrap();
    fs::write(directory.log(), format!("{first}\n")).unwrap();
    let error = AuditFile::open(directory.log()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("ends with record 1, and 3 were written"),
        "{error}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_log_is_its_owners_alone_and_of_one_process() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = Directory::new();
    let audit = directory.open();
    let error = AuditFile::open(directory.log()).unwrap_err();
    assert!(error.to_string().contains("another process"), "{error}");
    write(audit, 1).await;
    for file in ["audit.jsonl", "audit.jsonl.head"] {
        let mode = fs::metadata(directory.0.join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

/// Takes records while it works.
struct Flaky(Arc<AtomicBool>);

impl AuditSink for Flaky {
    fn head(&self) -> Option<Head> {
        None
    }

    fn append(&mut self, _record: &str, _head: &Head) -> io::Result<()> {
        match self.0.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::StorageFull,
                "the disk is full",
            )),
        }
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn recorded(required: bool) -> (Server, Audit, Arc<AtomicBool>) {
    let works = Arc::new(AtomicBool::new(true));
    let audit = Audit::to(Flaky(Arc::clone(&works)))
        .unwrap()
        .required(required);
    (server().middleware(audit.clone()), audit, works)
}

#[tokio::test]
async fn nothing_happens_without_a_record_where_one_is_required() {
    let (server, audit, works) = recorded(true);
    let ran = Arc::new(AtomicBool::new(false));
    let runs = Arc::clone(&ran);
    let note = tool("note", move |_, _| {
        runs.store(true, Ordering::Relaxed);
        async { Ok(ToolResult::new()) }
    });
    server.add_tool(note).unwrap();
    let wire = Wire::to(&server).await;
    works.store(false, Ordering::Relaxed);
    let answer = wire.call("echo", json!({})).await;
    assert!(answer.to_string().contains("audit_unavailable"), "{answer}");
    wire.call("note", json!({})).await;
    assert!(!ran.load(Ordering::Relaxed));
    works.store(true, Ordering::Relaxed);
    let answer = wire.call("note", json!({})).await;
    assert!(answer["result"]["isError"].is_null(), "{answer}");
    assert!(ran.load(Ordering::Relaxed));
    // The one that says that the log works again, and the call.
    assert_eq!(audit.statistics().written, 2);
}

#[tokio::test]
async fn a_failure_is_counted_where_no_record_is_required() {
    let (server, audit, works) = recorded(false);
    works.store(false, Ordering::Relaxed);
    let wire = Wire::to(&server).await;
    let answer = wire.call("echo", json!({})).await;
    assert!(answer["result"]["isError"].is_null(), "{answer}");
    audit.record(AuditEvent::new("end")).await.unwrap_err();
    assert_eq!(
        audit.statistics(),
        AuditStatistics {
            written: 0,
            lost: 2,
            refused: 0
        }
    );
}

#[tokio::test]
async fn an_event_cannot_forge_the_chain() {
    let directory = Directory::new();
    let audit = directory.open();
    let event = AuditEvent::new("login\n{\"seq\":9}")
        .field("seq", "9")
        .field("hash", "x")
        .field("note", "\",\"hash\":\"0\"}");
    audit.record(event).await.unwrap();
    audit.close().await.unwrap();
    let records = directory.records();
    assert_eq!((records.len(), &records[0]["seq"]), (1, &json!(1)));
    assert_eq!(verify_file(directory.log(), None).unwrap().records, 1);
}

/// Takes a record for each permit.
struct Gated {
    permits: mpsc::Receiver<()>,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl AuditSink for Gated {
    fn head(&self) -> Option<Head> {
        None
    }

    fn append(&mut self, record: &str, _head: &Head) -> io::Result<()> {
        self.permits.recv().map_err(io::Error::other)?;
        let line = serde_json::from_str(record)?;
        self.lines.lock().unwrap().push(line);
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A log of so many places, what lets a record into it, and the records.
fn gated(places: usize) -> (Audit, mpsc::Sender<()>, Arc<Mutex<Vec<Value>>>) {
    let (open, permits) = mpsc::channel();
    let lines = Arc::new(Mutex::default());
    let sink = Gated {
        permits,
        lines: Arc::clone(&lines),
    };
    (Audit::to(sink).unwrap().capacity(places), open, lines)
}

/// A server with a tool that says when it starts, waits until it may end, and says so.
fn waiting(audit: &Audit) -> (Server, Arc<Semaphore>, Arc<Semaphore>) {
    let (started, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (starts, gate) = (Arc::clone(&started), Arc::clone(&go_on));
    let wait = tool("wait", move |_, _| {
        starts.add_permits(1);
        let (gate, ends) = (Arc::clone(&gate), Arc::clone(&starts));
        async move {
            gate.acquire().await.unwrap().forget();
            ends.add_permits(1);
            Ok(ToolResult::new())
        }
    });
    let server = server().middleware(audit.clone());
    server.add_tool(wait).unwrap();
    (server, started, go_on)
}

#[tokio::test(start_paused = true)]
async fn a_call_runs_only_when_there_is_a_place_for_its_record() {
    for policy in [WhenFull::Refuse, WhenFull::default()] {
        let (audit, open, lines) = gated(1);
        let audit = audit.when_full(policy);
        let (server, started, go_on) = waiting(&audit);
        let (one, two) = (Wire::to(&server).await, Wire::to(&server).await);
        one.request(1, "tools/call", json!({ "name": "wait" }));
        started.acquire().await.unwrap().forget();
        let refused = two.call("wait", json!({})).await;
        assert!(refused.to_string().contains("audit_full"), "{refused}");
        assert_eq!(started.available_permits(), 0);
        assert_eq!(audit.statistics().refused, 1);
        // Its place is free when its record is written, not when it has ended.
        go_on.add_permits(1);
        one.hear().await;
        open.send(()).unwrap();
        while audit.statistics().written < 1 {
            tokio::task::yield_now().await;
        }
        go_on.add_permits(1);
        open.send(()).unwrap();
        let answer = loop {
            let answer = two.call("wait", json!({})).await;
            if !answer.to_string().contains("audit_full") {
                break answer;
            }
        };
        assert!(answer["result"]["isError"].is_null(), "{answer}");
        audit.close().await.unwrap();
        assert_eq!(lines.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_call_waits_for_a_place_and_one_within_another_does_not() {
    let (audit, open, lines) = gated(1);
    let (server, started, go_on) = waiting(&audit);
    let outer = tool("outer", |cx, _| async move {
        cx.call_tool("echo", json!({})).await
    });
    server.add_tool(outer).unwrap();
    let (one, two) = (Wire::to(&server).await, Wire::to(&server).await);
    one.request(1, "tools/call", json!({ "name": "wait" }));
    started.acquire().await.unwrap().forget();
    two.request(1, "tools/call", json!({ "name": "outer" }));
    tokio::task::yield_now().await;
    go_on.add_permits(1);
    for _ in 0..2 {
        open.send(()).unwrap();
    }
    let answer = two.hear().await;
    assert!(answer.to_string().contains("audit_full"), "{answer}");
    audit.close().await.unwrap();
    let targets: Vec<_> = lines
        .lock()
        .unwrap()
        .iter()
        .map(|line| line["target"].clone())
        .collect();
    assert_eq!(targets, ["wait", "outer"]);
}

#[tokio::test]
async fn a_call_that_is_dropped_at_any_point_after_its_start_is_recorded() {
    let (audit, open, lines) = gated(8);
    let audit = audit.required(true);
    let (server, started, go_on) = waiting(&audit);
    let wire = Wire::to(&server).await;
    let cancel = |id: u64| {
        let params = json!({ "requestId": id });
        wire.say(
            &json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }),
        );
    };
    wire.request(1, "tools/call", json!({ "name": "wait" }));
    started.acquire().await.unwrap().forget();
    cancel(1);
    // This one has run, and waits for its record.
    wire.request(2, "tools/call", json!({ "name": "wait" }));
    started.acquire().await.unwrap().forget();
    go_on.add_permits(1);
    started.acquire().await.unwrap().forget();
    cancel(2);
    for _ in 0..2 {
        open.send(()).unwrap();
    }
    while audit.statistics().written < 2 {
        tokio::task::yield_now().await;
    }
    let lines = lines.lock().unwrap();
    let outcomes: Vec<_> = lines.iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["cancelled", "ok"]);
}

#[tokio::test]
async fn an_event_that_cannot_wait_is_refused_and_counted_when_all_places_are_taken() {
    let (audit, open, lines) = gated(2);
    let login = || AuditEvent::new("login");
    assert!(audit.try_record(login()) && audit.try_record(login()));
    assert!(!audit.try_record(login()));
    assert_eq!(audit.statistics().refused, 1);
    for _ in 0..2 {
        open.send(()).unwrap();
    }
    audit.close().await.unwrap();
    assert_eq!(lines.lock().unwrap().len(), 2);
    assert!(!audit.try_record(login()));
    audit.record(login()).await.unwrap_err();
}

#[tokio::test]
async fn dropping_the_log_does_not_hold_the_runtime_up_and_loses_nothing() {
    let (audit, open, lines) = gated(8);
    for _ in 0..3 {
        assert!(audit.try_record(AuditEvent::new("login")));
    }
    // The sink takes nothing yet: whoever waited for it here would wait for ever.
    drop(audit);
    for _ in 0..3 {
        open.send(()).unwrap();
    }
    while lines.lock().unwrap().len() < 3 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn without_a_runtime_the_last_handle_waits_for_what_is_to_be_written() {
    let (audit, open, lines) = gated(8);
    assert!(audit.try_record(AuditEvent::new("login")));
    open.send(()).unwrap();
    drop(audit);
    assert_eq!(lines.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_log_whose_head_is_missing_is_not_gone_on_with() {
    for broken in [None, Some("12:abc")] {
        let directory = Directory::new();
        write(directory.open(), 2).await;
        let head = directory.0.join("audit.jsonl.head");
        match broken {
            None => fs::remove_file(head).unwrap(),
            Some(text) => fs::write(head, text).unwrap(),
        }
        let error = AuditFile::open(directory.log()).unwrap_err();
        assert!(error.to_string().contains("missing or broken"), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_there_with_another_mode_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = Directory::new();
    let log = directory.0.join("made/audit.jsonl");
    let open = || Audit::to(AuditFile::open(&log).unwrap()).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    write(open(), 1).await;
    assert_eq!(mode(&directory.0.join("made")), 0o700);
    fs::write(&log, fs::read_to_string(&log).unwrap() + "torn").unwrap();
    for file in ["audit.jsonl", "audit.jsonl.head", "audit.jsonl.head.new"] {
        let path = directory.0.join("made").join(file);
        let file = fs::OpenOptions::new().append(true).create(true).open(path);
        let open_to_all = fs::Permissions::from_mode(0o666);
        file.unwrap().set_permissions(open_to_all).unwrap();
    }
    write(open(), 1).await;
    for file in ["audit.jsonl", "audit.jsonl.head", "audit.jsonl.torn"] {
        assert_eq!(mode(&directory.0.join("made").join(file)), 0o600, "{file}");
    }
    assert_eq!(verify_file(&log, None).unwrap().records, 2);
}
