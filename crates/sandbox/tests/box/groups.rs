//! Control groups.

use std::path::{Path, PathBuf};

use purlin_sandbox::{CgroupParent, How, Stage, Tier};

use crate::bench::{TIERS, python, run, shell};

fn parent() -> CgroupParent {
    CgroupParent::detect().expect("run the tests where control groups can be made, as root")
}

#[test]
fn memory_that_counts_for_no_process_counts_for_the_group() {
    for tier in TIERS {
        let script = "import mmap, time
m = mmap.mmap(-1, 400 << 20)
for place in range(0, len(m), 4096): m[place] = 1
time.sleep(100)";
        let mut plan = python(tier, script);
        plan.limits.memory = 200 << 20;
        let group = parent().make(&plan.limits).unwrap();
        plan.cgroup = group.directories().to_vec();
        let outcome = run(&plan);
        assert_eq!(outcome.ended().how, How::Memory, "{tier:?}");
        let peak = outcome.ended().usage.peak_memory;
        assert!((150 << 20..=201 << 20).contains(&peak), "{peak}");
    }
}

#[test]
fn processes_are_counted_together() {
    let script = "import os, time
for _ in range(3): os.fork()
memory = bytearray(50 << 20)
memory[::4096] = bytes([1]) * len(memory[::4096])
time.sleep(3)
print('through')";
    let mut plan = python(Tier::Strict, script);
    plan.limits.memory = 200 << 20;
    let group = parent().make(&plan.limits).unwrap();
    plan.cgroup = group.directories().to_vec();
    let outcome = run(&plan);
    // Eight of them want 400 MiB; the kernel chooses who does not get through.
    assert!(outcome.stdout.lines().count() < 8, "{}", outcome.stdout);
    assert!(outcome.ended().usage.peak_memory <= 201 << 20);
}

#[test]
fn groups_are_removed_with_what_runs_in_them() {
    let group = parent().make(&shell(Tier::Strict, "").limits).unwrap();
    let directories: Vec<PathBuf> = group.directories().to_vec();
    assert!(!directories.is_empty() && directories.iter().all(|directory| directory.exists()));
    drop(group);
    assert!(!directories.iter().any(|directory| directory.exists()));
}

#[test]
fn what_a_killed_server_has_left_is_removed() {
    let own = parent().make(&shell(Tier::Strict, "").limits).unwrap();
    let beside = own.directories()[0].parent().unwrap();
    // No process has this number.
    let left = beside.join("purlin-4999999-0");
    std::fs::create_dir(&left).unwrap();
    let _ = parent();
    assert!(!left.exists());
    assert!(own.directories().iter().all(|directory| directory.exists()));
}

#[test]
fn what_is_no_group_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    assert!(CgroupParent::at(directory.path()).is_err());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    let mut plan = shell(Tier::Strict, "echo ran");
    plan.cgroup = vec![directory.path().into()];
    let failure = run(&plan).ended.unwrap_err();
    assert_eq!(failure.stage, Stage::Cgroup);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn nothing_is_made_outside_of_control_groups() {
    let _ = parent();
    let mounted = std::fs::read_dir("/sys/fs/cgroup").unwrap().flatten();
    let names = mounted.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let own = format!("purlin-{}-", std::process::id());
    assert!(
        Path::new("/sys/fs/cgroup/cgroup.procs").exists()
            || names.into_iter().all(|name| !name.starts_with(&own))
    );
}
