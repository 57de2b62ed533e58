//! A run on its way, and what it prints.

use std::fmt;
use std::future::poll_fn;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::backend::{End, How, Session};
use super::capture::Capture;
use super::queue::Slot;
use super::{CodeError, Limits, Outcome, Tier, Usage, audit};
use crate::BoxFuture;
use crate::events::InFlight;

/// A run on its way, which [`CodeExecutor::stream`](super::CodeExecutor::stream) makes.
///
/// It goes on as long as somebody asks for what it prints: code that prints more than fits into a
/// pipe waits meanwhile, and its time runs. Dropping it ends the run.
///
/// ```no_run
/// # async fn example(executor: purlin_guard::CodeExecutor) -> Result<(), purlin_guard::code::CodeError> {
/// use purlin_guard::code::{Piece, Run};
///
/// let code = "import time\nfor i in range(3): print(i); time.sleep(1)";
/// let mut running = executor.stream(Run::new("python", code));
/// while let Some(piece) = running.next().await {
///     match piece {
///         Piece::Stdout(bytes) => println!("{}", String::from_utf8_lossy(&bytes)),
///         Piece::Stderr(bytes) => eprintln!("{}", String::from_utf8_lossy(&bytes)),
///         _ => {}
///     }
/// }
/// let outcome = running.outcome().await?;
/// # Ok(()) }
/// ```
pub struct Running {
    state: State,
    /// Until somebody was told of the end.
    in_flight: Option<InFlight>,
}

/// A piece of what was printed. Pieces end anywhere, also inside of a character.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// To standard output.
    Stdout(Bytes),
    /// To standard error.
    Stderr(Bytes),
}

enum State {
    Starting(BoxFuture<'static, Result<Started, CodeError>>),
    Going(Box<Started>),
    Ended(Result<Outcome, CodeError>),
    /// Between two of the others, and after the last.
    Gone,
}

impl Running {
    pub(super) fn new(
        start: BoxFuture<'static, Result<Started, CodeError>>,
        in_flight: InFlight,
    ) -> Self {
        Self {
            state: State::Starting(start),
            in_flight: Some(in_flight),
        }
    }

    /// What is printed next, as far as it is kept; nothing, once the run has ended.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing; dropping what is running ends the run.
    pub async fn next(&mut self) -> Option<Piece> {
        loop {
            match &mut self.state {
                State::Starting(start) => {
                    let started = poll_fn(|context| start.as_mut().poll(context)).await;
                    match started {
                        Ok(started) => self.state = State::Going(Box::new(started)),
                        Err(error) => self.end(Err(error)),
                    }
                }
                State::Going(started) => match started.next().await {
                    Step::Printed(piece) => return Some(piece),
                    Step::Ended => self.finish(),
                },
                State::Ended(_) | State::Gone => return None,
            }
        }
    }

    /// Waits for the end, and returns what came of it all, what was handed out before included.
    ///
    /// # Errors
    /// See [`CodeError`].
    ///
    /// # Cancellation
    /// Dropping the future ends the run.
    pub async fn outcome(mut self) -> Result<Outcome, CodeError> {
        while self.next().await.is_some() {}
        match self.state {
            State::Ended(result) => result,
            // `next` returns nothing only after the end.
            _ => Err(CodeError::Busy),
        }
    }

    fn finish(&mut self) {
        if let State::Going(started) = std::mem::replace(&mut self.state, State::Gone) {
            self.end(started.finish());
        }
    }

    fn end(&mut self, result: Result<Outcome, CodeError>) {
        if let Some(mut in_flight) = self.in_flight.take() {
            let outcome = match &result {
                Ok(outcome) => Some(outcome),
                Err(error) => error.outcome(),
            };
            if let Some(outcome) = outcome {
                audit::record_usage(&mut in_flight, outcome);
            }
            in_flight.end(audit::classify(&result));
        }
        self.state = State::Ended(result);
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Starting(_) => "starting",
            State::Going(_) => "going",
            State::Ended(_) | State::Gone => "ended",
        };
        f.debug_tuple("Running").field(&state).finish()
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout(bytes) => write!(f, "Stdout({} bytes)", bytes.len()),
            Self::Stderr(bytes) => write!(f, "Stderr({} bytes)", bytes.len()),
        }
    }
}

/// A run that has started, with what is kept of its output.
pub(super) struct Started {
    // First, so that the run is over before another one has its slot.
    session: Box<dyn Session>,
    stdout: Capture,
    stderr: Capture,
    most: u64,
    flooded: bool,
    tier: Tier,
    from: Instant,
    _slots: (Slot, Option<Slot>),
}

enum Step {
    Printed(Piece),
    Ended,
}

impl Started {
    pub(super) fn new(
        session: Box<dyn Session>,
        limits: &Limits,
        tier: Tier,
        from: Instant,
        slots: (Slot, Option<Slot>),
    ) -> Self {
        Self {
            session,
            stdout: Capture::new(limits.output),
            stderr: Capture::new(limits.output),
            most: limits.printed,
            flooded: false,
            tier,
            from,
            _slots: slots,
        }
    }

    async fn next(&mut self) -> Step {
        while let Some(piece) = self.session.next().await {
            let (capture, bytes, piece): (_, _, fn(Bytes) -> Piece) = match piece {
                Piece::Stdout(bytes) => (&mut self.stdout, bytes, Piece::Stdout),
                Piece::Stderr(bytes) => (&mut self.stderr, bytes, Piece::Stderr),
            };
            let kept = capture.take(bytes);
            if capture.printed() > self.most {
                self.flooded = true;
                return Step::Ended;
            }
            if !kept.is_empty() {
                return Step::Printed(piece(kept));
            }
        }
        Step::Ended
    }

    fn finish(mut self) -> Result<Outcome, CodeError> {
        let wall = self.from.elapsed();
        let end = match self.flooded {
            true => None,
            false => Some(self.session.end()?),
        };
        let how = end.as_ref().map(|end| end.how);
        let outcome = self.outcome(end, wall);
        match how {
            Some(How::Exited(0)) => Ok(outcome),
            Some(How::Exited(code)) => Err(CodeError::Exit {
                code,
                outcome: Box::new(outcome),
            }),
            Some(How::Killed(signal)) => Err(CodeError::Killed {
                signal,
                outcome: Box::new(outcome),
            }),
            Some(How::Timeout) => Err(CodeError::Timeout(Box::new(outcome))),
            Some(How::Cpu) => Err(CodeError::CpuLimit(Box::new(outcome))),
            Some(How::Memory) => Err(CodeError::MemoryLimit(Box::new(outcome))),
            Some(How::Disk) | None => Err(CodeError::OutputLimit(Box::new(outcome))),
        }
    }

    fn outcome(self, end: Option<End>, wall: Duration) -> Outcome {
        let (mut usage, files, files_left_out) = match end {
            Some(end) => (end.usage, end.files, end.files_left_out),
            None => (Usage::default(), Vec::new(), 0),
        };
        usage.wall = wall;
        Outcome {
            stdout: self.stdout.finish(),
            stderr: self.stderr.finish(),
            files,
            files_left_out,
            tier: self.tier,
            usage,
        }
    }
}
