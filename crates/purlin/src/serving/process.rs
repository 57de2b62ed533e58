//! The process: its standard input and output, and the signals to end.

use std::{
    future::poll_fn,
    sync::{Mutex, PoisonError},
    task::Poll,
};

use purlin_core::{Result, Server, transport::stdio};
use purlin_telemetry::config::{
    Loader, NoSettings, TransportSetting, wants_explanation, wants_help,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Standard input and output, once `#[purlin::main]` has taken them.
static CLAIMED: Mutex<Option<stdio::Guard>> = Mutex::new(None);

/// Takes standard output away from everything that prints, before any code of
/// the user runs, unless the command line or the environment asks for HTTP, for
/// an explanation or for help.
pub(crate) fn claim_stdio() {
    let loaded = Loader::process().serving().load::<NoSettings>();
    let transport = loaded.ok().and_then(|loaded| loaded.server().transport);
    let wants_stdio = matches!(transport, None | Some(TransportSetting::Stdio));
    if !wants_stdio || wants_explanation() || wants_help() {
        return;
    }
    // Where it fails, serving over stdio reports it.
    if let Ok(guard) = stdio::Guard::install() {
        *CLAIMED.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    }
}

fn claimed() -> Option<stdio::Guard> {
    CLAIMED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

/// Gives standard output back: HTTP does not need it.
pub(super) fn release_stdio() -> Result<()> {
    claimed().map_or(Ok(()), stdio::Guard::release)
}

pub(super) async fn serve_stdio(server: Server) -> Result<()> {
    let guard = match claimed() {
        Some(guard) => guard,
        None => stdio::Guard::install()?,
    };
    let ending = server.clone();
    // Listened to before anything starts: a signal that comes early counts too.
    let mut signals = Signals::listen()?;
    // The task ends with the process.
    tokio::spawn(async move {
        signals.next().await;
        ending.shutdown();
        // Whoever asks twice does not want to wait.
        signals.next().await;
        std::process::exit(TERMINATED);
    });
    stdio::serve(server, guard).await
}

/// The exit code after a second signal: that of a process SIGTERM has ended.
const TERMINATED: i32 = 128 + 15;

/// The signals to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        poll_fn(|cx| {
            let terminate = self.terminate.poll_recv(cx);
            match (terminate, self.interrupt.poll_recv(cx)) {
                (Poll::Pending, Poll::Pending) => Poll::Pending,
                _ => Poll::Ready(()),
            }
        })
        .await;
    }
}
