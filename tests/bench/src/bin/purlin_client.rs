//! Calls with our client, one connection.

use bench::load::{Error, Load, check};
use clap::Parser;
use purlin::client::transport::Command;
use purlin::client::{Client, Era};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let load = Load::parse();
    let client = connect(&load).await?;
    let calling = client.clone();
    load.run(move || {
        let client = calling.clone();
        async move {
            let result = client.call_tool("add", json!({"a": 19, "b": 23})).await?;
            check(&result.text())
        }
    })
    .await?;
    client.close().await;
    Ok(())
}

async fn connect(load: &Load) -> Result<Client, Error> {
    let era = if load.stateless {
        Era::Stateless
    } else {
        Era::Session
    };
    let builder = Client::builder().era(era);
    Ok(match (&load.server.url, &load.server.program) {
        (Some(url), _) => builder.connect(url.as_str()).await?,
        (None, Some(program)) => builder.connect(Command::new(program)).await?,
        (None, None) => return Err("neither a URL nor a program".into()),
    })
}
