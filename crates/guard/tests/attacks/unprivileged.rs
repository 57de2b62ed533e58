//! A server that is not root, as most are: what it runs has the same user as it has, so no limit of
//! users keeps them apart.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::jail::{NOBODY, alone};
use crate::processes;

/// The attacks for which it matters who the server is.
const ATTACKS: [&str; 6] = [
    "death::",
    "host_files::",
    "inheritance::",
    "neighbours::",
    "programs::",
    "signals::",
];

#[test]
fn a_server_that_is_not_root_is_safe_from_the_same_attacks() {
    if !rustix::process::geteuid().is_root() {
        // Then all tests are about it.
        return;
    }
    let _alone = alone();
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("attacks");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
    let run = Command::new(program)
        .args(ATTACKS)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}");
    assert!(!said.contains(" 0 passed"), "{said}");
    processes::all_end();
}
