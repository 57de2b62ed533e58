//! What a server opens when it starts and closes when it ends.

use std::{
    any::type_name,
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Poll,
};

use tokio::sync::Mutex;

use super::{Server, guarded::panicked, lock};
use crate::{BoxFuture, Error, ErrorKind, Extensions, IntoToolError, Result};

/// Something opened once when a server starts, and closed once when it ends.
///
/// What [`open`](Self::open) returns is found by its type: as a parameter
/// `Resource<Self::Value>`, or with [`Context::resource`](crate::Context::resource).
/// For simple cases [`Server::lifespan`] takes two closures.
pub trait Lifespan: Send + Sync + 'static {
    /// What is opened.
    type Value: Send + Sync + 'static;

    /// Opens it, when the server starts.
    ///
    /// # Errors
    /// Then the server does not start, and what was opened before is closed.
    fn open(&self) -> impl Future<Output = Result<Self::Value>> + Send;

    /// Closes it, on every way out.
    fn close(&self, value: Arc<Self::Value>) -> impl Future<Output = ()> + Send {
        let _ = value;
        async {}
    }
}

type Open = Box<dyn Fn(Arc<Extensions>) -> BoxFuture<'static, Result<()>> + Send + Sync>;
type Close = Box<dyn Fn(Arc<Extensions>) -> BoxFuture<'static, ()> + Send + Sync>;

struct Entry {
    name: &'static str,
    open: Open,
    close: Close,
}

/// The lifespans of one server, in order.
#[derive(Default)]
pub(crate) struct Lifespans {
    entries: std::sync::Mutex<Vec<Arc<Entry>>>,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    /// How many transports have started the server.
    users: usize,
    opened: Vec<Arc<Entry>>,
    /// The mounted servers that were started with this one: mounts may come and
    /// go meanwhile.
    children: Vec<Server>,
}

impl fmt::Debug for Lifespans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = lock(&self.entries).iter().map(|entry| entry.name).collect();
        f.debug_tuple("Lifespans").field(&names).finish()
    }
}

impl Server {
    /// Opens a value when the server starts and closes it when it ends. Values
    /// are opened in the order they are given and closed in reverse.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use purlin_core::{Error, Server};
    ///
    /// struct Pool;
    /// impl Pool {
    ///     async fn connect() -> Result<Pool, Error> { Ok(Pool) }
    ///     async fn close(&self) {}
    /// }
    ///
    /// let server = Server::builder("shop", "1.0.0")
    ///     .lifespan(Pool::connect, |pool: Arc<Pool>| async move { pool.close().await });
    /// # let _ = server;
    /// ```
    #[must_use]
    pub fn lifespan<T, E, O, OF, C, CF>(self, open: O, close: C) -> Self
    where
        T: Send + Sync + 'static,
        E: IntoToolError,
        O: Fn() -> OF + Send + Sync + 'static,
        OF: Future<Output = Result<T, E>> + Send + 'static,
        C: Fn(Arc<T>) -> CF + Send + Sync + 'static,
        CF: Future<Output = ()> + Send + 'static,
    {
        let entry = Entry {
            name: type_name::<T>(),
            open: Box::new(move |values| {
                let opening = open();
                Box::pin(async move {
                    values.insert(opening.await.map_err(IntoToolError::into_tool_error)?);
                    Ok(())
                })
            }),
            close: Box::new(move |values| match values.remove::<T>() {
                Some(value) => Box::pin(close(value)),
                None => Box::pin(async {}),
            }),
        };
        lock(&self.0.lifespan.entries).push(Arc::new(entry));
        self
    }

    /// Opens a value when the server starts and closes it when it ends.
    #[must_use]
    pub fn with_lifespan<L: Lifespan>(self, lifespan: L) -> Self {
        let lifespan = Arc::new(lifespan);
        let closing = Arc::clone(&lifespan);
        self.lifespan::<L::Value, Error, _, _, _, _>(
            move || {
                let lifespan = Arc::clone(&lifespan);
                async move { lifespan.open().await }
            },
            move |value| {
                let lifespan = Arc::clone(&closing);
                async move { lifespan.close(value).await }
            },
        )
    }

    /// Starts the server: checks the names, opens the lifespans, its own first
    /// and then those of mounted servers. Transports call it before they serve;
    /// each start has to be met by a [`stop`](Self::stop).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when two components have one name, or the
    /// error of a lifespan. What was opened has been closed again then.
    pub async fn start(&self) -> Result<()> {
        let collisions = self.catalogue().collisions.clone();
        if !collisions.is_empty() {
            let problem = format!(
                "{} given twice on the server `{}`: rename one, or mount one under a prefix",
                collisions.join(", "),
                self.name()
            );
            return Err(Error::new(ErrorKind::Configuration, problem));
        }
        self.open_all().await
    }

    fn open_all(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut running = self.0.lifespan.running.lock().await;
            if running.users == 0 {
                // A start that was given up half-way has left what it had opened.
                self.close_all(&mut running).await;
                if let Err(error) = self.open_each(&mut running).await {
                    self.close_all(&mut running).await;
                    return Err(error);
                }
            }
            // Counted last, so that a start that is dropped before counts for nothing.
            running.users += 1;
            Ok(())
        })
    }

    async fn open_each(&self, running: &mut Running) -> Result<()> {
        let entries = lock(&self.0.lifespan.entries).clone();
        for entry in entries {
            let opening = caught(|| (entry.open)(Arc::clone(&self.0.values)));
            let opened = opening.await.and_then(|opened| opened);
            opened.map_err(|error| failed(entry.name, error))?;
            running.opened.push(entry);
        }
        for mounted in self.children() {
            mounted.server.open_all().await?;
            running.children.push(mounted.server);
        }
        Ok(())
    }

    /// Ends one use of the server; the last one closes the lifespans, those of
    /// mounted servers first.
    pub fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut running = self.0.lifespan.running.lock().await;
            running.users = running.users.saturating_sub(1);
            if running.users == 0 {
                self.close_all(&mut running).await;
            }
        })
    }

    async fn close_all(&self, running: &mut Running) {
        while let Some(child) = running.children.pop() {
            child.stop().await;
        }
        while let Some(entry) = running.opened.pop() {
            let closing = caught(|| (entry.close)(Arc::clone(&self.0.values)));
            if closing.await.is_err() {
                tracing::error!(value = entry.name, "closing a lifespan value panicked");
            }
        }
    }
}

/// Runs code of the user: a panic is an error, so that what stands beside it is
/// closed all the same.
async fn caught<T>(start: impl FnOnce() -> BoxFuture<'static, T>) -> Result<T> {
    let mut future = catch_unwind(AssertUnwindSafe(start)).map_err(|panic| panicked(&*panic))?;
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))).map_or_else(
            |panic| Poll::Ready(Err(panicked(&*panic))),
            |poll| poll.map(Ok),
        )
    })
    .await
}

fn failed(name: &'static str, error: Error) -> Error {
    Error::new(
        ErrorKind::Configuration,
        format!(
            "the lifespan value `{name}` could not be opened: {}",
            error.public_text(false)
        ),
    )
    .with_source(error)
}
