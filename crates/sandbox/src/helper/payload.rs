//! The last steps, in the process that becomes the program.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::pipe::{PipeFlags, pipe_with};

use crate::plan::Plan;
use crate::report::{Failure, Stage};
use crate::sys;

use super::At;
use super::child::{self, Child, Forked, Tie};
use super::filter::Filters;
use super::identity::Identity;
use super::limits;
use super::loader;
use super::privileges;
use super::ruleset::{self, Rules};
use super::work;

/// Where a payload runs and as whom.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) identity: Identity,
    /// The number of the payload's user here.
    pub(super) user: u32,
    /// The work directory, and its path as the payload sees it.
    pub(super) work: BorrowedFd<'a>,
    pub(super) home: &'a Path,
    /// The directory for temporary files.
    pub(super) temporary: &'a Path,
    /// How many processes and threads that user may have, those of the box included.
    pub(super) processes: u64,
}

/// Starts the payload and returns when it has become the program.
pub(super) fn start(
    plan: &Plan,
    place: &Place<'_>,
    stdin: Option<&OwnedFd>,
) -> Result<Child, Failure> {
    let (reading, writing) = pipe_with(PipeFlags::CLOEXEC).at(Stage::Fork)?;
    let child = match child::fork().at(Stage::Fork)? {
        Forked::Parent(child) => child,
        Forked::Child(tie) => {
            let Err(failure) = become_program(plan, place, stdin, &tie, writing.as_fd());
            let told = serde_json::to_vec(&failure).unwrap_or_default();
            // Where this fails too, nobody is left to hear it.
            let _ = File::from(writing).write_all(&told);
            sys::exit(127)
        }
    };
    drop(writing);
    // The end of the pipe comes by `execve`, or after a failure.
    let mut told = Vec::new();
    File::from(reading).read_to_end(&mut told).at(Stage::Exec)?;
    match told.as_slice() {
        [] => Ok(child),
        told => Err(serde_json::from_slice(told).unwrap_or(Failure::new(Stage::Exec))),
    }
}

/// What only returns when it has failed.
enum Never {}

fn become_program(
    plan: &Plan,
    place: &Place<'_>,
    stdin: Option<&OwnedFd>,
    tie: &Tie,
    kept: BorrowedFd<'_>,
) -> Result<Never, Failure> {
    let texts = Texts::new(plan, place)?;
    rustix::process::setsid().at(Stage::Fork)?;
    sys::default_signals();
    privileges::bound();
    place.identity.assume(place.user)?;
    tie.bind().at(Stage::User)?;
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    rustix::process::fchdir(place.work).at(Stage::Files)?;
    work::fill(place.work, &plan.files).at(Stage::Files)?;
    match stdin {
        Some(stdin) => rustix::stdio::dup2_stdin(stdin).at(Stage::Descriptors)?,
        // Opened here, so that it leads to no mount outside of the box.
        None => {
            let nothing = File::open("/dev/null").at(Stage::Descriptors)?;
            rustix::stdio::dup2_stdin(&nothing).at(Stage::Descriptors)?;
        }
    }
    limits::apply(&plan.limits, place.processes)?;
    privileges::drop_all()?;
    let filters = Filters::new(plan.tier, rustix::process::getpid())?;
    ruleset::restrict(&rules(plan, place))?;
    sys::close_all_but(kept).lacks(Stage::Descriptors, crate::Feature::CloseRange)?;
    filters.apply()?;
    Err(texts.execute()).at(Stage::Exec)
}

fn rules(plan: &Plan, place: &Place<'_>) -> Rules {
    let mut run = plan.executable.clone();
    // Where the header cannot be read, starting the program says so.
    run.extend(loader::of(&plan.program).ok().flatten());
    let mut write: Vec<PathBuf> = vec![place.home.into(), place.temporary.into()];
    write.dedup();
    Rules {
        read: plan
            .read_only
            .iter()
            .map(|bind| bind.target.clone())
            .collect(),
        run,
        write,
    }
}

/// What is handed to the program, in the form in which the kernel takes it.
struct Texts {
    program: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Texts {
    fn new(plan: &Plan, place: &Place<'_>) -> Result<Self, Failure> {
        let text = |text: &str| CString::new(text).map_err(|_| Failure::new(Stage::Plan));
        let path = |path: &Path| {
            path.to_str()
                .ok_or(Failure::new(Stage::Plan))
                .map(str::to_owned)
        };
        let program = text(&path(&plan.program)?)?;
        let arguments = plan.args.iter().map(|argument| text(argument));
        let arguments = [Ok(program.clone())]
            .into_iter()
            .chain(arguments)
            .collect::<Result<_, _>>()?;
        let mut environment = plan.environment.clone();
        for (name, value) in [("HOME", place.home), ("TMPDIR", place.temporary)] {
            if !environment.iter().any(|(known, _)| known == name) {
                environment.push((name.to_owned(), path(value)?));
            }
        }
        let environment = environment
            .iter()
            .map(|(name, value)| text(&format!("{name}={value}")));
        Ok(Self {
            program,
            arguments,
            environment: environment.collect::<Result<_, _>>()?,
        })
    }

    fn execute(&self) -> io::Error {
        sys::execute(&self.program, &self.arguments, &self.environment)
    }
}

/// What the payload reads from standard input, if anything: memory that nobody can change or run as a
/// program.
pub(super) fn stdin(plan: &Plan) -> io::Result<Option<OwnedFd>> {
    if plan.stdin.is_empty() {
        return Ok(None);
    }
    // Linux 6.3 and later, and Landlock is demanded as 6.7 has it.
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING | MemfdFlags::NOEXEC_SEAL;
    let memory = rustix::fs::memfd_create("input", flags)?;
    let mut file = File::from(memory);
    file.write_all(&plan.stdin)?;
    io::Seek::rewind(&mut file)?;
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&file, seals)?;
    Ok(Some(file.into()))
}
