//! Changes that are told.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use purlin_guard::FileOperations;
use purlin_guard::files::{Change, Limits, Watch};

use crate::ground::{Ground, both, given_up};

/// Looks often where the system does not tell.
fn files(ground: &Ground, change: impl FnOnce(&mut Limits)) -> FileOperations {
    let mut limits = Limits::default();
    limits.look = Duration::from_millis(1);
    change(&mut limits);
    ground.builder().limits(limits).build().unwrap()
}

/// Waits until something is told.
async fn until(watch: &mut Watch, change: &Change) {
    while watch.next().await.unwrap() != *change {}
}

fn made(path: &str) -> Change {
    Change::Made(path.to_owned())
}

fn gone(path: &str) -> Change {
    Change::Gone(path.to_owned())
}

#[tokio::test]
async fn what_is_made_written_moved_and_removed_is_told() {
    both(async |ground| {
        let ground = ground
            .directory("d")
            .file("d/old", "old")
            .file("beside", "");
        let files = files(&ground, |_| {});
        let mut watch = files.watch("./d/").await.unwrap();
        files.write("d/new", "new").await.unwrap();
        until(&mut watch, &made("d/new")).await;
        fs::write(ground.at("d/other"), "hands").unwrap();
        until(&mut watch, &made("d/other")).await;
        files.write("d/old", "newer").await.unwrap();
        until(&mut watch, &made("d/old")).await;
        files.rename("d/old", "d/moved").await.unwrap();
        let mut told = BTreeSet::new();
        while told.len() < 2 {
            match watch.next().await.unwrap() {
                Change::Made(path) if path == "d/moved" => told.insert(path),
                Change::Gone(path) if path == "d/old" => told.insert(path),
                other => {
                    assert_eq!(other, made("d/old"), "nothing else is told");
                    false
                }
            };
        }
        files.remove("d/moved").await.unwrap();
        until(&mut watch, &gone("d/moved")).await;
        files.remove("beside").await.unwrap();
        files.write("d/last", "").await.unwrap();
        assert_eq!(
            watch.next().await.unwrap(),
            made("d/last"),
            "what is beside is not told"
        );
    })
    .await;
}

#[tokio::test]
async fn directories_that_are_made_later_are_watched_too() {
    both(async |ground| {
        let files = files(&ground, |_| {});
        let mut watch = files.watch(".").await.unwrap();
        fs::create_dir_all(ground.at("a/b/c")).unwrap();
        until(&mut watch, &made("a/b/c")).await;
        fs::write(ground.at("a/b/c/x"), "").unwrap();
        until(&mut watch, &made("a/b/c/x")).await;
        fs::rename(ground.at("a/b"), ground.at("z")).unwrap();
        until(&mut watch, &made("z")).await;
        fs::write(ground.at("z/c/y"), "").unwrap();
        until(&mut watch, &made("z/c/y")).await;
    })
    .await;
}

#[tokio::test]
async fn nothing_outside_is_watched() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .directory("moves")
            .link("out", &outside)
            .link("up", "../outside");
        let files = files(&ground, |_| {});
        assert_eq!(files.watch("out").await.unwrap_err().name(), "escape");
        assert_eq!(files.watch("..").await.unwrap_err().name(), "escape");
        let mut watch = files.watch(".").await.unwrap();
        std::os::unix::fs::symlink(&outside, ground.at("late")).unwrap();
        until(&mut watch, &made("late")).await;
        fs::rename(ground.at("moves"), outside.join("moves")).unwrap();
        until(&mut watch, &gone("moves")).await;
        fs::write(outside.join("secret"), "changed").unwrap();
        fs::write(outside.join("moves/x"), "").unwrap();
        fs::write(ground.at("end"), "").unwrap();
        assert_eq!(watch.next().await.unwrap(), made("end"));
    })
    .await;
}

#[tokio::test]
async fn changes_that_wait_are_bounded_and_it_is_said_that_some_were_missed() {
    both(async |ground| {
        let files = files(&ground, |limits| limits.changes = 4);
        let mut watch = files.watch(".").await.unwrap();
        for n in 0..20 {
            fs::write(ground.at(&n.to_string()), "").unwrap();
        }
        until(&mut watch, &Change::Missed).await;
        fs::write(ground.at("later"), "").unwrap();
        until(&mut watch, &made("later")).await;
    })
    .await;
}

#[tokio::test]
async fn directories_that_are_watched_are_bounded() {
    let ground = Ground::new(purlin_guard::files::Resolver::Openat2).directory("a/b/c");
    for (watched, verdict) in [(4, true), (3, false)] {
        let files = files(&ground, |limits| limits.watched = watched);
        assert_eq!(files.watch(".").await.is_ok(), verdict);
    }
}

#[tokio::test]
async fn a_directory_that_goes_ends_the_watch() {
    both(async |ground| {
        let ground = ground.directory("d");
        let files = files(&ground, |_| {});
        let mut watch = files.watch("d").await.unwrap();
        files.remove_all("d").await.unwrap();
        for _ in 0..2 {
            let error = loop {
                if let Err(error) = watch.next().await {
                    break error;
                }
            };
            assert_eq!(error.name(), "not_found");
        }
    })
    .await;
}

#[tokio::test]
async fn no_change_is_lost_by_whoever_stops_waiting() {
    both(async |ground| {
        let files = files(&ground, |_| {});
        let mut watch = files.watch(".").await.unwrap();
        let mut told = BTreeSet::new();
        for n in 0..20 {
            fs::write(ground.at(&n.to_string()), "").unwrap();
            given_up(
                async {
                    if let Change::Made(path) = watch.next().await.unwrap() {
                        told.insert(path);
                    }
                },
                n,
            )
            .await;
        }
        while told.len() < 20 {
            if let Change::Made(path) = watch.next().await.unwrap() {
                told.insert(path);
            }
        }
    })
    .await;
}
