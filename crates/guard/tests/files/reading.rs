//! What is read, and what is never opened.

use std::fs;
use std::os::unix::net::UnixListener;
use std::process::Command;

use purlin_guard::FileOperations;
use purlin_guard::files::{Kind, Quota, Resolver};

use crate::ground::{CANARY, both};

#[tokio::test]
async fn a_file_is_read() {
    both(async |ground| {
        let ground = ground
            .directory("a/b")
            .file("a/b/c", "text")
            .file("empty", "");
        let files = ground.files();
        assert_eq!(files.read("a/b/c").await.unwrap(), b"text");
        assert_eq!(files.read_text("a/./b//c").await.unwrap(), "text");
        assert_eq!(files.read_text("a/b/../b/c").await.unwrap(), "text");
        assert_eq!(files.read("empty").await.unwrap(), b"");
        assert_eq!(files.read("nothing").await.unwrap_err().name(), "not_found");
        assert_eq!(
            files.read("a/b/c/d").await.unwrap_err().name(),
            "not_directory"
        );
    })
    .await;
}

#[tokio::test]
async fn nothing_outside_is_read_listed_or_looked_at() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .directory("d")
            .link("absolute", outside.join("secret"))
            .link("directory", &outside)
            .link("relative", "../outside/secret")
            .link("d/up", "../../outside");
        let files = ground.files();
        for path in [
            "../outside/secret",
            "d/../../outside/secret",
            "absolute",
            "directory/secret",
            "relative",
            "d/up/secret",
            "d/../../root/d",
            "..",
        ] {
            assert_eq!(
                files.read(path).await.unwrap_err().name(),
                "escape",
                "{path}"
            );
            assert_eq!(
                files.stat(path).await.unwrap_err().name(),
                "escape",
                "{path}"
            );
            assert_eq!(
                files.list(path).await.unwrap_err().name(),
                "escape",
                "{path}"
            );
        }
        assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), CANARY);
    })
    .await;
}

#[tokio::test]
async fn text_is_utf_8_or_none() {
    both(async |ground| {
        fs::write(ground.at("x"), b"\xff").unwrap();
        let files = ground.files();
        assert_eq!(files.read_text("x").await.unwrap_err().name(), "not_text");
        assert_eq!(files.read("x").await.unwrap(), [0xff]);
    })
    .await;
}

#[tokio::test]
async fn pipes_sockets_and_directories_are_not_opened() {
    both(async |ground| {
        let ground = ground.directory("directory");
        let made = Command::new("mkfifo").arg(ground.at("pipe")).status();
        assert!(
            made.unwrap().success(),
            "`mkfifo` of the coreutils makes a pipe"
        );
        let _listener = UnixListener::bind(ground.at("socket")).unwrap();
        let files = ground.files();
        for (path, kind) in [
            ("pipe", Kind::Other),
            ("socket", Kind::Other),
            ("directory", Kind::Directory),
        ] {
            // There is nobody at the other end of the pipe: to open it would never end.
            assert_eq!(
                files.read(path).await.unwrap_err().name(),
                "not_regular",
                "{path}"
            );
            assert_eq!(
                files.write(path, "x").await.unwrap_err().name(),
                "not_regular"
            );
            assert_eq!(
                files.append(path, "x").await.unwrap_err().name(),
                "not_regular"
            );
            assert_eq!(
                files.copy(path, "y").await.unwrap_err().name(),
                "not_regular"
            );
            assert_eq!(files.stat(path).await.unwrap().kind, kind);
        }
        files.remove("pipe").await.unwrap();
        files.remove("socket").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn devices_are_not_opened() {
    for resolver in [Resolver::Openat2, Resolver::Emulated] {
        let builder = FileOperations::builder("/dev").read_only();
        let files = builder.resolver(resolver).build().unwrap();
        for device in ["null", "zero", "tty", "urandom"] {
            assert_eq!(files.read(device).await.unwrap_err().name(), "not_regular");
            assert_eq!(files.stat(device).await.unwrap().kind, Kind::Other);
        }
    }
}

#[tokio::test]
async fn a_file_of_10_mib_is_read_and_no_larger_one() {
    both(async |ground| {
        let files = ground.files();
        let file = fs::File::create(ground.at("x")).unwrap();
        file.set_len(10 << 20).unwrap();
        assert_eq!(files.read("x").await.unwrap().len(), 10 << 20);
        file.set_len((10 << 20) + 1).unwrap();
        assert_eq!(files.read("x").await.unwrap_err().name(), "too_large");
        assert_eq!(files.copy("x", "y").await.unwrap_err().name(), "too_large");
    })
    .await;
}

#[tokio::test]
async fn no_more_is_read_than_a_file_may_have_whatever_size_it_says() {
    // Files of `/proc` say that they are empty.
    for resolver in [Resolver::Openat2, Resolver::Emulated] {
        for (limit, verdict) in [(5, Err("too_large")), (6, Ok(b"Linux\n".to_vec()))] {
            let mut quota = Quota::default();
            quota.file_size = limit;
            let builder = FileOperations::builder("/proc/sys/kernel").read_only();
            let files = builder.quota(quota).resolver(resolver).build().unwrap();
            assert_eq!(files.stat("ostype").await.unwrap().size, 0);
            let read = files.read("ostype").await.map_err(|error| error.name());
            assert_eq!(read, verdict);
        }
    }
}
