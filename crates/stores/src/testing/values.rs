//! Reading, writing, taking, comparing, counting.

use bytes::Bytes;
use purlin_core::store::{Key, MANY, StoreErrorKind};

use super::{HOUR, Scene, checks};

checks!(
    what_is_written_is_read,
    any_bytes_come_back,
    deleting_says_whether_there_was_something,
    taking_takes_away,
    compare_and_set_compares,
    counters_count,
    what_is_no_counter_is_not_counted,
    many_keys_keep_their_order,
    it_answers,
);

async fn what_is_written_is_read(scene: Scene) {
    assert_eq!(scene.get("k").await, None);
    scene.put("k", "first").await;
    assert_eq!(scene.get("k").await.unwrap(), "first");
    scene.put("k", "second").await;
    assert_eq!(scene.get("k").await.unwrap(), "second");
}

async fn any_bytes_come_back(scene: Scene) {
    let all: Vec<u8> = (0..=255).collect();
    let noise = |size| Bytes::from(noise(size));
    for value in [
        Bytes::new(),
        Bytes::from(vec![0]),
        Bytes::from(vec![0xff]),
        Bytes::from(vec![0xff, 1, 2, 3, 4, 5, 6, 7]),
        Bytes::from(all),
        Bytes::from("0042"),
        Bytes::from("-0"),
        Bytes::from("{}"),
        noise(1_023),
        noise(1_024),
        noise(65_537),
        noise(scene.largest),
        Bytes::from(vec![b'x'; scene.largest]),
    ] {
        scene.put("k", value.clone()).await;
        let found = scene.get("k").await.expect("it is there");
        assert!(found == value, "a value of {} bytes changed", value.len());
        let taken = scene.store.take(scene.at("k")).await.unwrap();
        assert!(taken == Some(value), "a value changed when it was taken");
    }
}

async fn deleting_says_whether_there_was_something(scene: Scene) {
    assert!(!scene.store.delete(scene.at("k")).await.unwrap());
    scene.put("k", "v").await;
    assert!(scene.store.delete(scene.at("k")).await.unwrap());
    assert_eq!(scene.get("k").await, None);
    assert!(!scene.store.delete(scene.at("k")).await.unwrap());
}

async fn taking_takes_away(scene: Scene) {
    let at = scene.at("k");
    assert_eq!(scene.store.take(at).await.unwrap(), None);
    scene.put("k", "v").await;
    assert_eq!(scene.store.take(at).await.unwrap().unwrap(), "v");
    assert_eq!(scene.store.take(at).await.unwrap(), None);
    scene.put("k", "again").await;
    assert_eq!(scene.store.take(at).await.unwrap().unwrap(), "again");
}

async fn compare_and_set_compares(scene: Scene) {
    let cas = async |expected: Option<&str>, new: Option<&str>| {
        let bytes = |text: Option<&str>| text.map(|text| Bytes::copy_from_slice(text.as_bytes()));
        let (expected, new) = (bytes(expected), bytes(new));
        let call = scene
            .store
            .compare_and_set(scene.at("k"), expected, new, Some(HOUR));
        call.await.unwrap()
    };
    assert!(!cas(Some("a"), Some("b")).await, "nothing equals `a`");
    assert!(cas(None, None).await, "nothing is nothing");
    assert!(cas(None, Some("a")).await);
    assert!(!cas(None, Some("b")).await, "`a` is something");
    assert!(!cas(Some("A"), Some("b")).await);
    assert!(!cas(Some(""), Some("b")).await);
    assert_eq!(scene.get("k").await.unwrap(), "a");
    assert!(cas(Some("a"), Some("")).await);
    assert!(!cas(None, Some("b")).await, "an empty value is something");
    assert!(cas(Some(""), Some("7")).await);
    assert!(!cas(Some("07"), Some("b")).await, "values are not numbers");
    assert!(cas(Some("7"), Some("7")).await);
    assert!(cas(Some("7"), None).await);
    assert_eq!(scene.get("k").await, None);
}

async fn counters_count(scene: Scene) {
    let at = scene.at("k");
    let add = async |by| scene.store.add(at, by, Some(HOUR)).await;
    assert_eq!(add(0).await.unwrap(), 0);
    assert_eq!(add(5).await.unwrap(), 5);
    assert_eq!(add(-7).await.unwrap(), -2);
    assert_eq!(scene.get("k").await.unwrap(), "-2");
    scene.put("k", "40").await;
    assert_eq!(add(2).await.unwrap(), 42);
    assert!(scene.store.delete(at).await.unwrap());
    assert_eq!(add(i64::MAX).await.unwrap(), i64::MAX);
    let over = add(1).await.unwrap_err();
    assert_eq!(over.kind(), StoreErrorKind::Invalid);
    assert_eq!(add(-1).await.unwrap(), i64::MAX - 1);
    assert!(scene.store.delete(at).await.unwrap());
    assert_eq!(add(i64::MIN).await.unwrap(), i64::MIN);
    let under = add(-1).await.unwrap_err();
    assert_eq!(under.kind(), StoreErrorKind::Invalid);
    assert_eq!(scene.get("k").await.unwrap(), i64::MIN.to_string());
}

async fn what_is_no_counter_is_not_counted(scene: Scene) {
    for value in ["tea", "", "1.5", " 1", "9223372036854775808"] {
        scene.put("k", value).await;
        let error = scene.store.add(scene.at("k"), 1, None).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Invalid, "{value:?}");
        assert_eq!(scene.get("k").await.unwrap(), value);
    }
}

async fn many_keys_keep_their_order(scene: Scene) {
    let names: Vec<String> = (0..200).map(|serial| format!("k{serial}")).collect();
    let keys: Vec<Key<'_>> = names.iter().map(|name| scene.at(name)).collect();
    let even = keys.iter().step_by(2);
    let entries: Vec<_> = even
        .map(|at| (*at, Bytes::copy_from_slice(at.key.as_bytes())))
        .collect();
    scene.store.put_many(&entries, Some(HOUR)).await.unwrap();
    let found = scene.store.get_many(&keys).await.unwrap();
    assert_eq!(found.len(), keys.len());
    for (serial, (at, found)) in keys.iter().zip(found).enumerate() {
        let found = found.map(|stored| stored.value);
        let expected = (serial % 2 == 0).then(|| Bytes::copy_from_slice(at.key.as_bytes()));
        assert_eq!(found, expected, "{}", at.key);
    }
    assert_eq!(scene.store.delete_many(&keys).await.unwrap(), entries.len());
    assert_eq!(scene.store.delete_many(&keys).await.unwrap(), 0);
    assert!(scene.store.get_many(&[]).await.unwrap().is_empty());

    let too_many = vec![scene.at("k"); MANY + 1];
    let error = scene.store.get_many(&too_many).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLarge);
    let error = scene.store.delete_many(&too_many).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLarge);
}

async fn it_answers(scene: Scene) {
    scene.store.check().await.expect("the store answers");
}

/// Bytes that do not compress.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[7]
    };
    (0..size).map(next).collect()
}
