//! Reading and serving, on one thread at a time.
//!
//! The thread that reads also serves, so that an ordinary call costs one read
//! and one write. A tool that blocks its thread would hold up everything behind
//! it; a watch sees that and lets another thread take the lead. The thread that
//! was overtaken delivers its answer when it has one, and ends.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, ErrorKind as IoErrorKind, Read},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use rustix::event::PollFlags;
use tokio::{runtime::Handle, sync::Notify};

use super::{
    lines::{Line, Lines},
    output::Output,
    spawn, wait_for,
};
use crate::{
    Result,
    transport::{Driver, InFlightGuard, MAX_MESSAGE, Sink},
    wire::Refusal,
};

/// How much is read at once, in bytes.
const READ: usize = 64 * 1024;
/// How many bytes of answers are written before more is served.
const FLUSH: usize = 256 * 1024;
/// How long one message may hold its thread before another takes the lead.
const PATIENCE: Duration = Duration::from_millis(100);
/// How many threads may be held at a time.
const MAX_HELD: usize = 64;

/// What the reading threads share.
pub(super) struct Reader {
    input: File,
    stdout: File,
    driver: Arc<Driver<Output>>,
    output: Arc<Output>,
    runtime: Handle,
    state: Mutex<State>,
    /// Odd while a message is served; it changes with every message.
    pulse: AtomicU64,
    watch_sleeps: AtomicBool,
    watch: Mutex<Option<Thread>>,
    ended: Notify,
}

#[derive(Default)]
struct State {
    lines: Lines,
    waiting: VecDeque<Line>,
    /// Answers that have not been written yet.
    answers: Vec<u8>,
    /// Which thread leads.
    leader: u64,
    /// The threads that were overtaken and have not come back.
    held: Vec<(u64, InFlightGuard)>,
    at_end: bool,
}

impl State {
    /// Whether nothing will be served any more.
    fn is_done(&self) -> bool {
        self.at_end && self.waiting.is_empty()
    }
}

impl Reader {
    /// Starts reading.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub(super) fn start(
        input: File,
        stdout: File,
        driver: Arc<Driver<Output>>,
        output: Arc<Output>,
    ) -> Result<Arc<Self>> {
        let this = Arc::new(Self {
            input,
            stdout,
            driver,
            output,
            runtime: Handle::current(),
            state: Mutex::default(),
            pulse: AtomicU64::new(0),
            watch_sleeps: AtomicBool::new(true),
            watch: Mutex::new(None),
            ended: Notify::new(),
        });
        let watching = Arc::clone(&this);
        let watch = spawn("purlin-watch", move || watching.watch())?;
        *this.watch.lock().unwrap_or_else(PoisonError::into_inner) = Some(watch.thread().clone());
        this.spawn_leader(0)?;
        Ok(this)
    }

    fn spawn_leader(self: &Arc<Self>, number: u64) -> Result<()> {
        let this = Arc::clone(self);
        spawn("purlin-stdin", move || {
            let _runtime = this.runtime.enter();
            this.lead(number);
        })?;
        Ok(())
    }

    /// Waits for the end of input.
    pub(super) async fn ended(&self) {
        self.ended.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads and serves until the input ends or another thread leads.
    fn lead(&self, number: u64) {
        let mut buffer = vec![0; READ];
        let mut answers = Vec::new();
        loop {
            let mut state = self.lock();
            if state.leader != number {
                self.come_back(state, number, &answers);
                return;
            }
            state.answers.append(&mut answers);
            let flush = state.answers.len() >= FLUSH;
            if !flush && let Some(line) = state.waiting.pop_front() {
                drop(state);
                self.serve(line, &mut answers);
                continue;
            }
            let mut ready = std::mem::take(&mut state.answers);
            let at_end = state.is_done();
            drop(state);
            self.output.write_now(&mut ready, &self.stdout);
            if flush {
                self.output.wait_for_room();
                continue;
            }
            answers = ready;
            if at_end {
                self.wake_watch();
                self.ended.notify_one();
                return;
            }
            self.driver.wait_for_place();
            self.output.wait_for_room();
            self.read(&mut buffer);
        }
    }

    /// The end of a thread that was overtaken: its answers go out like those of
    /// any task.
    fn come_back(&self, mut state: MutexGuard<'_, State>, number: u64, answers: &[u8]) {
        for message in answers
            .split(|byte| *byte == b'\n')
            .filter(|message| !message.is_empty())
        {
            self.output.send(message.to_vec());
        }
        state.held.retain(|(held, _)| *held != number);
    }

    fn read(&self, buffer: &mut [u8]) {
        let size = read(&self.input, buffer).unwrap_or_else(|error| {
            tracing::warn!(%error, "standard input failed");
            0
        });
        let mut state = self.lock();
        let State {
            lines,
            waiting,
            at_end,
            ..
        } = &mut *state;
        let mut keep = |line| waiting.push_back(line);
        match buffer.get(..size) {
            Some(bytes) if size > 0 => lines.feed(bytes, &mut keep),
            _ => {
                lines.finish(&mut keep);
                *at_end = true;
            }
        }
    }

    fn serve(&self, line: Line, answers: &mut Vec<u8>) {
        let beat = self.pulse.fetch_add(1, Ordering::SeqCst) + 1;
        if self.watch_sleeps.load(Ordering::SeqCst) {
            self.wake_watch();
        }
        let mut say = |message: Vec<u8>| {
            answers.extend_from_slice(&message);
            answers.push(b'\n');
        };
        match line {
            Line::Text(text) => self.driver.handle(text, &mut say),
            Line::TooLong => say(Refusal::too_large(MAX_MESSAGE).reply().body),
        }
        // Whoever was overtaken meanwhile has no pulse any more.
        let _ = self
            .pulse
            .compare_exchange(beat, beat + 1, Ordering::SeqCst, Ordering::SeqCst);
    }

    fn wake_watch(&self) {
        self.watch_sleeps.store(false, Ordering::SeqCst);
        if let Some(watch) = &*self.watch.lock().unwrap_or_else(PoisonError::into_inner) {
            watch.unpark();
        }
    }

    /// The watch: sleeps while nothing is served, else looks now and then
    /// whether the leader is held.
    fn watch(self: Arc<Self>) {
        loop {
            let seen = self.pulse.load(Ordering::SeqCst);
            thread::park_timeout(PATIENCE);
            let now = self.pulse.load(Ordering::SeqCst);
            if now & 1 == 0 && self.lock().is_done() {
                return;
            }
            if now != seen {
                continue;
            }
            if now % 2 == 1 {
                self.overtake(now);
            } else {
                self.sleep_until_served(now);
            }
        }
    }

    fn sleep_until_served(&self, seen: u64) {
        self.watch_sleeps.store(true, Ordering::SeqCst);
        // A message that began meanwhile has not seen the flag.
        while self.pulse.load(Ordering::SeqCst) == seen && self.watch_sleeps.load(Ordering::SeqCst)
        {
            thread::park();
        }
        self.watch_sleeps.store(false, Ordering::SeqCst);
    }

    fn overtake(self: &Arc<Self>, seen: u64) {
        let mut state = self.lock();
        if state.held.len() >= MAX_HELD {
            return;
        }
        let held = (state.leader, self.driver.guard());
        state.held.push(held);
        state.leader += 1;
        let number = state.leader;
        drop(state);
        // From here on an even pulse means again that nothing is served.
        let _ = self
            .pulse
            .compare_exchange(seen, seen + 1, Ordering::SeqCst, Ordering::SeqCst);
        tracing::warn!("a handler blocks its thread; mark it `blocking`");
        if let Err(error) = self.spawn_leader(number) {
            tracing::error!(%error, "no thread to go on reading with");
        }
    }
}

fn read(mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == IoErrorKind::WouldBlock => wait_for(file, PollFlags::IN)?,
            Err(error) if error.kind() == IoErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
