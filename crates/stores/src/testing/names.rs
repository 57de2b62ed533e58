//! Names that stores like to trip over.

use purlin_core::store::{Key, StoreErrorKind};

use super::{HOUR, Scene, checks};

checks!(
    any_key_is_a_place_of_its_own,
    no_separator_moves_a_key_into_another_collection,
    names_that_are_too_long_are_refused,
);

async fn any_key_is_a_place_of_its_own(scene: Scene) {
    let longest = "k".repeat(Key::MAX_KEY);
    let almost = format!("{}l", "k".repeat(Key::MAX_KEY - 1));
    let wide = "ü".repeat(Key::MAX_KEY / 2);
    let names = [
        "",
        " ",
        "\0",
        "\0\0",
        "a",
        "A",
        "a\0",
        "a\0b",
        "\n",
        "\r\n",
        "*",
        "?",
        "[a]",
        "a*",
        ":",
        "::",
        "/",
        "../..",
        "\\",
        "{a}",
        "}{",
        "%00",
        "%",
        "'",
        "\"",
        "`; DROP TABLE x",
        "$gt",
        "{{}}",
        "é",
        "e\u{301}",
        "\u{202e}",
        "🧵",
        "\u{feff}",
        "#",
        "=",
        "#a",
        "=a",
        "1",
        "01",
        &longest,
        &almost,
        &wide,
    ];
    for name in names {
        assert_eq!(
            scene.get(name).await,
            None,
            "{name:?} was taken for another"
        );
        scene.put(name, name.to_owned()).await;
    }
    for name in names {
        assert_eq!(scene.get(name).await.unwrap(), name, "{name:?}");
    }
    for name in names {
        let deleted = scene.store.delete(scene.at(name)).await.unwrap();
        assert!(deleted, "{name:?} was deleted as another");
    }
}

async fn no_separator_moves_a_key_into_another_collection(scene: Scene) {
    let name = |tail: &str| format!("{}{tail}", scene.collection);
    let places = [
        ("", "a:b"),
        (":a", "b"),
        (":", "a:b"),
        ("a", ":b"),
        ("\0a", "b"),
        ("", "\0ab"),
        ("1", ":ab"),
        ("/a", "b"),
        ("", "/ab"),
        ("{a}", "b"),
    ];
    let collections: Vec<_> = places.iter().map(|(tail, _)| name(tail)).collect();
    let keys = || {
        let pairs = collections.iter().zip(places);
        pairs.map(|(collection, (_, key))| Key::new(collection, key))
    };
    for (serial, at) in keys().enumerate() {
        let found = scene.store.get(at).await.unwrap();
        assert_eq!(found, None, "place {serial} was taken for another");
        let value = serial.to_string().into();
        scene.store.put(at, value, Some(HOUR)).await.unwrap();
    }
    for (serial, at) in keys().enumerate() {
        let taken = scene.store.take(at).await.unwrap();
        assert_eq!(taken.unwrap(), serial.to_string());
    }
}

async fn names_that_are_too_long_are_refused(scene: Scene) {
    let key = "k".repeat(Key::MAX_KEY + 1);
    let collection = "c".repeat(Key::MAX_COLLECTION + 1);
    for at in [scene.at(&key), Key::new(&collection, "k")] {
        let kind = scene.store.get(at).await.unwrap_err().kind();
        assert_eq!(kind, StoreErrorKind::TooLarge);
        let error = scene.store.put(at, "v".into(), Some(HOUR)).await;
        assert_eq!(error.unwrap_err().kind(), StoreErrorKind::TooLarge);
        let error = scene.store.add(at, 1, Some(HOUR)).await;
        assert_eq!(error.unwrap_err().kind(), StoreErrorKind::TooLarge);
    }
}
