//! The end: of input, by signal, and of a client that went away.

use serde_json::{Value, json};

use crate::client::{Naughty, code_of, request, text_of};

#[test]
fn at_the_end_of_input_the_process_ends_well() {
    for mut server in Naughty::both() {
        server.hang_up();
        assert_eq!(server.rest(), Vec::<Value>::new());
        server.assert_ends_well();
    }
    let mut server = Naughty::modern();
    server.hang_up();
    server.assert_ends_well();
}

#[test]
fn calls_in_flight_at_the_end_of_input_are_answered() {
    for mut server in Naughty::both() {
        let calls: Vec<_> = (0..200)
            .map(|n| server.start("slow", json!({ "millis": n })))
            .collect();
        server.hang_up();
        for (n, id) in calls.iter().enumerate() {
            assert_eq!(text_of(&server.answer(id)), n.to_string());
        }
        server.assert_ends_well();
    }
}

#[test]
fn calls_that_never_end_are_answered_with_an_error_at_the_end_of_input() {
    for mut server in Naughty::both() {
        let calls: Vec<_> = (0..10).map(|_| server.start("pend", json!({}))).collect();
        server.hang_up();
        for id in &calls {
            code_of(&server.answer(id));
        }
        assert_eq!(server.rest(), Vec::<Value>::new());
        server.assert_ends_well();
    }
}

#[test]
fn the_process_ends_though_handlers_block_their_threads() {
    for tool in ["block", "block_aside"] {
        for mut server in Naughty::both() {
            for _ in 0..3 {
                server.start(tool, json!({}));
            }
            server.assert_healthy();
            server.hang_up();
            server.assert_ends_well();
        }
    }
}

#[test]
fn a_last_line_without_its_end_is_served() {
    for mut server in Naughty::both() {
        let params = json!({ "name": "add", "arguments": { "a": 1, "b": 1 } });
        server.write(request(server.era(), &json!("last"), "tools/call", params).to_string());
        server.hang_up();
        assert_eq!(text_of(&server.answer(&json!("last"))), "2");
        server.assert_ends_well();
    }
}

#[test]
fn input_that_ends_inside_a_message_is_answered_as_broken() {
    for mut server in Naughty::both() {
        server.write(r#"{"jsonrpc":"2.0","id":1,"meth"#);
        server.hang_up();
        assert_eq!(code_of(&server.next()), -32700);
        server.assert_ends_well();
    }
    for mut server in Naughty::both() {
        server.write(vec![b'x'; 5 * 1024 * 1024]);
        server.hang_up();
        assert_eq!(code_of(&server.next()), -32600);
        server.assert_ends_well();
    }
}

#[test]
fn the_signal_to_end_ends_the_process_well() {
    for mut server in Naughty::both() {
        let id = server.start("slow", json!({ "millis": 100 }));
        server.assert_healthy();
        server.terminate();
        assert_eq!(text_of(&server.answer(&id)), "100");
        server.assert_ends_well();
    }
}

#[test]
fn a_second_signal_ends_the_process_at_once() {
    let mut server = Naughty::modern();
    server.start("pend", json!({}));
    listening(&mut server);
    server.terminate();
    // The first one has been seen when the stream has ended.
    server.answer(&json!("listening"));
    server.terminate();
    let status = server.wait();
    assert!(!status.success(), "{status}");
}

fn listening(server: &mut Naughty) {
    let params = json!({ "notifications": { "toolsListChanged": true } });
    server.say(&request(
        server.era(),
        &json!("listening"),
        "subscriptions/listen",
        params,
    ));
    server.notification("notifications/subscriptions/acknowledged");
}

#[test]
fn lifespans_are_closed_in_reverse_on_every_way_out() {
    for by_signal in [false, true] {
        let mut server = Naughty::modern();
        server.assert_healthy();
        if by_signal {
            server.terminate();
        } else {
            server.hang_up();
        }
        server.assert_ends_well();
        for text in [
            "opened first",
            "opened second",
            "closed second",
            "closed first",
        ] {
            server.wait_for_error(text);
        }
    }
}

#[test]
fn a_client_that_never_reads_cannot_keep_the_process() {
    let mut server = Naughty::silent();
    for _ in 0..64 {
        server.start("big", json!({ "bytes": 1024 * 1024 }));
        server.start("slow", json!({ "millis": 1 }));
    }
    server.hang_up();
    server.terminate_when_ready();
    server.assert_ends_well();
}

#[test]
fn a_client_that_closed_its_end_of_the_output_is_no_fault() {
    let mut server = Naughty::silent();
    server.stop_listening();
    for _ in 0..100 {
        server.start("big", json!({ "bytes": 100_000 }));
        server.start("slow", json!({ "millis": 1 }));
    }
    server.hang_up();
    server.assert_ends_well();
}

#[test]
fn the_process_ends_though_as_many_calls_as_allowed_never_do() {
    for mut server in Naughty::both() {
        for _ in 0..300 {
            server.start("pend", json!({}));
        }
        server.hang_up();
        server.assert_ends_well();
    }
}

#[test]
fn a_last_line_that_blocks_does_not_keep_the_process() {
    for mut server in Naughty::both() {
        let params = json!({ "name": "block", "arguments": {} });
        server.write(request(server.era(), &json!("last"), "tools/call", params).to_string());
        server.hang_up();
        server.assert_ends_well();
    }
}

#[test]
fn a_client_that_stops_reading_ends_the_process_by_closing_its_input() {
    let mut server = Naughty::silent();
    for _ in 0..4 {
        server.start("big", json!({}));
    }
    server.hang_up();
    server.assert_ends_well();
}
