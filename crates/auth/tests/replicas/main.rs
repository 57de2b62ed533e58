//! Two processes of one authorization server, over one real Redis, and what is left of a login when
//! one of them is killed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod process;
#[path = "../../../stores/tests/servers/redis.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod redis;
#[path = "../authorization_server/scene/mod.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod scene;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Barrier;

use process::{Replica, serve_if_asked};
use redis::RedisServer;
use scene::{Browser, CALLBACK, FORM, Page, Scene, Sent, exchange_form, token};

async fn refresh(scene: &Scene, client: &str, refresh: &str) -> Page {
    scene.post("/token", &refreshing(client, refresh)).await
}

fn refreshing<'a>(client: &'a str, refresh: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", client),
        ("refresh_token", refresh),
    ]
}

fn refresh_token(page: &Page) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    page.json()["refresh_token"].as_str().unwrap().to_owned()
}

/// The browser of one replica at another one: what stands in front of both is one to it.
fn moved(browser: &Browser, to: &Scene) -> Browser {
    let mut there = to.browser.clone();
    there.cookies.clone_from(&browser.cookies);
    there
}

/// Logs in by turns at both.
async fn code(one: &Scene, other: &Scene, client: &str) -> String {
    let mut browser = one.browser.clone();
    let asked = browser.get(&one.request(client).url()).await;
    let mut browser = moved(&browser, other);
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    let mut browser = moved(&browser, one);
    let back = browser.get(&one.answer(&allowed, "alice")).await;
    back.parameter("code").unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_goes_on_at_the_other_replica_and_reuse_is_noticed_there() {
    if serve_if_asked().await {
        return;
    }
    let redis = RedisServer::start().await;
    let test = "a_login_goes_on_at_the_other_replica_and_reuse_is_noticed_there";
    let one = Replica::start(test, &redis).await;
    let other = Replica::start(test, &redis).await;
    let (one, other) = (&one.scene, &other.scene);
    let client = one.register("App", CALLBACK).await;

    // A code of one is good at the other, and once.
    let first = code(one, other, &client).await;
    let issued = other.exchange(&client, &first).await;
    let access = token(&issued);
    assert!(one.lets_in(&access).await && other.lets_in(&access).await);
    assert_eq!(one.exchange(&client, &first).await.status, 400);
    assert!(!one.lets_in(&access).await && !other.lets_in(&access).await);
    assert_eq!(
        refresh(other, &client, &refresh_token(&issued))
            .await
            .status,
        400
    );

    // A refresh token likewise.
    let issued = other
        .exchange(&client, &code(other, one, &client).await)
        .await;
    let stolen = refresh_token(&issued);
    let next = refresh(one, &client, &stolen).await;
    let last = refresh(other, &client, &refresh_token(&next)).await;
    assert!(one.lets_in(&token(&last)).await);
    assert_eq!(refresh(one, &client, &stolen).await.status, 400);
    assert!(!other.lets_in(&token(&last)).await);

    // What one revokes is void at the other.
    let issued = one
        .exchange(&client, &code(one, other, &client).await)
        .await;
    let access = token(&issued);
    let form = [("client_id", &*client), ("token", &*access)];
    assert_eq!(one.post("/revoke", &form).await.status, 200);
    assert!(!other.lets_in(&access).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_get_a_code_at_once_issue_tokens_once_at_most() {
    if serve_if_asked().await {
        return;
    }
    let redis = RedisServer::start().await;
    let test = "two_processes_that_get_a_code_at_once_issue_tokens_once_at_most";
    let one = Replica::start(test, &redis).await;
    let other = Replica::start(test, &redis).await;
    let client = one.scene.register("App", CALLBACK).await;
    for _ in 0..10 {
        let code = code(&one.scene, &other.scene, &client).await;
        let (here, there) = tokio::join!(
            one.scene.exchange(&client, &code),
            other.scene.exchange(&client, &code),
        );
        let granted: Vec<_> = [here, there]
            .into_iter()
            .filter(|page| page.status == 200)
            .collect();
        assert!(granted.len() <= 1, "{granted:?}");
        for page in &granted {
            assert!(!other.scene.lets_in(&token(page)).await, "it came twice");
        }
    }
}

/// What a client was told at a replica before that was killed.
struct Told {
    client: String,
    /// The last refresh token it got an answer with.
    refresh: String,
    /// A code that it has not used yet.
    code: String,
    /// A token that is revoked.
    revoked: String,
}

/// Logs in, and refreshes until nobody answers any more.
async fn live(scene: &Scene, client: &str, ready: &Barrier, answers: &AtomicUsize) -> Told {
    let revoked = token(
        &scene
            .exchange(client, &code(scene, scene, client).await)
            .await,
    );
    let form = [("client_id", client), ("token", &*revoked)];
    assert_eq!(scene.post("/revoke", &form).await.status, 200);
    let mut told = Told {
        client: client.to_owned(),
        refresh: refresh_token(
            &scene
                .exchange(client, &code(scene, scene, client).await)
                .await,
        ),
        code: code(scene, scene, client).await,
        revoked,
    };
    ready.wait().await;
    loop {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(refreshing(client, &told.refresh))
            .finish();
        let sent = Sent {
            method: "POST",
            from: None,
            body: &body,
            kind: FORM,
            headers: &[],
        };
        let asked = scene
            .browser
            .another()
            .attempt(&scene.url("/token"), sent)
            .await;
        let Some(answer) = asked else { return told };
        told.refresh = refresh_token(&answer);
        answers.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_killed_loses_nothing_that_it_told() {
    if serve_if_asked().await {
        return;
    }
    let redis = RedisServer::start().await;
    let test = "a_replica_that_is_killed_loses_nothing_that_it_told";
    let stays = Replica::start(test, &redis).await;
    for round in 0..6_u16 {
        let mut victim = Replica::start(test, &redis).await;
        let (ready, answers) = (Arc::new(Barrier::new(4)), Arc::new(AtomicUsize::new(0)));
        let lives: Vec<_> = (0..3)
            .map(|number| {
                let machine = round * 3 + number;
                let scene = victim.scene_of(machine);
                let (ready, answers) = (Arc::clone(&ready), Arc::clone(&answers));
                tokio::spawn(async move {
                    let client = scene.register("App", CALLBACK).await;
                    live(&scene, &client, &ready, &answers).await
                })
            })
            .collect();
        ready.wait().await;
        // In the middle of it: at another place in every round.
        while answers.load(Ordering::Relaxed) < 3 + 7 * usize::from(round) {
            tokio::task::yield_now().await;
        }
        victim.kill();
        for (number, life) in lives.into_iter().enumerate() {
            let told = life.await.unwrap();
            let scene = stays.scene_of(1_000 + round * 3 + u16::try_from(number).unwrap());
            let refreshed = refresh(&scene, &told.client, &told.refresh).await;
            assert!(
                scene.lets_in(&token(&refreshed)).await,
                "a refresh token is lost"
            );
            let exchanged = scene
                .post("/token", &exchange_form(&told.client, &told.code))
                .await;
            assert!(scene.lets_in(&token(&exchanged)).await, "a code is lost");
            assert!(!scene.lets_in(&told.revoked).await, "a revocation is lost");
        }
    }
}
