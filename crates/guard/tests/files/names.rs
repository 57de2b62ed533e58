//! What is a path, and what is none.

use std::fs;

use proptest::prelude::*;
use purlin_guard::files::{FileError, RelativePath};

use crate::ground::both;

fn refused(text: &str) -> &'static str {
    RelativePath::parse(text).unwrap_err().name()
}

#[test]
fn what_is_empty_or_absolute_or_names_a_drive_is_no_path() {
    for text in ["", "/", "/a", "//a", "C:", "c:x", "C:/x", r"C:\x", "z:"] {
        assert_eq!(refused(text), "invalid_path", "{text:?}");
    }
}

#[test]
fn backslashes_are_refused_anywhere() {
    for text in [r"\", r"a\b", r"..\a", r"\\host\share", r"a/b\"] {
        assert_eq!(refused(text), "invalid_path", "{text:?}");
    }
}

#[test]
fn control_characters_are_refused_anywhere() {
    let controls = ('\0'..' ').chain('\u{7f}'..='\u{9f}');
    for control in controls {
        for text in [
            format!("{control}"),
            format!("a{control}b"),
            format!("a/{control}"),
        ] {
            assert_eq!(refused(&text), "invalid_path", "{text:?}");
        }
    }
}

#[test]
fn characters_that_change_direction_or_cannot_be_seen_are_refused() {
    for c in "\u{61c}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2061}\u{2064}\u{2066}\u{2067}\u{2068}\u{2069}\u{206f}\u{feff}"
        .chars()
    {
        assert_eq!(refused(&format!("a{c}b")), "invalid_path", "{:x}", u32::from(c));
    }
    assert!(RelativePath::parse("grün/日本/\u{1f980}").is_ok());
}

#[test]
fn paths_and_names_are_bounded() {
    let name = "n".repeat(255);
    assert!(RelativePath::parse(&name).is_ok());
    assert_eq!(refused(&"n".repeat(256)), "too_long");
    assert_eq!(refused(&format!("a/{}", "é".repeat(128))), "too_long");
    assert!(RelativePath::parse(&vec!["a"; 128].join("/")).is_ok());
    assert_eq!(refused(&vec!["a"; 129].join("/")), "too_long");
    let longest = [vec![&name[..]; 15].join("/"), "n".repeat(255)].join("/");
    assert_eq!(longest.len(), 4_095);
    assert!(RelativePath::parse(&longest).is_ok());
    assert_eq!(refused(&format!("{longest}/")), "too_long");
}

#[tokio::test]
async fn nothing_is_decoded_expanded_or_normalised() {
    both(async |ground| {
        let files = ground.files();
        let literal = [
            "%2e%2e",
            "%2fetc",
            "~",
            "~root",
            "$HOME",
            "${HOME}",
            "*",
            "?",
            "[a]",
            "case",
            "CASE",
            "é",
            "e\u{301}",
            "a b",
            " a",
            "a.",
            "...",
            "-rf",
            "ab:c",
            "x\u{ff0f}y",
            "\u{ff0e}\u{ff0e}",
        ];
        for name in literal {
            files.create_new(name, name).await.unwrap();
        }
        for name in literal {
            assert_eq!(fs::read_to_string(ground.at(name)).unwrap(), name);
            assert_eq!(files.read_text(name).await.unwrap(), name);
        }
        assert_eq!(ground.names().len(), literal.len());
    })
    .await;
}

#[tokio::test]
async fn two_dots_are_followed_as_long_as_they_stay_below() {
    both(async |ground| {
        let ground = ground.directory("a/b").file("x", "x").link("l", "a/b");
        let files = ground.files();
        for (path, verdict) in [
            ("a/../x", "ok"),
            ("a/b/../../x", "ok"),
            // Where the directory is that the link leads to, and not where the link is.
            ("l/../../x", "ok"),
            ("l/../x", "not_found"),
            ("./a/./.././x", "ok"),
            ("../x", "escape"),
            ("a/../../root/x", "escape"),
            ("../root/x", "escape"),
            ("a/../..", "escape"),
            ("missing/../x", "not_found"),
            ("x/../x", "not_directory"),
            ("x/.", "not_directory"),
            ("x/", "not_directory"),
        ] {
            let result = files.read(path).await;
            let found = result.as_ref().map_or_else(FileError::name, |_| "ok");
            assert_eq!(found, verdict, "{path} {:?}", ground.resolver);
        }
        files.write("a/b/../y", "y").await.unwrap();
        assert_eq!(fs::read_to_string(ground.at("a/y")).unwrap(), "y");
    })
    .await;
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_what_is_taken_is_what_was_said(text in "\\PC*|[a./\\\\:~%\u{0}-\u{1f}]{0,40}") {
        if let Ok(path) = RelativePath::parse(&text) {
            prop_assert_eq!(path.as_str(), &text[..]);
            prop_assert!(!text.starts_with('/') && !text.contains('\\') && !text.is_empty());
            prop_assert!(text.chars().all(|c| !c.is_control()));
        }
    }
}
