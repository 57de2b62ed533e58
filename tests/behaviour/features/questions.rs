use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use purlin::prelude::*;
use purlin::testing::protocol::{
    CreateMessageParams, CreateMessageResult, ElicitForm, ElicitResult,
};
use purlin::testing::{Era, ErrorKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::features::{client, connect};

#[derive(Deserialize, JsonSchema)]
struct Name {
    /// What to call you.
    name: String,
}

#[derive(Default)]
struct Shop {
    runs: Arc<AtomicU32>,
    charges: Arc<AtomicU32>,
}

#[mcp_server]
impl Shop {
    /// Greets by name.
    #[mcp_tool]
    async fn greet(&self, cx: &Context) -> Result<String, Error> {
        Ok(match cx.elicit::<Name>("Who are you?").await? {
            Answer::Accepted(Name { name }) => format!("Hello, {name}!"),
            Answer::Declined => "Suit yourself.".to_owned(),
            Answer::Cancelled => "Another time.".to_owned(),
        })
    }

    /// Charges once, asks before and after.
    #[mcp_tool]
    async fn buy(&self, cx: &Context) -> Result<String, Error> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let Answer::Accepted(first) = cx.elicit::<Name>("Who pays?").await? else {
            return Ok("nobody pays".to_owned());
        };
        let receipt = cx
            .step("charge", async {
                Ok::<_, Error>(self.charges.fetch_add(1, Ordering::SeqCst) + 100)
            })
            .await?;
        let Answer::Accepted(second) = cx.elicit::<Name>("Who receives?").await? else {
            return Ok("nobody receives".to_owned());
        };
        Ok(format!("{} for {}: {receipt}", first.name, second.name))
    }

    /// Asks the model.
    #[mcp_tool]
    async fn slogan(&self, cx: &Context) -> Result<String, Error> {
        let answer = cx
            .sample(CreateMessageParams::new(50).user("A slogan, please."))
            .await?;
        Ok(answer.content[0].as_text().unwrap_or_default().to_owned())
    }

    /// Says where it may work.
    #[mcp_tool]
    async fn places(&self, cx: &Context) -> Result<Vec<String>, Error> {
        Ok(cx.roots().await?.into_iter().map(|root| root.uri).collect())
    }
}

fn named(form: &ElicitForm) -> ElicitResult {
    let name = match form.message.as_str() {
        "Who pays?" => "Ann",
        "Who receives?" => "Bob",
        _ => "Eve",
    };
    let Value::Object(content) = json!({"name": name}) else {
        unreachable!()
    };
    ElicitResult::accept(content)
}

#[purlin::test(eras)]
async fn a_question_to_the_user_is_one_straight_line() {
    let client = client(Shop::default())
        .answer_elicitation(|form| {
            let schema: Value = form.requested_schema.decode().unwrap();
            assert_eq!(
                schema["properties"]["name"]["description"],
                "What to call you."
            );
            named(&form)
        })
        .connect()
        .await;
    assert_eq!(
        client.call::<String>("greet", ()).await.unwrap(),
        "Hello, Eve!"
    );
}

#[purlin::test(eras)]
async fn declined_and_cancelled_are_told_apart() {
    for (answer, text) in [
        (ElicitResult::decline(), "Suit yourself."),
        (ElicitResult::cancel(), "Another time."),
    ] {
        let builder = client(Shop::default()).answer_elicitation(move |_| answer.clone());
        let client = builder.connect().await;
        assert_eq!(client.call::<String>("greet", ()).await.unwrap(), text);
    }
}

#[purlin::test(eras)]
async fn a_step_runs_once_however_often_the_handler_runs(era: Era) {
    let shop = Shop::default();
    let (runs, charges) = (Arc::clone(&shop.runs), Arc::clone(&shop.charges));
    let client = client(shop)
        .answer_elicitation(|form| named(&form))
        .connect()
        .await;
    assert_eq!(
        client.call::<String>("buy", ()).await.unwrap(),
        "Ann for Bob: 100"
    );
    assert_eq!(charges.load(Ordering::SeqCst), 1);
    let expected = if era == Era::Session { 1 } else { 3 };
    assert_eq!(runs.load(Ordering::SeqCst), expected);
}

#[purlin::test(eras)]
async fn the_client_s_model_and_roots_can_be_asked() {
    let client = client(Shop::default())
        .answer_sampling(|params: CreateMessageParams| async move {
            assert_eq!(params.max_tokens, 50);
            CreateMessageResult::new("fake-model", "Buy!")
        })
        .roots(["file:///work"])
        .connect()
        .await;
    assert_eq!(client.call::<String>("slogan", ()).await.unwrap(), "Buy!");
    assert_eq!(
        client.call::<Vec<String>>("places", ()).await.unwrap(),
        ["file:///work"]
    );
}

#[purlin::test(eras)]
async fn what_the_client_did_not_declare_is_never_asked(era: Era) {
    let client = connect(Shop::default()).await;
    for tool in ["greet", "slogan", "places"] {
        let error = client.call::<Value>(tool, ()).await.unwrap_err();
        if era == Era::Stateless {
            assert_eq!(error.code(), Some(-32021), "{tool}: {error}");
            assert!(
                error.rpc().unwrap().data.as_ref().unwrap()["requiredCapabilities"].is_object()
            );
        } else {
            assert!(
                matches!(error.kind(), ErrorKind::Tool | ErrorKind::Rpc),
                "{tool}: {error}"
            );
        }
    }
    assert!(
        !client.transcript().contains("elicitation/create"),
        "{}",
        client.transcript()
    );
}

#[purlin::test]
async fn a_state_that_was_tampered_with_is_refused() {
    let client = client(Shop::default())
        .era(Era::Stateless)
        .answer_elicitation(|form| named(&form))
        .connect()
        .await;
    let answer = json!({"action": "accept", "content": {"name": "Mallory"}});
    let params = json!({
        "name": "buy",
        "inputResponses": {"charge": answer},
        "requestState": "bm90IHNlYWxlZA",
    });
    assert!(
        client
            .request("tools/call", params)
            .await
            .unwrap_err()
            .rpc()
            .is_some()
    );
}
