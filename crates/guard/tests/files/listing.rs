//! What there is.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use purlin_guard::files::{Kind, Quota};

use crate::ground::both;

#[tokio::test]
async fn a_list_has_names_kinds_and_sizes_in_order() {
    both(async |ground| {
        let ground = ground.directory("b").file("c", "text").link("a", "nowhere");
        let list = ground.files().list(".").await.unwrap();
        let entries = list
            .entries
            .iter()
            .map(|it| (&it.name[..], it.stat.kind, it.stat.size));
        let expected = [
            ("a", Kind::Link, 0),
            ("b", Kind::Directory, 0),
            ("c", Kind::File, 4),
        ];
        assert_eq!(entries.collect::<Vec<_>>(), expected);
        assert!(list.entries.iter().all(|it| it.stat.modified.is_some()));
        assert_eq!((list.more, list.unnamed), (false, 0));
    })
    .await;
}

#[tokio::test]
async fn only_a_directory_is_listed() {
    both(async |ground| {
        let ground = ground.file("x", "");
        let files = ground.files();
        assert_eq!(files.list("x").await.unwrap_err().name(), "not_directory");
        assert_eq!(files.list("y").await.unwrap_err().name(), "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_list_and_a_search_are_bounded() {
    both(async |ground| {
        let ground = ground
            .directory("d")
            .file("d/1", "")
            .file("d/2", "")
            .file("d/3", "");
        for (most, more) in [(2, true), (3, false)] {
            let mut quota = Quota::default();
            quota.listing = most;
            let files = ground.builder().quota(quota).build().unwrap();
            let list = files.list("d").await.unwrap();
            assert_eq!((list.entries.len(), list.more), (most, more));
            let found = files.glob("d/*").await.unwrap();
            assert_eq!((found.paths.len(), found.more), (most, more));
        }
    })
    .await;
}

#[tokio::test]
async fn ten_thousand_entries_are_listed() {
    both(async |ground| {
        for n in 0..10_001 {
            fs::write(ground.at(&n.to_string()), "").unwrap();
        }
        let list = ground.files().list(".").await.unwrap();
        assert_eq!((list.entries.len(), list.more), (10_000, true));
    })
    .await;
}

#[tokio::test]
async fn names_that_no_path_may_hold_are_counted_and_left_out() {
    both(async |ground| {
        let ground = ground.file("a", "");
        for name in [&b"\xff"[..], b"b\\c", b"d\ne", "f\u{202e}".as_bytes()] {
            fs::write(ground.root().join(OsStr::from_bytes(name)), "").unwrap();
        }
        let files = ground.files();
        let list = files.list(".").await.unwrap();
        assert_eq!((list.entries.len(), list.unnamed), (1, 4));
        assert_eq!(files.glob("*").await.unwrap().paths, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn patterns_find_names_below_and_follow_no_link() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .directory("a/b")
            .file("a/b/x.rs", "")
            .file("a/y.rs", "")
            .file("a/z.md", "")
            .link("out", &outside)
            .link("in", "a")
            .link("a/l.rs", "y.rs");
        let files = ground.files();
        for (pattern, expected) in [
            ("*.rs", &[][..]),
            ("a/*.rs", &["a/l.rs", "a/y.rs"]),
            ("**/*.rs", &["a/b/x.rs", "a/l.rs", "a/y.rs"]),
            ("a/**/x.rs", &["a/b/x.rs"]),
            ("a/?.{rs,md}", &["a/l.rs", "a/y.rs", "a/z.md"]),
            ("a/[x-z].*", &["a/y.rs", "a/z.md"]),
            ("*", &["a", "in", "out"]),
            ("*/*", &["a/b", "a/l.rs", "a/y.rs", "a/z.md"]),
            ("a/y.rs", &["a/y.rs"]),
            ("./a//y.rs", &["a/y.rs"]),
            // The beginning is a path, and paths follow links that stay below.
            ("in/*.md", &["in/z.md"]),
            ("nothing/*", &[]),
            ("a/y.rs/*", &[]),
        ] {
            let found = files.glob(pattern).await.unwrap();
            assert_eq!(found.paths, expected, "{pattern}");
            assert!(!found.more);
        }
        assert_eq!(files.glob("out/*").await.unwrap_err().name(), "escape");
    })
    .await;
}

#[tokio::test]
async fn patterns_that_lead_up_or_are_not_closed_are_refused() {
    both(async |ground| {
        let files = ground.files();
        for pattern in ["", "/*", "../*", "a/../*", "a/[b", "a/{b", r"a\*", "C:*"] {
            assert_eq!(
                files.glob(pattern).await.unwrap_err().name(),
                "invalid_path",
                "{pattern}"
            );
        }
        let long = vec!["*"; 65].join("a").repeat(8);
        assert_eq!(files.glob(&long).await.unwrap_err().name(), "too_long");
    })
    .await;
}

#[tokio::test]
async fn paths_that_could_not_be_asked_for_are_not_found() {
    both(async |ground| {
        let names = |letter: &str| vec![letter.repeat(255); 10].join("/");
        let (upper, lower) = (names("u"), names("l"));
        let ground = ground.directory(&upper).directory(&lower);
        let files = ground.files();
        let low = format!("{upper}/low");
        files.rename(&"l".repeat(255), &low).await.unwrap();
        let found = files.glob("**").await.unwrap();
        // Of 20 names with 255 bytes, 16 fit in 4,095, with the slashes.
        assert_eq!((found.paths.len(), found.more), (16, false));
        for path in &found.paths {
            files.stat(path).await.unwrap();
        }
        assert_eq!(files.usage().files, 20, "and all of them are counted");
    })
    .await;
}

#[tokio::test]
async fn the_paths_of_a_search_have_4_mib_together() {
    both(async |ground| {
        let directory = vec!["d".repeat(250); 14].join("/");
        let ground = ground.directory(&directory);
        for n in 0..1_200 {
            let name = format!("{directory}/{n:0>250}");
            fs::write(ground.at(&name), "").unwrap();
        }
        let found = ground.files().glob("**").await.unwrap();
        assert!(found.more);
        let bytes: usize = found.paths.iter().map(String::len).sum();
        assert!((4_000_000..=4 << 20).contains(&bytes), "{bytes}");
    })
    .await;
}
