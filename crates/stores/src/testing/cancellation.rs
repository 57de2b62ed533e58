//! Futures that are dropped after the n-th poll, for every n that they have.

use std::{future::poll_fn, task::Poll};

use bytes::Bytes;
use purlin_core::BoxFuture;

use super::{HOUR, Scene, checks};

/// No operation takes more polls than this on its way.
const MOST_POLLS: usize = 64;

checks!(
    a_dropped_write_has_written_all_or_nothing,
    a_dropped_take_leaves_the_value_or_not,
    a_dropped_comparison_holds_nothing,
    a_dropped_wait_holds_nothing,
);

/// Polls a future so many times, each time when it asks for it, and drops it. Says whether it ended
/// before.
async fn dropped_after<T>(polls: usize, mut future: BoxFuture<'_, T>) -> bool {
    let mut polled = 0;
    poll_fn(|cx| {
        if polled == polls {
            return Poll::Ready(false);
        }
        polled += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending if polled == polls => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

async fn a_dropped_write_has_written_all_or_nothing(scene: Scene) {
    let (old, new) = (
        Bytes::from(vec![b'o'; 9_000]),
        Bytes::from(vec![b'n'; 9_000]),
    );
    for polls in 0..MOST_POLLS {
        scene.put("k", old.clone()).await;
        let at = scene.at("k");
        let ended = dropped_after(polls, scene.store.put(at, new.clone(), Some(HOUR))).await;
        let found = scene.get("k").await.expect("one of the two is there");
        assert!(found == old || found == new, "half a value is there");
        assert!(!ended || found == new);
        // The store still takes a write, and it is the last one.
        scene.put("last", "v").await;
        if ended {
            return;
        }
    }
    panic!("a write takes more than {MOST_POLLS} polls");
}

async fn a_dropped_take_leaves_the_value_or_not(scene: Scene) {
    for polls in 0..MOST_POLLS {
        let key = format!("k{polls}");
        scene.put(&key, "v").await;
        let ended = dropped_after(polls, scene.store.take(scene.at(&key))).await;
        let found = scene.get(&key).await;
        assert!(found.is_none() || found.unwrap() == "v");
        if ended {
            return;
        }
    }
    panic!("taking takes more than {MOST_POLLS} polls");
}

async fn a_dropped_comparison_holds_nothing(scene: Scene) {
    for polls in 0..MOST_POLLS {
        let key = format!("k{polls}");
        let new = Some(Bytes::from("v"));
        let call = scene
            .store
            .compare_and_set(scene.at(&key), None, new.clone(), Some(HOUR));
        let ended = dropped_after(polls, call).await;
        // Whoever comes next finds one of the two and can go on from there.
        let found = scene.get(&key).await;
        let next = Some(Bytes::from("w"));
        let call = scene
            .store
            .compare_and_set(scene.at(&key), found.clone(), next, Some(HOUR));
        let won = call.await.unwrap();
        // What was dropped may still have arrived in between.
        assert!(won || found.is_none());
        if ended {
            assert_eq!(found, new);
            return;
        }
    }
    panic!("comparing takes more than {MOST_POLLS} polls");
}

async fn a_dropped_wait_holds_nothing(scene: Scene) {
    // Nothing happens that a third poll would be for.
    for polls in 0..=1 {
        let waiting = scene.store.changed(scene.at("k"), None, super::PATIENCE);
        assert!(!dropped_after(polls, waiting).await);
    }
    scene.put("k", "v").await;
    assert_eq!(scene.wait("k", None).await.unwrap(), "v");
}
