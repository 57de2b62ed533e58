//! What is read.

use std::fs;

use crate::ground::{CANARY, both};

#[tokio::test]
async fn a_file_is_read() {
    both(async |ground| {
        let ground = ground.directory("a/b").file("a/b/c", "text");
        let files = ground.files();
        assert_eq!(files.read("a/b/c").await.unwrap(), b"text");
        assert_eq!(files.read_text("a/./b//c").await.unwrap(), "text");
        assert_eq!(files.read_text("a/b/../b/c").await.unwrap(), "text");
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
