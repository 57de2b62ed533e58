//! What callers work with: the web, files, programs.

use platform::{Platform, Settings};
use purlin::config::Loader;
use purlin::testing::{TestClient, connect};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::configuration::{end, program, until};

/// The platform with these settings.
async fn open<const N: usize>(settings: [(&str, &str); N]) -> TestClient {
    let settings = Loader::new().variables(settings);
    let settings = settings.load::<Settings>().unwrap();
    connect(Platform::open(&settings).await.unwrap()).await
}

async fn offered(client: &TestClient, prefix: &str) -> Vec<String> {
    let catalogue = client.catalogue().await;
    let names = catalogue.tool_names().into_iter().map(str::to_owned);
    names.filter(|name| name.starts_with(prefix)).collect()
}

#[purlin::test(eras)]
async fn the_web_and_files_are_there_with_nothing_configured() {
    let client = open([]).await;
    assert_eq!(offered(&client, "web_").await, ["web_fetch"]);
    assert!(offered(&client, "files_").await.len() >= 10);
    let note = json!({ "path": "notes/a.md", "text": "Oak, not pine." });
    let _: Value = client.call("files_write", note).await.unwrap();
    let read = json!({ "path": "notes/a.md" });
    let read: Value = client.call("files_read", read).await.unwrap();
    assert_eq!(read["text"], "Oak, not pine.");
}

#[purlin::test(eras)]
async fn what_the_guards_refuse_is_in_the_audit_log() {
    let client = open([]).await;
    for (tool, arguments) in [
        (
            "web_fetch",
            json!({ "url": "http://169.254.169.254/canary" }),
        ),
        ("files_read", json!({ "path": "../canary" })),
    ] {
        assert!(client.call_tool(tool, arguments).await.unwrap().is_error);
    }
    let trail = client.read("platform://audit").await.unwrap();
    for event in ["guard/fetch", "guard/read"] {
        assert!(trail.contains(event), "{trail}");
    }
}

#[purlin::test(eras)]
async fn what_one_works_with_is_not_told_to_all() {
    let client = open([]).await;
    let web = json!({ "url": "http://canary.invalid/" });
    let note = json!({ "path": "canary/a.md", "text": "" });
    for (tool, arguments) in [("web_fetch", web), ("files_write", note)] {
        client.call_tool(tool, arguments).await.unwrap();
    }
    let refused = json!({ "path": "../canary" });
    client.call_tool("files_read", refused).await.unwrap();
    let catalogue = client.catalogue().await;
    let templates = catalogue.uri_templates();
    let template = templates.iter().find(|it| it.starts_with("file:"));
    let uri = template.unwrap().replace("{+path}", "canary/a.md");
    client.read_resource(&uri).await.unwrap();
    client
        .read_resource(&uri.replacen("file", "FILE", 1))
        .await
        .ok();
    let trail = client.read("platform://audit").await.unwrap();
    for event in ["guard/fetch", "guard/read", "resources/read", "files_write"] {
        assert!(trail.contains(event), "{trail}");
    }
    assert!(!trail.contains("canary"), "{trail}");
}

#[purlin::test]
async fn files_in_a_directory_outlive_the_platform() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path().join("files");
    let settings = [("FILES_DIRECTORY", at.to_str().unwrap())];
    let note = json!({ "path": "a", "text": "kept" });
    let _: Value = open(settings)
        .await
        .call("files_write", note)
        .await
        .unwrap();
    let read = open(settings)
        .await
        .call("files_read", json!({ "path": "a" }));
    let read: Value = read.await.unwrap();
    assert_eq!(read["text"], "kept");
}

#[purlin::test]
async fn a_directory_that_is_none_ends_the_start() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let settings = Loader::new().variables([("FILES_DIRECTORY", path)]);
    let settings = settings.load::<Settings>().unwrap();
    let error = Platform::open(&settings).await.unwrap_err().to_string();
    assert!(
        error.contains("`files_directory` cannot be used"),
        "{error}"
    );
}

#[cfg(target_os = "linux")]
#[purlin::test(eras)]
async fn programs_run_where_a_box_can_be_made() {
    let client = open([]).await;
    assert_eq!(offered(&client, "code_").await, ["code_run"]);
    let program = json!({ "language": "shell", "code": "echo $((6 * 7))" });
    let ran: Value = client.call("code_run", program).await.unwrap();
    assert_eq!(
        (&ran["stdout"], &ran["tier"]),
        (&json!("42\n"), &json!("strict"))
    );
    let trail = client.read("platform://audit").await.unwrap();
    assert!(trail.contains("guard/run"), "{trail}");
}

#[purlin::test]
async fn programs_do_not_run_where_they_are_turned_off() {
    let client = open([("RUN_CODE", "off")]).await;
    assert!(offered(&client, "code_").await.is_empty());
}

#[purlin::test]
async fn without_interpreters_the_platform_starts_and_says_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    // There is no `PATH` in which they could be.
    let mut child = program(directory.path())
        .args(["--port", "0"])
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = until(&mut stdout, "`code_run` is not offered").await;
    assert!(line.contains("missing: "), "{line}");
    assert_eq!(end(child).await.code(), Some(0));
}
