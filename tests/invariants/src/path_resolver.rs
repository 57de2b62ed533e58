//! Paths below a root: the kernel, followed by the resolver that asks it and by the one that walks,
//! comes to the same verdict each time, and never to anything outside.
//!
//! Every line of the input but the last is the target of a link (`l/0`, `l/1`, …), the last is a path.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use purlin_guard::FileOperations;
use purlin_guard::files::{FileError, RelativePath, Resolver};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, fstat, openat, openat2};
use rustix::io::Errno;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// How many links there are at most.
const LINKS: usize = 4;
const SECRET: &str = "outside";
/// When things were changed says which they are: no two have the same time.
const OUTSIDE: u64 = 1_000_000;
const DIRECTORIES: [&str; 5] = ["root", "root/a", "root/a/b", "root/a/b/c", "root/d"];
const FILES: [&str; 4] = ["root/f", "root/a/f", "root/a/b/f", "root/d/%2e"];
const FIXED: [(&str, &str); 6] = [
    ("root/a/up", ".."),
    ("root/a/b/top", "../../d"),
    ("root/round", "round"),
    ("root/out", "../outside/secret"),
    ("root/absolute", "/etc/passwd"),
    ("root/magic", "/proc/self/root"),
];

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The thing that was changed then, in seconds.
    Found(u64),
    Refused(&'static str),
}

struct World {
    place: TempDir,
    runtime: Runtime,
    hands: [FileOperations; 2],
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let place = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    let place = place.unwrap();
    build(place.path());
    let root = place.path().join("root");
    let hands = [Resolver::Openat2, Resolver::Emulated];
    World {
        runtime: Builder::new_current_thread().enable_time().build().unwrap(),
        hands: hands.map(|it| FileOperations::builder(&root).resolver(it).build().unwrap()),
        place,
    }
});

fn build(place: &Path) {
    for directory in DIRECTORIES {
        fs::create_dir(place.join(directory)).unwrap();
    }
    fs::create_dir(place.join("outside")).unwrap();
    fs::write(place.join("outside/secret"), SECRET).unwrap();
    for (number, file) in FILES.iter().enumerate() {
        fs::write(place.join(file), number.to_string()).unwrap();
    }
    for (link, target) in FIXED {
        symlink(target, place.join(link)).unwrap();
    }
    let inside = FILES.iter().chain(&DIRECTORIES);
    for (number, name) in (1_000u64..).step_by(10).zip(inside) {
        changed_at(&place.join(name), number);
    }
    changed_at(&place.join("outside/secret"), OUTSIDE);
    changed_at(&place.join("outside"), OUTSIDE + 10);
}

fn changed_at(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    File::open(path).unwrap().set_modified(time).unwrap();
}

/// Follows the path in three ways.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (links, path) = text.rsplit_once('\n').unwrap_or(("", text));
    if RelativePath::parse(path).is_err() {
        return;
    }
    place_links(links);
    let kernel = by_the_kernel(path);
    if let Verdict::Found(time) = kernel {
        assert!(time < OUTSIDE, "the kernel itself left the root");
    }
    for hands in &WORLD.hands {
        let verdict = WORLD.runtime.block_on(by(hands, path));
        assert_eq!(verdict, kernel, "{:?} of {path:?}", hands.resolver());
    }
}

fn place_links(targets: &str) {
    let place = WORLD.place.path();
    let directory = place.join("root/l");
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir(&directory).unwrap();
    for (number, target) in targets.split('\n').take(LINKS).enumerate() {
        // Some texts are no targets.
        let _ = symlink(target, directory.join(number.to_string()));
    }
    changed_at(&directory, 2_000);
    changed_at(&place.join("root"), 3_000);
}

fn by_the_kernel(path: &str) -> Verdict {
    let root = WORLD.place.path().join("root");
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let root = openat(CWD, &root, flags | OFlags::DIRECTORY, Mode::empty()).unwrap();
    let bounds = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    // It cannot be sure of `..` when anything is moved or mounted anywhere meanwhile.
    let found = loop {
        match openat2(&root, path, flags, Mode::empty(), bounds) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            found => break found,
        }
    };
    match found {
        Ok(found) => Verdict::Found(fstat(found).unwrap().st_mtime.try_into().unwrap()),
        Err(Errno::XDEV) => Verdict::Refused("escape"),
        Err(Errno::NOENT) => Verdict::Refused("not_found"),
        Err(Errno::NOTDIR) => Verdict::Refused("not_directory"),
        Err(Errno::NAMETOOLONG) => Verdict::Refused("too_long"),
        Err(Errno::LOOP) => Verdict::Refused("loop"),
        Err(other) => panic!("{other}"),
    }
}

async fn by(hands: &FileOperations, path: &str) -> Verdict {
    let stat = hands.stat(path).await;
    if let Ok(bytes) = hands.read(path).await {
        assert_ne!(bytes, SECRET.as_bytes(), "{path}");
        assert!(stat.is_ok(), "{path}: read, and not there");
    }
    if let Ok(listing) = hands.list(path).await {
        let outside = listing.entries.iter().any(|it| it.name == "secret");
        assert!(!outside && stat.is_ok(), "{path}");
    }
    match stat.map(|it| it.modified) {
        Ok(time) => Verdict::Found(seconds(time.unwrap())),
        Err(error) => Verdict::Refused(name(&error)),
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// The kernel has one number for a loop and for a link that is none but in name.
fn name(error: &FileError) -> &'static str {
    match error.name() {
        "symlink" => "loop",
        name => name,
    }
}
