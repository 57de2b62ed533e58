//! Requests are served side by side.

use serde_json::json;

use crate::client::{Naughty, text_of};

#[test]
fn a_fast_call_overtakes_a_slow_one() {
    for mut server in Naughty::both() {
        let slow = server.start("until_released", json!({}));
        let fast = server.start("add", json!({ "a": 1, "b": 1 }));
        assert_eq!(server.next()["id"], fast);
        let release = server.start("release", json!({}));
        let mut ended = [server.next()["id"].clone(), server.next()["id"].clone()];
        ended.sort_by_key(serde_json::Value::as_u64);
        assert_eq!(ended, [slow, release]);
    }
}

#[test]
fn calls_that_wait_for_each_other_come_to_an_end() {
    for mut server in Naughty::both() {
        let waiting: Vec<_> = (1..=100)
            .map(|times| server.start("until_released", json!({ "times": times })))
            .collect();
        for (count, id) in (1..).zip(&waiting) {
            server.text("release", json!({}));
            assert!(text_of(&server.answer(id)).parse::<u32>().unwrap() >= count);
        }
    }
}

#[test]
fn state_outlives_the_call_that_made_it() {
    for mut server in Naughty::both() {
        for n in 0..100 {
            let note = json!({ "name": format!("n{n}"), "text": format!("text {n}") });
            assert_eq!(server.text("remember", note), (n + 1).to_string());
        }
        assert_eq!(server.text("recall", json!({ "name": "n42" })), "text 42");
        let read = server.ask("resources/read", json!({ "uri": "note://count" }));
        assert_eq!(read["result"]["contents"][0]["text"], "100");
    }
}
