//! What a server opens when it starts and closes when it ends.

use std::{any::type_name, fmt, sync::Arc};

use tokio::sync::Mutex;

use super::{Server, lock};
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
            running.users += 1;
            if running.users > 1 {
                return Ok(());
            }
            let entries = lock(&self.0.lifespan.entries).clone();
            for entry in entries {
                if let Err(error) = (entry.open)(Arc::clone(&self.0.values)).await {
                    running.users = 0;
                    close_all(&mut running, &self.0.values).await;
                    return Err(failed(entry.name, error));
                }
                running.opened.push(entry);
            }
            let children: Vec<_> = lock(&self.0.source)
                .mounts
                .iter()
                .map(|mounted| mounted.server.clone())
                .collect();
            for (index, child) in children.iter().enumerate() {
                if let Err(error) = child.open_all().await {
                    for child in children.iter().take(index).rev() {
                        child.stop().await;
                    }
                    running.users = 0;
                    close_all(&mut running, &self.0.values).await;
                    return Err(error);
                }
            }
            Ok(())
        })
    }

    /// Ends one use of the server; the last one closes the lifespans, those of
    /// mounted servers first.
    pub fn stop(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut running = self.0.lifespan.running.lock().await;
            running.users = running.users.saturating_sub(1);
            if running.users > 0 {
                return;
            }
            let children: Vec<_> = lock(&self.0.source)
                .mounts
                .iter()
                .map(|mounted| mounted.server.clone())
                .collect();
            for child in children.iter().rev() {
                child.stop().await;
            }
            close_all(&mut running, &self.0.values).await;
        })
    }
}

async fn close_all(running: &mut Running, values: &Arc<Extensions>) {
    while let Some(entry) = running.opened.pop() {
        (entry.close)(Arc::clone(values)).await;
    }
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
