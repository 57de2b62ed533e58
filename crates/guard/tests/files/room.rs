//! How much there may be.

use std::fs;

use purlin_guard::FileOperations;
use purlin_guard::files::{Quota, Usage};

use crate::ground::{Ground, both};

fn files(ground: &Ground, bytes: u64, names: u64) -> FileOperations {
    let mut quota = Quota::default();
    quota.bytes = bytes;
    quota.files = names;
    ground.builder().quota(quota).build().unwrap()
}

fn sums(usage: Usage) -> (u64, u64) {
    (usage.bytes, usage.files)
}

#[test]
fn the_defaults_are_those_of_the_chapter() {
    let quota = Quota::default();
    assert_eq!((quota.bytes, quota.files), (1 << 30, 10_000));
    assert_eq!((quota.file_size, quota.listing), (10 << 20, 10_000));
}

#[tokio::test]
async fn bytes_are_bounded_to_the_last() {
    both(async |ground| {
        let files = files(&ground, 10, 100);
        files.write("a", "123456").await.unwrap();
        assert_eq!(files.write("b", "12345").await.unwrap_err().name(), "quota");
        files.write("b", "1234").await.unwrap();
        assert_eq!(files.append("b", "5").await.unwrap_err().name(), "quota");
        assert_eq!(files.copy("a", "c").await.unwrap_err().name(), "quota");
        assert_eq!(files.temporary("5").await.unwrap_err().name(), "quota");
        // What is full can be replaced by as much, or by less, and has room again.
        files.write("a", "abcdef").await.unwrap();
        files.write("a", "abcde").await.unwrap();
        files.append("b", "5").await.unwrap();
        files.remove("a").await.unwrap();
        files.create_new("c", "12345").await.unwrap();
        assert_eq!(sums(files.usage()), (10, 2));
        assert_eq!(files.recount().await.unwrap(), files.usage());
        assert_eq!(ground.names(), ["b", "c"]);
    })
    .await;
}

#[tokio::test]
async fn names_are_bounded_those_of_directories_too() {
    both(async |ground| {
        let files = files(&ground, 1_000, 3);
        files.create_dir("a").await.unwrap();
        files.write("a/b", "").await.unwrap();
        assert_eq!(
            files.create_dir_all("c/d").await.unwrap_err().name(),
            "quota"
        );
        assert_eq!(files.write("x", "").await.unwrap_err().name(), "quota");
        assert_eq!(files.create_dir("y").await.unwrap_err().name(), "quota");
        files.write("a/b", "more").await.unwrap();
        files.rename("a/b", "b").await.unwrap();
        files.remove_all("c").await.unwrap();
        files.create_dir("y").await.unwrap();
        assert_eq!(sums(files.usage()), (4, 3));
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_do_not_exceed_it_together() {
    both(async |ground| {
        let files = files(&ground, 1_050, 1_000);
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let files = files.clone();
                tokio::spawn(async move {
                    let name = n.to_string();
                    let contents = "x".repeat(100);
                    match n % 3 {
                        0 => files.write(&name, contents).await,
                        1 => files.append(&name, contents).await,
                        _ => files.create_new(&name, contents).await,
                    }
                })
            })
            .collect();
        let mut written = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => written += 1,
                Err(error) => assert_eq!(error.name(), "quota"),
            }
        }
        assert_eq!(written, 10);
        assert_eq!(sums(files.usage()), (1_000, 10));
        assert_eq!(ground.names().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn what_others_do_is_counted_when_there_seems_to_be_no_room() {
    both(async |ground| {
        let ground = ground.directory("d").file("d/old", "123456");
        let files = files(&ground, 10, 100);
        assert_eq!(sums(files.usage()), (6, 2), "what was there is counted");
        fs::remove_file(ground.at("d/old")).unwrap();
        assert_eq!(sums(files.usage()), (6, 2), "nobody has looked");
        files.write("new", "1234567890").await.unwrap();
        assert_eq!(sums(files.usage()), (10, 2));
        fs::write(ground.at("other"), "12345").unwrap();
        assert_eq!(sums(files.recount().await.unwrap()), (15, 3));
        assert_eq!(files.append("new", "1").await.unwrap_err().name(), "quota");
    })
    .await;
}

#[tokio::test]
async fn counting_ends_where_there_is_too_much() {
    both(async |ground| {
        let ground = ground.directory("d");
        for n in 0..20 {
            fs::write(ground.at(&format!("d/{n}")), "1").unwrap();
        }
        let files = files(&ground, 1_000, 5);
        assert_eq!(files.usage().files, 6);
        files.remove("d/1").await.unwrap();
        files.remove("d/2").await.unwrap();
        // By what was counted there would be room.
        assert_eq!(files.write("new", "1").await.unwrap_err().name(), "quota");
        assert_eq!(files.append("d/3", "1").await.unwrap_err().name(), "quota");
        files.remove_all("d").await.unwrap();
        files.recount().await.unwrap();
        files.write("new", "1").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn links_and_directories_have_no_bytes_and_count_as_names() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground.directory("a").link("a/l", &outside).link("m", "a");
        assert_eq!(sums(files(&ground, 10, 10).usage()), (0, 3));
    })
    .await;
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_when_it_is_old() {
    both(async |ground| {
        let name = |digit: &str| format!(".purlin-{}.part", digit.repeat(32));
        let ground = ground
            .directory("d")
            .file(&format!("d/{}", name("a")), "old");
        let ground = ground
            .file(&name("b"), "new")
            .file(".purlin-x.part", "other");
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(4_000);
        let file = fs::File::options()
            .write(true)
            .open(ground.at(&format!("d/{}", name("a"))));
        file.unwrap().set_modified(old).unwrap();
        let files = ground.files();
        assert_eq!(ground.names(), [&name("b")[..], ".purlin-x.part", "d"]);
        let listed = files.list(".").await.unwrap().entries;
        let listed: Vec<_> = listed.iter().map(|it| &it.name[..]).collect();
        assert_eq!(
            listed,
            [".purlin-x.part", "d"],
            "what is being written is not listed"
        );
        assert_eq!(sums(files.usage()), (8, 3), "and counts");
    })
    .await;
}
