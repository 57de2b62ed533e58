//! Why a machine stands still before its script is through.

use std::fmt;

use wasmi::TrapCode;
use wasmi::errors::HostError;

/// Why a machine stands still before its script is through. It travels through the machine as an
/// error of the host, which no script can catch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The script asked for it.
    Exit(i32),
    /// Its time is over.
    Timeout,
    /// It used up the time of its engine.
    Cpu,
    /// The host could put nothing more into its memory.
    Memory,
    /// Nobody waits for it any more.
    Dropped,
    /// The engine gave up, as it does when its stack is used up.
    Fault(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "the script ended itself with {code}"),
            Self::Timeout => f.write_str("the time is over"),
            Self::Cpu => f.write_str("the time of the engine is used up"),
            Self::Memory => f.write_str("the memory is used up"),
            Self::Dropped => f.write_str("nobody waits for it"),
            Self::Fault(why) => f.write_str(why),
        }
    }
}

impl HostError for Stop {}

impl From<wasmi::Error> for Stop {
    fn from(error: wasmi::Error) -> Self {
        if let Some(stop) = error.downcast_ref::<Self>() {
            return stop.clone();
        }
        match error.as_trap_code() {
            Some(TrapCode::GrowthOperationLimited | TrapCode::OutOfSystemMemory) => Self::Memory,
            _ => Self::Fault(error.to_string()),
        }
    }
}
