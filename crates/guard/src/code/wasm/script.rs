//! A run from its start to its end, on a thread that may block.

use std::hash::{BuildHasher, RandomState};

use tokio::sync::mpsc::Sender;
use wasmi::Store;

use super::files::Files;
use super::guest::{Guest, Settled, Value};
use super::host::Host;
use super::machine::Machine;
use super::memory::Memory;
use super::meter::{Meter, SLICE};
use super::output::{Output, Stream};
use super::stop::Stop;
use crate::code::backend::{End, How, Job};
use crate::code::{Limits, Piece, Usage};

/// What scripts find beside the language itself.
static PRELUDE: &str = include_str!("prelude.js");

/// How much of the stack of the engine calls of the script may take, in bytes. There is 1 MiB, and
/// what the engine does below such a call needs its part of it.
const STACK: i32 = 512 << 10;

/// The most memory a machine gets, in bytes: 64 MiB.
const MEMORY: u64 = 64 << 20;

/// Flags of `qjs_eval`: `await` at the top, and no lines of ours in the script's stack traces.
const AWAIT: i32 = 1 << 7;
const BARRIER: i32 = 1 << 6;

/// The code of a script that threw, and of one that awaits what never comes.
const THREW: i32 = 1;
const NEVER: i32 = 13;

/// The signal that stands for an engine that gave up.
const ABORTED: i32 = 6;

/// Runs a script in a machine of its own, which is gone when this returns.
pub(super) fn run(machine: &Machine, job: Job, pieces: Sender<Piece>) -> End {
    let Job {
        source,
        arguments,
        input,
        files,
        limits,
    } = job;
    let taken = source.len() as u64 + input.len() as u64;
    let host = Host {
        meter: Meter::new(limits.wall, limits.cpu),
        memory: Memory::new(limits.memory.min(MEMORY) as usize),
        output: Output::new(pieces),
        files: Files::new(files, taken, &limits),
        arguments,
        input,
        guest: None,
        rejections: Vec::new(),
        random: RandomState::new().hash_one(0) | 1,
    };
    let mut script = Script {
        store: Store::new(&machine.engine, host),
    };
    script.store.limiter(|host| &mut host.memory);
    let result = script.run(machine, &source);
    let mut host = script.store.into_data();
    // Whoever dropped the run does not wait for what it printed.
    let _ = host.flush();
    let how = how(result, host.memory.was_refused());
    end(how, host, &limits)
}

fn how(result: Result<i32, Stop>, was_refused: bool) -> How {
    match result {
        Ok(0) => How::Exited(0),
        Err(Stop::Exit(code)) => How::Exited(code),
        Err(Stop::Timeout) => How::Timeout,
        Err(Stop::Cpu) => How::Cpu,
        Err(Stop::Memory) => How::Memory,
        // Whatever went wrong did so after it was refused memory.
        Ok(_) | Err(Stop::Fault(_)) if was_refused => How::Memory,
        Ok(code) => How::Exited(code),
        Err(stop) => {
            tracing::debug!(target: "purlin::guard", %stop, "the engine gave up");
            How::Killed(ABORTED)
        }
    }
}

fn end(how: How, host: Host, limits: &Limits) -> End {
    let usage = Usage {
        wall: host.meter.wall(),
        cpu: host.meter.cpu(),
        peak_memory: host.memory.peak() as u64,
    };
    let (files, files_left_out) = host.files.returned(limits);
    End {
        how,
        usage,
        files,
        files_left_out,
    }
}

/// A machine with a script in it.
struct Script {
    store: Store<Host>,
}

/// What the prelude gives us to call.
struct Prelude {
    /// Says what an exception is.
    describe: Value,
    /// Runs the timer that is due, or says how long that is.
    tick: Value,
}

impl Script {
    /// Runs the source to its end, and gives the code that it ends with.
    fn run(&mut self, machine: &Machine, source: &[u8]) -> Result<i32, Stop> {
        self.store.set_fuel(SLICE)?;
        let guest = self.start(machine)?;
        let prelude = self.prelude(guest)?;
        let store = &mut self.store;
        let value = guest.eval(store, source, "main.js", AWAIT | BARRIER)?;
        if guest.is_exception(store, value)? {
            return self.threw(guest, &prelude);
        }
        loop {
            if !self.jobs(guest)? {
                return self.threw(guest, &prelude);
            }
            if let Some(rejection) = self.store.data().rejections.first().copied() {
                return self.uncaught(guest, &prelude, rejection.reason);
            }
            let tick = guest.call(&mut self.store, prelude.tick, None)?;
            if guest.is_exception(&mut self.store, tick)? {
                return self.threw(guest, &prelude);
            }
            let wait = guest.number(&mut self.store, tick)?.unwrap_or(-1.0);
            guest.free(&mut self.store, tick)?;
            if wait < 0.0 {
                break;
            }
            self.store.data_mut().wait(wait)?;
        }
        match guest.settled(&mut self.store, value)? {
            Settled::Not => self.never(),
            Settled::Fulfilled | Settled::Rejected => Ok(0),
        }
    }

    /// Makes the machine.
    fn start(&mut self, machine: &Machine) -> Result<Guest, Stop> {
        let store = &mut self.store;
        let instance = machine
            .linker
            .instantiate_and_start(&mut *store, &machine.module)?;
        let mut guest = Guest::find(&*store, &instance)?;
        store.data_mut().guest = Some(guest);
        guest.start(store, STACK)?;
        store.data_mut().guest = Some(guest);
        Ok(guest)
    }

    /// Puts in place what scripts find.
    fn prelude(&mut self, guest: Guest) -> Result<Prelude, Stop> {
        let store = &mut self.store;
        let install = guest.eval(store, PRELUDE.as_bytes(), "prelude.js", 0)?;
        let host = guest.host_function(store, "host")?;
        let parts = guest.call(store, install, Some(host))?;
        if guest.is_exception(store, parts)? {
            return Err(Stop::Fault("the prelude does not run".to_owned()));
        }
        let describe = guest.element(store, parts, 0)?;
        let tick = guest.element(store, parts, 1)?;
        for value in [install, host, parts] {
            guest.free(store, value)?;
        }
        Ok(Prelude { describe, tick })
    }

    /// Runs all jobs, those that they add as well; whether they all went well.
    fn jobs(&mut self, guest: Guest) -> Result<bool, Stop> {
        while let Some(went_well) = guest.next_job(&mut self.store)? {
            if !went_well {
                return Ok(false);
            }
            self.store.data().look()?;
        }
        Ok(true)
    }

    fn threw(&mut self, guest: Guest, prelude: &Prelude) -> Result<i32, Stop> {
        let thrown = guest.exception(&mut self.store)?;
        self.uncaught(guest, prelude, thrown)
    }

    /// Says what nobody caught, and gives the code for that. Saying so may run code of the script,
    /// and may throw once more.
    fn uncaught(&mut self, guest: Guest, prelude: &Prelude, thrown: Value) -> Result<i32, Stop> {
        let store = &mut self.store;
        let text = guest.call(store, prelude.describe, Some(thrown))?;
        let text = match guest.text(store, text)? {
            Some(text) => text,
            None => b"Uncaught exception that cannot be described\n".to_vec(),
        };
        self.complain(&text)?;
        Ok(THREW)
    }

    fn never(&mut self) -> Result<i32, Stop> {
        self.complain(b"The script awaits what never comes\n")?;
        Ok(NEVER)
    }

    fn complain(&mut self, text: &[u8]) -> Result<(), Stop> {
        self.store.data_mut().output.write(Stream::Stderr, text)
    }
}
