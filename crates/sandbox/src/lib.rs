//! A helper process that runs one program of somebody else's in a box.
//!
//! This crate is the inside of the code executor of `purlin-guard`: it knows the kernel, and nothing
//! of languages, queues or runtimes. A server starts a helper, sends it a [`Plan`] and hears
//! [`Report`]s, in frames over a socket pair. What the program prints goes through pipes of its own.
//! On other systems than Linux, [`probe`](fn@probe) says so, and there is nothing to start.
//!
//! ```no_run
//! # #[cfg(target_os = "linux")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::io::Write;
//! use purlin_sandbox::{Bind, Plan, Report, Tier, command, socket};
//!
//! let mut plan = Plan::new(Tier::Strict, "/usr/bin/python3");
//! plan.args = vec!["-I".into(), "-c".into(), "print(6 * 7)".into()];
//! plan.read_only = vec![Bind::same("/usr"), Bind::same("/lib"), Bind::same("/lib64")];
//! plan.executable = vec!["/usr/bin/python3".into()];
//!
//! let (mut server, stdin) = socket()?;
//! let mut helper = command().stdin(stdin).spawn()?;
//! server.write_all(&plan.to_frame()?)?;
//! assert_eq!(Report::read(&mut server)?, Report::Started);
//! let Report::Ended(ended) = Report::read(&mut server)? else { panic!() };
//! println!("{:?} after {:?}", ended.how, ended.usage.cpu);
//! # helper.wait()?; Ok(()) }
//! # #[cfg(not(target_os = "linux"))]
//! # fn main() {}
//! ```
//!
//! # Processes
//!
//! ```text
//! server ── helper ── builder ── reaper ── payload        Strict
//! server ── helper ── keeper ── payload                   Confined
//! ```
//!
//! - The *helper* is the server's own binary, started again ([`command`]), or a shipped one
//!   ([`command_of`]). It stays outside of all that it makes: it keeps the time, notices that the
//!   server has closed the connection or died, and hands out what the run has left.
//! - The *builder* leaves the namespaces of the host and makes the file tree.
//! - The *reaper* is pid 1 of the new pid namespace. When it ends, the kernel kills all others in it,
//!   daemons too. The payload cannot be pid 1: the kernel spares that one every signal it does not
//!   handle, also the one for too much time of a processor.
//! - Each process dies with its parent (`PR_SET_PDEATHSIG`), and looks after it has asked for that
//!   whether the parent is still there. The helper does not: the signal is for the death of the thread
//!   that started it, and threads of servers come and go. It watches the connection.
//!
//! # Layers, in their order
//!
//! Each is put up with rights that the next one takes away.
//!
//! | | layer | keeps the payload from |
//! |---|---|---|
//! | 1 | control groups, where the plan names some | using more memory or processes than allowed, all together |
//! | 2 | namespaces: user, mount, pid, network, IPC, host name, control groups | seeing or reaching processes, networks and queues of the host |
//! | 3 | a file tree in memory: what the plan names, read-only; three devices; `/work` and `/tmp`, bounded, without set-uid, devices and programs; no `/proc` | seeing that other files exist |
//! | 4 | another user, where the server is root; a session of its own | files that only root may read; the terminal |
//! | 5 | limits of each process: processor, memory, processes, file size, descriptors, no core files | using up the host |
//! | 6 | no capabilities, and no way to any (`no_new_privs`) | everything root may do |
//! | 7 | Landlock | opening and running what the plan does not name; TCP; signals and abstract sockets of others |
//! | 8 | all descriptors but three closed | what the server has open |
//! | 9 | a filter of system calls: what is not in its table fails with `EPERM` | most of the kernel |
//!
//! `Confined` goes without 2 and 3. There the filter lets through neither new processes nor signals to
//! others nor changes of modes and times, for which Landlock has no rule, and the helper looks every
//! 50 ms at what is on the disk and how many threads there are.
//!
//! Always a user namespace, for root too: rights within it are none outside. Where the server is
//! root, root is mapped into it for the builder, which needs the host's rights to make the tree of what
//! only root may pass through; nobody of the box becomes it, since the filter allows no change of
//! users. The payload is then `nobody` of the host, since the kernel exempts root
//! from the limit of processes. The filter is last, since it allows none of the calls that make the
//! other layers. Landlock is demanded up to its fourth ABI (Linux 6.7): what a kernel before the sixth
//! does not know, its scopes for signals and abstract sockets, is put up where it can be; the namespaces
//! do the same in `Strict` and the filter in both.
//!
//! # What it does not protect from
//!
//! - Faults of the kernel: the payload still talks to it, through some 180 system calls.
//! - Side channels: caches, timing, frequency, the load of the machine.
//! - What the plan allows: a file that it names can be read, whatever is in it.
//! - Use of processors by several processes at once: [`Limits::cpu`] is that of each; their number and
//!   [`Limits::wall`] bound the whole.
//! - Without a control group, more memory than allowed for up to 50 ms.
//! - Messages between runs that agree on it: locks (`flock`, `fcntl`) on a file that both may read are
//!   seen by both.
//! - In `Confined`: names, sizes and times of files everywhere (Landlock hides contents alone), more on
//!   the disk than allowed for up to 50 ms (files without a name count, one that is mapped and not
//!   open as the largest that may be), and processor time next to the payload's own threads.
//!
//! # Unsafe code
//!
//! All of it is in `src/sys.rs`, each block with its reason. What can be judged without a kernel
//! (frames, plans, ELF headers, the table of system calls) is safe code whose tests run under Miri:
//! `cargo +nightly miri test -p purlin-sandbox --lib -- frame:: check:: loader:: syscalls::`.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod cgroup;
mod check;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod command;
mod feature;
mod frame;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod helper;
mod plan;
mod probe;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod removal;
mod report;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod scratch;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod sys;

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub use cgroup::{Cgroup, CgroupParent};
pub use check::PlanError;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub use command::{command, command_of, socket};
pub use feature::Feature;
pub use frame::{FrameError, MAX_FRAME};
pub use plan::{Bind, File, Limits, OutputFiles, Plan, Tier};
pub use probe::probe;
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub use probe::probe_with;
pub use report::{Ended, Failure, How, Report, Stage, Usage};
#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
pub use scratch::Scratch;
