//! What holds for our client, from a refused request to a token that has run out.

use std::fs;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use purlin::client::{Client, Era, ErrorKind};
use serde_json::json;

use crate::user::{Browser, User};
use crate::{Failure, Verdict};

const ERAS: [(Era, &str); 2] = [(Era::Stateless, "2026-07-28"), (Era::Session, "2025-11-25")];

/// The clerk and the admin of the example.
const USERS: [&str; 2] = ["carol", "alice"];

pub(crate) async fn run(phase: &str, url: &str, directory: &str) -> Result<(), Failure> {
    let directory = Path::new(directory);
    fs::create_dir_all(directory)?;
    for (era, revision) in ERAS {
        for name in USERS {
            let user = User {
                name,
                era,
                url: url.to_owned(),
                kept: Some(directory.to_owned()),
                has_document: false,
            };
            println!("group our client, {name}, {revision}, {phase}");
            match phase {
                "first" => first(&user).await,
                _ => comes_back(&user, phase).await,
            }
        }
    }
    if phase == "first" {
        once(url).await;
    }
    Ok(())
}

/// A server that only its environment protects, with an identity provider that lets its one user in
/// without asking.
pub(crate) async fn known(phase: &str, url: &str, directory: &str) -> Result<(), Failure> {
    fs::create_dir_all(directory)?;
    let user = User {
        name: "johndoe",
        era: Era::Stateless,
        url: url.to_owned(),
        kept: Some(directory.into()),
        has_document: false,
    };
    let is_known = async |client: Client| {
        let said: String = client.call("who_am_i", json!({})).await?;
        expect(said == "johndoe ()", said)
    };
    if phase == "first" {
        let browser = Arc::new(Browser::of("johndoe"));
        check("nobody gets in without a login", refused_to_strangers(url)).await;
        check("a user of the provider logs in", async {
            is_known(user.log_in(&browser).await?).await?;
            // The provider asks nothing, so there is our page, and that of the client at the end.
            let shown = browser.shown();
            expect(shown.len() == 2, shown.len())?;
            expect(shown[0].contains("OpenID Connect"), "another provider")
        })
        .await;
    } else {
        check("the login outlives the server", async {
            is_known(user.come_back().await?).await
        })
        .await;
    }
    Ok(())
}

async fn refused_to_strangers(url: &str) -> Verdict {
    match Client::connect(url).await {
        Ok(_) => Err("the client was let in".into()),
        Err(error) => expect(error.kind() == ErrorKind::Unauthorized, error),
    }
}

/// A login, and what the user may do then.
async fn first(user: &User) {
    let browser = Arc::new(Browser::of(user.name));
    let mut client = None;
    check("the user logs in and is let in", async {
        client = Some(user.log_in(&browser).await?);
        expect(browser.consents() == [["orders:read"]], browser.consents())
    })
    .await;
    if let Some(client) = client {
        check("a tool knows who calls", knows(user, &client)).await;
        if user.name == "alice" {
            check("the tool of admins is shown to an admin", shown(&client)).await;
            check("the tool of admins does its work", refunds(&client)).await;
        } else {
            check("the tool of admins is hidden from a clerk", hidden(&client)).await;
            check("the tool of admins is refused to a clerk", refused(&client)).await;
        }
    }
}

/// A new process with the tokens of the last one, and nobody at the browser.
async fn comes_back(user: &User, phase: &str) {
    let name = match phase {
        "later" => "a token that has run out is refreshed without the user",
        _ => "stored tokens outlive client and server",
    };
    check(name, async { knows(user, &user.come_back().await?).await }).await;
    check("what was stored anew lets in too", async {
        knows(user, &user.come_back().await?).await
    })
    .await;
}

/// What needs to hold once: a document for an id, and users who say no.
async fn once(url: &str) {
    println!("group our client, once");
    let mut user = User {
        name: "carol",
        era: Era::Stateless,
        url: url.to_owned(),
        kept: None,
        has_document: true,
    };
    check(
        "a client with a document logs in without registering",
        async {
            let browser = Arc::new(Browser::of("carol"));
            let client = user.log_in(&browser).await?;
            knows(&user, &client).await?;
            let shown = browser.shown().concat();
            expect(
                shown.contains("published at <bdi>desk.example</bdi>"),
                shown,
            )
        },
    )
    .await;
    user.has_document = false;
    check("a denial is told for what it is", async {
        let browser = Arc::new(Browser::denying("carol"));
        let Err(denied) = user.log_in(&browser).await else {
            return Err("the client was let in".into());
        };
        let error = denied.downcast::<purlin::client::ClientError>()?;
        let told = error.to_string();
        expect(error.kind() == ErrorKind::Unauthorized, &error)?;
        expect(told.contains("the user refused"), told)
    })
    .await;
    check("nobody gets in without a login", refused_to_strangers(url)).await;
}

async fn knows(user: &User, client: &Client) -> Verdict {
    let said: String = client.call("who_am_i", json!({})).await?;
    let role = if user.name == "alice" {
        "admin"
    } else {
        "clerk"
    };
    expect(said == format!("{} ({role})", user.name), said)
}

async fn tools(client: &Client) -> Result<Vec<String>, Failure> {
    let tools = client.list_tools().await?;
    Ok(tools.into_iter().map(|tool| tool.name).collect())
}

async fn shown(client: &Client) -> Verdict {
    let names = tools(client).await?;
    expect(names.iter().any(|name| name == "refund"), names)
}

async fn hidden(client: &Client) -> Verdict {
    let names = tools(client).await?;
    expect(names == ["who_am_i", "orders"], names)
}

async fn refunds(client: &Client) -> Verdict {
    let said: String = client.call("refund", json!({ "number": 1 })).await?;
    expect(said == "order 1 is paid back", said)
}

/// To a clerk there is no such tool, and nothing tells it from one that does not exist.
async fn refused(client: &Client) -> Verdict {
    let refund = client.call::<String>("refund", json!({ "number": 1 }));
    let missing = client.call::<String>("nothing", json!({ "number": 1 }));
    match (refund.await, missing.await) {
        (Err(refund), Err(missing)) => expect(refund.code() == missing.code(), (refund, missing)),
        answers => expect(false, answers),
    }
}

async fn check(name: &str, verdict: impl Future<Output = Verdict>) {
    match verdict.await {
        Ok(()) => println!("ok {name}"),
        Err(failure) => println!("not ok {name}: {}", failure.to_string().replace('\n', " ")),
    }
}

fn expect(condition: bool, found: impl std::fmt::Debug) -> Verdict {
    match condition {
        true => Ok(()),
        false => Err(format!("found {found:?}").into()),
    }
}
