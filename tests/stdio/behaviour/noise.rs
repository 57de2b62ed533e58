//! Standard output carries messages and nothing else.

use serde_json::json;

use crate::client::Naughty;

#[test]
fn what_is_printed_before_serving_goes_to_standard_error() {
    let mut server = Naughty::modern();
    server.wait_for_error("this line is no message");
    server.assert_healthy();
}

#[test]
fn what_tools_print_goes_to_standard_error() {
    for mut server in Naughty::both() {
        for _ in 0..10 {
            let id = server.start("print", json!({}));
            let answer = server.next();
            assert_eq!(
                (&answer["id"], &answer["result"]["isError"]),
                (&id, &json!(null))
            );
            server.assert_healthy();
        }
        for text in [
            "printed with println",
            "printed without a line end",
            "written to stdout",
            "written to the device",
        ] {
            server.wait_for_error(text);
        }
    }
}

#[test]
fn what_child_processes_print_goes_to_standard_error() {
    for mut server in Naughty::both() {
        assert_eq!(server.text("spawn", json!({})), "0");
        server.wait_for_error("a child speaks");
        server.assert_healthy();
    }
}

#[test]
fn child_processes_and_tools_read_nothing_of_ours() {
    for mut server in Naughty::both() {
        for tool in ["what_a_child_reads", "what_we_read"] {
            let id = server.start(tool, json!({}));
            // It is on its way while they read.
            server.assert_healthy();
            let answer = server.answer(&id);
            assert_eq!(answer["result"]["content"][0]["text"], "", "{answer}");
        }
        server.assert_healthy();
    }
}
