//! What comes out of a run.

use purlin_guard::code::OutputFile;

use crate::jail::in_each_tier;

#[test]
fn names_of_files_that_come_out_are_plain() {
    in_each_tier(async |jail| {
        let outcome = jail
            .run(
                "
names = [b'line\\nbreak', b'esc\\x1b[2J', b'\\xff\\xfe', b'back\\\\slash', b'-rf', b' ', b'..x', b'a' * 255,
         'right\\u202eleft'.encode(), b'tab\\t', b'del\\x7f', b'CON', b'c:', 'é'.encode(), b'~', b'$HOME', b'*']
for name in names:
    attempt(write, name)
os.mkdir('...')
write('.../file')
",
            )
            .await
            .unwrap();
        assert!(!outcome.files().is_empty());
        for file in outcome.files() {
            let name = file.name();
            assert!(!name.chars().any(char::is_control), "{name:?}");
            assert!(!name.starts_with('/') && !name.contains('\\'), "{name:?}");
            assert!(name.split('/').all(|part| !["", ".", ".."].contains(&part)));
        }
        assert!(outcome.files_left_out() >= 4, "{outcome:?}");
    });
}

/// What is neither a file nor a directory comes out as nothing, and keeps nobody waiting.
#[test]
fn pipes_and_links_do_not_come_out() {
    in_each_tier(async |jail| {
        let outcome = jail
            .run(
                "
os.mkfifo('pipe')
os.symlink('pipe', 'link')
os.symlink('loop', 'loop')
os.mkdir('empty')
write('file')
os.link('file', 'again')
",
            )
            .await
            .unwrap();
        let names: Vec<_> = outcome.files().iter().map(OutputFile::name).collect();
        assert_eq!(names, ["again", "file"]);
        assert_eq!(outcome.files_left_out(), 3);
    });
}

#[test]
fn a_given_file_that_became_a_link_does_not_come_out() {
    in_each_tier(async |jail| {
        let secret = jail.secret();
        let run = jail
            .attack(&format!(
                "os.remove('given')\nos.symlink({secret:?}, 'given')"
            ))
            .file("given", "given");
        let outcome = jail.executor.run(run).await.unwrap();
        assert!(outcome.files().is_empty());
        assert_eq!(outcome.files_left_out(), 1);
    });
}

#[test]
fn no_more_files_come_out_than_allowed() {
    in_each_tier(async |jail| {
        let outcome = jail
            .run(
                "
for at in range(6):
    os.mkdir(f'd{at}')
    for number in range(8):
        write(f'd{at}/{number}', bytes(number))
",
            )
            .await
            .unwrap();
        assert_eq!(outcome.files().len(), 48);
        let most = jail.executor.limits().files;
        assert!(outcome.files().len() <= most);
    });
}
