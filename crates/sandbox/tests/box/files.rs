//! Files in and out.

use purlin_sandbox::{File, OutputFiles, Scratch, Tier};

use crate::bench::{Helper, TIERS, python, run, shell};

#[test]
fn files_are_found_and_handed_out_by_name() {
    for tier in TIERS {
        let mut plan = python(
            tier,
            "import os
print(open('in/a').read())
open('in/a', 'w').write('changed')
os.makedirs('out/deep'); open('out/deep/b', 'wb').write(bytes([0, 255]))
os.chmod('out/deep/b', 0)
",
        );
        plan.files.push(File::new("in/a", "given"));
        plan.files.push(File::new("in/same", "left alone"));
        let outcome = run(&plan);
        assert_eq!(outcome.stdout, "given\n", "{tier:?}: {}", outcome.stderr);
        let names: Vec<_> = outcome
            .ended()
            .files
            .iter()
            .map(|file| &*file.name)
            .collect();
        let root = std::process::Command::new("id")
            .arg("-u")
            .output()
            .unwrap()
            .stdout
            == b"0\n";
        if root {
            assert_eq!(names, ["in/a", "out/deep/b"]);
            assert_eq!(outcome.file("out/deep/b"), [0, 255]);
        }
        assert_eq!(outcome.file("in/a"), b"changed");
    }
}

#[test]
fn links_pipes_and_odd_names_are_left_out() {
    for tier in TIERS {
        let outcome = run(&python(
            tier,
            "import os
os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'directory'); os.mkfifo('pipe')
open(b'\\xff', 'w').close(); open('back\\\\slash', 'w').close(); open('new\\nline', 'w').close()
open('good', 'w').close()
os.makedirs('/'.join(['d'] * 20)); open('/'.join(['d'] * 20 + ['deep']), 'w').close()
",
        ));
        let names: Vec<_> = outcome
            .ended()
            .files
            .iter()
            .map(|file| &*file.name)
            .collect();
        assert_eq!(names, ["good"], "{tier:?}: {}", outcome.stderr);
        assert_eq!(outcome.ended().files_left_out, 7);
    }
}

#[test]
fn no_more_is_handed_out_than_asked_for() {
    for tier in TIERS {
        let mut plan = shell(tier, "for i in 1 2 3 4 5; do echo 123 > $i; done");
        plan.limits.output_files = OutputFiles::new(3, 1000);
        let outcome = run(&plan);
        assert_eq!(
            (outcome.ended().files.len(), outcome.ended().files_left_out),
            (3, 2)
        );
        plan.limits.output_files = OutputFiles::new(10, 8);
        let outcome = run(&plan);
        assert_eq!(
            (outcome.ended().files.len(), outcome.ended().files_left_out),
            (2, 3)
        );
    }
}

#[test]
fn nothing_is_left_on_the_host() {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::set_permissions(
        scratch.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o711),
    )
    .unwrap();
    let mut plan = python(
        Tier::Confined,
        "import os; os.makedirs('a/b'); os.chmod('a', 0)",
    );
    plan.scratch = Some(scratch.path().into());
    let outcome = run(&plan);
    assert!(outcome.ended.is_ok(), "{}", outcome.stderr);
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn what_a_killed_helper_leaves_the_server_removes() {
    let above = tempfile::tempdir().unwrap();
    std::fs::set_permissions(
        above.path(),
        std::os::unix::fs::PermissionsExt::from_mode(0o711),
    )
    .unwrap();
    let scratch = Scratch::make(above.path()).unwrap();
    let mut plan = python(
        Tier::Confined,
        "import os, time
for _ in range(20): os.mkdir('d', 0o700); os.chdir('d')
print('up', flush=True); time.sleep(100)",
    );
    plan.scratch = Some(scratch.directory().into());
    let mut helper = Helper::start(&plan);
    helper.await_print();
    helper.process.kill().unwrap();
    helper.process.wait().unwrap();
    // The output ends with the last process that could write there.
    assert_eq!(helper.output(), "up\n");
    assert_eq!(std::fs::read_dir(scratch.directory()).unwrap().count(), 1);
    drop(scratch);
    assert_eq!(std::fs::read_dir(above.path()).unwrap().count(), 0);
}
