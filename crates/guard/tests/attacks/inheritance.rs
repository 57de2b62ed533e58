//! What a run has from the server: nothing that it was not given.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;

use rustix::io::{FdFlags, fcntl_setfd};

use crate::jail::{ended, in_each_tier};

#[test]
fn no_descriptor_of_the_server_is_inherited() {
    in_each_tier(async |jail| {
        // As libraries open them that know nothing of programs that are started.
        let secret = File::open(jail.secret()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (one, other) = UnixStream::pair().unwrap();
        fcntl_setfd(&secret, FdFlags::empty()).unwrap();
        fcntl_setfd(&listener, FdFlags::empty()).unwrap();
        fcntl_setfd(&one, FdFlags::empty()).unwrap();
        let said = jail
            .says(
                "
open_ones = []
for number in range(4096):
    try:
        about = os.fstat(number)
    except OSError:
        continue
    kind = 'pipe' if stat.S_ISFIFO(about.st_mode) else 'null' if stat.S_ISCHR(about.st_mode) else 'other'
    open_ones.append((number, kind))
say(open_ones)
",
            )
            .await;
        drop((secret, listener, one, other));
        assert_eq!(said, "[(0, 'null'), (1, 'pipe'), (2, 'pipe')]\n");
    });
}

#[test]
fn nothing_of_the_environment_of_the_server_is_inherited() {
    in_each_tier(async |jail| {
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        let said = jail
            .says(
                "
say(' '.join(sorted(os.environ)))
block = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, 'environ')
names = []
while block[len(names)]:
    names.append(block[len(names)].split(b'=')[0].decode())
say(' '.join(sorted(names)))
",
            )
            .await;
        let expected = "ATTACK HOME LANG PATH TMPDIR\n";
        assert_eq!(said, expected.repeat(2));
        let said = jail.says("say(os.environ)").await;
        let cargo = std::env::var("CARGO_MANIFEST_DIR").unwrap();
        assert!(!said.contains(&cargo), "{said}");
    });
}

/// Standard input is what the run was given, and cannot be written to.
#[test]
fn the_line_to_the_server_is_out_of_reach() {
    in_each_tier(async |jail| {
        let forged = r#"{"Ended":{"how":{"Exited":0},"usage":{"cpu":{"secs":0,"nanos":0},"peak_memory":0},"files":[],"files_left_out":0}}"#;
        let forge = format!(
            "
import json, struct
body = json.dumps({forged}).encode()
frame = struct.pack('>I', len(body)) + body
for number in range(4096):
    if number not in (1, 2):
        attempt(os.write, number, frame)
os.write(1, frame)
os.write(2, frame)
os._exit(7)
"
        );
        let result = jail.run(&forge).await;
        let error = result.unwrap_err();
        assert_eq!(error.name(), "exit");
        let outcome = error.into_outcome().unwrap();
        assert!(outcome.files().is_empty());
        // What it prints is what it prints.
        assert!(outcome.stdout().text().contains("Ended"));
        let given = jail.attack("say(attempt(os.write, 0, b'x'), sys.stdin.read())");
        let said = ended(jail.executor.run(given.input("given")).await);
        assert!(
            said.1.ends_with(" given\n") && !said.1.contains("done"),
            "{said:?}"
        );
    });
}

#[test]
fn a_run_has_a_session_and_a_directory_of_its_own() {
    in_each_tier(async |jail| {
        let said = jail
            .says("say(os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid(), sorted(os.listdir('.')))")
            .await;
        assert_eq!(said, "True True ['main.py']\n");
        let cwd = jail.says("say(os.getcwd())").await;
        let ours = std::env::current_dir().unwrap();
        assert_ne!(cwd.trim(), ours.to_str().unwrap());
    });
}
