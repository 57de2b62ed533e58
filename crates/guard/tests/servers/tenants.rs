//! Whatever tenants do, none can tell what another did.

use proptest::prelude::*;
use purlin_core::Server;
use purlin_guard::FileOperations;
use purlin_guard::files::Quota;
use purlin_guard::servers::Files;
use purlin_testing::{Era, TestClient};
use serde_json::{Value, json};

use crate::{call, member};

/// Few enough paths that tenants meet at each of them.
const PATHS: [&str; 6] = [
    "a",
    "b",
    "d",
    "d/a",
    "../tenant-other/a",
    "../tenant-acme/a",
];

/// What a tenant asks for.
#[derive(Clone, Debug)]
struct Act {
    /// Whose it is: the one that is watched, or the other.
    watched: bool,
    tool: &'static str,
    arguments: Value,
}

fn act() -> impl Strategy<Value = Act> {
    let path = || prop::sample::select(PATHS.as_slice());
    let text = prop::sample::select(["", "x", "a longer text"].as_slice());
    let arguments = prop_oneof![
        (path(), text.clone(), any::<bool>()).prop_map(|(path, text, overwrite)| {
            (
                "write",
                json!({"path": path, "text": text, "overwrite": overwrite}),
            )
        }),
        (path(), text).prop_map(|(path, text)| {
            ("append", json!({"path": path, "text": format!("{text}.")}))
        }),
        path().prop_map(|path| ("read", json!({"path": path}))),
        path().prop_map(|path| ("list", json!({"path": path}))),
        Just(("list", json!({}))),
        Just(("find", json!({"pattern": "**"}))),
        path().prop_map(|path| ("make_directory", json!({"path": path}))),
        (path(), path()).prop_map(|(from, to)| ("move", json!({"from": from, "to": to}))),
        (path(), path()).prop_map(|(from, to)| ("copy", json!({"from": from, "to": to}))),
        (path(), any::<bool>()).prop_map(|(path, recursive)| {
            ("delete", json!({"path": path, "recursive": recursive}))
        }),
        path().prop_map(|path| ("edit", json!({"path": path, "old": "x", "new": "y"}))),
    ];
    (any::<bool>(), arguments).prop_map(|(watched, (tool, arguments))| Act {
        watched,
        tool,
        arguments,
    })
}

/// What a tenant reads of an answer: all of it but the times.
async fn observation(client: &TestClient, act: &Act) -> Result<Value, String> {
    let mut seen = call(client, act.tool, act.arguments.clone()).await?;
    if let Some(entries) = seen.get_mut("entries").and_then(Value::as_array_mut) {
        for entry in entries {
            entry["modified"].take();
        }
    }
    Ok(seen)
}

/// What the first tenant sees, with the second one there or not.
async fn seen(era: Era, acts: &[Act], with_other: bool) -> Vec<Result<Value, String>> {
    let directory = tempfile::tempdir().unwrap();
    let mut quota = Quota::default();
    (quota.files, quota.bytes) = (4, 40);
    let builder = FileOperations::builder(directory.path()).tenant_quota(quota);
    let server = Server::new(Files::per_tenant(builder.build().unwrap()));
    let acme = member(era, &server, "acme").await;
    let other = member(era, &server, "other").await;
    let mut seen = Vec::new();
    for act in acts {
        if act.watched {
            seen.push(observation(&acme, act).await);
        } else if with_other {
            let _ = observation(&other, act).await;
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_one_tenant_sees_of_files_depends_on_another(
        acts in prop::collection::vec(act(), 1..40),
        is_session in any::<bool>(),
    ) {
        let era = if is_session { Era::Session } else { Era::Stateless };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (alone, together) = runtime.block_on(async {
            (seen(era, &acts, false).await, seen(era, &acts, true).await)
        });
        prop_assert_eq!(alone, together);
    }
}
