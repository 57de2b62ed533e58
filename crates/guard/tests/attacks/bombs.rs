//! More of everything than there is: processes, threads, memory, time.

use purlin_guard::code::{Piece, Tier};

use crate::jail::{SOON, ended, in_each_tier, in_tier};
use crate::processes;

/// The helper and what it starts beside the payload.
const OF_THE_BOX: usize = 3;

#[test]
fn a_fork_bomb_makes_as_many_processes_as_are_allowed() {
    in_tier(Tier::Strict, async |jail| {
        let bomb = "
while True:
    try:
        os.fork()
    except BlockingIOError:
        say('full')
        signal.pause()
";
        let mut running = jail.executor.stream(jail.attack(bomb));
        assert!(matches!(running.next().await, Some(Piece::Stdout(_))));
        let most = jail.executor.limits().processes as usize + OF_THE_BOX;
        let count = processes::below(std::process::id()).len();
        assert!(count <= most, "{count} processes");
        drop(running);
    });
}

#[test]
fn in_confined_there_is_one_process() {
    in_tier(Tier::Confined, async |jail| {
        let said = jail
            .says(&format!(
                "
say(attempt(os.fork))
say(call({clone}, 17, 0, 0, 0, 0), call({clone}, 0x4000 | 0x100 | 17, 0, 0, 0, 0))
import subprocess
say(attempt(subprocess.run, [sys.executable, '-c', '']))
say(attempt(os.posix_spawn, sys.executable, [sys.executable], {{}}))
",
                clone = libc::SYS_clone,
            ))
            .await;
        assert_eq!(said, "EPERM\nEPERM EPERM\nEPERM\nEPERM\n");
    });
}

#[test]
fn a_fork_bomb_that_goes_on_ends_with_its_time() {
    in_tier(Tier::Strict, async |jail| {
        let bomb = "
while True:
    try:
        os.fork()
    except OSError:
        pass
";
        let run = jail.attack(bomb).wall(SOON);
        let (how, _) = ended(jail.executor.run(run).await);
        assert!(["timeout", "cpu_limit"].contains(&how), "{how}");
    });
}

#[test]
fn threads_are_counted_with_processes() {
    in_each_tier(async |jail| {
        let (how, said) = jail
            .ends(
                "
import threading
threading.stack_size(65536)
count = 1
try:
    while count < 1000:
        threading.Thread(target=signal.pause, daemon=True).start()
        count += 1
except RuntimeError:
    pass
say(count)
time.sleep(1 if count < 100 else 10)
os._exit(0)
",
            )
            .await;
        // Without a namespace there is no limit of the kernel for one run alone: the helper looks
        // on, and ends who has too many.
        if (jail.tier, how) != (Tier::Confined, "killed") {
            let count: u32 = said.trim().parse().unwrap();
            assert!(count <= jail.executor.limits().processes, "{count} threads");
        }
    });
}

#[test]
fn one_process_has_no_more_memory_than_allowed() {
    in_each_tier(async |jail| {
        let greedy = "
say('before')
kept = []
while True:
    kept.append(bytearray(1 << 20))
";
        assert_eq!(
            jail.ends(greedy).await,
            ("memory_limit", "before\n".to_owned())
        );
    });
}

/// Memory that is shared or mapped, or lies in buffers, counts as well.
#[test]
fn memory_of_other_kinds_counts_too() {
    in_each_tier(async |jail| {
        let mapped = "
import mmap
kept = []
try:
    for _ in range(512):
        page = mmap.mmap(-1, 1 << 20)
        page[:] = b'x' * (1 << 20)
        kept.append(page)
    say('all')
except (OSError, MemoryError):
    say('refused')
";
        let (how, said) = jail.ends(mapped).await;
        let held = said == "refused\n" || how == "memory_limit" || how == "killed";
        assert!(held && !said.contains("all"), "{how}: {said}");
    });
}

#[test]
fn all_processes_together_have_no_more_memory_than_allowed() {
    in_tier(Tier::Strict, async |jail| {
        // Each has half of what is allowed, eight of them four times as much.
        let greedy = "
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        kept = bytearray(os.urandom(1 << 20) * 64)
        say('full')
        signal.pause()
    children.append(child)
for child in children:
    os.waitpid(child, 0)
say('over')
";
        let (how, said) = jail.ends(greedy).await;
        // Whoever is one too many is killed, if not all of them.
        let full = said.matches("full").count();
        assert!(full < 8, "{how}: {said}");
    });
}

#[test]
fn time_of_processors_is_bounded() {
    in_each_tier(async |jail| {
        let (how, _) = jail.ends("while True: pass").await;
        assert_eq!(how, "cpu_limit");
        // Whoever does not mind the signal is ended by another one.
        let deaf = "
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True: pass
";
        let (how, _) = jail.ends(deaf).await;
        assert_eq!(how, "cpu_limit");
    });
}

#[test]
fn who_sleeps_ends_with_its_time() {
    in_each_tier(async |jail| {
        let run = jail.attack("say('before'); time.sleep(1000)").wall(SOON);
        let ended = ended(jail.executor.run(run).await);
        assert_eq!(ended, ("timeout", "before\n".to_owned()));
    });
}

#[test]
fn descriptors_are_bounded() {
    in_each_tier(async |jail| {
        let said = jail
            .says(
                "
count = 0
try:
    while count < 5000:
        os.pipe()
        count += 2
except OSError as error:
    say(errno.errorcode[error.errno], count < 1000)
",
            )
            .await;
        assert_eq!(said, "EMFILE True\n");
    });
}
