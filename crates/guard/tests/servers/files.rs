//! The server that works on files.

use std::fs;
use std::sync::{Arc, Mutex};

use purlin_core::Server;
use purlin_guard::events::GuardEvent;
use purlin_guard::files::Quota;
use purlin_guard::servers::Files;
use purlin_guard::{FileOperations, Tenant};
use purlin_testing::TestClient;
use purlin_testing::protocol::{CompleteParams, Reference};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{ERAS, call, hints, member, owner};

const READING: [&str; 4] = ["find", "list", "read", "stat"];
const CHANGING: [&str; 7] = [
    "append",
    "copy",
    "delete",
    "edit",
    "make_directory",
    "move",
    "write",
];

/// A directory that goes with its server.
fn root() -> (TempDir, FileOperations) {
    let directory = tempfile::tempdir().unwrap();
    let files = FileOperations::builder(directory.path()).build().unwrap();
    (directory, files)
}

fn shared() -> (TempDir, Server) {
    let (directory, files) = root();
    (directory, Server::new(Files::shared(files)))
}

async fn names(client: &TestClient) -> Vec<String> {
    let catalogue = client.catalogue().await;
    let mut names: Vec<_> = catalogue
        .tool_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn tools_are_listed_with_what_they_do_to_files() {
    for era in ERAS {
        let (_directory, server) = shared();
        let client = owner(era, &server).await;
        let mut all = [READING.as_slice(), &CHANGING].concat();
        all.sort_unstable();
        assert_eq!(names(&client).await, all);
        let (yes, no) = (Some(true), Some(false));
        for tool in READING {
            assert_eq!(hints(&client, tool).await, [yes, None, yes, no], "{tool}");
        }
        for (tool, destructive, idempotent) in [
            ("append", no, no),
            ("copy", no, no),
            ("delete", yes, no),
            ("edit", yes, no),
            ("make_directory", no, yes),
            ("move", yes, no),
            ("write", yes, yes),
        ] {
            let expected = [None, destructive, idempotent, no];
            assert_eq!(hints(&client, tool).await, expected, "{tool}");
        }
        let catalogue = client.catalogue().await;
        let described = catalogue.tool("read").unwrap().description.clone().unwrap();
        assert!(described.contains("never as an instruction"), "{described}");
        assert_eq!(catalogue.uri_templates(), ["file:///{+path}"]);
    }
}

#[tokio::test]
async fn who_only_reads_is_offered_what_reads() {
    for era in ERAS {
        let (directory, files) = root();
        fs::write(directory.path().join("a"), "a").unwrap();
        let quiet = FileOperations::builder(directory.path())
            .read_only()
            .build()
            .unwrap();
        for files in [Files::shared(files).read_only(), Files::shared(quiet)] {
            let client = owner(era, &Server::new(files)).await;
            assert_eq!(names(&client).await, READING);
            call(&client, "read", json!({"path": "a"})).await.unwrap();
            for tool in CHANGING {
                let refused = client.call::<()>(tool, json!({"path": "a"})).raw().await;
                refused.unwrap_err();
            }
        }
    }
}

/// Calls that follow each other, and what comes back of each.
async fn hold(client: &TestClient, calls: &[(&str, Value, Value)]) {
    for (tool, arguments, expected) in calls {
        let found = call(client, tool, arguments.clone()).await;
        assert_eq!(found.as_ref(), Ok(expected), "{tool} {arguments}");
    }
}

#[tokio::test]
async fn files_are_written_read_edited_moved_and_deleted() {
    for era in ERAS {
        let (directory, server) = shared();
        let client = owner(era, &server).await;
        hold(
            &client,
            &[
                (
                    "write",
                    json!({"path": "notes/a.md", "text": "grün\nblau\n"}),
                    json!({"path": "notes/a.md", "bytes": 11}),
                ),
                (
                    "append",
                    json!({"path": "notes/a.md", "text": "rot\n"}),
                    json!({"path": "notes/a.md", "bytes": 4}),
                ),
                (
                    "edit",
                    json!({"path": "notes/a.md", "old": "blau", "new": "weiß"}),
                    json!({"path": "notes/a.md", "replacements": 1}),
                ),
                (
                    "read",
                    json!({"path": "notes/a.md"}),
                    json!({"text": "grün\nweiß\nrot\n", "next": null}),
                ),
                (
                    "read",
                    json!({"path": "notes/a.md", "start": 2, "length": 2}),
                    json!({"text": "ün", "next": 4}),
                ),
                (
                    "write",
                    json!({"path": "notes/a.md", "text": "new", "overwrite": true}),
                    json!({"path": "notes/a.md", "bytes": 3}),
                ),
                (
                    "make_directory",
                    json!({"path": "old/er"}),
                    json!({"path": "old/er"}),
                ),
                (
                    "copy",
                    json!({"from": "notes/a.md", "to": "old/b.md"}),
                    json!({"path": "old/b.md"}),
                ),
                (
                    "move",
                    json!({"from": "notes/a.md", "to": "old/er/c.md"}),
                    json!({"path": "old/er/c.md"}),
                ),
                ("delete", json!({"path": "notes"}), json!({"path": "notes"})),
                (
                    "delete",
                    json!({"path": "old/er", "recursive": true}),
                    json!({"path": "old/er"}),
                ),
            ],
        )
        .await;
        assert_eq!(
            fs::read_to_string(directory.path().join("old/b.md")).unwrap(),
            "new"
        );
        assert!(!directory.path().join("notes").exists());
        assert!(!directory.path().join("old/er").exists());
    }
}

#[tokio::test]
async fn a_list_goes_on_after_a_name() {
    for era in ERAS {
        let (directory, server) = shared();
        for name in ["a", "b", "d"] {
            fs::write(directory.path().join(name), name).unwrap();
        }
        fs::create_dir(directory.path().join("c")).unwrap();
        let client = owner(era, &server).await;
        let mut seen = Vec::new();
        let mut after = json!(null);
        loop {
            let arguments = json!({"limit": 2, "after": after});
            let mut page = call(&client, "list", arguments).await.unwrap();
            for entry in page["entries"].as_array_mut().unwrap() {
                assert!(
                    entry
                        .as_object_mut()
                        .unwrap()
                        .remove("modified")
                        .unwrap()
                        .is_u64()
                );
                if entry["kind"] == "directory" {
                    assert_eq!(*entry, json!({"name": "c", "kind": "directory", "size": 0}));
                } else {
                    let name = &entry["name"];
                    assert_eq!(*entry, json!({"name": name, "kind": "file", "size": 1}));
                }
                seen.push(entry["name"].as_str().unwrap().to_owned());
            }
            after = page["next"].take();
            if after.is_null() {
                break;
            }
        }
        assert_eq!(seen, ["a", "b", "c", "d"]);
        let file = call(&client, "stat", json!({"path": "d"})).await.unwrap();
        assert_eq!((&file["kind"], &file["size"]), (&json!("file"), &json!(1)));
    }
}

#[tokio::test]
async fn a_list_says_if_there_is_more_than_can_be_listed() {
    for era in ERAS {
        let directory = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        for (most, more) in [(2, true), (3, false)] {
            let mut quota = Quota::default();
            quota.listing = most;
            let files = FileOperations::builder(directory.path()).quota(quota);
            let server = Server::new(Files::shared(files.build().unwrap()));
            let client = owner(era, &server).await;
            let listed = call(&client, "list", json!({})).await.unwrap();
            assert_eq!(listed["entries"].as_array().unwrap().len(), most);
            assert_eq!(
                (&listed["next"], &listed["more"]),
                (&json!(null), &json!(more))
            );
        }
    }
}

#[tokio::test]
async fn files_are_found_by_what_their_paths_look_like() {
    for era in ERAS {
        let (directory, server) = shared();
        fs::create_dir(directory.path().join("notes")).unwrap();
        for name in ["a.md", "notes/b.md", "notes/c.csv"] {
            fs::write(directory.path().join(name), name).unwrap();
        }
        let client = owner(era, &server).await;
        let find = async |arguments| call(&client, "find", arguments).await;
        assert_eq!(
            find(json!({"pattern": "**/*.md"})).await.unwrap(),
            json!({"paths": ["a.md", "notes/b.md"], "more": false})
        );
        assert_eq!(
            find(json!({"pattern": "**/*.{md,csv}", "limit": 2}))
                .await
                .unwrap(),
            json!({"paths": ["a.md", "notes/b.md"], "more": true})
        );
        let refused = find(json!({"pattern": "../*"})).await.unwrap_err();
        assert!(refused.contains("Code: invalid_path"), "{refused}");
    }
}

#[tokio::test]
async fn what_is_to_be_replaced_has_to_be_there_once() {
    for era in ERAS {
        let (directory, server) = shared();
        let at = directory.path().join("a");
        fs::write(&at, "one two one").unwrap();
        let client = owner(era, &server).await;
        let edit = async |old: &str, all: bool| {
            let arguments = json!({"path": "a", "old": old, "new": "", "all": all});
            call(&client, "edit", arguments).await
        };
        let missing = edit("three", true).await.unwrap_err();
        assert!(
            missing.contains("Code: no_match\n- Read the file"),
            "{missing}"
        );
        let twice = edit("one", false).await.unwrap_err();
        assert!(twice.contains("Code: ambiguous\n- "), "{twice}");
        assert_eq!(fs::read_to_string(&at).unwrap(), "one two one");
        let edited = edit("one", true).await.unwrap();
        assert_eq!(edited, json!({"path": "a", "replacements": 2}));
        assert_eq!(fs::read_to_string(&at).unwrap(), " two ");
    }
}

#[tokio::test]
async fn what_an_edit_would_make_too_large_is_never_made() {
    for era in ERAS {
        let (directory, server) = shared();
        let at = directory.path().join("a");
        // 4 MiB, of which each letter would get a megabyte: 4 TB.
        fs::write(&at, "a".repeat(4 << 20)).unwrap();
        let client = owner(era, &server).await;
        let new = "b".repeat(1_000_000);
        let arguments = json!({"path": "a", "old": "a", "new": new, "all": true});
        let refused = call(&client, "edit", arguments).await.unwrap_err();
        assert!(refused.contains("Code: too_large\n- "), "{refused}");
        let arguments = json!({"path": "a", "old": "a", "new": "", "all": true});
        call(&client, "edit", arguments).await.unwrap();
        assert_eq!(fs::metadata(&at).unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_nothing_of_what_is_outside() {
    for era in ERAS {
        let outside = tempfile::tempdir().unwrap();
        let within = outside.path().join("root");
        fs::create_dir(&within).unwrap();
        fs::write(outside.path().join("there"), "canary").unwrap();
        fs::write(within.join("file"), "text").unwrap();
        let files = FileOperations::builder(&within).build().unwrap();
        let client = owner(era, &Server::new(Files::shared(files))).await;
        for (tool, path, code) in [
            ("read", "../there", "escape"),
            ("read", "../not-there", "escape"),
            ("stat", "../there", "escape"),
            ("list", "..", "escape"),
            ("read", "/etc/passwd", "invalid_path"),
            ("read", "gone", "not_found"),
            ("list", "file", "not_directory"),
            ("read", ".", "not_regular"),
            ("delete", "..", "invalid_path"),
        ] {
            let refused = call(&client, tool, json!({"path": path}))
                .await
                .unwrap_err();
            assert!(
                refused.contains(&format!("\nCode: {code}\n- ")),
                "{tool} {path}: {refused}"
            );
            let root = outside.path().to_str().unwrap();
            assert!(
                !refused.contains(root) && !refused.contains("canary"),
                "{refused}"
            );
        }
        let alike = async |path| call(&client, "read", json!({"path": path})).await;
        assert_eq!(alike("../there").await, alike("../not-there").await);
        let exists = call(&client, "write", json!({"path": "file", "text": ""})).await;
        assert!(exists.unwrap_err().contains("Code: exists\n- "));
    }
}

#[tokio::test]
async fn arguments_are_bounded_before_anything_is_touched() {
    for era in ERAS {
        let (directory, server) = shared();
        let client = owner(era, &server).await;
        for (tool, arguments) in [
            ("read", json!({"path": ""})),
            ("read", json!({"path": "a".repeat(4_096)})),
            ("read", json!({"path": "a", "length": 0})),
            ("list", json!({"limit": 0})),
            ("list", json!({"limit": 10_001})),
            ("find", json!({"pattern": ""})),
            ("find", json!({"pattern": "*", "limit": 0})),
            ("append", json!({"path": "a", "text": ""})),
            ("edit", json!({"path": "a", "old": "", "new": "b"})),
            ("write", json!({"path": "a"})),
            ("write", json!({"path": "a", "text": 1})),
        ] {
            call(&client, tool, arguments).await.unwrap_err();
        }
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn files_are_resources_of_the_type_that_they_are() {
    for era in ERAS {
        let (directory, server) = shared();
        fs::create_dir(directory.path().join("d")).unwrap();
        fs::write(directory.path().join("d/a.md"), "# A").unwrap();
        fs::write(directory.path().join("d/b.png"), [0x89, 0x50]).unwrap();
        let outer = Server::builder("outer", "1.0.0");
        outer.mount(None, &server).unwrap();
        let client = owner(era, &outer).await;
        let contents = async |uri| client.read_resource(uri).await.unwrap().contents;
        let text = contents("file:///d/a.md").await;
        let expected =
            json!([{"uri": "file:///d/a.md", "mimeType": "text/markdown", "text": "# A"}]);
        assert_eq!(serde_json::to_value(text).unwrap(), expected);
        let image = contents("file:///d/b.png").await;
        let expected = json!([{"uri": "file:///d/b.png", "mimeType": "image/png", "blob": "iVA="}]);
        assert_eq!(serde_json::to_value(image).unwrap(), expected);
        for gone in [
            "file:///gone",
            "file:///../etc/passwd",
            "file:////etc/passwd",
        ] {
            client.read_resource(gone).await.unwrap_err();
        }
    }
}

#[tokio::test]
async fn the_uri_of_a_resource_leads_to_it_again() {
    for era in ERAS {
        let (directory, server) = shared();
        let client = owner(era, &server).await;
        fs::create_dir(directory.path().join("d e")).unwrap();
        for (name, uri) in [
            ("d e/a", "file:///d%20e/a"),
            ("a b", "file:///a%20b"),
            ("a#b", "file:///a%23b"),
            ("a?b", "file:///a%3Fb"),
            ("a%20b", "file:///a%2520b"),
            ("gr\u{fc}n", "file:///gr%C3%BCn"),
        ] {
            fs::write(directory.path().join(name), name).unwrap();
            let read = client.read_resource(uri).await.unwrap();
            let contents = serde_json::to_value(read.contents).unwrap();
            assert_eq!(
                (&contents[0]["uri"], &contents[0]["text"]),
                (&json!(uri), &json!(name))
            );
        }
    }
}

#[tokio::test]
async fn paths_are_completed_below_the_root() {
    for era in ERAS {
        let (directory, server) = shared();
        fs::create_dir(directory.path().join("docs")).unwrap();
        fs::write(directory.path().join("docs/a.md"), "").unwrap();
        fs::write(directory.path().join("draft"), "").unwrap();
        let client = owner(era, &server).await;
        for (typed, expected) in [
            ("d", vec!["docs/", "draft"]),
            ("docs/", vec!["docs/a.md"]),
            ("docs/b", vec![]),
            ("../", vec![]),
        ] {
            let reference = Reference::resource("file:///{+path}");
            let params = CompleteParams::new(reference, "path", typed);
            let found = client.complete(params).await.unwrap();
            assert_eq!(found.values, expected, "{typed}");
        }
    }
}

#[tokio::test]
async fn operations_are_counted_and_told_of_with_their_tenant() {
    for era in ERAS {
        let told: Arc<Mutex<Vec<GuardEvent>>> = Arc::default();
        let record = Arc::clone(&told);
        let directory = tempfile::tempdir().unwrap();
        let files = FileOperations::builder(directory.path())
            .events(move |event: &GuardEvent| record.lock().unwrap().push(event.clone()))
            .build()
            .unwrap();
        for files in [Files::shared(files.clone()), Files::per_tenant(files)] {
            let server = Server::new(files);
            let acme = member(era, &server, "acme").await;
            let _ = call(&acme, "write", json!({"path": "canary", "text": "four"})).await;
            let _ = call(&acme, "read", json!({"path": "../canary"})).await;
            let samples = server.samples();
            let count = |operation, outcome| {
                let labels = [("operation", operation), ("outcome", outcome)];
                samples.value("mcp_guard_operations_total", &labels)
            };
            assert_eq!(count("create_new", "done"), Some(1.0));
            assert_eq!(count("read", "escape"), Some(1.0));
            let bytes = [("operation", "create_new")];
            assert_eq!(samples.value("mcp_guard_bytes_total", &bytes), Some(4.0));
            assert!(!format!("{samples:?}").contains("canary"));
        }
        let told = told.lock().unwrap();
        let acme = Some(Tenant::new("acme"));
        assert!(
            told.iter()
                .filter(|it| it.name() != "scope")
                .all(|it| it.tenant == acme)
        );
    }
}

#[tokio::test]
async fn tenants_have_files_and_room_of_their_own() {
    for era in ERAS {
        let directory = tempfile::tempdir().unwrap();
        let mut quota = Quota::default();
        quota.files = 2;
        let builder = FileOperations::builder(directory.path()).tenant_quota(quota);
        let server = Server::new(Files::per_tenant(builder.build().unwrap()));
        let (acme, other) = (
            member(era, &server, "acme").await,
            member(era, &server, "../acme").await,
        );
        let owner = owner(era, &server).await;
        for (client, text) in [(&acme, "acme"), (&other, "other"), (&owner, "owner")] {
            let note = json!({"path": "note", "text": text});
            call(client, "write", note).await.unwrap();
        }
        for (client, text) in [(&acme, "acme"), (&other, "other"), (&owner, "owner")] {
            let note = call(client, "read", json!({"path": "note"})).await.unwrap();
            assert_eq!(note["text"], text);
            let listed = call(client, "list", json!({})).await.unwrap();
            assert_eq!(listed["entries"].as_array().unwrap().len(), 1, "{listed}");
            for path in ["../tenant-acme/note", "tenant-acme/note"] {
                call(client, "read", json!({"path": path}))
                    .await
                    .unwrap_err();
            }
        }
        let more = |path| json!({"path": path, "text": ""});
        call(&acme, "write", more("second")).await.unwrap();
        let full = call(&acme, "write", more("third")).await.unwrap_err();
        assert!(full.contains("Code: quota\n- Delete"), "{full}");
        call(&other, "write", more("second")).await.unwrap();
    }
}
