//! Names that change, and names that go.

use std::fs;

use crate::ground::{CANARY, both};

#[tokio::test]
async fn a_file_a_directory_and_a_link_are_moved() {
    both(async |ground| {
        let ground = ground
            .directory("a/b")
            .directory("c")
            .file("a/x", "x")
            .link("l", "nowhere");
        let files = ground.files();
        let before = files.usage();
        files.rename("a/x", "y").await.unwrap();
        files.rename("a", "c/d").await.unwrap();
        files.rename("l", "c/m").await.unwrap();
        assert_eq!(ground.names(), ["c", "c/d", "c/d/b", "c/m", "y"]);
        assert_eq!(
            fs::read_link(ground.at("c/m")).unwrap().to_str(),
            Some("nowhere")
        );
        assert_eq!(files.usage(), before);
        assert_eq!(files.recount().await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn moving_and_copying_replace_nothing() {
    both(async |ground| {
        let ground = ground
            .directory("d")
            .directory("e")
            .file("x", "x")
            .file("y", "y");
        let files = ground.files();
        for (from, to) in [("x", "y"), ("x", "d"), ("d", "y"), ("d", "e"), ("x", "x")] {
            assert_eq!(
                files.rename(from, to).await.unwrap_err().name(),
                "exists",
                "{from} {to}"
            );
        }
        assert_eq!(files.copy("x", "y").await.unwrap_err().name(), "exists");
        assert_eq!(files.copy("x", "d").await.unwrap_err().name(), "exists");
        assert_eq!(
            files.rename("z", "w").await.unwrap_err().name(),
            "not_found"
        );
        assert_eq!(
            files.rename("x", "z/w").await.unwrap_err().name(),
            "not_found"
        );
        files.copy("x", "d/z").await.unwrap();
        assert_eq!(fs::read_to_string(ground.at("d/z")).unwrap(), "x");
    })
    .await;
}

#[tokio::test]
async fn a_directory_does_not_get_into_itself() {
    both(async |ground| {
        let ground = ground.directory("a/b");
        let files = ground.files();
        for to in ["a/c", "a/b/c"] {
            assert_eq!(
                files.rename("a", to).await.unwrap_err().name(),
                "invalid_path"
            );
        }
        assert_eq!(ground.names(), ["a", "a/b"]);
    })
    .await;
}

#[tokio::test]
async fn the_root_is_neither_written_nor_moved_nor_removed() {
    both(async |ground| {
        let ground = ground.directory("a").file("x", "x");
        let files = ground.files();
        for path in [".", "./", "a/..", "a/../", "a/./..", "./."] {
            for result in [
                files.write(path, "").await,
                files.append(path, "").await,
                files.create_new(path, "").await,
                files.rename(path, "b").await,
                files.rename("a", path).await,
                files.copy("x", path).await,
                files.remove(path).await,
                files.remove_all(path).await,
            ] {
                assert_eq!(result.unwrap_err().name(), "invalid_path", "{path}");
            }
            assert_ne!(
                files.create_dir(path).await.unwrap_err().name(),
                "ok",
                "{path}"
            );
        }
        assert_eq!(ground.names(), ["a", "x"]);
    })
    .await;
}

#[tokio::test]
async fn files_links_and_empty_directories_are_removed() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .directory("full/empty")
            .file("x", "x")
            .link("file", outside.join("secret"))
            .link("directory", &outside)
            .link("dangling", "nothing");
        let files = ground.files();
        assert_eq!(files.remove("full").await.unwrap_err().name(), "not_empty");
        assert_eq!(
            files.remove("nothing").await.unwrap_err().name(),
            "not_found"
        );
        assert_eq!(files.remove("x/").await.unwrap_err().name(), "invalid_path");
        for path in ["full/empty", "full", "x", "file", "directory", "dangling"] {
            files.remove(path).await.unwrap();
        }
        assert!(ground.names().is_empty());
        assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), CANARY);
        assert_eq!(files.usage(), files.recount().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_tree_is_removed_without_following_a_link() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .directory("t/a/b/c")
            .directory("keep")
            .file("keep/x", "x")
            .file("t/a/y", "y")
            .link("t/out", &outside)
            .link("t/a/secret", outside.join("secret"))
            .link("t/a/b/up", "../../../keep")
            .link("whole", "t");
        for n in 0..2_500 {
            fs::write(ground.at(&format!("t/a/b/c/{n}")), "").unwrap();
        }
        let files = ground.files();
        files.remove_all("whole").await.unwrap();
        assert!(ground.at("t/a").exists(), "the link went, and nothing else");
        files.remove_all("t").await.unwrap();
        files.remove_all("keep/x").await.unwrap();
        assert_eq!(ground.names(), ["keep"]);
        assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), CANARY);
        assert_eq!(files.remove_all("t").await.unwrap_err().name(), "not_found");
        assert_eq!((files.usage().bytes, files.usage().files), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_tree_that_is_deeper_than_any_path_is_refused_and_not_half_understood() {
    both(async |ground| {
        let files = ground.files();
        let deep = vec!["d"; 100].join("/");
        files.create_dir_all(&deep).await.unwrap();
        for _ in 0..2 {
            let other = vec!["e"; 100].join("/");
            files.create_dir_all(&other).await.unwrap();
            files.rename("d", &format!("{other}/d")).await.unwrap();
            files.rename("e", "d").await.unwrap();
        }
        // 300 names deep by now; no error but this one, and no crash.
        assert_eq!(files.remove_all("d").await.unwrap_err().name(), "too_long");
        files.recount().await.unwrap();
        assert!(ground.at("d").exists());
    })
    .await;
}

#[tokio::test]
async fn a_temporary_file_goes_unless_it_is_kept() {
    both(async |ground| {
        let files = ground.files();
        let first = files.temporary("one").await.unwrap();
        let second = files.temporary("two").await.unwrap();
        assert_ne!(first.path(), second.path());
        assert_eq!(files.read_text(first.path()).await.unwrap(), "one");
        assert_eq!(files.usage().files, 2);
        first.persist("kept").await.unwrap();
        assert_eq!(second.persist("kept").await.unwrap_err().name(), "exists");
        let third = files.temporary("three").await.unwrap();
        let path = third.path().to_owned();
        drop(third);
        while files.usage().files > 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(files.stat(&path).await.unwrap_err().name(), "not_found");
        assert_eq!(ground.names(), ["kept"]);
        assert_eq!(files.read_text("kept").await.unwrap(), "one");
    })
    .await;
}
