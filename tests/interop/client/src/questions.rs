//! What a server asks, and what it tells unasked: the client's half of both, and the checks.

use std::time::Duration;

use purlin_client::protocol::{CreateMessageResult, ElicitResult, Root};
use purlin_client::{Change, Changes, Client, ClientBuilder, Subscription, form_defaults};
use serde_json::{Value, json};

use crate::expected::Call;
use crate::{Verdict, check, expect};

/// How long an announcement may take. Nothing waits that long unless it never comes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that answers everything.
pub(crate) fn answering(builder: ClientBuilder) -> ClientBuilder {
    builder
        .answer_elicitation(|form| {
            let mut answers = form_defaults(&form);
            answers.insert("name".to_owned(), "Ada".into());
            ElicitResult::accept(answers)
        })
        .answer_elicitation_url(|visit| match visit.url.as_str() {
            "https://example.com/consent" => ElicitResult::accept_url(),
            _ => ElicitResult::decline(),
        })
        .answer_sampling(|asked| {
            let text = asked.messages.iter().map(|message| format!("{message:?}"));
            let echo = text.collect::<String>().contains("What carries rafters?");
            let answer = if echo { "A purlin does." } else { "Who asks?" };
            CreateMessageResult::new("oracle", answer)
        })
        .roots([Root::new("file:///yard")])
}

/// What a server has for these checks.
pub(crate) struct Questions {
    pub(crate) form: (Call, &'static [&'static str]),
    pub(crate) link: (Call, &'static str),
    pub(crate) sampling: (Call, &'static str),
    pub(crate) roots: (Call, &'static str),
    /// A call that makes the server announce that a resource changed.
    pub(crate) resource: (Call, &'static str),
    /// A call that adds a resource.
    pub(crate) list: Call,
}

pub(crate) async fn run(client: &Client, questions: &Questions) {
    let (call, answers) = &questions.form;
    check("a form is filled in", says(client, call, answers)).await;
    let (call, answer) = &questions.link;
    check("a link is agreed to", says(client, call, &[answer])).await;
    let (call, answer) = &questions.sampling;
    check("a model is asked", says(client, call, &[answer])).await;
    let (call, answer) = &questions.roots;
    check("the roots are told", says(client, call, &[answer])).await;
    let (call, uri) = &questions.resource;
    check("a resource is followed", follows(client, call, uri)).await;
    check("a list is followed", lists(client, &questions.list)).await;
}

async fn says(client: &Client, Call(tool, arguments): &Call, texts: &[&str]) -> Verdict {
    let answer: Value = match client.call_tool(tool, arguments).await? {
        failed if failed.is_error => return expect(false, failed),
        result => result.text().into(),
    };
    let answer = answer.as_str().unwrap_or_default();
    expect(texts.iter().all(|text| answer.contains(text)), answer)
}

async fn follows(client: &Client, Call(tool, arguments): &Call, uri: &str) -> Verdict {
    let mut changes = client.listen(Subscription::new().resource(uri)).await?;
    client.call_tool(tool, arguments).await?;
    let told = comes(&mut changes, &Change::Resource(uri.to_owned())).await;
    // The same call ends it.
    client.call_tool(tool, arguments).await?;
    told
}

async fn lists(client: &Client, Call(tool, arguments): &Call) -> Verdict {
    let mut changes = client.listen(Subscription::lists()).await?;
    client.call_tool(tool, arguments).await?;
    comes(&mut changes, &Change::Resources).await
}

async fn comes(changes: &mut Changes, wanted: &Change) -> Verdict {
    let told = async {
        while let Some(change) = changes.next().await {
            if change? == *wanted {
                return Ok(());
            }
        }
        expect(false, "the end of the stream")
    };
    tokio::time::timeout(PATIENCE, told).await?
}

/// `@modelcontextprotocol/server-everything`.
pub(crate) fn everything() -> Questions {
    Questions {
        form: (
            Call("trigger-elicitation-request", json!({})),
            &["Name: Ada", "Favorite Integer: 42", "dark and stormy"],
        ),
        link: (
            Call(
                "trigger-url-elicitation",
                json!({"url": "https://example.com/consent", "message": "Agree."}),
            ),
            r#""action": "accept""#,
        ),
        sampling: (
            Call(
                "trigger-sampling-request",
                json!({"prompt": "What carries rafters?"}),
            ),
            "A purlin does.",
        ),
        roots: (Call("get-roots-list", json!({})), "file:///yard"),
        resource: (
            Call("toggle-subscriber-updates", json!({})),
            "demo://resource/dynamic/text/1",
        ),
        list: Call(
            "gzip-file-as-resource",
            json!({"name": "beam.gz", "data": "data:text/plain,oak"}),
        ),
    }
}
