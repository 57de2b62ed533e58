//! Standard input and output.
//!
//! One thread reads and serves: many lines per read, their answers in one
//! write. What has to wait moves to a task; what tasks say is written by a
//! second thread, so that a client that does not read holds up nobody but
//! itself. A tool that blocks the reading thread is left alone with it: another
//! thread goes on reading.
//!
//! Standard output carries messages only. [`Guard`] takes it away from the
//! rest of the process: descriptor 1 leads to standard error from then on, and
//! descriptor 0 to nothing.

mod hang_up;
mod lines;
mod output;
mod reader;

use std::{
    fs::File,
    future::poll_fn,
    io,
    os::fd::{AsFd, OwnedFd},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    thread,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::Driver;
use crate::{Origin, Result, Server, TransportKind};
use hang_up::HangUp;
use output::Output;
use reader::Reader;

/// How long requests in flight may go on after the end of input.
const GRACE: Duration = Duration::from_secs(4);
/// How long a client may take to read what is left.
const FLUSH: Duration = Duration::from_millis(900);

/// Standard input and output, taken away from the rest of the process.
#[derive(Debug)]
pub struct Guard {
    input: File,
    output: File,
}

impl Guard {
    /// Takes standard input and output. From here on, what the process prints
    /// goes to standard error, and what it reads is empty.
    ///
    /// `#[purlin::main]` does this before any other code runs.
    ///
    /// # Errors
    /// When the descriptors cannot be duplicated.
    pub fn install() -> Result<Self> {
        let input = duplicate(&io::stdin())?;
        let output = duplicate(&io::stdout())?;
        rustix::stdio::dup2_stdout(io::stderr()).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?).map_err(io::Error::from)?;
        Ok(Self {
            input: input.into(),
            output: output.into(),
        })
    }

    /// Gives standard input and output back to the process.
    ///
    /// # Errors
    /// When the descriptors cannot be put back.
    pub fn release(self) -> Result<()> {
        rustix::stdio::dup2_stdout(&self.output).map_err(io::Error::from)?;
        rustix::stdio::dup2_stdin(&self.input).map_err(io::Error::from)?;
        Ok(())
    }

    /// Serves over given descriptors, for sockets and pipes of one's own.
    pub fn over(input: OwnedFd, output: OwnedFd) -> Self {
        Self {
            input: input.into(),
            output: output.into(),
        }
    }
}

fn duplicate(fd: &impl AsFd) -> Result<OwnedFd> {
    Ok(fd.as_fd().try_clone_to_owned()?)
}

/// Serves one client over standard input and output, until the input ends or
/// the server is shut down.
///
/// At the end of input, requests in flight get a few seconds to be answered.
///
/// # Errors
/// When the server cannot be started, or the descriptors cannot be had.
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn serve(server: Server, guard: Guard) -> Result<()> {
    server.start().await?;
    let output = Arc::new(Output::default());
    let writing = Arc::clone(&output);
    let file = guard.output.try_clone()?;
    spawn("purlin-stdout", move || writing.write_all_to(&file))?;
    let driver = Arc::new(Driver::new(
        server.clone(),
        Origin::new(TransportKind::Stdio),
        Arc::clone(&output),
        Handle::current(),
    ));
    let hang_up = HangUp::watch(&guard.input, Arc::clone(&driver))?;
    let reader = Reader::start(
        guard.input,
        guard.output,
        Arc::clone(&driver),
        Arc::clone(&output),
    )?;
    let given_up = async {
        hang_up.noticed().await;
        // The reader may be held by a client that does not read, or by a handler.
        sleep(GRACE).await;
    };
    first([
        pin!(reader.ended()) as Pin<&mut (dyn Future<Output = ()> + Send)>,
        pin!(server.draining()),
        pin!(given_up),
    ])
    .await;
    server.shutdown();
    let (last, left) = (Arc::clone(&driver), hang_up.left_of(GRACE));
    // It only waits; were it to panic, the end would be the same.
    let _ = tokio::task::spawn_blocking(move || last.drain(left)).await;
    driver.close();
    output.close();
    // A client that does not read must not keep the process alive.
    let _ = timeout(FLUSH, output.ended()).await;
    server.stop().await;
    Ok(())
}

/// Waits for whichever ends first.
async fn first<const N: usize>(mut ways: [Pin<&mut (dyn Future<Output = ()> + Send)>; N]) {
    poll_fn(|cx| {
        let ended = ways.iter_mut().any(|way| way.as_mut().poll(cx).is_ready());
        if ended {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>> {
    Ok(thread::Builder::new().name(name.to_owned()).spawn(work)?)
}

/// Waits until a descriptor that does not block is ready.
fn wait_for(file: &File, flags: PollFlags) -> io::Result<()> {
    match poll(&mut [PollFd::new(file, flags)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
