//! A file on the disk: the suite, damage, a full disk, and kill -9.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use purlin_core::{
    KeyRing,
    store::{Key, KeyValue, StoreErrorKind, Stored},
};
use purlin_stores::{Compressed, Counted, Disk, Encrypted, testing::Conformance};

/// A directory that is gone with the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let serial = SERIAL.fetch_add(1, Relaxed);
        let name = format!("purlin-disk-{}-{serial}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn file(&self) -> PathBuf {
        self.0.join("purlin.redb")
    }

    /// The names of files that were put aside.
    fn put_aside(&self) -> usize {
        let names = fs::read_dir(&self.0).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".damaged-")).count()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

const AT: Key<'_> = Key::new("c", "k");

#[tokio::test(flavor = "multi_thread")]
async fn disk_conforms() {
    let directory = Directory::new();
    let store = Disk::open(&directory.0).await.unwrap();
    Conformance::new(Arc::new(store)).run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_over_disk_conforms() {
    let directory = Directory::new();
    let store = Disk::open(&directory.0).await.unwrap();
    let store = Compressed::new(Encrypted::new(store, KeyRing::default()));
    let store = Counted::new(store, "disk");
    Conformance::new(Arc::new(store)).run().await;
}

#[tokio::test]
async fn the_directory_and_the_file_are_private() {
    let directory = Directory::new();
    let _store = Disk::open(&directory.0).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory.0), 0o700);
    assert_eq!(mode(&directory.file()), 0o600);
}

#[tokio::test]
async fn a_second_writer_is_refused() {
    let directory = Directory::new();
    let store = Disk::open(&directory.0).await.unwrap();
    let second = Disk::open(&directory.0).await.unwrap_err();
    assert_eq!(second.kind(), StoreErrorKind::Unavailable);
    assert!(second.to_string().contains("another process"));
    store.put(AT, "v".into(), None).await.unwrap();
    drop(store);
    let third = Disk::open(&directory.0).await.unwrap();
    assert_eq!(third.get(AT).await.unwrap().unwrap().value, "v");
}

#[tokio::test]
async fn a_file_that_is_no_store_is_put_aside() {
    for content in [&b"not a database at all"[..], &[0; 100_000]] {
        let directory = Directory::new();
        fs::create_dir(&directory.0).unwrap();
        fs::write(directory.file(), content).unwrap();
        let store = Disk::open(&directory.0).await.unwrap();
        store.put(AT, "v".into(), None).await.unwrap();
        assert_eq!(store.get(AT).await.unwrap().unwrap().value, "v");
        assert_eq!(store.damage().files, 1);
        assert_eq!(directory.put_aside(), 1);
    }
}

/// Whatever happens to the bytes of the file, the store opens, and a value is the one that was
/// written or absent.
#[tokio::test(flavor = "multi_thread")]
async fn damage_anywhere_in_the_file_gives_no_wrong_value() {
    let original = Directory::new();
    let store = Disk::open(&original.0).await.unwrap();
    let value = |serial: usize| format!("value {serial} ").repeat(20);
    let keys: Vec<_> = (0..50).map(|serial| format!("k{serial}")).collect();
    for (serial, key) in keys.iter().enumerate() {
        let put = store.put(Key::new("c", key), value(serial).into(), None);
        put.await.unwrap();
    }
    drop(store);
    let bytes = fs::read(original.file()).unwrap();
    let (mut absent, mut files) = (0, 0);
    for round in 0..60 {
        let directory = Directory::new();
        fs::create_dir(&directory.0).unwrap();
        fs::write(directory.file(), damaged(&bytes, round)).unwrap();
        let store = Disk::open(&directory.0).await.unwrap();
        for (serial, key) in keys.iter().enumerate() {
            match store.get(Key::new("c", key)).await {
                Ok(Some(found)) => assert_eq!(found.value, value(serial), "round {round}"),
                Ok(None) => absent += 1,
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::Corrupt),
            }
        }
        // And it works again.
        store.put(AT, "v".into(), None).await.unwrap();
        assert_eq!(store.get(AT).await.unwrap().unwrap().value, "v");
        files += store.damage().files;
    }
    assert!(absent > 0 && files > 0, "nothing was damaged");
}

/// One way to damage a file for each round: cut, overwritten, a bit here and there.
fn damaged(bytes: &[u8], round: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let place = |step: usize| (round * 7_919 + step * 104_729 + round * round * 31) % bytes.len();
    match round % 3 {
        0 => bytes.truncate(place(0)),
        1 => {
            let start = place(1);
            let end = (start + 5_000).min(bytes.len());
            bytes[start..end].fill(0xa5);
        }
        _ => {
            let places: Vec<_> = (0..400).map(place).collect();
            for place in places {
                bytes[place] ^= 0x10;
            }
        }
    }
    bytes
}

#[tokio::test]
async fn a_store_above_its_quota_still_reads_and_deletes() {
    let directory = Directory::new();
    let store = Disk::builder(&directory.0).max_bytes(100_000);
    let store = store.open().await.unwrap();
    let put = async |key: &str| {
        let value = vec![0; 30_000];
        store.put(Key::new("c", key), value.into(), None).await
    };
    for key in ["a", "b", "c"] {
        put(key).await.unwrap();
    }
    assert_eq!(put("d").await.unwrap_err().kind(), StoreErrorKind::Quota);
    put("a").await.unwrap();
    assert!(store.get(Key::new("c", "b")).await.unwrap().is_some());
    assert!(store.delete(Key::new("c", "b")).await.unwrap());
    put("d").await.unwrap();
}

/// This test again, in a process of its own; after these words to a shell, if there are any.
fn child(test: &str, shell: &str, directory: &Directory) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = match shell {
        "" => Command::new(program),
        shell => {
            let mut command = Command::new("sh");
            let line = format!("{shell} exec \"$@\"");
            command.args(["-c", &line, "sh"]).arg(program);
            command
        }
    };
    command
        .args(["--exact", test, "--nocapture"])
        .env("PURLIN_DISK_CHILD", &directory.0)
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The directory to work in, in a process started by [`child`].
fn parent_directory() -> Option<PathBuf> {
    std::env::var_os("PURLIN_DISK_CHILD").map(PathBuf::from)
}

/// How many processes write and are killed at one time, each in a directory of its own.
const WRITERS: usize = 4;
/// How many places numbers are written to, in turn.
const PLACES: u64 = 64;

/// Kills a process that writes, again and again, `PURLIN_KILLS` times (1,000 unless said otherwise).
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_writer_loses_nothing_it_was_told_is_there() {
    if let Some(directory) = parent_directory() {
        return write_until_killed(&directory).await;
    }
    let kills = std::env::var("PURLIN_KILLS").map_or(1_000, |kills| kills.parse().unwrap());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || kill_again_and_again(writer, kills / WRITERS));
        }
    });
}

fn kill_again_and_again(writer: usize, kills: usize) {
    let directory = Directory::new();
    let mut acknowledged = 0;
    let test = "disk::a_killed_writer_loses_nothing_it_was_told_is_there";
    // One round more than there are kills, for a look at what the last one left.
    for round in 0..=kills {
        let mut child = child(test, "", &directory);
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut number = |word: &str| -> Option<u64> {
            for line in said.by_ref().map_while(Result::ok) {
                match line.strip_prefix(word) {
                    Some(number) => return Some(number.parse().unwrap()),
                    None => eprintln!("{line}"),
                }
            }
            None
        };
        // Where the one before was killed; what it finds broken, it dies of.
        let found = number("found ").expect("the writer opens the store and finds all whole");
        let one_more = acknowledged..=acknowledged + 1;
        assert!(one_more.contains(&found), "{found} after {acknowledged}");
        acknowledged = found;
        // The number of writes before the kill and the rest of a write differ in every round.
        for _ in 0..(round * 31 + writer * 7) % 8 {
            acknowledged = number("wrote ").expect("the writer writes until it is killed");
        }
        for _ in 0..(round * 7_919) % 50_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        // What it said before it died counts.
        while let Some(told) = number("wrote ") {
            acknowledged = told;
        }
        child.wait().unwrap();
        assert_eq!(directory.put_aside(), 0);
    }
}

/// Writes numbers, each into a place of its own and into one for all, and says so.
async fn write_until_killed(directory: &Path) {
    let store = Disk::open(directory).await.unwrap();
    let mut number = last_of(&store).await;
    assert_eq!(store.damage(), Default::default());
    eprintln!("found {number}");
    loop {
        number += 1;
        let place = (number % PLACES).to_string();
        // Of another size each time.
        let width = number as usize % 3_000;
        let padded = format!("{number:0width$}");
        let own = Key::new("numbers", &place);
        let entries = [(own, padded.into()), (AT, number.to_string().into())];
        store.put_many(&entries, None).await.unwrap();
        eprintln!("wrote {number}");
    }
}

/// The last number, after a look at all places: each has the last number that was its own.
async fn last_of(store: &Disk) -> u64 {
    let number = |found: Option<Stored>| -> u64 {
        let found = found.map(|found| String::from_utf8(found.value.to_vec()).unwrap());
        found.map_or(0, |text| text.parse().unwrap())
    };
    let last = number(store.get(AT).await.unwrap());
    let names: Vec<_> = (0..PLACES).map(|place| place.to_string()).collect();
    let places: Vec<_> = names.iter().map(|name| Key::new("numbers", name)).collect();
    let found = store.get_many(&places).await.unwrap();
    for (place, found) in (0..).zip(found) {
        let back = (last + PLACES - place) % PLACES;
        let lost = "a number is lost, or half a transaction is there";
        assert_eq!(
            number(found),
            last.saturating_sub(back),
            "after {last}: {lost}"
        );
    }
    last
}

/// A limit on the size of files is a disk that is full, as far as writing is concerned.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_goes_on_reading() {
    if let Some(directory) = parent_directory() {
        return fill_the_disk(&directory).await;
    }
    let directory = Directory::new();
    let test = "disk::a_full_disk_refuses_writes_and_goes_on_reading";
    let full = child(test, "trap '' XFSZ; ulimit -f 8192;", &directory);
    let output = full.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("it was full"), "{said}");
    // What was acknowledged is there without the limit as well.
    let store = Disk::open(&directory.0).await.unwrap();
    assert!(store.get(Key::new("c", "0")).await.unwrap().is_some());
    assert_eq!(directory.put_aside(), 0);
}

async fn fill_the_disk(directory: &Path) {
    let store = Disk::open(directory).await.unwrap();
    let value = |serial: usize| vec![u8::try_from(serial % 251).unwrap(); 64 << 10];
    let mut written = 0;
    let full = loop {
        let key = written.to_string();
        let put = store.put(Key::new("c", &key), value(written).into(), None);
        match put.await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1_000, "there is no limit");
    };
    assert_eq!(full.kind(), StoreErrorKind::Quota, "{full:?}");
    eprintln!("it was full after {written}");
    for _ in 0..3 {
        for serial in 0..written {
            let key = serial.to_string();
            let found = store.get(Key::new("c", &key)).await.unwrap();
            assert_eq!(found.unwrap().value, value(serial));
        }
        let put = store.put(Key::new("c", "more"), value(0).into(), None);
        assert_eq!(put.await.unwrap_err().kind(), StoreErrorKind::Quota);
    }
    store.check().await.unwrap();
}
