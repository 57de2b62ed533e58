//! What works, to see whether it still does.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use purlin::{DynamicTool, prelude::*, protocol::Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Ordinary components, and some state.
#[derive(Default)]
pub(crate) struct Plain {
    notes: Mutex<BTreeMap<String, String>>,
}

/// What a user is asked.
#[derive(Deserialize, JsonSchema)]
struct Confirm {
    /// Whether to go on.
    yes: bool,
}

/// A sum, with its parts.
#[derive(Serialize, JsonSchema)]
struct Sum {
    sum: i64,
}

#[mcp_server]
impl Plain {
    /// Adds two numbers.
    #[mcp_tool]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    /// Adds two numbers, and says so in an object.
    #[mcp_tool]
    fn sum(&self, a: i64, b: i64) -> Json<Sum> {
        Json(Sum { sum: a + b })
    }

    /// Remembers a text.
    #[mcp_tool]
    fn remember(&self, name: String, text: String) -> usize {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(name, text);
        notes.len()
    }

    /// What is remembered under a name.
    #[mcp_tool]
    fn recall(&self, name: &str) -> Option<String> {
        self.note(name)
    }

    /// A text of this many bytes.
    #[mcp_tool]
    fn big(&self, bytes: usize) -> String {
        "x".repeat(bytes)
    }

    /// Asks the user.
    #[mcp_tool]
    async fn ask(&self, cx: &Context) -> Result<String> {
        Ok(match cx.elicit::<Confirm>("Go on?").key("confirm").await? {
            Answer::Accepted(confirm) => format!("accepted: {}", confirm.yes),
            Answer::Declined => "declined".to_owned(),
            Answer::Cancelled => "cancelled".to_owned(),
        })
    }

    /// Asks the user about something.
    #[mcp_tool]
    async fn ask_about(&self, what: String, cx: &Context) -> Result<String> {
        let answer = cx.elicit::<Confirm>(what).key("confirm").await?;
        Ok(format!(
            "{:?}",
            answer.accepted().map(|confirm| confirm.yes)
        ))
    }

    /// Adds a tool under this name.
    #[mcp_tool]
    fn grow(&self, name: String, cx: &Context) -> Result<bool> {
        let tool = Tool::new(name, json!({ "type": "object" }).into());
        cx.server().add_tool(DynamicTool::new(tool, |_, _| async {
            Ok(ToolResult::text("grown"))
        }))?;
        Ok(true)
    }

    /// Says that a note has changed.
    #[mcp_tool]
    fn touch(&self, uri: String, cx: &Context) -> bool {
        cx.server().notify_resource_updated(uri);
        true
    }

    /// Logs at every level.
    #[mcp_tool]
    fn log(&self, cx: &Context) -> bool {
        for level in LogLevel::ALL {
            cx.log(level, level.as_str());
        }
        true
    }

    /// How many notes there are.
    #[mcp_resource("note://count", mime_type = "text/plain")]
    fn count(&self) -> String {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.len().to_string()
    }

    /// A note by its name.
    #[mcp_resource("note://by-name/{name}", mime_type = "text/plain")]
    fn by_name(&self, name: &str) -> Result<String, ResourceError> {
        Ok(self.note(name).unwrap_or_else(|| format!("no note {name}")))
    }

    /// Asks about a topic.
    #[mcp_prompt]
    fn brief(&self, topic: &str) -> String {
        format!("Tell me about {topic}.")
    }

    #[mcp_completion(prompt = "brief", argument = "topic")]
    fn topics(&self, typed: &str) -> Vec<String> {
        vec![format!("{typed}…")]
    }
}

impl Plain {
    fn note(&self, name: &str) -> Option<String> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.get(name).cloned()
    }
}
