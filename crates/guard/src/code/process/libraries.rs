//! The shared libraries that a program is linked with, and those of its native modules.
//!
//! Which file a library is, the dynamic loader alone knows; it is asked. It runs nothing of the
//! program for that.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use elf::ElfStream;
use elf::abi::PT_INTERP;
use elf::endian::AnyEndian;
use tokio::process::Command;
use tokio::time::timeout;

/// How long the loader may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many native modules are asked for at once; their names go through the environment, which is
/// bounded.
const AT_ONCE: usize = 100;

/// How many native modules are looked for, and how deep.
const MODULES: usize = 4096;
const DEPTH: usize = 12;

/// Modules for which there is no use in a box: no display is there.
const USELESS: &str = "_tkinter.";

/// The loader that a program names, if it is one that is linked dynamically.
///
/// # Errors
/// When it cannot be read, or is no ELF file: a script, for example.
pub(super) fn loader(program: &Path) -> io::Result<Option<PathBuf>> {
    let broken = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let mut elf: ElfStream<AnyEndian, _> =
        ElfStream::open_stream(File::open(program)?).map_err(broken)?;
    let segments = elf.segments();
    let Some(segment) = segments.iter().find(|it| it.p_type == PT_INTERP).copied() else {
        return Ok(None);
    };
    let data = elf.segment_data(&segment).map_err(broken)?;
    let name = data.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    Ok(Some(PathBuf::from(name)))
}

/// The libraries of a program and of native modules that it may load, by the paths at which the
/// loader finds them, the loader included.
///
/// # Errors
/// When the loader does not start, or not end in time.
pub(super) async fn of(
    program: &Path,
    loader: &Path,
    modules: &[PathBuf],
) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::from([loader.to_owned()]);
    list(program, loader, &[], &mut found).await?;
    for modules in modules.chunks(AT_ONCE) {
        list(program, loader, modules, &mut found).await?;
    }
    for module in modules {
        found.remove(module);
    }
    Ok(found)
}

async fn list(
    program: &Path,
    loader: &Path,
    modules: &[PathBuf],
    found: &mut BTreeSet<PathBuf>,
) -> io::Result<()> {
    let names: Vec<_> = modules.iter().map(|it| it.to_string_lossy()).collect();
    let mut command = Command::new(loader);
    command.arg("--list").arg(program).env_clear();
    if !names.is_empty() {
        command.env("LD_PRELOAD", names.join(":"));
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await??;
    let said = String::from_utf8_lossy(&output.stdout);
    found.extend(said.lines().filter_map(library));
    Ok(())
}

/// The path in a line of the loader: `name => path (address)` or `path (address)`. What is not
/// found, or is no file, has none.
fn library(line: &str) -> Option<PathBuf> {
    let line = line.trim();
    let path = line.rsplit_once(" => ").map_or(line, |(_, path)| path);
    let path = path.rsplit_once(" (").map_or(path, |(path, _)| path);
    path.starts_with('/').then(|| PathBuf::from(path))
}

/// The native modules in some directories, as far as there are no more than can be asked for.
pub(super) fn modules(directories: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<_> = directories.iter().map(|dir| (dir.clone(), 0)).collect();
    while let Some((directory, depth)) = open.pop() {
        let Ok(entries) = fs::read_dir(directory) else {
            continue;
        };
        for entry in entries.flatten() {
            if found.len() == MODULES {
                return found;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEPTH => open.push((entry.path(), depth + 1)),
                Ok(kind) if kind.is_file() && is_module(&entry.file_name().to_string_lossy()) => {
                    found.push(entry.path());
                }
                _ => {}
            }
        }
    }
    found
}

fn is_module(name: &str) -> bool {
    let named = name.ends_with(".so") || name.ends_with(".node") || name.contains(".so.");
    named && !name.starts_with(USELESS) && !name.contains([' ', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_out_of_what_the_loader_says() {
        for (line, path) in [
            ("\tlinux-vdso.so.1 (0x00007f31a21a5000)", None),
            (
                "\tlibm.so.6 => /lib/libm.so.6 (0x00007f31a20af000)",
                Some("/lib/libm.so.6"),
            ),
            (
                "\tlibmusl.so => /lib/ld-musl.so.1 (0x7f)",
                Some("/lib/ld-musl.so.1"),
            ),
            (
                "\t/lib64/ld-linux-x86-64.so.2 (0x00007f3)",
                Some("/lib64/ld-linux-x86-64.so.2"),
            ),
            ("\tlibgone.so => not found", None),
            ("\tstatically linked", None),
            ("", None),
        ] {
            assert_eq!(library(line), path.map(PathBuf::from), "{line}");
        }
    }

    #[test]
    fn native_modules_are_known_by_their_names() {
        assert!(is_module("_ssl.cpython-311-x86_64-linux-gnu.so"));
        assert!(is_module("libgfortran.so.5"));
        assert!(!is_module("_tkinter.cpython-311-x86_64-linux-gnu.so"));
        assert!(!is_module("sonnet.py"));
        assert!(!is_module("a:b.so"));
    }
}
