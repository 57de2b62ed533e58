use purlin::prelude::*;
use purlin::testing::ErrorKind;
use serde_json::json;

use crate::features::connect;

#[mcp_server]
mod unstable {
    use super::*;

    /// Panics at once.
    #[mcp_tool]
    fn panic_now() -> String {
        panic!("secret one")
    }

    /// Panics later.
    #[mcp_tool]
    async fn panic_later() -> String {
        tokio::task::yield_now().await;
        panic!("secret two")
    }

    /// Fails inside.
    #[mcp_tool]
    fn inner() -> Result<String, ToolError> {
        Err(ToolError::internal(std::io::Error::other("secret three")))
    }

    /// Reads badly.
    #[mcp_resource("bad://one")]
    fn bad() -> Result<String, ResourceError> {
        Err(ResourceError::internal(std::io::Error::other(
            "secret four",
        )))
    }

    /// Reports without end.
    #[mcp_tool]
    async fn flood(cx: &Context) -> bool {
        for step in 0..10_000_u32 {
            cx.progress(step, 10_000);
        }
        true
    }

    /// Works.
    #[mcp_tool]
    fn well() -> bool {
        true
    }
}

#[purlin::test(eras)]
async fn a_panic_is_one_failed_call() {
    let client = connect(unstable::Server.into_server().mask_errors(true)).await;
    for tool in ["panic_now", "panic_later"] {
        let error = client.call::<String>(tool, ()).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Tool | ErrorKind::Rpc),
            "{error:?}"
        );
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert!(client.call::<bool>("well", ()).await.unwrap());
    }
}

#[purlin::test(eras)]
async fn private_causes_stay_private() {
    let client = connect(unstable::Server.into_server().mask_errors(true)).await;
    let error = client.call::<String>("inner", ()).await.unwrap_err();
    assert!(
        !error.tool_result().unwrap().text().contains("secret"),
        "{error:?}"
    );
    let error = client.read("bad://one").await.unwrap_err();
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    assert!(!client.transcript().contains("secret"));
}

#[purlin::test(eras)]
async fn a_flood_of_progress_does_not_drown_the_answer() {
    let client = connect(unstable::Server).await;
    assert!(client.call::<bool>("flood", ()).await.unwrap());
    let seen = client.progress();
    assert!(
        seen.windows(2)
            .all(|pair| pair[0].progress < pair[1].progress)
    );
}

#[purlin::test(eras)]
async fn nonsense_in_params_is_refused_and_harms_nobody() {
    let client = purlin::testing::connect(unstable::Server).await;
    for params in [
        json!({}),
        json!({"name": 7}),
        json!({"name": "well", "arguments": [1]}),
    ] {
        let error = client
            .request("tools/call", params.clone())
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some(-32602), "{params}");
    }
    assert!(client.call::<bool>("well", ()).await.unwrap());
}
