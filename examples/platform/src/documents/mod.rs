//! The documentation team: the handbook of the company.

mod library;

use purlin::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use library::{Page, Summary};

/// The handbook, for people and for models.
#[derive(Debug, Default)]
pub struct Documents;

/// For whom something is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Somebody in their first week.
    Newcomer,
    /// Somebody who does it every day.
    Colleague,
    /// Somebody from outside.
    Customer,
}

#[mcp_server(version = "3.1.0")]
impl Documents {
    /// Searches the handbook. Read the pages it links to.
    #[mcp_tool(read_only, idempotent, tags("public"))]
    fn search(
        &self,
        /// What to look for.
        #[arg(min_length = 2, max_length = 200)]
        text: &str,
        cx: &Context,
    ) -> Vec<Content> {
        library::search(text)
            .map(|page| Content::link(cx.outer_uri(&page.uri()), page.title))
            .collect()
    }

    /// The table of contents.
    #[mcp_resource("handbook://contents", mime_type = "application/json", priority = 1.0)]
    fn contents(&self) -> Json<Vec<Summary>> {
        Json(library::contents())
    }

    /// One page of the handbook.
    #[mcp_resource(
        "handbook://pages/{page}",
        mime_type = "text/markdown",
        audience("user", "assistant")
    )]
    fn page(&self, page: &str) -> Option<&'static str> {
        library::page(page).map(|page| page.text)
    }

    #[mcp_completion(resource = "handbook://pages/{page}", argument = "page")]
    fn complete_page(&self, typed: &str) -> Vec<&'static str> {
        library::starting_with(typed)
    }

    /// Explains a page of the handbook to somebody.
    #[mcp_prompt(title = "Explain a page")]
    fn explain(
        &self,
        /// The page.
        page: &str,
        /// For whom.
        audience: Audience,
        /// In how many sentences at most.
        #[arg(range = 1..=20, default = 5)]
        sentences: u32,
        cx: &Context,
    ) -> Result<[PromptMessage; 2], PromptError> {
        let page = find(page)?;
        let task = format!(
            "Explain this page of our handbook to a {} in at most {sentences} sentences.",
            audience.word()
        );
        Ok([
            PromptMessage::user(task),
            PromptMessage::user(embed(page, cx)),
        ])
    }

    #[mcp_completion(prompt = "explain", argument = "page")]
    fn complete_explained_page(&self, typed: &str) -> Vec<&'static str> {
        library::starting_with(typed)
    }

    /// Checks whether something follows the handbook.
    #[mcp_prompt]
    fn review(
        &self,
        /// What is to be checked.
        text: &str,
        /// The page to check it against.
        #[arg(default = "style")]
        page: &str,
        cx: &Context,
    ) -> Result<Vec<PromptMessage>, PromptError> {
        Ok(vec![
            PromptMessage::user(embed(find(page)?, cx)),
            PromptMessage::assistant("I know this page. What shall I check?"),
            PromptMessage::user(text),
        ])
    }
}

impl Audience {
    fn word(self) -> &'static str {
        match self {
            Self::Newcomer => "newcomer",
            Self::Colleague => "colleague",
            Self::Customer => "customer",
        }
    }
}

fn find(id: &str) -> Result<&'static Page, PromptError> {
    library::page(id).ok_or_else(|| PromptError::new(format!("the handbook has no page `{id}`")))
}

/// A page as a part of a message.
fn embed(page: &Page, cx: &Context) -> ResourceContents {
    let uri = page.uri();
    ResourceContents::text(cx.outer_uri(&uri), page.text).with_mime_type("text/markdown")
}
