//! The functions of the engine that are called from outside, and values that pass between.
//!
//! A value of the script is the address of a box in the memory of the machine. Nothing that is read
//! from there is believed: addresses and lengths are checked by each access, and what fails ends
//! the run.

use std::ops::Range;

use wasmi::{AsContext, AsContextMut, Func, Instance, Memory, ResumableCall, Val};

use super::host::Host;
use super::meter::SLICE;
use super::stop::Stop;

/// A value of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value(pub(super) i32);

/// How many bytes of the machine's memory are ours, to be told lengths in.
const SCRATCH: i32 = 16;

macro_rules! guest {
    ($($name:ident = $export:literal,)+) => {
        /// What a machine exports.
        #[derive(Clone, Copy, Debug)]
        pub(super) struct Guest {
            memory: Memory,
            scratch: i32,
            $($name: Func,)+
        }

        impl Guest {
            /// Finds all of it.
            pub(super) fn find(ctx: impl AsContext, instance: &Instance) -> Result<Self, Stop> {
                let func = |name| {
                    let found = instance.get_func(&ctx, name);
                    found.ok_or_else(|| missing(name))
                };
                let memory = instance.get_memory(&ctx, "memory");
                Ok(Self {
                    memory: memory.ok_or_else(|| missing("memory"))?,
                    scratch: 0,
                    $($name: func($export)?,)+
                })
            }
        }
    };
}

guest! {
    initialize = "_initialize",
    init = "qjs_init",
    set_stack = "qjs_set_max_stack_size",
    set_rejections = "qjs_set_promise_rejection_handler",
    malloc = "wasm_malloc",
    free = "wasm_free",
    eval = "qjs_eval",
    call = "qjs_call",
    new_host_function = "qjs_new_host_function",
    new_string = "qjs_new_string",
    new_bytes = "qjs_new_uint8_array",
    new_number = "qjs_new_number",
    undefined = "qjs_get_undefined",
    is_exception = "qjs_is_exception",
    is_string = "qjs_is_string",
    is_number = "qjs_is_number",
    exception = "qjs_get_exception",
    string = "qjs_get_string_len",
    free_string = "qjs_free_cstring",
    number = "qjs_get_float64",
    element = "qjs_get_prop_uint32",
    view = "qjs_get_typed_array_buffer",
    buffer = "qjs_get_array_buffer",
    pointer = "qjs_get_value_ptr",
    is_job_pending = "qjs_is_job_pending",
    execute_job = "qjs_execute_pending_job",
    promise_state = "qjs_promise_state",
    free_value = "qjs_free_value",
}

fn missing(name: &str) -> Stop {
    Stop::Fault(format!("the engine has no `{name}`"))
}

/// What became of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Not,
    Fulfilled,
    Rejected,
}

/// Calls a function of the engine, slice by slice, and looks at the clock between them.
fn drive<C>(ctx: &mut C, func: Func, inputs: &[Val], outputs: &mut [Val]) -> Result<(), Stop>
where
    C: AsContextMut<Data = Host>,
{
    let mut call = func.call_resumable(&mut *ctx, inputs, outputs)?;
    loop {
        call = match call {
            ResumableCall::Finished => return Ok(()),
            ResumableCall::HostTrap(trap) => return Err(trap.into_host_error().into()),
            ResumableCall::OutOfFuel(rest) => {
                let mut store = ctx.as_context_mut();
                store.data_mut().between()?;
                store.set_fuel(SLICE.max(rest.required_fuel()))?;
                rest.resume(store, outputs)?
            }
        };
    }
}

fn ints<const N: usize>(values: [i32; N]) -> [Val; N] {
    values.map(Val::I32)
}

/// The function gives an integer.
fn get<C>(ctx: &mut C, func: Func, inputs: &[Val]) -> Result<i32, Stop>
where
    C: AsContextMut<Data = Host>,
{
    let mut output = [Val::I32(0)];
    drive(ctx, func, inputs, &mut output)?;
    let [output] = output;
    output
        .i32()
        .ok_or_else(|| Stop::Fault("not an integer".to_owned()))
}

/// The function gives nothing.
fn run<C>(ctx: &mut C, func: Func, inputs: &[Val]) -> Result<(), Stop>
where
    C: AsContextMut<Data = Host>,
{
    drive(ctx, func, inputs, &mut [])
}

impl Guest {
    /// Starts the engine.
    pub(super) fn start<C>(&mut self, ctx: &mut C, stack: i32) -> Result<(), Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        run(ctx, self.initialize, &[])?;
        if get(ctx, self.init, &[])? != 0 {
            return Err(Stop::Memory);
        }
        run(ctx, self.set_stack, &ints([stack]))?;
        run(ctx, self.set_rejections, &ints([1]))?;
        self.scratch = self.allocate(ctx, SCRATCH)?;
        Ok(())
    }

    fn allocate<C>(&self, ctx: &mut C, size: i32) -> Result<i32, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        match get(ctx, self.malloc, &ints([size]))? {
            0 => Err(Stop::Memory),
            address => Ok(address),
        }
    }

    /// Puts bytes into the memory, with a zero behind them. To be freed.
    fn put<C>(&self, ctx: &mut C, bytes: &[u8]) -> Result<(i32, i32), Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let length = i32::try_from(bytes.len()).map_err(|_| Stop::Memory)?;
        let size = length.checked_add(1).ok_or(Stop::Memory)?;
        let address = self.allocate(ctx, size)?;
        let room = span(address, size)?;
        let memory = self.memory.data_mut(ctx.as_context_mut());
        let room = memory.get_mut(room).ok_or_else(outside)?;
        room[..bytes.len()].copy_from_slice(bytes);
        room[bytes.len()] = 0;
        Ok((address, length))
    }

    fn release<C>(&self, ctx: &mut C, address: i32) -> Result<(), Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        run(ctx, self.free, &ints([address]))
    }

    /// Bytes of the memory.
    pub(super) fn slice<'a>(
        &self,
        ctx: &'a impl AsContext<Data = Host>,
        address: i32,
        length: i32,
    ) -> Result<&'a [u8], Stop> {
        let memory = self.memory.data(ctx.as_context());
        memory.get(span(address, length)?).ok_or_else(outside)
    }

    /// Writes into the memory, where there is room for it.
    pub(super) fn write<C>(&self, ctx: &mut C, address: i32, bytes: &[u8]) -> Result<(), Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let room = span(address, i32::try_from(bytes.len()).map_err(|_| outside())?)?;
        let memory = self.memory.data_mut(ctx.as_context_mut());
        memory
            .get_mut(room)
            .ok_or_else(outside)?
            .copy_from_slice(bytes);
        Ok(())
    }

    /// A number of the memory.
    pub(super) fn word(
        &self,
        ctx: &impl AsContext<Data = Host>,
        address: i32,
    ) -> Result<i32, Stop> {
        let bytes = self.slice(ctx, address, 4)?;
        let bytes = bytes.try_into().map_err(|_| outside())?;
        Ok(i32::from_le_bytes(bytes))
    }

    /// Runs a source.
    pub(super) fn eval<C>(
        &self,
        ctx: &mut C,
        source: &[u8],
        name: &str,
        flags: i32,
    ) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let (code, length) = self.put(ctx, source)?;
        let (file, _) = self.put(ctx, name.as_bytes())?;
        let value = get(ctx, self.eval, &ints([code, length, file, flags]))?;
        self.release(ctx, code)?;
        self.release(ctx, file)?;
        Ok(Value(value))
    }

    /// Calls a function of the script.
    pub(super) fn call<C>(
        &self,
        ctx: &mut C,
        function: Value,
        argument: Option<Value>,
    ) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let this = get(ctx, self.undefined, &[])?;
        let count = i32::from(argument.is_some());
        if let Some(Value(argument)) = argument {
            self.write(ctx, self.scratch, &argument.to_le_bytes())?;
        }
        let inputs = ints([function.0, this, count, self.scratch]);
        let value = get(ctx, self.call, &inputs)?;
        self.free(ctx, Value(this))?;
        Ok(Value(value))
    }

    /// A function that calls the host.
    pub(super) fn host_function<C>(&self, ctx: &mut C, name: &str) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let (address, length) = self.put(ctx, name.as_bytes())?;
        let value = get(ctx, self.new_host_function, &ints([address, length, 0]))?;
        self.release(ctx, address)?;
        Ok(Value(value))
    }

    pub(super) fn new_text<C>(&self, ctx: &mut C, text: &str) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let (address, length) = self.put(ctx, text.as_bytes())?;
        let value = get(ctx, self.new_string, &ints([address, length]))?;
        self.release(ctx, address)?;
        Ok(Value(value))
    }

    pub(super) fn new_bytes<C>(&self, ctx: &mut C, bytes: &[u8]) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let (address, length) = self.put(ctx, bytes)?;
        let value = get(ctx, self.new_bytes, &ints([address, length]))?;
        self.release(ctx, address)?;
        Ok(Value(value))
    }

    pub(super) fn new_number<C>(&self, ctx: &mut C, number: f64) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        get(ctx, self.new_number, &[Val::F64(number.into())]).map(Value)
    }

    pub(super) fn undefined<C>(&self, ctx: &mut C) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        get(ctx, self.undefined, &[]).map(Value)
    }

    fn is<C>(&self, ctx: &mut C, question: Func, value: Value) -> Result<bool, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        Ok(get(ctx, question, &ints([value.0]))? != 0)
    }

    pub(super) fn is_exception<C>(&self, ctx: &mut C, value: Value) -> Result<bool, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        self.is(ctx, self.is_exception, value)
    }

    /// What was thrown last.
    pub(super) fn exception<C>(&self, ctx: &mut C) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        get(ctx, self.exception, &[]).map(Value)
    }

    /// The bytes of a text, which are UTF-8 but for surrogates that stand alone; nothing, if the
    /// value is no text. No code of the script runs.
    pub(super) fn text<C>(&self, ctx: &mut C, value: Value) -> Result<Option<Vec<u8>>, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        if !self.is(ctx, self.is_string, value)? {
            return Ok(None);
        }
        let address = get(ctx, self.string, &ints([value.0, self.scratch]))?;
        if address == 0 {
            return Err(Stop::Memory);
        }
        let length = self.word(ctx, self.scratch)?;
        let text = self.slice(ctx, address, length)?.to_vec();
        run(ctx, self.free_string, &ints([address]))?;
        Ok(Some(text))
    }

    /// A number; nothing, if the value is none. No code of the script runs.
    pub(super) fn number<C>(&self, ctx: &mut C, value: Value) -> Result<Option<f64>, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        if !self.is(ctx, self.is_number, value)? {
            return Ok(None);
        }
        let mut output = [Val::I32(0)];
        drive(ctx, self.number, &ints([value.0]), &mut output)?;
        let [output] = output;
        Ok(output.f64().map(f64::from))
    }

    /// Where the bytes of a typed array are; nothing, if the value is none. No code of the script
    /// runs.
    pub(super) fn view<C>(&self, ctx: &mut C, value: Value) -> Result<Option<(i32, i32)>, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        let at = self.scratch;
        let buffer = Value(get(ctx, self.view, &ints([value.0, at, at + 4, at + 8]))?);
        if self.is_exception(ctx, buffer)? {
            let thrown = self.exception(ctx)?;
            self.free(ctx, thrown)?;
            return Ok(None);
        }
        let offset = self.word(ctx, at)?;
        let length = self.word(ctx, at + 4)?;
        let start = get(ctx, self.buffer, &ints([buffer.0, at]))?;
        let whole = self.word(ctx, at)?;
        self.free(ctx, buffer)?;
        if start == 0 {
            let thrown = self.exception(ctx)?;
            self.free(ctx, thrown)?;
        }
        // A detached buffer has no bytes, and a view may be longer than a buffer that has shrunk.
        let end = i64::from(offset) + i64::from(length);
        if start == 0 || offset < 0 || length < 0 || end > i64::from(whole) {
            return Ok(Some((0, 0)));
        }
        Ok(Some((start.wrapping_add(offset), length)))
    }

    /// An element of an array of ours.
    pub(super) fn element<C>(&self, ctx: &mut C, array: Value, at: i32) -> Result<Value, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        get(ctx, self.element, &ints([array.0, at])).map(Value)
    }

    /// What two boxes have in common if they hold the same object.
    pub(super) fn identity<C>(&self, ctx: &mut C, value: Value) -> Result<i32, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        get(ctx, self.pointer, &ints([value.0]))
    }

    /// Runs the next job, if there is one; whether it went well.
    pub(super) fn next_job<C>(&self, ctx: &mut C) -> Result<Option<bool>, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        match get(ctx, self.is_job_pending, &[])? {
            0 => Ok(None),
            _ => Ok(Some(get(ctx, self.execute_job, &[])? >= 0)),
        }
    }

    pub(super) fn settled<C>(&self, ctx: &mut C, promise: Value) -> Result<Settled, Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        Ok(match get(ctx, self.promise_state, &ints([promise.0]))? {
            1 => Settled::Fulfilled,
            2 => Settled::Rejected,
            _ => Settled::Not,
        })
    }

    /// Gives a box back.
    pub(super) fn free<C>(&self, ctx: &mut C, value: Value) -> Result<(), Stop>
    where
        C: AsContextMut<Data = Host>,
    {
        run(ctx, self.free_value, &ints([value.0]))
    }
}

/// Addresses are unsigned, but the machine has no unsigned numbers.
fn span(address: i32, length: i32) -> Result<Range<usize>, Stop> {
    let start = address.cast_unsigned() as usize;
    let end = start.checked_add(length.cast_unsigned() as usize);
    Ok(start..end.ok_or_else(outside)?)
}

fn outside() -> Stop {
    Stop::Fault("an address outside of the memory".to_owned())
}
