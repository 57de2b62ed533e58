//! Other programs than the one that is run.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use purlin_guard::code::{Language, Run, Tier};

use crate::jail::{build, ended, in_each_tier, in_tier, limits};
use crate::processes;

/// The program that runs programs.
#[cfg(target_arch = "x86_64")]
const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";
#[cfg(target_arch = "aarch64")]
const LOADER: &str = "/lib/ld-linux-aarch64.so.1";

/// Tries to run what it has put into a directory of its own.
const OWN_PROGRAM: &str = "
def run(path, *arguments):
    child = os.fork() if FORK else 0
    if child == 0:
        try:
            os.execv(path, [path, *arguments])
        except OSError as error:
            say(errno.errorcode[error.errno])
        os._exit(0)
    say('ended', os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

#[test]
fn nothing_is_run_from_the_work_directory() {
    in_each_tier(async |jail| {
        for (file, name) in [
            ("read(sys.executable)", "./program"),
            (
                "b'#!' + sys.executable.encode() + b'\\nprint(\"ran\")\\n'",
                "./script",
            ),
        ] {
            let said = jail
                .says(&format!(
                    "
FORK = False
{OWN_PROGRAM}
data = {file}[:1 << 19] if {file}[:2] == b'#!' else {file}[:1 << 20]
write({name:?}, data)
attempt(os.chmod, {name:?}, 0o777)
run({name:?}, '-c', 'print(\"ran\")')
"
                ))
                .await;
            assert_eq!(said, "EACCES\n", "{name}");
        }
        let said = jail
            .says(&format!(
                "
FORK = False
{OWN_PROGRAM}
os.symlink(sys.executable, 'link')
where = os.environ.get('TMPDIR', '/tmp') + '/program'
write(where, b'#!/bin/sh')
attempt(os.chmod, where, 0o777)
run(where)
"
            ))
            .await;
        assert_eq!(said, "EACCES\n");
    });
}

/// The loader runs files that may not be run, if it may map them. In `Confined` it may: what it runs
/// is in the same box, and can do no more than the interpreter can.
#[test]
fn the_loader_runs_nothing_that_gets_further() {
    in_each_tier(async |jail| {
        let mut generous = limits();
        generous.file = 16 << 20;
        generous.work = 32 << 20;
        let executor = build(jail.tier, &[crate::jail::python()], generous).await;
        let outcome = executor
            .run(jail.attack(&format!(
                "
write('program', read(sys.executable))
import socket
loader = {LOADER:?}
program = 'import socket\\ntry: socket.socket()\\nexcept OSError as error: print(error.errno)'
try:
    os.execv(loader, [loader, './program', '-c', program])
except OSError as error:
    say(errno.errorcode[error.errno])
",
            )))
            .await;
        let (how, said) = ended(outcome);
        let refused = how == "exit" && said.is_empty() || how == "done" && said == "EACCES\n";
        let boxed = how == "done" && said == "1\n";
        assert!(
            refused || (boxed && jail.tier == Tier::Confined),
            "{how}: {said}"
        );
        // A library of its own is the same.
        let said = jail
            .says(
                "
import _ctypes
write('library.so', read(_ctypes.__file__))
try:
    ctypes.CDLL('./library.so')
    say('loaded')
except OSError:
    say('refused')
",
            )
            .await;
        let expected = jail.or("refused\n", "loaded\n");
        assert_eq!(said, expected);
    });
}

#[test]
fn programs_of_the_host_are_not_run() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!(
                "
FORK = False
{OWN_PROGRAM}
for path in '/bin/sh', '/usr/bin/id', '/usr/bin/su', '/bin/mount', {:?}:
    try:
        os.execv(path, [path])
    except OSError as error:
        say(errno.errorcode[error.errno])
",
                std::env::current_exe().unwrap()
            ))
            .await;
        assert_eq!(said, jail.or("ENOENT\n", "EACCES\n").repeat(5));
    });
}

#[test]
fn nothing_is_run_without_a_path() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!(
                "
say(call({}, b'x', 0))
descriptor = os.open(sys.executable, os.O_RDONLY)
say(call({}, descriptor, b'', None, None, 0x1000))
say(attempt(os.execve, descriptor, ['x'], {{}}) != 'done')
write('script', b'#!/bin/sh')
attempt(os.chmod, 'script', 0o777)
script = os.open('script', os.O_RDONLY)
say(attempt(os.execv, f'/proc/self/fd/{{script}}', ['x']) in ('ENOENT', 'EACCES'))
",
                libc::SYS_memfd_create,
                libc::SYS_execveat
            ))
            .await;
        assert_eq!(said, "EPERM\nEPERM\nTrue\nTrue\n");
    });
}

/// A program that makes whoever runs it root does not.
#[test]
fn set_uid_programs_give_nothing() {
    in_tier(Tier::Strict, async |jail| {
        let program = jail.host().join("id");
        fs::copy("/usr/bin/id", &program).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o6755)).unwrap();
        let shell = Language::shell()
            .environment(processes::MARK, processes::mark())
            .allow_program(program.to_str().unwrap());
        let executor = build(jail.tier, &[shell], limits()).await;
        let script =
            "program=$(command -v id); for it in $PATH_TO_ID id; do \"$it\" -u; \"$it\" -ru; done";
        let script = script.replace("$PATH_TO_ID", &format!("/host{}", program.display()));
        let outcome = executor.run(Run::new("shell", script)).await;
        let (how, said) = ended(outcome);
        let users: Vec<_> = said.lines().collect();
        assert!(!users.is_empty(), "{how}");
        assert!(users.iter().all(|user| *user != "0"), "{how}: {said}");
    });
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
write('own')
attempt(os.chmod, 'own', 0o6777)
say(os.getresuid()[0] != 0, len(set(os.getresuid())), len(set(os.getresgid())))
say(attempt(os.setuid, 0), attempt(os.seteuid, 0), attempt(os.setgid, 0), attempt(os.setgroups, [0]))
",
            )
            .await;
        assert_eq!(said, "True 1 1\nEPERM EPERM EPERM EPERM\n");
    });
}

#[test]
fn what_is_read_from_standard_input_is_not_run() {
    in_each_tier(async |jail| {
        let program = fs::read("/usr/bin/true").unwrap();
        let run = jail
            .attack("say(attempt(os.execv, '/proc/self/fd/0', ['true']))")
            .input(program);
        let said = ended(jail.executor.run(run).await);
        assert_eq!(said, ("done", jail.or("ENOENT\n", "EACCES\n").into()));
    });
}

#[test]
fn the_interpreter_started_again_is_in_the_same_box() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let said = jail
            .says(&format!(
                "
program = '''
import socket
for attempt in (lambda: open({:?}), lambda: socket.socket()):
    try:
        attempt()
        print('done')
    except OSError as error:
        print(error.errno)
'''
os.execv(sys.executable, [sys.executable, '-c', program])
",
                secret.display().to_string()
            ))
            .await;
        assert_eq!(said, jail.or("2\n1\n", "13\n1\n"));
    });
}
