//! The operations that our prelude asks the host for.
//!
//! Their numbers are those in `prelude.js`. Each operand is checked here again, because a script may
//! have bent what the prelude stands on; and none of them runs code of the script, so that the host
//! is never entered twice.

use bytes::Bytes;
use wasmi::Caller;

use super::guest::{Guest, Value};
use super::host::Host;
use super::output::Stream;
use super::stop::Stop;

/// What scripts print may wait in this many bytes of the host until it is looked at again.
const OPERANDS: i32 = 3;

/// Answers a call: the first value is the number of the operation.
pub(super) fn call(caller: &mut Caller<'_, Host>, count: i32, values: i32) -> Result<Value, Stop> {
    // Calls are cheap for the machine and dear for the host, so each looks at the clock.
    caller.data().look()?;
    let guest = caller.data().guest()?;
    let mut operands = [None; OPERANDS as usize];
    for at in 0..count.clamp(0, OPERANDS) {
        let value = guest.word(caller, values.wrapping_add(at * 4))?;
        operands[at as usize] = Some(Value(value));
    }
    let [operation, first, second] = operands;
    let mut asked = Asked {
        caller,
        guest,
        first,
        second,
    };
    match asked.integer(operation)? {
        0 => asked.write(),
        1 => asked.argument(),
        2 => asked.input(),
        3 => asked.read(),
        4 => asked.store(),
        5 => asked.name(),
        6 => asked.remove(),
        7 => asked.exit(),
        8 => asked.decode(),
        9 => asked.encode(),
        _ => asked.nothing(),
    }
}

/// Prints bytes of the memory.
pub(super) fn print(
    caller: &mut Caller<'_, Host>,
    stream: Stream,
    address: i32,
    length: i32,
) -> Result<(), Stop> {
    let guest = caller.data().guest()?;
    let bytes = guest.slice(caller, address, length)?.to_vec();
    write(caller, stream, &bytes)
}

fn write(caller: &mut Caller<'_, Host>, stream: Stream, bytes: &[u8]) -> Result<(), Stop> {
    let Host { meter, output, .. } = caller.data_mut();
    meter.pause(|| output.write(stream, bytes))?;
    caller.data().look()
}

/// An operation that is asked for.
struct Asked<'a, 'b> {
    caller: &'a mut Caller<'b, Host>,
    guest: Guest,
    first: Option<Value>,
    second: Option<Value>,
}

impl Asked<'_, '_> {
    /// Prints the second operand to the stream that the first one names.
    fn write(&mut self) -> Result<Value, Stop> {
        let stream = match self.integer(self.first)? {
            2 => Stream::Stderr,
            _ => Stream::Stdout,
        };
        if let Some(bytes) = self.content(self.second)? {
            write(self.caller, stream, &bytes)?;
        }
        self.nothing()
    }

    fn argument(&mut self) -> Result<Value, Stop> {
        let at = self.index()?;
        match self.caller.data().arguments.get(at).cloned() {
            Some(argument) => self.text(&argument),
            None => self.nothing(),
        }
    }

    fn input(&mut self) -> Result<Value, Stop> {
        let input = self.caller.data().input.clone();
        self.bytes(&input)
    }

    fn read(&mut self) -> Result<Value, Stop> {
        let name = self.named()?;
        match self.caller.data().files.get(&name) {
            Some(bytes) => self.bytes(&bytes),
            None => self.nothing(),
        }
    }

    /// Keeps the second operand as a file; a text says why that is not possible.
    fn store(&mut self) -> Result<Value, Stop> {
        let name = self.named()?;
        let Some(value) = self.second else {
            return self.text("there is nothing to write");
        };
        let Some((address, length)) = self.guest.view(self.caller, value)? else {
            return self.text("only bytes are written");
        };
        // Nothing is copied that would not be kept.
        let size = length.cast_unsigned() as usize;
        if let Err(why) = self.caller.data().files.admits(&name, size) {
            return self.text(why);
        }
        let bytes = self.guest.slice(self.caller, address, length)?;
        let bytes = Bytes::copy_from_slice(bytes);
        self.caller.data_mut().files.put(name, bytes);
        self.nothing()
    }

    fn name(&mut self) -> Result<Value, Stop> {
        let at = self.index()?;
        match self.caller.data().files.name(at).map(str::to_owned) {
            Some(name) => self.text(&name),
            None => self.nothing(),
        }
    }

    fn remove(&mut self) -> Result<Value, Stop> {
        let name = self.named()?;
        let removed = self.caller.data_mut().files.remove(&name);
        self.guest.new_number(self.caller, f64::from(removed))
    }

    fn exit(&mut self) -> Result<Value, Stop> {
        // As systems keep it: eight bits.
        Err(Stop::Exit(self.integer(self.first)? & 0xff))
    }

    fn decode(&mut self) -> Result<Value, Stop> {
        let bytes = self.content(self.first)?.unwrap_or_default();
        self.text(&String::from_utf8_lossy(&bytes))
    }

    fn encode(&mut self) -> Result<Value, Stop> {
        let bytes = self.content(self.first)?.unwrap_or_default();
        self.bytes(&bytes)
    }

    fn nothing(&mut self) -> Result<Value, Stop> {
        self.guest.undefined(self.caller)
    }

    fn text(&mut self, text: &str) -> Result<Value, Stop> {
        self.guest.new_text(self.caller, text)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Value, Stop> {
        self.guest.new_bytes(self.caller, bytes)
    }

    /// The bytes of a text in UTF-8, or those of an array of bytes.
    fn content(&mut self, value: Option<Value>) -> Result<Option<Vec<u8>>, Stop> {
        let Some(value) = value else {
            return Ok(None);
        };
        if let Some(text) = self.guest.text(self.caller, value)? {
            return Ok(Some(text));
        }
        match self.guest.view(self.caller, value)? {
            Some((address, length)) => {
                let bytes = self.guest.slice(self.caller, address, length)?;
                Ok(Some(bytes.to_vec()))
            }
            None => Ok(None),
        }
    }

    /// The first operand as a text; what is none counts as an empty one.
    fn named(&mut self) -> Result<String, Stop> {
        let text = match self.first {
            Some(value) => self.guest.text(self.caller, value)?,
            None => None,
        };
        Ok(String::from_utf8_lossy(&text.unwrap_or_default()).into_owned())
    }

    /// The first operand as a place in a list.
    fn index(&mut self) -> Result<usize, Stop> {
        let at = self.integer(self.first)?;
        Ok(usize::try_from(at).unwrap_or(usize::MAX))
    }

    /// An operand as an integer, cut to what fits; what is no number counts as zero.
    fn integer(&mut self, value: Option<Value>) -> Result<i32, Stop> {
        match value {
            Some(value) => {
                let number = self.guest.number(self.caller, value)?;
                Ok(number.unwrap_or_default() as i32)
            }
            None => Ok(0),
        }
    }
}
