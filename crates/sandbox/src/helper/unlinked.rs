//! Files without a name that a payload holds where it has no file system of its own: they take room
//! on the disk until it lets go of them, and whoever walks through the names does not see them.

use std::collections::HashSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::Stat;
use rustix::process::Pid;

/// How many bytes a payload holds in files of its own user without a name, as far as can be seen:
/// what has just ended holds nothing. What it reads its `input` from does not count.
///
/// Of a file that is mapped and not open any more nobody is told the size: it counts as `largest`.
pub(super) fn bytes_of(payload: Pid, scratch: &Path, input: Option<&Stat>, largest: u64) -> u64 {
    let mut seen = HashSet::new();
    seen.extend(input.map(|input| (input.st_dev, input.st_ino)));
    let user = rustix::process::geteuid().as_raw();
    let mut sum: u64 = 0;
    let mut maps = Vec::new();
    // Threads may have descriptors of their own, and the first one may have ended.
    let tasks = fs::read_dir(format!("/proc/{}/task", payload.as_raw_nonzero()));
    for task in tasks.into_iter().flatten().flatten() {
        let open = fs::read_dir(task.path().join("fd"));
        for descriptor in open.into_iter().flatten().flatten() {
            let Ok(about) = fs::metadata(descriptor.path()) else {
                continue;
            };
            let counts = about.is_file() && about.nlink() == 0 && about.uid() == user;
            if counts && seen.insert((about.dev(), about.ino())) {
                sum = sum.saturating_add(about.blocks().saturating_mul(512));
            }
        }
        if maps.is_empty() {
            maps = fs::read(task.path().join("maps")).unwrap_or_default();
        }
    }
    let open: HashSet<u64> = seen.into_iter().map(|(_, number)| number).collect();
    let mapped = mapped(&maps, scratch.as_os_str().as_bytes());
    let closed = mapped.difference(&open).count() as u64;
    sum.saturating_add(closed.saturating_mul(largest))
}

/// The numbers of files without a name below a directory, from the list of mappings.
fn mapped(maps: &[u8], scratch: &[u8]) -> HashSet<u64> {
    let lines = maps.split(|byte| *byte == b'\n');
    lines.filter_map(|line| file(line, scratch)).collect()
}

fn file(line: &[u8], scratch: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b" (deleted)")?;
    let mut fields = line.split(|byte| *byte == b' ').filter(|it| !it.is_empty());
    // Addresses, rights, offset and device come first.
    let number = std::str::from_utf8(fields.nth(4)?).ok()?.parse().ok()?;
    let path = line.iter().position(|byte| *byte == b'/')?;
    line[path..].starts_with(scratch).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_without_a_name_are_found_in_the_directory() {
        let maps =
            b"7f00-7f01 rw-s 00000000 fd:01 17                         /tmp/x y/a (deleted)\n\
            7f01-7f02 rw-s 00001000 fd:01 17                         /tmp/x y/a (deleted)\n\
            7f02-7f03 rw-s 00000000 fd:01 18                         /tmp/x y/b\n\
            7f03-7f04 rw-s 00000000 00:01 19                         /dev/zero (deleted)\n\
            7f04-7f05 rw-p 00000000 00:00 0 \n";
        assert_eq!(mapped(maps, b"/tmp/x y"), HashSet::from([17]));
        assert!(mapped(b" (deleted)\nx (deleted)", b"").is_empty());
    }

    #[test]
    fn files_count_that_are_open_and_have_no_name() {
        let directory = tempfile::tempdir().unwrap();
        let used = || bytes_of(rustix::process::getpid(), directory.path(), None, 1 << 40);
        let path = directory.path().join("file");
        let mut file = fs::File::create(&path).unwrap();
        std::io::Write::write_all(&mut file, &vec![1; 32 << 20]).unwrap();
        file.sync_all().unwrap();
        fs::remove_file(&path).unwrap();
        assert!((32 << 20..1 << 40).contains(&used()));
    }
}
