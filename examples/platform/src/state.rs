//! Where sessions and request states are when the process does not keep them itself.

use std::{path::Path, sync::Arc};

use purlin::{
    Error, ErrorKind, Result, Server,
    config::Secret,
    store::{KeyValue, StoreHealth},
    stores::Counted,
};

use crate::Settings;

/// A place that outlives the process: asked by `/ready`, counted for `/metrics`.
#[derive(Debug)]
pub(crate) struct StateStore {
    name: &'static str,
    /// Whether other replicas use it too.
    is_shared: bool,
    store: Arc<Counted<Arc<dyn KeyValue>>>,
}

impl StateStore {
    /// The place that the settings name, if they do.
    ///
    /// # Errors
    /// When it is of no use: a URL that is none, a directory that another process has.
    pub(crate) async fn open(settings: &Settings) -> Result<Option<Self>> {
        match (&settings.redis_url, &settings.state_directory) {
            (Some(url), _) => Ok(Some(Self::of("redis", true, redis(url)?))),
            (None, Some(at)) => Ok(Some(Self::of("disk", false, disk(at).await?))),
            (None, None) => Ok(None),
        }
    }

    fn of(name: &'static str, is_shared: bool, store: Arc<dyn KeyValue>) -> Self {
        Self {
            name,
            is_shared,
            store: Arc::new(Counted::new(store, name)),
        }
    }

    /// The server that keeps its state here. It is not ready while the place is away.
    pub(crate) fn behind(&self, server: Server) -> Server {
        let store = &self.store;
        server
            .with_store(store.clone())
            .measured(store.clone())
            .health_check(StoreHealth::new(self.name, Arc::clone(store)))
    }

    /// The place, if all replicas look there.
    pub(crate) fn shared(&self) -> Option<Arc<dyn KeyValue>> {
        let store: Arc<dyn KeyValue> = self.store.clone();
        self.is_shared.then_some(store)
    }
}

#[cfg(feature = "redis")]
fn redis(url: &Secret) -> Result<Arc<dyn KeyValue>> {
    let redis = purlin::stores::Redis::builder(url.reveal()).namespace("platform");
    Ok(Arc::new(redis.build()?))
}

#[cfg(not(feature = "redis"))]
fn redis(_: &Secret) -> Result<Arc<dyn KeyValue>> {
    Err(unbuilt("redis"))
}

#[cfg(feature = "disk")]
async fn disk(directory: &Path) -> Result<Arc<dyn KeyValue>> {
    let opened = purlin::stores::Disk::open(directory).await;
    let disk = opened.map_err(|error| {
        let problem = format!("`state_directory` cannot be used: {error}");
        Error::new(ErrorKind::Configuration, problem)
    })?;
    Ok(Arc::new(disk))
}

#[cfg(not(feature = "disk"))]
async fn disk(_: &Path) -> Result<Arc<dyn KeyValue>> {
    Err(unbuilt("disk"))
}

/// Settings refuse it before.
#[cfg(not(all(feature = "disk", feature = "redis")))]
fn unbuilt(feature: &str) -> Error {
    let problem = format!("this build has no such store: build it with `--features {feature}`");
    Error::new(ErrorKind::Configuration, problem)
}
