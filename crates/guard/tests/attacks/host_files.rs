//! Files of the host.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use purlin_guard::code::OutputFile;

use crate::jail::{Jail, in_each_tier};

/// Everything that can be seen of a file.
fn all_of(path: &Path) -> (Vec<u8>, u32, i64, u32, u64) {
    let about = fs::metadata(path).unwrap();
    let content = fs::read(path).unwrap();
    (
        content,
        about.mode(),
        about.mtime(),
        about.uid(),
        about.nlink(),
    )
}

#[test]
fn files_of_the_host_cannot_be_read() {
    in_each_tier(async |jail| {
        let (secret, program) = (jail.secret(), std::env::current_exe().unwrap());
        let said = jail
            .says(&format!(
                "
for path in {secret:?}, {program:?}, '/etc/passwd', '/etc/shadow', '/etc/hostname':
    say(attempt(read, path))
"
            ))
            .await;
        assert_eq!(said, jail.or("ENOENT\n", "EACCES\n").repeat(5));
    });
}

#[test]
fn directories_of_the_host_cannot_be_listed() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!(
                "
for path in {:?}, '/etc', '/root', '/home', '/var', '/run', '/boot':
    say(attempt(os.listdir, path))
",
                jail.host()
            ))
            .await;
        assert_eq!(said, jail.or("ENOENT\n", "EACCES\n").repeat(7));
        // Nor the root, whose names say in `Strict` what the box has.
        let said = jail.says("say(attempt(os.listdir, '/'))").await;
        assert_eq!(said, "EACCES\n");
    });
}

/// In `Confined`, names, sizes and times of the host are seen by whoever knows the path.
#[test]
fn in_strict_nothing_is_seen_of_the_host() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let said = jail
            .says(&format!("say(attempt(os.stat, {secret:?}))"))
            .await;
        assert_eq!(said, jail.or("ENOENT\n", "done\n"));
    });
}

#[test]
fn files_of_the_host_cannot_be_changed() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let before = all_of(&secret);
        let said = jail
            .says(&format!(
                "
secret, beside = {secret:?}, {:?}
say(attempt(write, secret))
say(attempt(open, secret, 'a'))
say(attempt(os.truncate, secret, 0))
say(attempt(os.remove, secret))
say(attempt(os.rename, secret, 'mine'))
say(attempt(os.rename, 'main.py', secret))
say(attempt(os.mkdir, beside))
say(attempt(os.symlink, 'x', beside))
say(attempt(os.link, secret, beside))
say(attempt(os.mkfifo, beside))
",
                jail.host().join("beside")
            ))
            .await;
        assert!(!said.contains("done"), "{said}");
        assert_eq!(said.lines().count(), 10, "{said}");
        assert_eq!(all_of(&secret), before);
        assert_eq!(fs::read_dir(jail.host()).unwrap().count(), 1);
    });
}

/// Landlock does not govern these; the list of system calls does.
#[test]
fn modes_owners_and_times_of_the_host_cannot_be_changed() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let before = all_of(&secret);
        let said = jail
            .says(&format!(
                "
secret = {secret:?}
say(attempt(os.chmod, secret, 0))
say(attempt(os.utime, secret, (0, 0)))
say(attempt(os.chown, secret, os.getuid(), os.getgid()))
say(attempt(os.setxattr, secret, 'user.x', b'x'))
say(attempt(os.chmod, {:?}, 0))
",
                jail.host()
            ))
            .await;
        assert!(!said.contains("done"), "{said}");
        assert_eq!(all_of(&secret), before);
    });
}

#[test]
fn links_out_of_the_work_directory_lead_nowhere() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let said = jail
            .says(&format!(
                "
secret = {secret:?}
os.symlink(secret, 'link')
say(attempt(read, 'link'))
say(attempt(write, 'link'))
os.symlink('/', 'root')
say(attempt(read, 'root' + secret))
say(attempt(read, '../' * 40 + secret))
say(attempt(os.link, secret, 'hard'))
say(attempt(os.link, '/etc/passwd', 'hard'))
",
            ))
            .await;
        let no = jail.or("ENOENT\n", "EACCES\n");
        let linked: Vec<_> = said.lines().skip(4).collect();
        assert_eq!(said.lines().take(4).collect::<Vec<_>>(), [no.trim(); 4]);
        assert!(
            linked
                .iter()
                .all(|it| ["ENOENT", "EXDEV", "EACCES", "EPERM"].contains(it)),
            "{said}"
        );
        assert_eq!(fs::read(&secret).unwrap(), b"canary");
    });
}

/// A descriptor of a directory leads no further than a path does.
#[test]
fn descriptors_of_directories_lead_nowhere() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let said = jail
            .says(&format!(
                "
name = {secret:?}[1:]
for start in '/', '..', '.':
    try:
        directory = os.open(start, os.O_PATH | os.O_DIRECTORY)
        say(attempt(os.open, name, os.O_RDONLY, dir_fd=directory))
        os.fchdir(directory)
        say(attempt(read, name))
        os.chdir('/' + 'tmp')
    except OSError as error:
        say(errno.errorcode[error.errno])
"
            ))
            .await;
        assert!(
            !said.contains("done") && said.lines().count() >= 3,
            "{said}"
        );
    });
}

#[test]
fn what_the_interpreter_consists_of_cannot_be_changed() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
for path in os.__file__, sys.executable, os.path.dirname(os.__file__) + '/new.py':
    say(attempt(open, path, 'a'), attempt(os.remove, path), attempt(os.chmod, path, 0o777),
        attempt(os.utime, path), attempt(os.rename, path, 'mine'))
",
            )
            .await;
        assert!(
            !said.contains("done") && said.lines().count() == 3,
            "{said}"
        );
    });
}

#[test]
fn nothing_else_can_be_written_to() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
places = ['/', '/dev', '/dev/shm', '/usr', '/lib', '/etc', '/var/tmp', '/run', '/proc', '/sys', '/host']
for place in places:
    say(attempt(write, place + '/attack'), attempt(os.mkdir, place + '/attack-directory'))
",
            )
            .await;
        assert!(
            !said.contains("done") && said.lines().count() == 11,
            "{said}"
        );
    });
}

/// What is collected in the end is read by somebody who may read more.
#[test]
fn what_is_handed_out_at_the_end_is_of_the_run() {
    in_each_tier(async |jail: &Jail| {
        let secret = jail.secret();
        let outcome = jail
            .run(&format!(
                "
for number, target in enumerate([{secret:?}, '/etc/passwd', '/etc/shadow', '/proc/self/environ', '.', '/']):
    os.symlink(target, f'link{{number}}')
os.mkdir('below')
os.symlink({secret:?}, 'below/link')
os.symlink('/etc', 'etc')
os.mkfifo('pipe')
attempt(os.link, {secret:?}, 'hard')
write('own', b'own')
"
            ))
            .await
            .unwrap();
        let names: Vec<_> = outcome.files().iter().map(OutputFile::name).collect();
        assert_eq!(names, ["own"]);
        assert!(outcome.files_left_out() >= 9, "{outcome:?}");
    });
}
