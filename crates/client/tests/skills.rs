//! Skills are given out only if they are what their entry says (SEP-2640).

use purlin_client::{Client, ErrorKind, Revision};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::peer::{Peer, connected};

const SKILL: &str = "---\nname: pdf\ndescription: Fills in forms\n---\n\nRead `FORMS.md`.\n";
const FORMS: &str = "Forms.\n";

fn file(uri: &str, text: &str) -> Value {
    let digest = digest(&SHA256, text.as_bytes());
    let digest: String = digest
        .as_ref()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    json!({"uri": uri, "digest": format!("sha256:{digest}"), "size": text.len()})
}

fn entry(description: &str) -> Value {
    json!({
        "uri": "skill://pdf/SKILL.md",
        "frontmatter": {"name": "pdf", "description": description},
        "resources": [file("skill://pdf/SKILL.md", SKILL), file("skill://pdf/FORMS.md", FORMS)],
    })
}

async fn read(peer: &Peer, uri: &str, text: &str) {
    let read = peer.expect("resources/read").await;
    assert_eq!(read["params"]["uri"], uri);
    peer.answer(&read, &json!({"contents": [{"uri": uri, "text": text}]}));
}

/// What loading the skill gives, if its entry and its text are these.
async fn loaded(entry: &Value, text: &str) -> purlin_client::Result<String> {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let (skills, ()) = tokio::join!(client.skills().all(), async {
        let list = peer.expect("skills/list").await;
        peer.answer(&list, &json!({"skills": [entry]}));
    });
    let skill = skills.unwrap().pop().unwrap();
    let load = client.load_skill(&skill);
    tokio::join!(load, read(&peer, "skill://pdf/SKILL.md", text)).0
}

#[tokio::test]
async fn a_skill_that_is_what_its_entry_says_is_loaded() {
    let text = loaded(&entry("Fills in forms"), SKILL).await.unwrap();
    assert_eq!(text, SKILL);
}

#[tokio::test]
async fn a_skill_that_is_not_is_refused() {
    let longer = format!("{SKILL}\n");
    let other = SKILL.replace("Read", "Send");
    for (entry, text, problem) in [
        (entry("Fills in forms"), &*longer, "size"),
        (entry("Fills in forms"), &*other, "digest"),
        (entry("Reads forms"), SKILL, "front matter"),
    ] {
        let failure = loaded(&entry, text).await.unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::Protocol);
        assert!(failure.to_string().contains(problem), "{failure}");
    }
}

#[tokio::test]
async fn files_are_read_when_they_are_asked_for_and_verified_too() {
    let (client, peer) = connected(Client::builder(), Revision::V2026_07_28).await;
    let skill = serde_json::from_value(entry("Fills in forms")).unwrap();
    let uri = "skill://pdf/FORMS.md";
    let file = client.skill_file(&skill, uri);
    let (file, ()) = tokio::join!(file, read(&peer, uri, FORMS));
    assert_eq!(file.unwrap(), FORMS.as_bytes());
    let file = client.skill_file(&skill, uri);
    let (file, ()) = tokio::join!(file, read(&peer, uri, "Others."));
    assert_eq!(file.unwrap_err().kind(), ErrorKind::Protocol);
    let elsewhere = client.skill_file(&skill, "file:///etc/passwd").await;
    assert_eq!(elsewhere.unwrap_err().kind(), ErrorKind::Protocol);
}
