//! All of it again for a user who is not root.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// A user nobody on the machine is.
const USER: u32 = 54_321;

#[test]
fn unprivileged_servers_have_the_same_boxes() {
    if !rustix::process::geteuid().is_root() {
        // Then all other tests are what this one runs.
        return;
    }
    // The suite itself, where that user can reach it.
    let directory = tempfile::tempdir().unwrap();
    let readable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(directory.path(), readable.clone()).unwrap();
    let suite = directory.path().join("suite");
    std::fs::copy(std::env::current_exe().unwrap(), &suite).unwrap();
    std::fs::set_permissions(&suite, readable).unwrap();
    // Control groups and the shipped binary are out of that user's reach.
    let output = Command::new(&suite)
        .args(["--skip", "groups::", "--skip", "the_shipped_helper"])
        .current_dir("/")
        .uid(USER)
        .gid(USER)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
    assert!(text.contains("unprivileged_servers_have_the_same_boxes ... ok"));
}

#[test]
fn a_set_uid_binary_obeys_nobody() {
    if !rustix::process::geteuid().is_root() {
        // Only root can make one that is somebody else's.
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let helper = directory.path().join("helper");
    std::fs::copy(env!("CARGO_BIN_EXE_purlin-sandbox"), &helper).unwrap();
    let probed = |mode| {
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut command = purlin_sandbox::command_of(&helper);
        command.uid(USER).gid(USER);
        purlin_sandbox::probe_with(command, purlin_sandbox::Tier::Confined)
    };
    assert_eq!(probed(0o755), Ok(()));
    assert_eq!(probed(0o4755), Err(vec![purlin_sandbox::Feature::Helper]));
}
