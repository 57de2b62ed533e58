use purlin_core::{DynamicTool, Error, ToolError, tool::ToolResult};

use crate::wire::{Wire, server, text, tool};

const SECRET: &str = "the password is hunter2";

/// A tool for every way to fail with something that is nobody's business.
fn indiscreet() -> [DynamicTool; 3] {
    [
        tool("panic", |_| async { panic!("{SECRET}") }),
        tool("internal", |_| async { Err(Error::internal(SECRET)) }),
        tool("io", |_| async {
            Err(std::io::Error::other(SECRET).into())
        }),
    ]
}

#[tokio::test]
async fn masked_failures_tell_nothing() {
    let wire = Wire::to(&server(indiscreet()).mask_errors(true)).await;
    for name in ["panic", "internal", "io"] {
        let answer = wire.call(name).await;
        assert_eq!(answer["result"]["isError"], true, "{name}");
        assert!(!answer.to_string().contains("hunter2"), "{name}: {answer}");
        assert_eq!(text(&answer), "internal error", "{name}");
    }
}

#[tokio::test]
async fn failures_that_are_not_masked_tell_their_cause() {
    let wire = Wire::to(&server(indiscreet()).mask_errors(false)).await;
    for name in ["panic", "internal", "io"] {
        assert!(text(&wire.call(name).await).contains(SECRET), "{name}");
    }
}

#[tokio::test]
async fn what_the_author_says_to_the_client_is_never_masked() {
    let failing = tool("failing", |_| async {
        Err::<ToolResult, _>(ToolError::new("no such city").into())
    });
    let wire = Wire::to(&server([failing]).mask_errors(true)).await;
    assert_eq!(text(&wire.call("failing").await), "no such city");
}
