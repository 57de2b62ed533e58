//! `subscriptions/listen` on standard input and output.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, request};

const ID: &str = "io.modelcontextprotocol/subscriptionId";

fn listen(server: &Naughty, id: &Value, filter: Value) {
    let params = json!({ "notifications": filter });
    server.say(&request(Era::Modern, id, "subscriptions/listen", params));
}

#[test]
fn the_acknowledgement_comes_first_and_everything_carries_the_id_in_its_type() {
    for id in [json!(7), json!("7"), json!(0), json!("")] {
        let mut server = Naughty::modern();
        listen(&server, &id, json!({ "toolsListChanged": true }));
        server.start("grow", json!({ "name": "grown" }));
        let first = server.find(|message| message.get("method").is_some());
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(first["params"]["_meta"][ID], id);
        assert_eq!(
            first["params"]["notifications"],
            json!({ "toolsListChanged": true })
        );
        let changed = server.notification("notifications/tools/list_changed");
        assert_eq!(changed["params"]["_meta"][ID], id);
    }
}

#[test]
fn only_what_was_asked_for_is_told() {
    let mut server = Naughty::modern();
    let filter = json!({ "resourceSubscriptions": ["note://count"] });
    listen(&server, &json!("l"), filter);
    server.notification("notifications/subscriptions/acknowledged");
    server.text("grow", json!({ "name": "grown" }));
    server.text("touch", json!({ "uri": "note://by-name/other" }));
    server.text("touch", json!({ "uri": "note://count" }));
    let told = server.find(|message| message.get("method").is_some());
    assert_eq!(told["method"], "notifications/resources/updated");
    assert_eq!(told["params"]["uri"], "note://count");
    assert_eq!(told["params"]["_meta"][ID], "l");
}

#[test]
fn streams_interleave_and_a_cancelled_one_falls_silent() {
    let mut server = Naughty::modern();
    for id in ["a", "b"] {
        listen(&server, &json!(id), json!({ "toolsListChanged": true }));
        server.notification("notifications/subscriptions/acknowledged");
    }
    server.text("grow", json!({ "name": "one" }));
    let mut told = [0, 1].map(|_| {
        let told = server.notification("notifications/tools/list_changed");
        told["params"]["_meta"][ID].as_str().unwrap().to_owned()
    });
    told.sort();
    assert_eq!(told, ["a", "b"]);
    server.cancel(&json!("a"));
    server.text("grow", json!({ "name": "two" }));
    server.hang_up();
    let rest = server.rest();
    let of = |id: &str| {
        let of_this = rest
            .iter()
            .filter(|message| message["params"]["_meta"][ID] == id);
        of_this.count()
    };
    assert_eq!((of("a"), of("b")), (0, 1), "{rest:?}");
    // The one that was cancelled is not answered; the other ends with its result.
    let ended: Vec<_> = rest
        .iter()
        .filter(|message| message.get("result").is_some())
        .collect();
    assert_eq!(ended.len(), 1, "{rest:?}");
    assert_eq!(ended[0]["id"], "b");
    server.assert_ends_well();
}

#[test]
fn a_stream_ends_with_its_result_when_the_server_ends() {
    for by_signal in [false, true] {
        let mut server = Naughty::modern();
        listen(&server, &json!(3), json!({ "promptsListChanged": true }));
        server.notification("notifications/subscriptions/acknowledged");
        if by_signal {
            server.terminate();
        } else {
            server.hang_up();
        }
        let rest = server.rest();
        assert_eq!(rest.len(), 1, "{rest:?}");
        assert_eq!(rest[0]["id"], 3);
        assert_eq!(rest[0]["result"]["resultType"], "complete");
        assert_eq!(rest[0]["result"]["_meta"][ID], 3);
        server.assert_ends_well();
    }
}

#[test]
fn malformed_filters_are_refused() {
    let mut server = Naughty::modern();
    for filter in [json!(null), json!([]), json!({ "toolsListChanged": "yes" })] {
        let answer = server.ask("subscriptions/listen", json!({ "notifications": filter }));
        assert_eq!(answer["error"]["code"], -32602);
    }
    let answer = server.ask("subscriptions/listen", json!({}));
    assert_eq!(answer["error"]["code"], -32602);
}

#[test]
fn more_streams_than_calls_may_be_in_flight_hold_up_nobody() {
    let mut server = Naughty::modern();
    for n in 0..600 {
        listen(
            &server,
            &json!(format!("l{n}")),
            json!({ "toolsListChanged": true }),
        );
    }
    server.assert_healthy();
}

#[test]
fn a_stream_whose_client_reads_too_late_is_ended_rather_than_misleading() {
    const CHANGES: usize = 30_000;
    let mut server = Naughty::silent();
    let filter = json!({ "resourceSubscriptions": ["note://count"] });
    listen(&server, &json!("l"), filter.clone());
    let calls: Vec<_> = (0..CHANGES)
        .map(|_| server.start("touch", json!({ "uri": "note://count" })))
        .collect();
    server.wait_for_error("opened second");
    server.listen();
    for id in &calls {
        server.answer(id);
    }
    // It may listen again, whatever became of the first stream.
    listen(&server, &json!("again"), filter);
    let acknowledged = "notifications/subscriptions/acknowledged";
    server.find(|message| {
        message["method"] == acknowledged && message["params"]["_meta"][ID] == "again"
    });
    server.hang_up();
    let rest = server.rest();
    let told = rest
        .iter()
        .filter(|message| message["method"] == "notifications/resources/updated");
    let taken_back = rest.iter().any(|message| {
        message["method"] == "notifications/cancelled" && message["params"]["requestId"] == "l"
    });
    let ended = rest.iter().any(|message| message["id"] == "l");
    assert_ne!(taken_back, ended, "it ends once, one way or the other");
    if ended {
        assert_eq!(told.count(), CHANGES);
    }
    server.assert_ends_well();
}
