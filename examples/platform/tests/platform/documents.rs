//! The documentation team's tests.

use platform::documents::Documents;
use purlin::testing::{
    ErrorKind, connect,
    protocol::{CompleteParams, Content, Reference, Role},
};
use serde_json::json;

#[purlin::test(eras)]
async fn a_search_links_to_pages_that_can_be_read() {
    let client = connect(Documents).await;
    let result = client
        .call_tool("search", json!({ "text": "Freeze" }))
        .await
        .unwrap();
    let [Content::ResourceLink(link)] = &result.content[..] else {
        panic!("one page is about freezes: {:?}", result.content);
    };
    assert_eq!(link.uri, "handbook://pages/deployments");
    let page = client.read(&link.uri).await.unwrap();
    assert!(page.starts_with("# Deployments"));
}

#[purlin::test]
async fn the_contents_name_every_page() {
    let client = connect(Documents).await;
    let contents = client.read("handbook://contents").await.unwrap();
    for page in ["deliveries", "deployments", "ordering", "style"] {
        assert!(contents.contains(page), "{contents}");
    }
}

#[purlin::test]
async fn a_page_keeps_its_media_type() {
    let client = connect(Documents).await;
    let page = client
        .read_resource("handbook://pages/style")
        .await
        .unwrap();
    assert_eq!(page.contents[0].mime_type.as_deref(), Some("text/markdown"));
    let error = client.read("handbook://pages/jokes").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc);
}

#[purlin::test(eras)]
async fn an_explanation_carries_the_page_with_it() {
    let client = connect(Documents).await;
    let prompt = client
        .prompt(
            "explain",
            json!({ "page": "ordering", "audience": "newcomer" }),
        )
        .await
        .unwrap();
    let task = prompt.messages[0].content.as_text().unwrap();
    assert!(task.contains("newcomer") && task.contains("at most 5"));
    let page = prompt.messages[1].content.as_resource().unwrap();
    assert_eq!(page.uri, "handbook://pages/ordering");
    assert!(page.as_text().unwrap().starts_with("# Ordering"));
}

#[purlin::test]
async fn arguments_of_prompts_are_checked() {
    let client = connect(Documents).await;
    for arguments in [
        json!({ "page": "ordering" }),
        json!({ "page": "ordering", "audience": "martian" }),
        json!({ "page": "ordering", "audience": "customer", "sentences": "99" }),
    ] {
        let error = client.prompt("explain", &arguments).await.unwrap_err();
        assert_eq!(error.code(), Some(-32602), "{arguments}");
    }
}

#[purlin::test]
async fn a_review_is_about_style_unless_asked_otherwise() {
    let client = connect(Documents).await;
    let prompt = client
        .prompt("review", json!({ "text": "We utilise synergies." }))
        .await
        .unwrap();
    let page = prompt.messages[0].content.as_resource().unwrap();
    assert_eq!(page.uri, "handbook://pages/style");
    assert_eq!(prompt.messages[1].role, Role::Assistant);
}

#[purlin::test]
async fn pages_are_completed_wherever_one_is_wanted() {
    let client = connect(Documents).await;
    for reference in [
        Reference::resource("handbook://pages/{page}"),
        Reference::prompt("explain"),
    ] {
        let completion = client
            .complete(CompleteParams::new(reference, "page", "de"))
            .await
            .unwrap();
        assert_eq!(completion.values, ["deliveries", "deployments"]);
    }
}
