//! The loader that a program names in its ELF header.
//!
//! The kernel opens it to run it, so Landlock has to allow it like the program. Nothing is asked of
//! the program but bytes at the places its header names, all of them checked.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// `PT_INTERP`, the kind of the entry that names a loader.
const INTERPRETER: u32 = 3;
/// How many entries there may be, and how long a name may be.
const ENTRIES: u64 = 128;
const NAME: u64 = 4096;

/// The loader of the program at this path; none where it has none, or is no such program.
pub(super) fn of(program: &Path) -> io::Result<Option<PathBuf>> {
    let file = File::open(program)?;
    Ok(find(|place, length| {
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, place).ok()?;
        Some(bytes)
    }))
}

/// Finds the name in a 64-bit, little-endian ELF file that is read by `read`.
fn find(read: impl Fn(u64, usize) -> Option<Vec<u8>>) -> Option<PathBuf> {
    let header = read(0, 64)?;
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let table = u64::from_le_bytes(field(&header, 32)?);
    let size = u64::from(u16::from_le_bytes(field(&header, 54)?));
    let count = u64::from(u16::from_le_bytes(field(&header, 56)?));
    if size < 56 || count > ENTRIES {
        return None;
    }
    (0..count).find_map(|index| {
        let entry = read(table.checked_add(index * size)?, 56)?;
        if u32::from_le_bytes(field(&entry, 0)?) != INTERPRETER {
            return None;
        }
        let place = u64::from_le_bytes(field(&entry, 8)?);
        let length = u64::from_le_bytes(field(&entry, 32)?);
        if length > NAME {
            return None;
        }
        let mut name = read(place, usize::try_from(length).ok()?)?;
        name.truncate(name.iter().position(|byte| *byte == 0)?);
        Some(PathBuf::from(String::from_utf8(name).ok()?))
    })
}

fn field<const N: usize>(bytes: &[u8], place: usize) -> Option<[u8; N]> {
    bytes.get(place..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(name: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 120];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[32] = 64;
        file[54] = 56;
        file[56] = 1;
        file[64] = 3;
        file[72] = 120;
        file[96] = u8::try_from(name.len()).unwrap();
        file.extend(name);
        file
    }

    fn found(file: &[u8]) -> Option<PathBuf> {
        find(|place, length| {
            let place = usize::try_from(place).ok()?;
            Some(file.get(place..place.checked_add(length)?)?.to_vec())
        })
    }

    #[test]
    fn the_loader_is_the_one_the_header_names() {
        assert_eq!(found(&elf(b"/lib/ld.so\0")), Some("/lib/ld.so".into()));
        assert_eq!(found(&elf(b"/lib/ld.so")), None);
        assert_eq!(found(b"#!/bin/sh\n"), None);
        assert_eq!(found(b""), None);
    }

    #[test]
    fn no_header_makes_it_panic() {
        let file = elf(b"/lib/ld.so\0");
        for place in 0..file.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = file.clone();
                changed[place] = value;
                let _ = found(&changed);
                let _ = found(&changed[..place]);
            }
        }
    }
}
