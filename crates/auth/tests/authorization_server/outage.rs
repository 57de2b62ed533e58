//! A store that does not answer grants nothing.

use crate::scene::{CALLBACK, Page, Scene, exchange_form};

fn assert_unavailable(page: &Page) {
    assert_eq!(page.status, 503, "{page:?}");
    assert_eq!(page.header("retry-after"), Some("5"));
    assert_eq!(page.header("location"), None);
}

#[tokio::test]
async fn nothing_is_granted_while_the_store_is_down() {
    let scene = Scene::production().await;
    let client = scene.register("App", CALLBACK).await;
    let mut browser = scene.browser.clone();
    let asked = browser.get(&scene.request(&client).url()).await;
    let allowed = browser.submit(&asked, &[("decision", "allow")]).await;
    let back = scene.log_in(&mut browser, &client).await;
    let code = back.parameter("code").unwrap();
    let issued = scene
        .exchange(
            &client,
            &scene
                .log_in(&mut browser, &client)
                .await
                .parameter("code")
                .unwrap(),
        )
        .await;
    let refresh = issued.json()["refresh_token"].as_str().unwrap().to_owned();
    let access = issued.json()["access_token"].as_str().unwrap().to_owned();
    scene.store.take_down();

    assert_unavailable(&browser.get(&scene.request(&client).url()).await);
    assert_unavailable(&browser.submit(&asked, &[("decision", "allow")]).await);
    assert_unavailable(&browser.get(&scene.answer(&allowed, "alice")).await);
    assert_unavailable(&scene.post("/token", &exchange_form(&client, &code)).await);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &*client),
        ("refresh_token", &*refresh),
    ];
    assert_unavailable(&scene.post("/token", &form).await);
    assert_unavailable(
        &scene
            .post("/revoke", &[("client_id", &client), ("token", &access)])
            .await,
    );
}
