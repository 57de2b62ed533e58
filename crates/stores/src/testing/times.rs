//! Values that go by themselves, and those who wait for them.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::{HOUR, Scene, checks};

/// Long enough to be seen, short enough to be waited for.
const SOON: Duration = Duration::from_millis(300);

checks!(
    values_expire,
    a_write_gives_a_new_time_to_live,
    what_has_expired_is_not_there_for_anything,
    zero_expires_at_once,
    any_time_to_live_is_taken,
    a_counter_keeps_its_time_to_live,
    what_is_left_is_told,
    a_change_ends_the_wait,
    every_write_ends_the_wait,
    a_value_that_differs_is_not_waited_for,
    waiting_ends,
);

async fn values_expire(scene: Scene) {
    let value = Bytes::from("v");
    let put = scene.store.put(scene.at("k"), value.clone(), Some(SOON));
    put.await.unwrap();
    assert_eq!(scene.wait("k", Some(&value)).await, None);
}

async fn a_write_gives_a_new_time_to_live(scene: Scene) {
    let at = scene.at("k");
    scene.store.put(at, "v".into(), Some(HOUR)).await.unwrap();
    scene.store.put(at, "v".into(), None).await.unwrap();
    let found = scene.store.get(at).await.unwrap().unwrap();
    let forever = found.expires_in.is_none_or(|left| left > HOUR);
    // A wrapper may clamp it.
    assert!(forever || found.expires_in > Some(HOUR / 2));
    scene
        .store
        .put(at, "v".into(), Some(HOUR / 2))
        .await
        .unwrap();
    let found = scene.store.get(at).await.unwrap().unwrap();
    assert!(found.expires_in.unwrap() <= HOUR / 2);
    assert!(scene.store.delete(at).await.unwrap());
}

async fn what_has_expired_is_not_there_for_anything(scene: Scene) {
    let value = Bytes::from("v");
    for key in ["take", "delete", "cas", "add"] {
        let put = scene.store.put(scene.at(key), value.clone(), Some(SOON));
        put.await.unwrap();
    }
    for key in ["take", "delete", "cas", "add"] {
        scene.wait(key, Some(&value)).await;
    }
    let store = &scene.store;
    assert_eq!(store.take(scene.at("take")).await.unwrap(), None);
    assert!(!store.delete(scene.at("delete")).await.unwrap());
    let stale = store.compare_and_set(scene.at("cas"), Some(value.clone()), None, None);
    assert!(!stale.await.unwrap());
    let fresh = store.compare_and_set(scene.at("cas"), None, Some(value), Some(HOUR));
    assert!(fresh.await.unwrap());
    assert_eq!(store.add(scene.at("add"), 1, Some(HOUR)).await.unwrap(), 1);
    let gone = [scene.at("take"), scene.at("delete")];
    assert_eq!(store.get_many(&gone).await.unwrap(), [None, None]);
}

async fn zero_expires_at_once(scene: Scene) {
    let at = scene.at("k");
    let now = Some(Duration::ZERO);
    scene.put("k", "old").await;
    scene.store.put(at, "v".into(), now).await.unwrap();
    assert_eq!(scene.get("k").await, None);
    let new = Some(Bytes::from("v"));
    assert!(
        scene
            .store
            .compare_and_set(at, None, new, now)
            .await
            .unwrap()
    );
    assert_eq!(scene.get("k").await, None);
    assert_eq!(scene.store.add(at, 3, now).await.unwrap(), 3);
    assert_eq!(scene.get("k").await, None);
}

async fn any_time_to_live_is_taken(scene: Scene) {
    let at = scene.at("k");
    for ttl in [Duration::MAX, Duration::from_secs(u64::MAX / 2), HOUR] {
        scene.store.put(at, "v".into(), Some(ttl)).await.unwrap();
        assert_eq!(scene.get("k").await.unwrap(), "v", "{ttl:?}");
    }
    // A nanosecond is at most a millisecond.
    let value = Bytes::from("brief");
    let brief = Some(Duration::from_nanos(1));
    scene.store.put(at, value.clone(), brief).await.unwrap();
    assert_eq!(scene.wait("k", Some(&value)).await, None);
}

async fn a_counter_keeps_its_time_to_live(scene: Scene) {
    let at = scene.at("k");
    scene.store.add(at, 1, Some(HOUR)).await.unwrap();
    scene.store.add(at, 1, Some(3 * HOUR)).await.unwrap();
    scene.store.add(at, 1, None).await.unwrap();
    let found = scene.store.get(at).await.unwrap().unwrap();
    assert_eq!(found.value, "3");
    assert!(found.expires_in.unwrap() <= HOUR);
}

async fn what_is_left_is_told(scene: Scene) {
    scene.put("k", "v").await;
    let at = scene.at("k");
    for found in [
        scene.store.get(at).await.unwrap(),
        scene.store.get_many(&[at]).await.unwrap().remove(0),
    ] {
        let left = found.unwrap().expires_in.expect("it expires");
        assert!(left <= HOUR && left > HOUR / 2, "{left:?}");
    }
}

async fn a_change_ends_the_wait(scene: Scene) {
    for (seen, new) in [(None, Some("a")), (Some("a"), Some("b")), (Some("b"), None)] {
        let seen = seen.map(Bytes::from);
        let waiting = tokio::spawn({
            let (scene, seen) = (scene.clone(), seen.clone());
            async move { scene.wait("k", seen.as_ref()).await }
        });
        tokio::task::yield_now().await;
        match new {
            Some(new) => scene.put("k", new).await,
            None => assert!(scene.store.delete(scene.at("k")).await.unwrap()),
        }
        assert_eq!(waiting.await.unwrap(), new.map(Bytes::from));
    }
}

async fn every_write_ends_the_wait(scene: Scene) {
    for write in 0..8 {
        let put_before = matches!(write, 1 | 2 | 4 | 7);
        let seen = put_before.then(|| Bytes::from_static(b"before"));
        match &seen {
            Some(before) => scene.put("k", before.clone()).await,
            None => _ = scene.store.delete(scene.at("k")).await.unwrap(),
        }
        let waiting = tokio::spawn({
            let (scene, seen) = (scene.clone(), seen.clone());
            async move { scene.wait("k", seen.as_ref()).await }
        });
        tokio::task::yield_now().await;
        let (at, new) = (scene.at("k"), Bytes::from_static(b"5"));
        let (store, hour) = (&scene.store, Some(HOUR));
        match write {
            0 => store.put(at, new, hour).await.unwrap(),
            1 => assert!(store.delete(at).await.unwrap()),
            2 => assert_eq!(store.take(at).await.unwrap(), seen),
            3 => assert!(
                store
                    .compare_and_set(at, None, Some(new), hour)
                    .await
                    .unwrap()
            ),
            4 => assert!(store.compare_and_set(at, seen, None, None).await.unwrap()),
            5 => assert_eq!(store.add(at, 5, hour).await.unwrap(), 5),
            6 => store.put_many(&[(at, new)], hour).await.unwrap(),
            _ => assert_eq!(store.delete_many(&[at]).await.unwrap(), 1),
        }
        let expected = (!put_before).then_some("5");
        assert_eq!(
            waiting.await.unwrap(),
            expected.map(Bytes::from),
            "write {write}"
        );
    }
}

async fn a_value_that_differs_is_not_waited_for(scene: Scene) {
    scene.put("k", "v").await;
    assert_eq!(scene.wait("k", None).await.unwrap(), "v");
    let other = Bytes::from("other");
    assert_eq!(scene.wait("k", Some(&other)).await.unwrap(), "v");
}

async fn waiting_ends(scene: Scene) {
    let start = Instant::now();
    let waiting = scene.store.changed(scene.at("k"), None, SOON);
    assert_eq!(waiting.await.unwrap(), None);
    assert!(start.elapsed() >= SOON, "it gave up early");
}
