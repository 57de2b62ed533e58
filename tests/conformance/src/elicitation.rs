//! Questions to the user, in every form a form can take.

use purlin::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

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

/// Every kind of choice.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
pub(crate) struct Choices {
    untitled_single: Plain,
    titled_single: Titled,
    #[schemars(extend("enumNames" = ["Option One", "Option Two", "Option Three"]))]
    legacy_enum: Legacy,
    untitled_multi: Vec<Plain>,
    titled_multi: Vec<Titled>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Plain {
    Option1,
    Option2,
    Option3,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Titled {
    #[schemars(title = "First Option")]
    Value1,
    #[schemars(title = "Second Option")]
    Value2,
    #[schemars(title = "Third Option")]
    Value3,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Legacy {
    Opt1,
    Opt2,
    Opt3,
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
        let answer = cx.elicit::<Choices>("Please choose").await?;
        Ok(format!("Elicitation completed: {answer:?}"))
    }

    /// Asks the user to go on.
    #[mcp_tool]
    async fn test_streaming_elicitation(cx: &Context) -> Result<String> {
        Ok(said(cx.elicit::<User>("Who goes there?").await?))
    }
}
