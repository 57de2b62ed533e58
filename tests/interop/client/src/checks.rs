//! The checks, one by one; a failing one does not stop the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use purlin_client::protocol::{CompleteParams, ReadResourceResult};
use purlin_client::{Client, ErrorKind};
use serde_json::Value;

use crate::expected::{Call, Expected};
use crate::{Verdict, check, expect, questions};

pub(crate) async fn run(client: &Client, expected: &Expected, era: &str) {
    let revision = expected.revision(era);
    check("the era is negotiated", negotiated(client, revision)).await;
    check("the tools are listed", tools(client, expected.tools)).await;
    let (call, answer) = &expected.structured;
    check(
        "a tool answers as its schema says",
        structured(client, call, answer),
    )
    .await;
    check("a tool fails", failing(client, &expected.failing)).await;
    check("an unknown tool is refused", unknown(client)).await;
    if let Some(call) = &expected.progress {
        check("progress is reported", progress(client, call)).await;
    }
    if let Some((uri, text)) = expected.resource {
        check("a resource is listed and read", resource(client, uri, text)).await;
    }
    if let Some((template, uri, text)) = expected.template {
        check(
            "a template is listed and read",
            templated(client, template, uri, text),
        )
        .await;
    }
    if let Some((call, text)) = &expected.prompt {
        check(
            "a prompt is listed and filled in",
            prompt(client, call, text),
        )
        .await;
    }
    if let Some((question, answers)) = &expected.completion {
        check(
            "an argument is completed",
            completed(client, question, answers),
        )
        .await;
    }
    if let Some(questions) = &expected.questions {
        questions::run(client, questions).await;
    }
}

async fn negotiated(client: &Client, revision: &str) -> Verdict {
    let found = client.revision();
    expect(found.as_str() == revision, found)
}

async fn tools(client: &Client, wanted: &[&str]) -> Verdict {
    let tools = client.list_tools().await?;
    let listed = |name| tools.iter().any(|tool| tool.name == name);
    expect(wanted.iter().all(|name| listed(*name)), &tools)?;
    expect(client.left_out().is_empty(), client.left_out())
}

async fn structured(client: &Client, Call(tool, arguments): &Call, answer: &Value) -> Verdict {
    let found: Value = client.call(tool, arguments).checked().await?;
    expect(found == *answer, found)
}

async fn failing(client: &Client, Call(tool, arguments): &Call) -> Verdict {
    let answer = client.call::<Value>(tool, arguments).await;
    let failed = |kind| kind == ErrorKind::Tool;
    expect(kind(&answer).is_some_and(failed), answer)
}

async fn unknown(client: &Client) -> Verdict {
    let answer = client.call::<Value>("no-such-tool", ()).await;
    // The one is an error of the protocol, the other a result; servers differ.
    let refused = |kind| matches!(kind, ErrorKind::Rpc | ErrorKind::Tool);
    expect(kind(&answer).is_some_and(refused), answer)
}

fn kind<T>(answer: &purlin_client::Result<T>) -> Option<ErrorKind> {
    answer.as_ref().err().map(purlin_client::ClientError::kind)
}

async fn progress(client: &Client, Call(tool, arguments): &Call) -> Verdict {
    let steps = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&steps);
    let request = client.call_tool(tool, arguments).on_progress(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let result = request.await?;
    expect(!result.is_error, result)?;
    let steps = steps.load(Ordering::Relaxed);
    expect(steps == 3, steps)
}

async fn resource(client: &Client, uri: &str, text: &str) -> Verdict {
    let resources = client.list_resources().await?;
    expect(resources.iter().any(|listed| listed.uri == uri), &resources)?;
    holds(&client.read_resource(uri).await?, text)
}

async fn templated(client: &Client, template: &str, uri: &str, text: &str) -> Verdict {
    let templates = client.list_resource_templates().await?;
    let listed = templates
        .iter()
        .any(|listed| listed.uri_template == template);
    expect(listed, &templates)?;
    holds(&client.read_resource(uri).await?, text)
}

fn holds(read: &ReadResourceResult, text: &str) -> Verdict {
    let mut texts = read.contents.iter().filter_map(|content| content.as_text());
    expect(texts.any(|found| found.contains(text)), read)
}

async fn prompt(client: &Client, Call(prompt, arguments): &Call, text: &str) -> Verdict {
    let prompts = client.list_prompts().await?;
    expect(
        prompts.iter().any(|listed| listed.name == *prompt),
        &prompts,
    )?;
    let filled = client.get_prompt(prompt, arguments).await?;
    let mut texts = filled
        .messages
        .iter()
        .filter_map(|message| message.content.as_text());
    expect(texts.any(|found| found.contains(text)), &filled)
}

async fn completed(client: &Client, question: &CompleteParams, answers: &[&str]) -> Verdict {
    let found = client.complete(question.clone()).await?;
    expect(found.values == answers, found)
}
