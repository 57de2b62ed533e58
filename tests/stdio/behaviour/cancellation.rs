//! A cancelled request is dropped and never answered.

use serde_json::{Value, json};

use crate::client::{Era, Naughty, request, text_of};

#[test]
fn a_cancelled_handler_is_dropped_and_not_answered() {
    for mut server in Naughty::both() {
        for round in 1..=20 {
            let id = server.start("pend", json!({}));
            server.text("begun", json!({ "least": round }));
            server.cancel(&id);
            server.text("dropped", json!({ "least": round }));
        }
        server.hang_up();
        assert_eq!(server.rest(), Vec::<Value>::new());
        server.assert_ends_well();
    }
}

#[test]
fn a_cancellation_right_behind_its_request_is_not_missed() {
    for mut server in Naughty::both() {
        let mut both = String::new();
        for id in 0..200 {
            let params = json!({ "name": "pend", "arguments": {} });
            let call = request(server.era(), &json!(id), "tools/call", params);
            let cancel = json!({
                "jsonrpc": "2.0",
                "method": "notifications/cancelled",
                "params": { "requestId": id },
            });
            both += &format!("{call}\n{cancel}\n");
        }
        server.write(both);
        server.text("dropped", json!({ "least": 200 }));
        server.hang_up();
        assert_eq!(server.rest(), Vec::<Value>::new());
    }
}

#[test]
fn a_cancelled_handler_that_speaks_falls_silent() {
    for mut server in Naughty::both() {
        let params = json!({
            "name": "pend_aloud",
            "arguments": {},
            "_meta": { "progressToken": "p" },
        });
        let id = server.request("tools/call", params);
        server.notification("notifications/progress");
        server.cancel(&id);
        server.text("dropped", json!({ "least": 1 }));
        // What was on its way has arrived by now.
        server.assert_healthy();
        server.hang_up();
        let rest = server.rest();
        assert!(rest.iter().all(|message| message["id"] != id), "{rest:?}");
        server.assert_ends_well();
    }
}

#[test]
fn ids_of_different_types_are_different_requests() {
    for mut server in Naughty::both() {
        for id in [json!(1), json!("1")] {
            let params = json!({ "name": "until_released", "arguments": {} });
            server.say(&request(server.era(), &id, "tools/call", params));
        }
        server.cancel(&json!("1"));
        server.text("dropped", json!({ "least": 1 }));
        server.text("release", json!({}));
        assert_eq!(text_of(&server.answer(&json!(1))), "1");
    }
}

#[test]
fn cancelling_what_is_not_there_means_nothing() {
    for mut server in Naughty::both() {
        for id in [json!(77), json!("x"), json!(null), json!({}), json!([1])] {
            server.cancel(&id);
        }
        server.say(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled" }));
        let id = server.start("add", json!({ "a": 1, "b": 1 }));
        assert_eq!(server.next()["id"], id);
        server.cancel(&id);
        server.assert_healthy();
    }
}

#[test]
fn a_stateless_request_is_cancelled_beside_a_session() {
    let mut server = Naughty::session();
    let params = json!({ "name": "pend", "arguments": {} });
    server.say(&request(Era::Modern, &json!("m"), "tools/call", params));
    server.text("begun", json!({ "least": 1 }));
    server.cancel(&json!("m"));
    server.text("dropped", json!({ "least": 1 }));
}

#[test]
fn a_call_that_asks_the_user_can_be_cancelled() {
    let mut server = Naughty::session();
    let id = server.start("ask", json!({}));
    let question = server.notification("elicitation/create");
    server.cancel(&id);
    // The question is taken back.
    let taken_back = server.notification("notifications/cancelled");
    assert_eq!(taken_back["params"]["requestId"], question["id"]);
    server.assert_healthy();
    server.hang_up();
    assert_eq!(server.rest(), Vec::<Value>::new());
}
