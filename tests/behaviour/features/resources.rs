use purlin::prelude::*;
use purlin::testing::{Era, protocol::CompleteParams, protocol::Reference};
use serde_json::json;

use crate::features::connect;

#[mcp_server]
mod library {
    use super::*;

    /// Every book.
    #[mcp_resource("books://all", mime_type = "application/json")]
    fn all() -> Json<Vec<String>> {
        Json(vec!["Dune".to_owned()])
    }

    /// The cover.
    #[mcp_resource("books://cover", mime_type = "image/png")]
    fn cover() -> Vec<u8> {
        vec![1, 2, 3]
    }

    /// One chapter.
    #[mcp_resource("books://{title}/{chapter}", mime_type = "text/plain")]
    fn chapter(title: String, chapter: u32) -> Result<String, ResourceError> {
        match title.as_str() {
            "Dune" => Ok(format!("{title}, chapter {chapter}")),
            _ => Err(ResourceError::not_found("no such book")),
        }
    }

    /// Titles.
    #[mcp_completion(resource = "books://{title}/{chapter}", argument = "title")]
    fn titles(typed: &str) -> Vec<String> {
        ["Dune", "Emma"]
            .into_iter()
            .filter(|title| title.starts_with(typed))
            .map(str::to_owned)
            .collect()
    }
}

#[purlin::test(eras)]
async fn fixed_resources_and_templates_are_listed_and_read() {
    let client = connect(library::Server).await;
    let catalogue = client.catalogue().await;
    assert_eq!(catalogue.resource_uris(), ["books://all", "books://cover"]);
    assert_eq!(catalogue.uri_templates(), ["books://{title}/{chapter}"]);
    assert_eq!(client.read("books://all").await.unwrap(), r#"["Dune"]"#);
    assert_eq!(
        client.read("books://Dune/7").await.unwrap(),
        "Dune, chapter 7"
    );
    let cover = client.read_resource("books://cover").await.unwrap();
    assert_eq!(cover.contents[0].bytes().unwrap(), [1, 2, 3]);
    assert_eq!(cover.contents[0].mime_type.as_deref(), Some("image/png"));
}

#[purlin::test(eras)]
async fn a_resource_that_is_not_there_is_an_error_with_its_uri(era: Era) {
    let client = connect(library::Server).await;
    for uri in ["books://none", "books://Emma/1", "other://x"] {
        let error = client.read(uri).await.unwrap_err();
        let code = if era == Era::Session { -32002 } else { -32602 };
        assert_eq!(error.code(), Some(code), "{uri}: {error}");
        assert_eq!(
            error.rpc().unwrap().data.as_ref().unwrap()["uri"],
            json!(uri)
        );
    }
}

#[purlin::test(eras)]
async fn a_variable_that_does_not_parse_is_an_error() {
    let client = connect(library::Server).await;
    assert!(client.read("books://Dune/seven").await.is_err());
}

#[purlin::test(eras)]
async fn variables_are_completed() {
    let client = connect(library::Server).await;
    let reference = Reference::resource("books://{title}/{chapter}");
    let completion = client
        .complete(CompleteParams::new(reference, "title", "D"))
        .await
        .unwrap();
    assert_eq!(completion.values, ["Dune"]);
}
