//! Runs that look for one another.

use purlin_guard::code::{Piece, Running};

use crate::jail::{Jail, in_each_tier};
use crate::processes;

/// A run that has a secret, and says something now and then.
async fn neighbour(jail: &Jail) -> Running {
    let source = "
import tempfile
secret = bytearray(b'canary of the neighbour' * 1000)
write('secret', secret)
with open(tempfile.gettempdir() + '/secret', 'wb') as file: file.write(secret)
while True:
    say('here')
    time.sleep(0.02)
";
    let mut running = jail.executor.stream(jail.attack(source));
    hear(&mut running).await;
    running
}

async fn hear(running: &mut Running) {
    let piece = running.next().await;
    assert!(matches!(piece, Some(Piece::Stdout(_))), "{piece:?}");
}

#[test]
fn two_runs_at_once_do_not_see_one_another() {
    in_each_tier(async |jail| {
        let mut other = neighbour(jail).await;
        let pids = processes::marked(&processes::mark());
        let said = jail
            .says(&format!(
                "
import tempfile
say(sorted(os.listdir('.')), [it for it in os.listdir(tempfile.gettempdir()) if 'secret' in it])
for pid in {pids:?}:
    for path in 'mem', 'environ', 'cwd/secret', 'root/work/secret', 'maps':
        say(attempt(read, f'/proc/{{pid}}/{{path}}'))
    say(call({}, pid, (ctypes.c_long * 8)(), 1, (ctypes.c_long * 8)(), 1, 0))
",
                libc::SYS_process_vm_readv
            ))
            .await;
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some("['main.py'] []"));
        let refused = ["ENOENT", "EACCES", "EPERM"];
        assert!(lines.all(|it| refused.contains(&it)), "{said}");
        assert!(!pids.is_empty());
        hear(&mut other).await;
    });
}

#[test]
fn two_runs_at_once_do_not_reach_one_another() {
    in_each_tier(async |jail| {
        let mut other = neighbour(jail).await;
        let pids = processes::marked(&processes::mark());
        let (_, said) = jail
            .ends(&format!(
                "
for pid in [*{pids:?}, *range(2, 400)]:
    if pid != os.getpid() and attempt(os.kill, pid, signal.SIGKILL) == 'done':
        say('killed', pid)
say(attempt(os.kill, -1, signal.SIGKILL))
"
            ))
            .await;
        assert!(!said.contains("killed"), "{said}");
        // It is still there, and has not been stopped either.
        for _ in 0..3 {
            hear(&mut other).await;
        }
    });
}

#[test]
fn nothing_is_left_for_the_next_run() {
    in_each_tier(async |jail| {
        let leave = "
import tempfile
write('secret')
write(tempfile.gettempdir() + '/secret')
os.mkdir('more')
say('left')
";
        assert_eq!(jail.says(leave).await, "left\n");
        let said = jail
            .says("import tempfile; say(os.listdir('.'), [it for it in os.listdir(tempfile.gettempdir()) if it != 'main.py'])")
            .await;
        assert_eq!(said, "['main.py'] []\n");
    });
}

/// Fresh memory is empty, whoever had it before.
#[test]
fn memory_of_others_is_not_seen() {
    in_each_tier(async |jail| {
        jail.says("kept = bytearray(b'canary of memory' * (1 << 21)); say(len(kept))")
            .await;
        let said = jail
            .says(
                "
import mmap
page = mmap.mmap(-1, 48 << 20)
say(page.find(b'canary of memory'))
say(any(page[at] for at in range(0, len(page), 4096)))
",
            )
            .await;
        assert_eq!(said, "-1\nFalse\n");
    });
}
