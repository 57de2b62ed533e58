//! The machine: QuickJS as WebAssembly, translated once for the whole program.

use std::sync::OnceLock;

use wasmi::{CompilationMode, Config, Engine, Linker, Module};

use super::host::Host;
use super::{dispatch, imports};

/// The engine, as it is published; what it is and where it is from is written in `QUICKJS.md`.
static QUICKJS: &[u8] = include_bytes!("quickjs.wasm");

/// How deep calls may nest, and how much their locals may take, in bytes. QuickJS stops before
/// that: see `STACK` of the script.
const CALLS: usize = 20_000;
const LOCALS: usize = 8 << 20;

/// What to do where the interpreter was built so that it takes the stack of its thread.
const HOW_TO_BUILD: &str = "`wasmi` is optimised with its assertions on, and takes the stack of \
    its thread: set `debug-assertions = false` and `overflow-checks = false` in \
    `[profile.dev.package.wasmi]`";

/// What instances are made of. It holds nothing of any run.
pub(super) struct Machine {
    pub(super) engine: Engine,
    pub(super) module: Module,
    pub(super) linker: Linker<Host>,
}

impl Machine {
    /// The machine of this program, translated when it is first asked for.
    ///
    /// # Errors
    /// What is wrong with how it was built.
    pub(super) fn get() -> Result<&'static Self, &'static str> {
        static MACHINE: OnceLock<Result<Machine, String>> = OnceLock::new();
        let machine = MACHINE.get_or_init(|| Self::new().map_err(|error| error.to_string()));
        machine.as_ref().map_err(String::as_str)
    }

    fn new() -> Result<Self, wasmi::Error> {
        let mut config = Config::default();
        config
            .consume_fuel(true)
            .compilation_mode(CompilationMode::Eager)
            .set_max_recursion_depth(CALLS)
            .set_max_stack_height(LOCALS);
        let engine = Engine::new(&config);
        if !dispatch::keeps_its_stack(&engine)? {
            return Err(wasmi::Error::new(HOW_TO_BUILD));
        }
        let module = Module::new(&engine, QUICKJS)?;
        let linker = imports::link(&engine)?;
        Ok(Self {
            engine,
            module,
            linker,
        })
    }
}
