//! JavaScript in WebAssembly: for systems without a sandbox of their own, and for whoever wants it.
//!
//! A run is a machine of WebAssembly with QuickJS in it, made for that run and gone after it. The
//! machine has a memory of its own and twelve functions of ours to call (`imports`); there is no
//! file, no network, no process, no other way out of it that a script could look for. What it gets
//! and gives are values: a source, arguments, input, files by name, two streams of text.
//!
//! | what | where |
//! |---|---|
//! | the engine, translated once for the program | `machine`, `dispatch` |
//! | a run: prelude, source, jobs, timers, how it ended | `script` |
//! | calls into the machine, in slices, and values | `guest` |
//! | calls out of the machine | `imports`, `operations` |
//! | what the host holds for it, bounded | `host`, `memory`, `meter`, `output`, `files` |
//!
//! Time is looked at between slices of work and whenever the script calls the host, which is also
//! when a run that nobody waits for any more stops. Nothing that the machine says is believed:
//! addresses, lengths and kinds of values are checked by each access.

mod backend;
mod dispatch;
mod files;
mod guest;
mod host;
mod imports;
mod language;
mod machine;
mod memory;
mod meter;
mod operations;
mod output;
mod script;
mod stop;

pub(super) use backend::prepare;

use std::collections::BTreeMap;

use super::Language;
use super::language::Kind;

type Languages = BTreeMap<String, Language>;

/// The languages that run in machines, and the others.
pub(super) fn split(languages: Languages) -> (Languages, Languages) {
    let languages = languages.into_iter();
    languages.partition(|(_, language)| language.kind == Kind::WebAssembly)
}
