//! Rules of storage, one test each.

use std::{sync::Arc, time::Duration};

use purlin_core::store::{Key, KeyValue, MemoryStore};

use super::*;

const TTL: Duration = Duration::from_secs(60);

fn storage(place: &Arc<MemoryStore>, keys: &Keys) -> Storage {
    Storage::new(Arc::<MemoryStore>::clone(place), keys.clone())
}

/// A record as the store has it.
async fn raw(place: &MemoryStore, purpose: &str, token: &str) -> bytes::Bytes {
    let (collection, key) = at(purpose, token);
    let stored = place.get(Key::new(&collection, &key)).await.unwrap();
    stored.unwrap().value
}

async fn plant(place: &MemoryStore, purpose: &str, token: &str, value: bytes::Bytes) {
    let (collection, key) = at(purpose, token);
    place
        .put(Key::new(&collection, &key), value, None)
        .await
        .unwrap();
}

fn at(purpose: &str, token: &str) -> (String, String) {
    let collection = format!("purlin.auth.{purpose}");
    (collection, Digest::of(token.as_bytes()).to_string())
}

#[tokio::test]
async fn records_are_sealed_and_looked_up_by_the_sha_256_of_the_token() {
    let place = Arc::new(MemoryStore::new());
    let records = storage(&place, &Keys::random()).records::<String>("codes");
    records
        .put("t0k3n", &"s3cret".to_owned(), TTL)
        .await
        .unwrap();
    let stored = raw(&place, "codes", "t0k3n").await;
    for hidden in ["s3cret", "t0k3n"] {
        let hidden = hidden.as_bytes();
        assert!(!stored.windows(hidden.len()).any(|window| window == hidden));
    }
    let plain = place
        .get(Key::new("purlin.auth.codes", "t0k3n"))
        .await
        .unwrap();
    assert!(plain.is_none(), "the token itself is no key");
    assert_eq!(records.get("t0k3n").await.unwrap().unwrap().value, "s3cret");
    assert_eq!(records.take("t0k3n").await.unwrap().unwrap(), "s3cret");
    assert!(records.get("t0k3n").await.unwrap().is_none());
}

#[tokio::test]
async fn records_cannot_be_swapped_between_keys_or_collections() {
    let place = Arc::new(MemoryStore::new());
    let storage = storage(&place, &Keys::random());
    let codes = storage.records::<String>("codes");
    let clients = storage.records::<String>("clients");
    codes.put("mine", &"guest".to_owned(), TTL).await.unwrap();
    codes.put("yours", &"admin".to_owned(), TTL).await.unwrap();
    let admin = raw(&place, "codes", "yours").await;
    plant(&place, "codes", "mine", admin.clone()).await;
    plant(&place, "clients", "yours", admin).await;
    assert!(codes.get("mine").await.unwrap().is_none());
    assert!(codes.take("mine").await.unwrap().is_none());
    assert!(clients.get("yours").await.unwrap().is_none());
}

#[tokio::test]
async fn no_changed_byte_of_a_record_opens() {
    let place = Arc::new(MemoryStore::new());
    let codes = storage(&place, &Keys::random()).records::<String>("codes");
    codes.put("t", &"admin".to_owned(), TTL).await.unwrap();
    let sealed = raw(&place, "codes", "t").await;
    for byte in 0..sealed.len() {
        let mut changed = sealed.to_vec();
        changed[byte] ^= 1;
        plant(&place, "codes", "t", changed.into()).await;
        assert!(codes.get("t").await.unwrap().is_none(), "byte {byte}");
    }
}

#[tokio::test]
async fn nonces_are_random_so_equal_records_look_different() {
    let place = Arc::new(MemoryStore::new());
    let codes = storage(&place, &Keys::random()).records::<String>("codes");
    codes.put("t", &"same".to_owned(), TTL).await.unwrap();
    let first = raw(&place, "codes", "t").await;
    codes.put("t", &"same".to_owned(), TTL).await.unwrap();
    assert_ne!(first, raw(&place, "codes", "t").await);
}

#[tokio::test]
async fn a_rotated_key_still_opens_and_a_removed_one_does_not() {
    let place = Arc::new(MemoryStore::new());
    let (old, new) = ([1; 32], [2; 32]);
    let before = storage(&place, &Keys::new([old]).unwrap()).records::<String>("codes");
    before.put("t", &"x".to_owned(), TTL).await.unwrap();
    let both = storage(&place, &Keys::new([new, old]).unwrap()).records::<String>("codes");
    assert!(both.get("t").await.unwrap().is_some());
    both.put("t", &"y".to_owned(), TTL).await.unwrap();
    let after = storage(&place, &Keys::new([new]).unwrap()).records::<String>("codes");
    assert!(after.get("t").await.unwrap().is_some());
    assert!(before.get("t").await.unwrap().is_none());
}

#[test]
fn keys_have_at_least_32_bytes_and_come_from_configuration() {
    assert_eq!(Keys::new([[0; 31]]).unwrap_err(), InvalidKeys::Short);
    assert_eq!(
        Keys::new([vec![0; 32], vec![0; 8]]).unwrap_err(),
        InvalidKeys::Short
    );
    assert_eq!(
        Keys::new([] as [[u8; 32]; 0]).unwrap_err(),
        InvalidKeys::None
    );
    assert_eq!("".parse::<Keys>().unwrap_err(), InvalidKeys::None);
    assert_eq!(
        "hunter2!".parse::<Keys>().unwrap_err(),
        InvalidKeys::NotBase64
    );
    assert_eq!("c2hvcnQ=".parse::<Keys>().unwrap_err(), InvalidKeys::Short);
    let text = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let keys: Keys = format!("{text}, {}", text.trim_end_matches('='))
        .parse()
        .unwrap();
    let same = Keys::new([[7; 32]]).unwrap();
    assert_eq!(keys.mac("x").sign(b"a"), same.mac("x").sign(b"a"));
}

#[test]
fn each_purpose_has_a_key_of_its_own() {
    let keys = Keys::new([[7; 32]]).unwrap();
    assert_ne!(keys.mac("a").sign(b"text"), keys.mac("b").sign(b"text"));
    assert_ne!(keys.mac("a").ids().next(), keys.mac("b").ids().next());
    let sealed = keys.ring("a").seal_value(b"x", b"");
    assert!(keys.ring("a").open_value(&sealed, b"").is_some());
    assert!(keys.ring("b").open_value(&sealed, b"").is_none());
}

#[test]
fn secrets_print_as_redacted() {
    let keys = Keys::new([[7; 32]]).unwrap();
    assert_eq!(
        format!("{keys:?} {:?}", keys.mac("x")),
        "Keys([redacted]) Mac([redacted])"
    );
    assert_eq!(format!("{:?}", Digest::of(b"x")), "Digest([redacted])");
}

#[test]
fn a_digest_knows_its_secret_alone() {
    let digest = Digest::of(b"s3cret");
    assert!(digest.is_of(b"s3cret"));
    assert!(!digest.is_of(b"s3creT") && !digest.is_of(b""));
}

#[tokio::test]
async fn a_record_that_somebody_changed_meanwhile_is_not_written_over() {
    let place = Arc::new(MemoryStore::new());
    let codes = storage(&place, &Keys::random()).records::<u32>("codes");
    assert!(codes.insert("t", &1, TTL).await.unwrap());
    assert!(!codes.insert("t", &9, TTL).await.unwrap());
    let (one, other) = (
        codes.get("t").await.unwrap().unwrap(),
        codes.get("t").await.unwrap().unwrap(),
    );
    assert!(codes.replace("t", &one, Some(&2), TTL).await.unwrap());
    assert!(!codes.replace("t", &other, Some(&3), TTL).await.unwrap());
    assert_eq!(codes.get("t").await.unwrap().unwrap().value, 2);
}

#[tokio::test(start_paused = true)]
async fn an_address_is_limited_and_others_are_not() {
    let limits = Limits::new(Arc::new(MemoryStore::new()));
    let peer = |text: &str| Some(text.parse().unwrap());
    for _ in 0..10 {
        limits
            .admit(Limit::Registration, peer("192.0.2.1"))
            .await
            .unwrap();
    }
    assert!(
        limits
            .admit(Limit::Registration, peer("192.0.2.1"))
            .await
            .is_err()
    );
    assert!(
        limits
            .admit(Limit::Registration, peer("::ffff:192.0.2.1"))
            .await
            .is_err()
    );
    assert!(
        limits
            .has_room(Limit::Registration, peer("192.0.2.1"))
            .await
            .is_err()
    );
    limits
        .admit(Limit::Registration, peer("192.0.2.2"))
        .await
        .unwrap();
    limits.admit(Limit::Token, peer("192.0.2.1")).await.unwrap();
}
