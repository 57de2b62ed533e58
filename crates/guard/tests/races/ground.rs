//! A root, what lies outside of it, and whether that is still as it was.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// What nobody may see. What lies in its place inside is shorter.
pub(crate) const CANARY: &str = "this lies outside, and nobody may read it";
pub(crate) const INSIDE: &str = "inside";
/// A name that there is outside alone.
pub(crate) const ONLY_OUTSIDE: &str = "only-outside";
/// What may be read by a link of the hard kind, which nobody can tell from a file, but not written.
pub(crate) const LINKED: &str = "this has a name outside, and nobody may change it";

/// `root` and `outside`, side by side.
pub(crate) struct Ground {
    whole: tempfile::TempDir,
    before: Vec<Seen>,
}

/// A file or directory as it was found: its name, its number, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    path: PathBuf,
    inode: u64,
    contents: String,
}

impl Ground {
    /// In memory where that is possible: nothing has to wait for a disk, so there are more races.
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let whole = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).unwrap(),
            false => tempfile::tempdir().unwrap(),
        };
        let outside = whole.path().join("outside");
        fs::create_dir_all(outside.join("sub")).unwrap();
        fs::create_dir(whole.path().join("root")).unwrap();
        for name in ["secret", "kept", "sub/kept", ONLY_OUTSIDE] {
            fs::write(outside.join(name), CANARY).unwrap();
        }
        fs::write(outside.join("linked"), LINKED).unwrap();
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(outside.join("linked"), private).unwrap();
        let before = seen(&outside);
        furnish(&whole.path().join("root"));
        Self { whole, before }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.whole.path().join("root")
    }

    /// What is outside and is not as it was, to the last inode.
    pub(crate) fn changed(&self) -> Vec<Seen> {
        let mut now = seen(&self.whole.path().join("outside"));
        let gone = self.before.iter().filter(|it| !now.contains(it)).cloned();
        let gone: Vec<_> = gone.collect();
        now.retain(|it| !self.before.contains(it));
        now.extend(gone);
        now
    }

    /// The paths of files that were begun and never got their names, wherever they are.
    pub(crate) fn leftovers(&self) -> Vec<PathBuf> {
        let everything = seen(self.whole.path()).into_iter().map(|it| it.path);
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        everything
            .filter(|path| name(path).starts_with(".purlin-"))
            .collect()
    }
}

/// Puts into the root whatever is missing: operations and the attacker take things away.
pub(crate) fn furnish(root: &Path) {
    // Whatever cannot be made now is there, or is in somebody's hands.
    for directory in ["door", "door/sub", "a", "a/b", "calm"] {
        let _ = fs::create_dir(root.join(directory));
    }
    for file in [
        "door/secret",
        "door/kept",
        "door/linked",
        "door/sub/kept",
        "name",
        "calm/file",
    ] {
        if fs::symlink_metadata(root.join(file)).is_err() {
            let _ = fs::write(root.join(file), INSIDE);
        }
    }
    let outside = root.parent().unwrap().join("outside");
    let _ = symlink("../outside", root.join("door.swap"));
    let _ = symlink(outside.join("secret"), root.join("name.swap"));
    let _ = symlink("../../outside/secret", root.join("calm/link"));
}

/// Everything below a directory, in order.
fn seen(directory: &Path) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            if metadata.is_dir() {
                left.push(path.clone());
            }
            let contents = match metadata.is_file() {
                true => fs::read_to_string(&path).unwrap_or_default(),
                false => String::new(),
            };
            seen.push(Seen {
                path,
                inode: metadata.ino(),
                contents,
            });
        }
    }
    seen.sort_by(|a, b| a.path.cmp(&b.path));
    seen
}
