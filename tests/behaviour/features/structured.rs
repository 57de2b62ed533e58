use purlin::prelude::*;
use purlin::testing::{Era, Revision};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::features::{client, connect};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Conditions {
    city: String,
    celsius: f64,
}

#[mcp_server]
mod weather {
    use super::*;

    /// Now.
    #[mcp_tool]
    fn current(city: String) -> Conditions {
        Conditions {
            city,
            celsius: 21.5,
        }
    }

    /// The next days.
    #[mcp_tool]
    fn forecast(days: u8) -> Result<Vec<i64>, ToolError> {
        Ok((0..i64::from(days)).collect())
    }
}

#[purlin::test(eras)]
async fn a_struct_is_structured_content_with_a_text_mirror() {
    let client = connect(weather::Server).await;
    let now: Conditions = client
        .call("current", json!({"city": "Paris"}))
        .await
        .unwrap();
    assert_eq!(
        now,
        Conditions {
            city: "Paris".to_owned(),
            celsius: 21.5
        }
    );
    let raw = client
        .call_tool("current", json!({"city": "Paris"}))
        .await
        .unwrap();
    let mirror: Value = serde_json::from_str(&raw.text()).unwrap();
    assert_eq!(mirror, json!({"city": "Paris", "celsius": 21.5}));
}

#[purlin::test(eras)]
async fn a_list_is_wrapped_only_where_the_revision_wants_objects(era: Era) {
    let client = connect(weather::Server).await;
    let days: Vec<i64> = client.call("forecast", json!({"days": 3})).await.unwrap();
    assert_eq!(days, [0, 1, 2]);
    let raw = client
        .call_tool("forecast", json!({"days": 1}))
        .await
        .unwrap();
    let structured: Value = raw.structured().unwrap().unwrap();
    let schema: Value = client
        .catalogue()
        .await
        .tool("forecast")
        .unwrap()
        .output_schema
        .as_ref()
        .unwrap()
        .decode()
        .unwrap();
    if era == Era::Session {
        assert_eq!(
            (structured, &schema["type"]),
            (json!({"result": [0]}), &json!("object"))
        );
    } else {
        assert_eq!((structured, &schema["type"]), (json!([0]), &json!("array")));
    }
}

#[purlin::test]
async fn revisions_before_structured_content_get_the_text_alone() {
    for revision in [Revision::V2024_11_05, Revision::V2025_03_26] {
        let client = client(weather::Server).era(revision).connect().await;
        let raw = client
            .call_tool("current", json!({"city": "Rome"}))
            .await
            .unwrap();
        assert_eq!(raw.structured_content, None);
        let now: Conditions = client
            .call("current", json!({"city": "Rome"}))
            .await
            .unwrap();
        assert_eq!(now.city, "Rome");
        assert_eq!(
            client
                .catalogue()
                .await
                .tool("current")
                .unwrap()
                .output_schema,
            None
        );
    }
}
