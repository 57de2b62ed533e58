//! Where links lead, and where they do not.

use std::fs;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::symlink;

use purlin_guard::FileOperations;
use purlin_guard::files::{FileError, Kind};

use crate::ground::{CANARY, both};

fn name<T>(result: Result<T, FileError>) -> &'static str {
    result.map_or_else(|error| error.name(), |_| "ok")
}

#[tokio::test]
async fn reading_listing_and_stat_follow_links_that_stay_below() {
    both(async |ground| {
        let ground = ground
            .directory("a/b")
            .file("a/b/c", "text")
            .link("file", "a/b/c")
            .link("directory", "a/b/")
            .link("a/up", "../a/b")
            .link("twice", "a/up/c");
        let files = ground.files();
        for path in ["file", "directory/c", "a/up/c", "twice"] {
            assert_eq!(files.read_text(path).await.unwrap(), "text", "{path}");
            assert_eq!(files.stat(path).await.unwrap().kind, Kind::File, "{path}");
        }
        for path in ["directory", "a/up", "a/up/"] {
            assert_eq!(
                files.list(path).await.unwrap().entries[0].name,
                "c",
                "{path}"
            );
        }
        let entries = files.list(".").await.unwrap().entries;
        let links = entries.iter().filter(|it| it.stat.kind == Kind::Link);
        assert_eq!(links.count(), 3, "of links, the links are listed");
    })
    .await;
}

#[tokio::test]
async fn absolute_targets_are_refused_even_if_they_lead_back() {
    both(async |ground| {
        let inside = ground.at("x");
        let ground = ground
            .file("x", "x")
            .link("inside", inside)
            .link("outside", "/etc/passwd")
            .link("slash", "/")
            .link("by", "inside");
        let files = ground.files();
        for path in ["inside", "outside", "slash", "slash/etc", "by"] {
            assert_eq!(name(files.read(path).await), "escape", "{path}");
            assert_eq!(name(files.stat(path).await), "escape", "{path}");
            assert_eq!(name(files.list(path).await), "escape", "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn links_to_what_is_open_are_refused() {
    both(async |ground| {
        let outside = ground.outside();
        let file = fs::File::open(outside.join("secret")).unwrap();
        let directory = fs::File::open(&outside).unwrap();
        let (read, _write) = std::io::pipe().unwrap();
        let below = |root: &str| {
            let builder = FileOperations::builder(root).resolver(ground.resolver);
            builder.read_only().build().unwrap()
        };
        let fds = below("/proc/self/fd");
        for path in [
            format!("{}", file.as_raw_fd()),
            format!("{}", directory.as_raw_fd()),
            format!("{}/secret", directory.as_raw_fd()),
            format!("{}", read.as_raw_fd()),
        ] {
            assert_eq!(name(fds.read(&path).await), "symlink", "{path}");
            assert_eq!(name(fds.stat(&path).await), "symlink", "{path}");
            assert_eq!(name(fds.list(&path).await), "symlink", "{path}");
        }
        assert_eq!(name(below("/proc/self/ns").read("mnt").await), "symlink");
    })
    .await;
}

#[tokio::test]
async fn forty_links_are_followed_and_no_more() {
    both(async |ground| {
        let ground = ground
            .file("0", "end")
            .link("self", "self")
            .link("a", "b")
            .link("b", "a");
        for n in 1..=41 {
            symlink(format!("{}", n - 1), ground.at(&n.to_string())).unwrap();
        }
        let files = ground.files();
        assert_eq!(files.read_text("40").await.unwrap(), "end");
        for path in ["41", "self", "a", "b/c"] {
            assert_eq!(
                name(files.read(path).await),
                "loop",
                "{path} {:?}",
                ground.resolver
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_link_at_the_end_is_neither_written_through_nor_replaced() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .file("x", "x")
            .link("near", "x")
            .link("far", outside.join("secret"))
            .link("up", "../outside/new")
            .link("dangling", "nothing")
            .link("loop", "loop");
        let files = ground.files();
        for link in ["near", "far", "up", "dangling", "loop"] {
            let target = fs::read_link(ground.at(link)).unwrap();
            assert_eq!(name(files.write(link, "y").await), "symlink", "{link}");
            assert_eq!(name(files.append(link, "y").await), "symlink", "{link}");
            assert_eq!(name(files.create_new(link, "y").await), "symlink", "{link}");
            assert_eq!(name(files.copy("x", link).await), "symlink", "{link}");
            assert_eq!(name(files.rename("x", link).await), "symlink", "{link}");
            assert_eq!(name(files.create_dir(link).await), "symlink", "{link}");
            assert_eq!(fs::read_link(ground.at(link)).unwrap(), target);
        }
        assert_eq!(fs::read_to_string(ground.at("x")).unwrap(), "x");
        assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), CANARY);
        assert!(!outside.join("new").exists());
    })
    .await;
}

#[tokio::test]
async fn what_is_written_stays_below_whatever_links_are_on_the_way() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .directory("d")
            .file("x", "x")
            .link("in", "d")
            .link("out", &outside)
            .link("up", "../outside");
        let files = ground.files();
        files.write("in/a", "a").await.unwrap();
        assert_eq!(fs::read_to_string(ground.at("d/a")).unwrap(), "a");
        for way in ["out", "up", "..", "d/../../outside", "in/../../outside"] {
            let path = format!("{way}/new");
            assert_eq!(name(files.write(&path, "y").await), "escape", "{path}");
            assert_eq!(name(files.create_new(&path, "y").await), "escape", "{path}");
            assert_eq!(name(files.append(&path, "y").await), "escape", "{path}");
            assert_eq!(name(files.copy("x", &path).await), "escape", "{path}");
            assert_eq!(name(files.rename("x", &path).await), "escape", "{path}");
            assert_eq!(name(files.create_dir(&path).await), "escape", "{path}");
            assert_eq!(name(files.create_dir_all(&path).await), "escape", "{path}");
            let secret = format!("{way}/secret");
            assert_eq!(name(files.remove(&secret).await), "escape", "{secret}");
            assert_eq!(name(files.remove_all(&secret).await), "escape", "{secret}");
            assert_eq!(name(files.rename(&secret, "z").await), "escape", "{secret}");
            assert_eq!(name(files.copy(&secret, "z").await), "escape", "{secret}");
        }
        let left: Vec<_> = fs::read_dir(&outside).unwrap().collect();
        assert_eq!(left.len(), 1);
    })
    .await;
}
