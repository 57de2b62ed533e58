//! The signals that ask a process to end.

use std::io;

/// SIGTERM and SIGINT; nothing where they are not wanted.
#[derive(Debug)]
pub(crate) struct Signals(Option<Streams>);

#[cfg(unix)]
#[derive(Debug)]
struct Streams {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Streams;

impl Signals {
    /// Starts to listen; from now on the signals do not end the process.
    #[cfg(unix)]
    pub(crate) fn listen(enabled: bool) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        if !enabled {
            return Ok(Self(None));
        }
        Ok(Self(Some(Streams {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })))
    }

    #[cfg(not(unix))]
    pub(crate) fn listen(enabled: bool) -> io::Result<Self> {
        Ok(Self(enabled.then_some(Streams)))
    }

    /// Waits for the next signal, for ever if they are not wanted.
    pub(crate) async fn next(&mut self) {
        match &mut self.0 {
            Some(streams) => streams.next().await,
            None => std::future::pending().await,
        }
    }
}

impl Streams {
    #[cfg(unix)]
    async fn next(&mut self) {
        super::race::race(self.terminate.recv(), self.interrupt.recv()).await;
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
