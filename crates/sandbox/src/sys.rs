//! What no safe interface exists for: the whole unsafe code of this project.
//!
//! Each function is one call into the kernel or the C library with arguments whose types leave
//! nothing to get wrong, so that everything that decides something is safe code elsewhere.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uint};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;
use std::time::Duration;

use rustix::process::Pid;
use rustix::thread::UnshareFlags;

use crate::helper;
use crate::report::How;

/// How a process is started that is to be a helper.
pub(crate) const HELPER: &CStr = c"purlin-sandbox: helper";

/// Takes over where the process was started as a helper.
///
/// The loader calls what stands in `.init_array` before `main`, in the only thread there is, in
/// every binary that this crate is linked into, tests included: so a server can start itself again
/// as a helper without its `main` having to know.
///
/// SAFETY: the section holds pointers to functions of exactly this type, and the C library has been
/// initialised when they are called; std asks for nothing more for what the helper does (memory,
/// files, sockets). A binary whose loader calls them without arguments is one without glibc: there
/// the arguments are not looked at.
///
/// Not under Miri, which has no loader.
#[used]
#[cfg_attr(not(miri), unsafe(link_section = ".init_array"))]
static START: extern "C" fn(c_int, *const *const c_char, *const *const c_char) = start;

extern "C" fn start(
    count: c_int,
    arguments: *const *const c_char,
    _environment: *const *const c_char,
) {
    if asked(count, arguments) && !privileged() {
        helper::run();
    }
}

/// Whether `argv[0]` says that this process is a helper.
#[cfg(target_env = "gnu")]
fn asked(count: c_int, arguments: *const *const c_char) -> bool {
    if count < 1 || arguments.is_null() {
        return false;
    }
    // SAFETY: glibc hands `argc` and `argv` to constructors; with at least one argument the first
    // pointer is that of a text that lives as long as the process.
    unsafe { !(*arguments).is_null() && CStr::from_ptr(*arguments) == HELPER }
}

/// Whether `argv[0]` says that this process is a helper: other C libraries hand nothing over.
#[cfg(not(target_env = "gnu"))]
fn asked(_: c_int, _: *const *const c_char) -> bool {
    use std::io::Read;

    let expected = HELPER.to_bytes_with_nul();
    let mut start = Vec::new();
    let file = std::fs::File::open("/proc/self/cmdline");
    let read = file.and_then(|file| file.take(expected.len() as u64).read_to_end(&mut start));
    read.is_ok() && start == expected
}

/// Whether the process has more rights than who started it: then it obeys nobody's plan.
fn privileged() -> bool {
    // SAFETY: reads a value that the kernel has put beside the arguments.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Keeps [`START`] in the binary, whatever the linker thinks of it.
pub(crate) fn keep() {
    std::hint::black_box(&START);
}

/// Which side of a fork this is.
pub(crate) enum Side {
    Child,
    Parent(Pid),
}

/// Makes a second process of this one.
pub(crate) fn fork() -> io::Result<Side> {
    // SAFETY: the helper runs before `main`, in the only thread of its process, so the child has all
    // there is. Where an allocator has started a thread of its own before that, it has told the C
    // library how to get through a fork, as `fork` of any program needs it.
    match unsafe { libc::fork() } {
        0 => Ok(Side::Child),
        pid if pid > 0 => Ok(Side::Parent(
            Pid::from_raw(pid).expect("a positive number is a process"),
        )),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Ends this process at once, without running anything that `main` would leave behind.
pub(crate) fn exit(code: c_int) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// Leaves namespaces.
pub(crate) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    assert!(
        !flags.contains(UnshareFlags::FILES),
        "descriptors stay shared"
    );
    // SAFETY: unsafe for descriptors alone, which are not among the flags.
    unsafe { rustix::thread::unshare_unsafe(flags) }.map_err(Into::into)
}

/// Closes all descriptors but the first three and one more.
pub(crate) fn close_all_but(kept: BorrowedFd<'_>) -> io::Result<()> {
    let kept = c_uint::try_from(kept.as_raw_fd()).map_err(|_| io::ErrorKind::InvalidInput)?;
    for (first, last) in [(3, kept.saturating_sub(1)), (kept.max(2) + 1, c_uint::MAX)] {
        if first <= last {
            // SAFETY: called right before a program is started. Owners of these descriptors never
            // run again: the process either becomes that program or ends by `exit`.
            done(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) })?;
        }
    }
    Ok(())
}

/// Gives a mount attributes, and all mounts below it too where `recursive` says so.
pub(crate) fn set_mount_attributes(
    mount: BorrowedFd<'_>,
    attributes: u64,
    recursive: bool,
) -> io::Result<()> {
    let mut change = MaybeUninit::<libc::mount_attr>::zeroed();
    // SAFETY: a structure of integers alone, for which zeros are values.
    let change = unsafe { change.assume_init_mut() };
    change.attr_set = attributes;
    let below = if recursive { libc::AT_RECURSIVE } else { 0 };
    let flags = libc::AT_EMPTY_PATH | below;
    // SAFETY: the path is an empty text, the structure is as large as it is said to be, and the
    // kernel keeps neither.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            ptr::from_ref(change),
            size_of::<libc::mount_attr>(),
        )
    };
    done(result)
}

/// Gives every signal its default meaning and blocks none. What the server ignores is not ignored
/// by what it runs.
pub(crate) fn default_signals() {
    for signal in 1..=libc::SIGRTMAX() {
        // SAFETY: the default action is no code of ours. The kernel refuses it for two signals that
        // cannot be changed, and the C library for two of its own.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut none = MaybeUninit::uninit();
    // SAFETY: the set is written before it is read.
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut());
    }
}

/// Makes a write to a closed pipe an error, which it is not before `main`.
pub(crate) fn ignore_broken_pipes() {
    // SAFETY: to ignore a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
}

/// Becomes another program. Returns only where that failed.
pub(crate) fn execute(program: &CStr, arguments: &[CString], environment: &[CString]) -> io::Error {
    let pointers = |texts: &[CString]| -> Vec<*const c_char> {
        let pointers = texts.iter().map(|text| text.as_ptr());
        pointers.chain([ptr::null()]).collect()
    };
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    // SAFETY: both lists end with a null pointer, and all texts outlive the call.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// A child that has ended.
pub(crate) struct Waited {
    pub(crate) pid: Pid,
    status: c_int,
    pub(crate) cpu: Duration,
    /// In bytes.
    pub(crate) peak_memory: u64,
}

impl Waited {
    /// By a code or by a signal.
    pub(crate) fn how(&self) -> How {
        match libc::WIFEXITED(self.status) {
            true => How::Exited(libc::WEXITSTATUS(self.status)),
            false => How::Killed(libc::WTERMSIG(self.status)),
        }
    }
}

/// Waits for any child.
pub(crate) fn wait() -> io::Result<Waited> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let pid = loop {
        // SAFETY: both places are written by the kernel and outlive the call.
        let pid = unsafe { libc::wait4(-1, &mut status, 0, usage.as_mut_ptr()) };
        match pid {
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            -1 => return Err(io::Error::last_os_error()),
            pid => break pid,
        }
    };
    // SAFETY: a structure of integers alone, which was zeros before the kernel wrote to it.
    let usage = unsafe { usage.assume_init() };
    Ok(Waited {
        pid: Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidData)?,
        status,
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak_memory: u64::try_from(usage.ru_maxrss).unwrap_or(0) * 1024,
    })
}

fn time(value: libc::timeval) -> Duration {
    let seconds = u64::try_from(value.tv_sec).unwrap_or(0);
    let micros = u64::try_from(value.tv_usec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}

fn done(result: c_long) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
