use super::{finds, of_block, passes, quote};

const LINT: &str = "leaky_abstraction";

#[test]
fn clients_and_files_in_a_tool() {
    finds(
        LINT,
        [
            quote!(let page = reqwest::get("https://a").await?;),
            quote!(let client = reqwest::Client::new();),
            quote!(let client = reqwest::Client::builder().build()?;),
            quote!(use reqwest::Client; let client = Client::new();),
            quote!(tokio::fs::write("a", "b").await?;),
            quote!(use tokio::fs; fs::write("a", "b").await?;),
            quote!(let file = tokio::fs::File::open("a").await?;),
            quote!(spawn_blocking(|| std::fs::read("a")).await?;),
        ],
    );
}

#[test]
fn what_the_server_holds_is_no_leak() {
    passes([
        quote!(self.client.get("https://a").send().await?;),
        quote!(self.files.read("a").await?;),
        quote!(let client = Client::new();),
        quote!(let error: reqwest::Error = a;),
        quote!(let kind: std::fs::FileType = a;),
    ]);
}

#[test]
fn who_makes_the_client_is_not_blamed() {
    assert!(
        of_block(&quote!(
            fn new() -> Self {
                Self(reqwest::Client::new())
            }
        ))
        .is_empty()
    );
}
