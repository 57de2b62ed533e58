//! What the host holds of a run.

use std::thread;
use std::time::Duration;

use bytes::Bytes;

use super::files::Files;
use super::guest::{Guest, Value};
use super::memory::Memory;
use super::meter::Meter;
use super::output::Output;
use super::stop::Stop;

/// How long the host sleeps for a timer until it looks again whether somebody waits for the run.
const NAP: Duration = Duration::from_millis(10);

/// How many rejected promises are remembered until somebody handles them.
pub(super) const REJECTIONS: usize = 256;

/// What the host holds of a run: all that outlives its machine, and all that the machine can reach.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) meter: Meter,
    pub(super) memory: Memory,
    pub(super) output: Output,
    pub(super) files: Files,
    pub(super) arguments: Vec<String>,
    pub(super) input: Bytes,
    /// The machine, once it is made.
    pub(super) guest: Option<Guest>,
    pub(super) rejections: Vec<Rejection>,
    /// The state of the numbers that the machine takes for random.
    pub(super) random: u64,
}

/// A promise that was rejected while nobody listened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rejection {
    pub(super) identity: i32,
    pub(super) promise: Value,
    pub(super) reason: Value,
}

impl Host {
    /// What happens between two slices of work, and at each call of the host.
    pub(super) fn between(&mut self) -> Result<(), Stop> {
        self.look()?;
        self.flush()
    }

    /// Whether the run goes on.
    pub(super) fn look(&self) -> Result<(), Stop> {
        match self.output.is_wanted() {
            true => self.meter.check(),
            false => Err(Stop::Dropped),
        }
    }

    /// Hands out what is printed; waiting for that is no work of the machine.
    pub(super) fn flush(&mut self) -> Result<(), Stop> {
        let Self { meter, output, .. } = self;
        meter.pause(|| output.flush())
    }

    /// Stands still until a timer is due.
    pub(super) fn wait(&mut self, milliseconds: f64) -> Result<(), Stop> {
        self.between()?;
        let wait = Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(Duration::MAX);
        let mut rest = wait.min(self.meter.left());
        while !rest.is_zero() {
            let nap = rest.min(NAP);
            self.meter.pause(|| thread::sleep(nap));
            rest -= nap;
            self.look()?;
        }
        Ok(())
    }

    /// The machine of the run.
    pub(super) fn guest(&self) -> Result<Guest, Stop> {
        self.guest
            .ok_or_else(|| Stop::Fault("the engine called the host before it was ready".to_owned()))
    }

    /// The next of the numbers that the machine takes for random. They are of no use for secrets.
    pub(super) fn next_random(&mut self) -> u64 {
        // Marsaglia, Xorshift RNGs, 2003.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
