//! Whether the interpreter keeps to its stack.
//!
//! It goes from one instruction to the next by a call in tail position where it is built with
//! optimisation, and relies on the compiler to make a jump of that. The compiler does so in release
//! builds, but not where assertions are on as well: then each instruction takes a piece of the
//! stack, and a script of some thousand of them ends the whole process. Nothing tells from outside
//! how it was built, so it is looked at, once: two calls of the host with a loop in between have to
//! find the stack at the same place.

use std::hint::black_box;

use wasmi::{Caller, Engine, Linker, Module, Store};

/// How far apart the two places may be, in bytes. The loop would take five times as much at least.
const SAME: usize = 4 << 10;

/// Calls the host, counts to 200, and calls the host again.
const LOOP: &[u8] = &[
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // the header
    0x01, 0x04, 0x01, 0x60, 0x00, 0x00, // types: a function of nothing
    0x02, 0x09, 0x01, 0x00, 0x04, b'm', b'a', b'r', b'k', 0x00, 0x00, // imports: `mark`
    0x03, 0x02, 0x01, 0x00, // functions: one
    0x07, 0x07, 0x01, 0x03, b'r', b'u', b'n', 0x00, 0x01, // exports: `run`
    0x0a, 0x1a, 0x01, 0x18, 0x01, 0x01, 0x7f, // code: one local
    0x10, 0x00, // call mark
    0x03, 0x40, // loop
    0x20, 0x00, 0x41, 0x01, 0x6a, 0x22, 0x00, // local 0 += 1
    0x41, 0xc8, 0x01, 0x49, 0x0d, 0x00, 0x0b, // again, if less than 200
    0x10, 0x00, // call mark
    0x0b,
];

/// Whether the interpreter comes back from each instruction.
pub(super) fn keeps_its_stack(engine: &Engine) -> Result<bool, wasmi::Error> {
    let module = Module::new(engine, LOOP)?;
    let mut linker = <Linker<Vec<usize>>>::new(engine);
    linker.func_wrap("", "mark", mark)?;
    let mut store = Store::new(engine, Vec::new());
    store.set_fuel(1 << 20)?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    let run = instance.get_typed_func::<(), ()>(&store, "run")?;
    run.call(&mut store, ())?;
    let places = store.into_data();
    Ok(matches!(places[..], [first, last] if first.abs_diff(last) < SAME))
}

/// Notes where the stack is.
fn mark(mut caller: Caller<'_, Vec<usize>>) {
    let here = 0_u8;
    let place = std::ptr::from_ref(black_box(&here)).addr();
    caller.data_mut().push(place);
}
