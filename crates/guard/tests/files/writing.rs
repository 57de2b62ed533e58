//! What is written: whole, aside, and in nobody else's file.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use purlin_guard::files::{Change, Limits, Quota, Resolver};

use crate::ground::{CANARY, Ground, both};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_file_is_written_and_replaced() {
    both(async |ground| {
        let files = ground.files();
        files.write("a", "one").await.unwrap();
        let first = fs::metadata(ground.at("a")).unwrap().ino();
        files.write("a", "two").await.unwrap();
        assert_eq!(fs::read_to_string(ground.at("a")).unwrap(), "two");
        assert_ne!(
            fs::metadata(ground.at("a")).unwrap().ino(),
            first,
            "another file"
        );
        assert_eq!(ground.names(), ["a"]);
    })
    .await;
}

#[tokio::test]
async fn modes_are_private_whatever_they_were() {
    both(async |ground| {
        let ground = ground.file("x", "old").file("y", "old");
        for name in ["x", "y"] {
            fs::set_permissions(ground.at(name), fs::Permissions::from_mode(0o6755)).unwrap();
        }
        private(&ground).await;
    })
    .await;
}

/// Writes in every way, and looks at the modes.
async fn private(ground: &Ground) {
    let files = ground.files();
    files.write("x", "new").await.unwrap();
    files.append("y", "new").await.unwrap();
    files.append("z", "new").await.unwrap();
    files.create_new("n", "new").await.unwrap();
    files.copy("x", "c").await.unwrap();
    files.create_dir_all("d/e").await.unwrap();
    for name in ["x", "y", "z", "n", "c"] {
        assert_eq!(mode(&ground.at(name)), 0o600, "{name}");
    }
    for name in ["d", "d/e"] {
        assert_eq!(mode(&ground.at(name)), 0o700, "{name}");
    }
}

/// The umask belongs to the process, so this is one of its own.
#[test]
fn the_umask_is_irrelevant() {
    for umask in ["000", "777"] {
        for resolver in [Resolver::Openat2, Resolver::Emulated] {
            let ground = Ground::new(resolver);
            let script = format!("umask {umask}; exec \"$0\" \"$@\"");
            child(Command::new("sh").arg("-c").arg(script), "private", &ground);
        }
    }
}

#[tokio::test]
async fn hard_links_are_broken_and_not_written_through() {
    both(async |ground| {
        let outside = ground.outside().join("secret");
        for name in ["w", "a"] {
            fs::hard_link(&outside, ground.at(name)).unwrap();
        }
        let files = ground.files();
        files.write("w", "new").await.unwrap();
        files.append("a", "!").await.unwrap();
        files.append("a", "!").await.unwrap();
        assert_eq!(fs::read_to_string(&outside).unwrap(), CANARY);
        assert_eq!(fs::read_to_string(ground.at("w")).unwrap(), "new");
        assert_eq!(
            fs::read_to_string(ground.at("a")).unwrap(),
            format!("{CANARY}!!")
        );
    })
    .await;
}

#[tokio::test]
async fn missing_parents_are_an_error_unless_they_are_made() {
    both(async |ground| {
        let files = ground.files();
        assert_eq!(
            files.write("a/b", "x").await.unwrap_err().name(),
            "not_found"
        );
        assert_eq!(
            files.create_dir("a/b").await.unwrap_err().name(),
            "not_found"
        );
        files.create_dir_all("a/b/c/").await.unwrap();
        files.create_dir_all("a/b").await.unwrap();
        files.write("a/b/c/d", "x").await.unwrap();
        assert_eq!(files.create_dir("a").await.unwrap_err().name(), "exists");
        let error = files.create_dir_all("a/b/c/d/e").await.unwrap_err();
        assert_eq!(error.name(), "not_directory");
        assert_eq!(files.usage().files, 4);
    })
    .await;
}

#[tokio::test]
async fn one_of_many_makes_a_new_file() {
    both(async |ground| {
        let ground = ground.file("old", "old");
        let files = ground.files();
        assert_eq!(
            files.create_new("old", "x").await.unwrap_err().name(),
            "exists"
        );
        let tasks: Vec<_> = (0..32)
            .map(|n| {
                let files = files.clone();
                tokio::spawn(async move {
                    files
                        .create_new("x", n.to_string())
                        .await
                        .is_ok()
                        .then_some(n)
                })
            })
            .collect();
        let mut made = Vec::new();
        for task in tasks {
            made.extend(task.await.unwrap());
        }
        assert_eq!(made.len(), 1);
        assert_eq!(
            fs::read_to_string(ground.at("x")).unwrap(),
            made[0].to_string()
        );
        assert_eq!(ground.names(), ["old", "x"]);
    })
    .await;
}

#[tokio::test]
async fn readers_see_the_old_file_or_the_new_one() {
    both(async |ground| {
        let files = ground.files();
        files.write("x", "a".repeat(50_000)).await.unwrap();
        let writer = files.clone();
        let writing = tokio::spawn(async move {
            for letter in ["b", "c", "d", "e"].repeat(10) {
                writer.write("x", letter.repeat(50_000)).await.unwrap();
            }
        });
        while !writing.is_finished() {
            let text = files.read_text("x").await.unwrap();
            assert_eq!(text.len(), 50_000);
            assert_eq!(text, text[..1].repeat(50_000));
        }
        writing.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn appends_at_once_are_all_there() {
    both(async |ground| {
        let outside = ground.outside().join("secret");
        fs::hard_link(&outside, ground.at("linked")).unwrap();
        let files = ground.files();
        for name in ["new", "linked"] {
            let tasks: Vec<_> = (0..32)
                .map(|_| {
                    let files = files.clone();
                    tokio::spawn(async move { files.append(name, "0123456789").await })
                })
                .collect();
            for task in tasks {
                task.await.unwrap().unwrap();
            }
            let text = fs::read_to_string(ground.at(name)).unwrap();
            assert_eq!(text.trim_start_matches(CANARY), "0123456789".repeat(32));
        }
        assert_eq!(fs::read_to_string(&outside).unwrap(), CANARY);
    })
    .await;
}

#[tokio::test]
async fn appending_makes_no_file_too_large() {
    both(async |ground| {
        let mut quota = Quota::default();
        quota.file_size = 4;
        let files = ground.builder().quota(quota).build().unwrap();
        files.append("x", "123").await.unwrap();
        assert_eq!(
            files.append("x", "45").await.unwrap_err().name(),
            "too_large"
        );
        files.append("x", "4").await.unwrap();
        assert_eq!(files.read_text("x").await.unwrap(), "1234");
        assert_eq!(
            files.write("y", "12345").await.unwrap_err().name(),
            "too_large"
        );
        assert_eq!(ground.names(), ["x"]);
    })
    .await;
}

/// A disk that is full is a file system of its own, in a child that may mount one.
#[test]
fn a_full_disk_is_a_quota_and_leaves_nothing_behind() {
    for resolver in [Resolver::Openat2, Resolver::Emulated] {
        let ground = Ground::new(resolver);
        let root = ground.root();
        let script = format!(
            "mount -t tmpfs -o size=64k tmpfs '{}' && exec \"$0\" \"$@\"",
            root.display()
        );
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
        child(command.arg(script), "full", &ground);
    }
}

async fn full(ground: &Ground) {
    let files = ground.files();
    files.write("x", "old").await.unwrap();
    let much = "y".repeat(100_000);
    for result in [
        files.write("x", &much).await,
        files.create_new("new", &much).await,
        files.append("x", &much).await,
        files.append("new", &much).await,
    ] {
        assert_eq!(result.unwrap_err().name(), "quota");
    }
    assert_eq!(ground.names(), ["x"]);
    assert_eq!(files.read_text("x").await.unwrap(), "old");
    assert_eq!(files.usage().bytes, 3);
    files.write("x", "new").await.unwrap();
}

/// A limit of the process on the size of files, as some systems have it.
#[test]
fn a_limit_of_the_system_leaves_nothing_behind() {
    for resolver in [Resolver::Openat2, Resolver::Emulated] {
        let ground = Ground::new(resolver);
        let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
        child(Command::new("sh").arg("-c").arg(script), "limited", &ground);
    }
}

async fn limited(ground: &Ground) {
    let files = ground.files();
    files.write("x", "old").await.unwrap();
    let much = "y".repeat(100_000);
    for result in [
        files.write("x", &much).await,
        files.append("x", &much).await,
        files.append("new", &much).await,
    ] {
        assert_eq!(result.unwrap_err().name(), "too_large");
    }
    assert_eq!(ground.names(), ["x"]);
    assert_eq!(files.read_text("x").await.unwrap(), "old");
}

/// As few handles as a process may have.
fn with_handles(count: u32, part: &str) {
    for resolver in [Resolver::Openat2, Resolver::Emulated] {
        let ground = Ground::new(resolver);
        let script = format!("ulimit -n {count}; exec \"$0\" \"$@\"");
        child(Command::new("sh").arg("-c").arg(script), part, &ground);
    }
}

#[test]
fn a_deep_tree_takes_one_handle_for_each_directory_on_the_way() {
    with_handles(180, "deep");
}

async fn deep(ground: &Ground) {
    let path = vec!["d"; 120].join("/");
    fs::create_dir_all(ground.at(&path)).unwrap();
    let files = ground.files();
    assert_eq!(files.usage().files, 120);
    assert_eq!(files.glob("**").await.unwrap().paths.len(), 120);
    let _watch = files.watch(".").await.unwrap();
    files.remove_all("d").await.unwrap();
}

/// All handles that there are.
fn handles() -> Vec<fs::File> {
    let mut held = Vec::new();
    while let Ok(file) = fs::File::open("/dev/null") {
        held.push(file);
    }
    held
}

#[test]
fn a_watch_goes_on_after_a_moment_without_handles() {
    with_handles(100, "watching");
}

async fn watching(ground: &Ground) {
    let mut limits = Limits::default();
    limits.look = Duration::from_millis(1);
    let files = ground.builder().limits(limits).build().unwrap();
    let mut watch = files.watch(".").await.unwrap();
    fs::write(ground.at("x"), "").unwrap();
    let held = handles();
    assert_eq!(watch.next().await.unwrap_err().name(), "busy");
    drop(held);
    assert_eq!(watch.next().await.unwrap(), Change::Made("x".to_owned()));
}

#[tokio::test]
async fn nothing_gets_the_name_of_a_file_that_is_being_written() {
    both(async |ground| {
        let ground = ground.file("x", "x").directory("d");
        let files = ground.files();
        let name = format!("d/.purlin-{}.part", "a".repeat(32));
        for result in [
            files.write(&name, "").await,
            files.create_new(&name, "").await,
            files.append(&name, "").await,
            files.copy("x", &name).await,
            files.rename("x", &name).await,
            files.create_dir(&name).await,
            files.create_dir_all(&format!("{name}/e")).await,
            files.temporary("").await.unwrap().persist(&name).await,
        ] {
            assert_eq!(result.unwrap_err().name(), "invalid_path");
        }
        files.write(".purlin-x.part", "").await.unwrap();
        assert_eq!(fs::read_dir(ground.at("d")).unwrap().count(), 0);
    })
    .await;
}

/// Runs a part of a test in a process of its own, which stands on the same ground.
fn child(command: &mut Command, part: &str, ground: &Ground) {
    let output = command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "writing::what_children_do", "--nocapture"])
        .env("PURLIN_FILES_PART", format!("{part} {:?}", ground.resolver))
        .env("PURLIN_FILES_GROUND", ground.whole())
        .output()
        .expect("`sh`, and `unshare` of util-linux, are installed");
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("done: "),
        "{part}: {told}"
    );
}

/// Nothing, unless a test started this process to do it.
#[tokio::test]
async fn what_children_do() {
    let Ok(part) = std::env::var("PURLIN_FILES_PART") else {
        return;
    };
    let (part, resolver) = part.split_once(' ').unwrap();
    let resolver = match resolver {
        "Openat2" => Resolver::Openat2,
        _ => Resolver::Emulated,
    };
    let ground = Ground::at_path(
        std::env::var_os("PURLIN_FILES_GROUND").unwrap().into(),
        resolver,
    );
    match part {
        "private" => private(&ground).await,
        "full" => full(&ground).await,
        "limited" => limited(&ground).await,
        "deep" => deep(&ground).await,
        "watching" => watching(&ground).await,
        other => panic!("there is no part `{other}`"),
    }
    println!("done: {part}");
}
