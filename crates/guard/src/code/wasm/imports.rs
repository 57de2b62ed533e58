//! What a machine can call: everything there is between a script and the world.
//!
//! Of what the engine was built for, clocks and random numbers are given, and writing to the two
//! streams; what it asks of files, of other modules and of time zones is refused. The one function
//! of the host that scripts reach is in `operations`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmi::errors::LinkerError;
use wasmi::{Caller, Engine, Error, Linker};

use super::guest::{Guest, Value};
use super::host::{Host, REJECTIONS, Rejection};
use super::operations;
use super::output::Stream;
use super::stop::Stop;

/// Answers of WASI: `success`, `badf`, `nosys`.
const SUCCESS: i32 = 0;
const BAD_DESCRIPTOR: i32 = 8;
const NO_SUCH_CALL: i32 = 52;

/// How exact the clocks are: too coarse to measure caches with.
const TICK: Duration = Duration::from_millis(1);

/// Everything that a machine can call.
pub(super) fn link(engine: &Engine) -> Result<Linker<Host>, LinkerError> {
    let mut linker = Linker::new(engine);
    let env = "env";
    linker
        .func_wrap(env, "host_call", host_call)?
        .func_wrap(env, "host_promise_rejection", rejection)?
        .func_wrap(env, "host_interrupt", |_: Caller<'_, Host>| 0_i32)?
        .func_wrap(env, "host_get_timezone_offset", utc)?
        .func_wrap(env, "host_module_normalize", no_module)?
        .func_wrap(env, "host_module_load", no_module)?;
    let wasi = "wasi_snapshot_preview1";
    linker
        .func_wrap(wasi, "clock_time_get", clock)?
        .func_wrap(wasi, "random_get", random)?
        .func_wrap(wasi, "fd_write", write)?
        .func_wrap(wasi, "fd_close", |_: Caller<'_, Host>, _: i32| {
            BAD_DESCRIPTOR
        })?
        .func_wrap(
            wasi,
            "fd_fdstat_get",
            |_: Caller<'_, Host>, _: i32, _: i32| BAD_DESCRIPTOR,
        )?
        .func_wrap(wasi, "fd_seek", seek)?;
    Ok(linker)
}

/// The function that our prelude calls. It takes boxes of values, and gives one back.
fn host_call(
    mut caller: Caller<'_, Host>,
    _name: i32,
    _name_length: i32,
    _this: i32,
    count: i32,
    values: i32,
) -> Result<i32, Error> {
    let answer = operations::call(&mut caller, count, values);
    answer.map(|Value(value)| value).map_err(Error::host)
}

/// A promise was rejected while nobody listened, or somebody listens now.
fn rejection(
    mut caller: Caller<'_, Host>,
    promise: i32,
    reason: i32,
    is_handled: i32,
) -> Result<(), Error> {
    let (promise, reason) = (Value(promise), Value(reason));
    note(&mut caller, promise, reason, is_handled != 0).map_err(Error::host)
}

fn note(
    caller: &mut Caller<'_, Host>,
    promise: Value,
    reason: Value,
    is_handled: bool,
) -> Result<(), Stop> {
    caller.data().look()?;
    let guest = caller.data().guest()?;
    let identity = guest.identity(caller, promise)?;
    if !is_handled && caller.data().rejections.len() < REJECTIONS {
        caller.data_mut().rejections.push(Rejection {
            identity,
            promise,
            reason,
        });
        return Ok(());
    }
    let rejections = &mut caller.data_mut().rejections;
    let found = rejections.iter().position(|it| it.identity == identity);
    let gone = found
        .filter(|_| is_handled)
        .map(|at| rejections.swap_remove(at));
    let boxes = gone.into_iter().flat_map(|it| [it.promise, it.reason]);
    for value in boxes.chain([promise, reason]) {
        guest.free(caller, value)?;
    }
    Ok(())
}

/// Scripts live in UTC.
fn utc(_: Caller<'_, Host>, _seconds_high: i32, _seconds_low: i32) -> i32 {
    0
}

fn no_module(_: Caller<'_, Host>, _: i32, _: i32) -> i32 {
    0
}

fn seek(_: Caller<'_, Host>, _: i32, _: i64, _: i32, _: i32) -> i32 {
    NO_SUCH_CALL
}

/// Whatever clock is asked for, it is that on the wall.
fn clock(
    mut caller: Caller<'_, Host>,
    _clock: i32,
    _precision: i64,
    answer: i32,
) -> Result<i32, Error> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let nanoseconds = (now.as_millis() * TICK.as_nanos()) as u64;
    let bytes = nanoseconds.to_le_bytes();
    put(&mut caller, answer, &bytes).map_err(Error::host)
}

fn random(mut caller: Caller<'_, Host>, address: i32, length: i32) -> Result<i32, Error> {
    let mut fill = || {
        let length = caller
            .data()
            .guest()?
            .slice(&caller, address, length)?
            .len();
        let host = caller.data_mut();
        let mut bytes = Vec::with_capacity(length.next_multiple_of(8));
        while bytes.len() < length {
            bytes.extend(host.next_random().to_le_bytes());
        }
        put(&mut caller, address, &bytes[..length])
    };
    fill().map_err(Error::host)
}

fn put(caller: &mut Caller<'_, Host>, address: i32, bytes: &[u8]) -> Result<i32, Stop> {
    let guest: Guest = caller.data().guest()?;
    guest.write(caller, address, bytes)?;
    Ok(SUCCESS)
}

/// What the engine itself prints, which is next to nothing.
fn write(
    mut caller: Caller<'_, Host>,
    descriptor: i32,
    vectors: i32,
    count: i32,
    written: i32,
) -> Result<i32, Error> {
    let stream = match descriptor {
        1 => Stream::Stdout,
        2 => Stream::Stderr,
        _ => return Ok(BAD_DESCRIPTOR),
    };
    let mut all = || {
        let guest = caller.data().guest()?;
        let mut sum = 0_i32;
        for at in 0..count {
            caller.data().look()?;
            let vector = vectors.wrapping_add(at.wrapping_mul(8));
            let address = guest.word(&caller, vector)?;
            let length = guest.word(&caller, vector.wrapping_add(4))?;
            operations::print(&mut caller, stream, address, length)?;
            sum = sum.wrapping_add(length);
        }
        put(&mut caller, written, &sum.to_le_bytes())
    };
    all().map_err(Error::host)
}

#[cfg(test)]
mod tests {
    use crate::code::wasm::machine::Machine;

    #[test]
    fn the_engine_asks_for_these_and_nothing_else() {
        let imports = Machine::get().unwrap().module.imports();
        let mut names: Vec<_> = imports.map(|it| it.name().to_owned()).collect();
        names.sort_unstable();
        let known = [
            "clock_time_get",
            "fd_close",
            "fd_fdstat_get",
            "fd_seek",
            "fd_write",
            "host_call",
            "host_get_timezone_offset",
            "host_interrupt",
            "host_module_load",
            "host_module_normalize",
            "host_promise_rejection",
            "random_get",
        ];
        assert_eq!(names, known);
    }
}
