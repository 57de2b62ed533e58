//! More in the work directory than fits.

use purlin_guard::code::Tier;

use crate::jail::in_each_tier;

/// In `Strict` the kernel refuses the write, in `Confined` the run is ended.
fn held(how: &str, said: &str) -> bool {
    said.ends_with("refused\n") || (how != "done" && !said.contains("all"))
}

#[test]
fn a_file_has_no_more_bytes_than_allowed() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
with open('big', 'wb') as file:
    say(attempt(lambda: [file.write(b'x' * 65536) for _ in range(17)] and file.flush()))
say(attempt(os.truncate, 'big', 1 << 40))
with open('big', 'ab') as file:
    say(attempt(os.posix_fallocate, file.fileno(), 0, 1 << 40))
    say(attempt(os.pwrite, file.fileno(), b'x', 1 << 40))
say(os.stat('big').st_size <= 1 << 20)
",
            )
            .await;
        assert_eq!(said, format!("{}True\n", "EFBIG\n".repeat(4)));
    });
}

#[test]
fn all_files_have_no_more_bytes_than_allowed() {
    in_each_tier(async |jail| {
        let (how, said) = jail
            .ends(
                "
try:
    for number in range(60):
        with open(('/tmp/' if os.path.isdir('/work') and number % 2 else '') + f'file{number}', 'wb') as file:
            file.write(b'x' * (1 << 20))
            file.flush()
    time.sleep(10)
    say('all')
except OSError as error:
    say(errno.errorcode[error.errno])
    for name in os.listdir('.'):
        os.remove(name)
    say('refused')
",
            )
            .await;
        assert!(held(how, &said), "{}: {how}: {said}", jail.tier);
    });
}

/// What is open takes room without a name, too; what is mapped without being open any more as well.
#[test]
fn files_without_a_name_count() {
    let open = "held.append(file)";
    let mapped = "libc.mmap(None, ctypes.c_size_t(4096), 1, 1, file.fileno(), ctypes.c_long(0)), file.close()";
    for hold in [open, mapped] {
        let attack = format!(
            "
held = []
try:
    for number in range(120):
        file = open('file', 'w+b', buffering=0)
        os.remove('file')
        file.write(b'x' * (1 << 20))
        {hold}
    time.sleep(10)
    say('all')
except OSError:
    say('refused')
"
        );
        in_each_tier(async |jail| {
            let (how, said) = jail.ends(&attack).await;
            let expected = jail.or(("done", "refused\n"), ("output_limit", ""));
            assert_eq!((how, &*said), expected, "{}: {hold}", jail.tier);
        });
    }
}

#[test]
fn there_are_no_more_files_than_allowed() {
    in_each_tier(async |jail| {
        let (how, said) = jail
            .ends(
                "
try:
    for number in range(100_000):
        os.symlink('x', f'file{number}')
    time.sleep(10)
    say('all')
except OSError:
    say('refused')
",
            )
            .await;
        assert!(held(how, &said), "{}: {how}: {said}", jail.tier);
    });
}

/// What takes no room on the disk takes room in memory when it is read.
#[test]
fn holes_are_not_handed_out_beyond_measure() {
    in_each_tier(async |jail| {
        let outcome = jail
            .run("for number in range(40):\n    with open(f'file{number}', 'wb') as file: file.truncate(1 << 20)")
            .await
            .unwrap();
        let bytes: usize = outcome.files().iter().map(|file| file.bytes().len()).sum();
        assert!(bytes as u64 <= jail.executor.limits().files_bytes);
        assert_eq!(outcome.files().len() + outcome.files_left_out(), 40);
    });
}

#[test]
fn deep_directories_do_no_harm() {
    in_each_tier(async |jail| {
        // What is too deep to be counted counts as too much where somebody has to count.
        let ended = jail
            .ends(
                "
depth = 0
try:
    while depth < 50:
        os.mkdir('d' * 200)
        os.chdir('d' * 200)
        depth += 1
    write('bottom')
except OSError:
    pass
say(depth)
",
            )
            .await;
        let (how, said) = ended;
        let counted = (how, &*said) == ("done", "50\n");
        assert!(
            counted || jail.tier == Tier::Confined && how == "output_limit",
            "{how}: {said}"
        );
    });
}

/// Files and directories that their owner has locked are cleared up all the same.
#[test]
fn locked_directories_are_cleared_up() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
os.makedirs('locked/below')
write('locked/below/file')
for path in 'locked/below/file', 'locked/below', 'locked', '.':
    try:
        os.chmod(path, 0)
    except PermissionError:
        pass
os.umask(0o777)
",
            )
            .await;
        assert_eq!(said, "");
    });
}
