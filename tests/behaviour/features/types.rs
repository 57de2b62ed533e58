//! Which types can be sent, and which can be returned.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::time::Duration;

use purlin::prelude::*;
use purlin::testing::TestClient;
use serde_json::{Value, json};

use crate::features::connect;

#[derive(ToolArg)]
struct Point {
    x: i64,
    y: Option<i64>,
}

type Points = Vec<Point>;
type Answer<T> = std::result::Result<Json<T>, String>;

/// Gives back what it is sent.
#[mcp_server(allow(missing_description))]
mod sent {
    use super::*;

    #[mcp_tool]
    #[expect(clippy::too_many_arguments, reason = "one of each kind")]
    fn integers(a: i8, b: u16, c: i64, d: u64, e: i128, f: u128, g: isize, h: NonZeroU8) -> String {
        format!("{a} {b} {c} {d} {e} {f} {g} {h}")
    }

    #[mcp_tool]
    fn scalars(a: f32, b: f64, c: bool, d: char, e: &str, f: String) -> String {
        format!("{a} {b} {c} {d} {e} {f}")
    }

    #[mcp_tool]
    fn borrowed(a: &[String], b: &Point, c: &Path, d: &BTreeMap<String, u8>) -> String {
        format!("{a:?} {} {} {d:?}", b.x, c.display())
    }

    #[mcp_tool]
    fn lists(a: Vec<u8>, b: HashSet<u8>, c: BTreeSet<String>, d: VecDeque<bool>) -> usize {
        a.len() + b.len() + c.len() + d.len()
    }

    #[mcp_tool]
    fn groups(a: (u8, String), b: [i8; 2], c: HashMap<String, Points>, d: Option<(u8,)>) -> String {
        let points: i64 = c.values().flatten().map(|p| p.x + p.y.unwrap_or(1)).sum();
        format!("{a:?} {b:?} {points} {d:?}")
    }

    #[mcp_tool]
    fn anything(a: Value, b: Json<Value>, c: Option<Value>) -> String {
        format!("{a} {} {}", b.0, c.is_some())
    }

    #[mcp_tool]
    fn std_types(a: IpAddr, b: PathBuf, c: Duration, d: Box<str>) -> String {
        format!("{a} {} {c:?} {d}", b.display())
    }

    #[mcp_tool]
    fn dates(
        a: chrono::NaiveDate,
        b: chrono::DateTime<chrono::Utc>,
        c: jiff::Timestamp,
        d: jiff::civil::Date,
    ) -> String {
        format!("{a} {b} {c} {d}")
    }

    #[mcp_tool]
    fn names(a: uuid::Uuid, b: url::Url) -> String {
        format!("{a} {b}")
    }
}

async fn check(tool: &str, arguments: Value, expected: Value) {
    let client = connect(sent::Server).await;
    let answer: Value = client.call(tool, arguments).await.unwrap();
    assert_eq!(answer, expected, "{tool}");
}

async fn property(client: &TestClient, tool: &str, name: &str) -> Value {
    let catalogue = client.catalogue().await;
    let schema: Value = catalogue.tool(tool).unwrap().input_schema.decode().unwrap();
    schema["properties"][name].clone()
}

#[purlin::test]
async fn plain_types_are_sent() {
    check(
        "integers",
        json!({"a": -128, "b": 65535, "c": i64::MIN, "d": u64::MAX, "e": -1, "f": 5, "g": 2, "h": 1}),
        json!("-128 65535 -9223372036854775808 18446744073709551615 -1 5 2 1"),
    )
    .await;
    check(
        "scalars",
        json!({"a": 1.5, "b": 2, "c": true, "d": "é", "e": "x", "f": "y"}),
        json!("1.5 2 true é x y"),
    )
    .await;
    check(
        "borrowed",
        json!({"a": ["p"], "b": {"x": 3}, "c": "/tmp", "d": {"k": 1}}),
        json!(r#"["p"] 3 /tmp {"k": 1}"#),
    )
    .await;
}

#[purlin::test]
async fn collections_are_sent() {
    check(
        "lists",
        json!({"a": [1, 1], "b": [1, 2], "c": ["x"], "d": [true]}),
        json!(6),
    )
    .await;
    check(
        "groups",
        json!({"a": [1, "x"], "b": [-1, 1], "c": {"k": [{"x": 1, "y": 2}, {"x": 3}]}}),
        json!(r#"(1, "x") [-1, 1] 7 None"#),
    )
    .await;
    check(
        "anything",
        json!({"a": {"k": [1]}, "b": null}),
        json!(r#"{"k":[1]} null false"#),
    )
    .await;
}

#[purlin::test]
async fn types_of_std_and_other_crates_are_sent() {
    check(
        "std_types",
        json!({"a": "::1", "b": "a/b", "c": {"secs": 1, "nanos": 0}, "d": "t"}),
        json!("::1 a/b 1s t"),
    )
    .await;
    check(
        "dates",
        json!({"a": "2026-11-21", "b": "2026-11-21T10:00:00Z", "c": "2026-11-21T10:00:00Z", "d": "2026-11-21"}),
        json!("2026-11-21 2026-11-21 10:00:00 UTC 2026-11-21T10:00:00Z 2026-11-21"),
    )
    .await;
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    check(
        "names",
        json!({"a": id, "b": "https://example.com"}),
        json!(format!("{id} https://example.com/")),
    )
    .await;
}

#[purlin::test]
async fn schemas_show_the_range_and_the_format() {
    let client = connect(sent::Server).await;
    for (tool, name, expected) in [
        (
            "integers",
            "a",
            json!({"type": "integer", "minimum": -128, "maximum": 127}),
        ),
        ("integers", "f", json!({"type": "integer", "minimum": 0})),
        (
            "integers",
            "h",
            json!({"type": "integer", "minimum": 1, "maximum": 255}),
        ),
        (
            "scalars",
            "d",
            json!({"type": "string", "minLength": 1, "maxLength": 1}),
        ),
        ("anything", "a", json!({})),
        ("anything", "b", json!({})),
        ("anything", "c", json!({})),
        ("names", "a", json!({"type": "string", "format": "uuid"})),
        ("names", "b", json!({"type": "string", "format": "uri"})),
        ("dates", "a", json!({"type": "string", "format": "date"})),
        (
            "dates",
            "c",
            json!({"type": "string", "format": "date-time"}),
        ),
    ] {
        assert_eq!(
            property(&client, tool, name).await,
            expected,
            "{tool} {name}"
        );
    }
}

#[derive(ToolOutput)]
struct Report {
    #[serde(rename(serialize = "head"))]
    title: String,
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    size: u64,
}

fn as_text<S: serde::Serializer>(
    size: &u64,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(size)
}

/// Returns one of each.
#[mcp_server(allow(missing_description))]
mod returned {
    use super::*;

    #[mcp_tool]
    fn nothing() {}

    #[mcp_tool]
    fn maybe(there: bool) -> Option<u8> {
        there.then_some(7)
    }

    #[mcp_tool]
    fn number() -> f64 {
        1.5
    }

    #[mcp_tool]
    fn list() -> Vec<bool> {
        vec![true]
    }

    #[mcp_tool]
    fn json() -> Answer<Vec<u8>> {
        Ok(Json(vec![1]))
    }

    #[mcp_tool]
    fn report() -> Result<Report, ToolError> {
        let title = "all".to_owned();
        Ok(Report { title, size: 3 })
    }

    #[mcp_tool]
    fn blocks() -> Vec<Content> {
        vec![Content::text("a"), Content::text("b")]
    }

    #[mcp_tool]
    fn embedded() -> ResourceContents {
        ResourceContents::text("a:b", "inside")
    }

    #[mcp_tool]
    fn full() -> ToolResult {
        ToolResult::error("no")
    }
}

#[purlin::test(eras)]
async fn every_output_arrives() {
    let client = connect(returned::Server).await;
    let number: f64 = client.call("number", json!({})).await.unwrap();
    assert_eq!(number.to_string(), "1.5");
    let list: Vec<bool> = client.call("list", json!({})).await.unwrap();
    assert_eq!(list, [true]);
    let list: Vec<u8> = client.call("json", json!({})).await.unwrap();
    assert_eq!(list, [1]);
    let report: Value = client.call("report", json!({})).await.unwrap();
    assert_eq!(report, json!({"head": "all", "size": "3"}));
    let maybe: Option<u8> = client.call("maybe", json!({"there": true})).await.unwrap();
    assert_eq!(maybe, Some(7));
    assert!(client.call::<Value>("full", json!({})).await.is_err());
}

#[purlin::test]
async fn an_output_schema_is_that_of_what_is_written() {
    let client = connect(returned::Server).await;
    let catalogue = client.catalogue().await;
    let schema: Value = catalogue
        .tool("report")
        .unwrap()
        .output_schema
        .as_ref()
        .unwrap()
        .decode()
        .unwrap();
    assert_eq!(
        schema,
        json!({
            "type": "object",
            "properties": {"head": {"type": "string"}, "size": {"type": "string"}},
            "required": ["head", "size"],
        })
    );
    for tool in ["nothing", "blocks", "embedded", "full"] {
        assert!(
            catalogue.tool(tool).unwrap().output_schema.is_none(),
            "{tool}"
        );
    }
}
