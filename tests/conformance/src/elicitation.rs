//! Questions to the user, in every form a form can take.

use purlin::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A user.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct User {
    /// User's response.
    username: String,
    /// User's email address.
    email: String,
}

/// A form that is filled in already.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Defaults {
    name: String,
    age: i64,
    score: f64,
    status: Status,
    verified: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            name: "John Doe".to_owned(),
            age: 30,
            score: 95.5,
            status: Status::Active,
            verified: true,
        }
    }
}

#[derive(Debug, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Inactive,
    Pending,
}

/// What the user did with the question.
fn said(answer: Answer<User>) -> String {
    match answer {
        Answer::Accepted(user) => format!("User response: {} <{}>", user.username, user.email),
        Answer::Declined => "User response: no".to_owned(),
        Answer::Cancelled => "User response: none".to_owned(),
    }
}

/// Elicitation.
#[mcp_server]
pub(crate) mod fixtures {
    use super::*;

    /// Asks the user who they are.
    #[mcp_tool]
    async fn test_elicitation(
        /// What to ask.
        message: &str,
        cx: &Context,
    ) -> Result<String> {
        Ok(said(cx.elicit::<User>(message).await?))
    }

    /// Asks with a default for every kind of field.
    #[mcp_tool]
    async fn test_elicitation_sep1034_defaults(cx: &Context) -> Result<String> {
        let answer = cx.elicit::<Defaults>("Please review the form").await?;
        Ok(format!("Elicitation completed: {answer:?}"))
    }

    /// Asks with every kind of choice.
    #[mcp_tool]
    async fn test_elicitation_sep1330_enums(cx: &Context) -> Result<String> {
        let plain = ["option1", "option2", "option3"];
        let titled = json!([
            { "const": "value1", "title": "First Option" },
            { "const": "value2", "title": "Second Option" },
            { "const": "value3", "title": "Third Option" }
        ]);
        let form = json!({
            "type": "object",
            "properties": {
                "untitledSingle": { "type": "string", "enum": plain },
                "titledSingle": { "type": "string", "oneOf": titled },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"]
                },
                "untitledMulti": {
                    "type": "array",
                    "items": { "type": "string", "enum": plain }
                },
                "titledMulti": { "type": "array", "items": { "anyOf": titled } }
            }
        });
        let answer = cx.elicit_form("Please choose", form).await?;
        Ok(format!("Elicitation completed: {answer:?}"))
    }

    /// Asks the user to go on.
    #[mcp_tool]
    async fn test_streaming_elicitation(cx: &Context) -> Result<String> {
        Ok(said(cx.elicit::<User>("Who goes there?").await?))
    }
}
