//! Several servers from one configuration.

use purlin_client::{Client, Config, ErrorKind, Group, Revision};
use serde_json::{Value, json};

use crate::peer::http::HttpPeer;
use crate::peer::{Peer, connected, discovered, text};

/// A group of two servers, `left` and `right`.
async fn pair() -> (Group, Peer, Peer) {
    let (left, left_peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let (right, right_peer) = connected(Client::builder(), Revision::V2025_11_25).await;
    let group = Group::new([("left", left), ("right", right)]).unwrap();
    (group, left_peer, right_peer)
}

async fn answer(peer: &Peer, method: &str, result: &Value) -> Value {
    let request = peer.expect(method).await;
    peer.answer(&request, result);
    request
}

#[tokio::test]
async fn tools_have_the_name_of_their_server_before_their_own() {
    let (group, left, right) = pair().await;
    let tool = json!({"tools": [{"name": "add", "inputSchema": {"type": "object"}}]});
    let (tools, _, _) = tokio::join!(
        group.list_tools(),
        answer(&left, "tools/list", &tool),
        answer(&right, "tools/list", &tool)
    );
    let names: Vec<_> = tools.unwrap().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["left_add", "right_add"]);
    let call = async { group.call::<String>("right_add", ()).unwrap().await };
    let hi = text("hi");
    let (result, request) = tokio::join!(call, answer(&right, "tools/call", &hi));
    assert_eq!(result.unwrap(), "hi");
    assert_eq!(request["params"]["name"], "add");
    let failure = group.call_tool("middle_add", ()).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn resources_have_it_inside_their_uri() {
    let (group, left, right) = pair().await;
    let resource = json!({"resources": [{"name": "n", "uri": "data://n"}]});
    let (resources, _, _) = tokio::join!(
        group.list_resources(),
        answer(&left, "resources/list", &resource),
        answer(&right, "resources/list", &resource)
    );
    let uris: Vec<_> = resources.unwrap().into_iter().map(|it| it.uri).collect();
    assert_eq!(uris, ["data://left/n", "data://right/n"]);
    let read = async { group.read_resource("data://left/n").unwrap().await };
    let contents = json!({"contents": [{"uri": "data://n", "text": "x"}]});
    let (result, request) = tokio::join!(read, answer(&left, "resources/read", &contents));
    result.unwrap();
    assert_eq!(request["params"]["uri"], "data://n");
}

#[tokio::test]
async fn a_failure_names_the_server_that_it_concerns() {
    let (group, left, _right) = pair().await;
    let (tools, ()) = tokio::join!(group.list_tools(), async {
        let list = left.expect("tools/list").await;
        left.refuse(&list, -32603, &json!(null));
    });
    let failure = tools.unwrap_err();
    assert!(failure.to_string().starts_with("`left`: "), "{failure}");
    assert_eq!(
        (failure.kind(), failure.code()),
        (ErrorKind::Rpc, Some(-32603))
    );
}

#[tokio::test]
async fn the_servers_of_a_configuration_are_connected_to() {
    let peer = HttpPeer::start().await;
    let server = json!({"url": "http://${PEER:-unset}/mcp", "headers": {"x-team": "sales"}});
    let text = json!({"mcpServers": {"only": server}}).to_string();
    let text = text.replace("unset", &peer.address().to_string());
    let config = Config::parse(&text).unwrap();
    let (group, ()) = tokio::join!(Group::connect(&config), async {
        let hello = peer.expect("server/discover").await;
        assert_eq!(hello.header("x-team"), Some("sales"));
        hello.result("", &discovered()).await;
    });
    let group = group.unwrap();
    assert_eq!(group.clients().count(), 1);
    assert_eq!(
        group.client("only").unwrap().revision(),
        Revision::V2026_07_28
    );
}

#[tokio::test]
async fn a_server_that_cannot_be_started_is_named() {
    let text = r#"{"mcpServers": {"broken": {"command": "/nowhere/at/all"}}}"#;
    let failure = Group::connect(&Config::parse(text).unwrap())
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Transport);
    assert!(failure.to_string().starts_with("`broken`: "), "{failure}");
}

#[tokio::test]
async fn a_configuration_is_read_from_its_file() {
    let path = std::env::temp_dir().join(format!("purlin-config-{}.json", std::process::id()));
    std::fs::write(&path, r#"{"mcpServers": {"a": {"command": "a"}}}"#).unwrap();
    let config = Config::read(&path).await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(config.unwrap().names().collect::<Vec<_>>(), ["a"]);
    let failure = Config::read(&path).await.unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Configuration);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(failure.to_string().contains(name), "{failure}");
}
