//! What the platform can be set to; see `config/`.

use std::{path::PathBuf, result, sync::Arc, time::Duration};

use purlin::{
    Rate, Result,
    config::{Config, Invalid, Secret},
    store::KeyValue,
};

use crate::inventory::Inventory;

/// The settings of the platform. None has to be given.
#[derive(Debug, Clone, Config)]
#[config(validate = Settings::check)]
#[non_exhaustive]
pub struct Settings {
    /// The file that keeps the stock between runs.
    #[config(env = "INVENTORY_FILE")]
    pub inventory_file: Option<PathBuf>,
    /// The PostgreSQL database that keeps the stock for all replicas.
    #[config(env = "DATABASE_URL")]
    pub database_url: Option<Secret>,
    /// How many connections to the database there may be.
    #[config(default = 20, range = 1..=500, env = "POOL_SIZE")]
    pub pool_size: u32,
    /// The Redis that keeps sessions and request states for all replicas; this
    /// process keeps them itself where it is left out.
    #[config(env = "REDIS_URL")]
    pub redis_url: Option<Secret>,
    /// How many requests each caller may make, such as `100/minute`; 50 a second
    /// in production, and as many as it likes elsewhere, where it is left out.
    #[config(env = "RATE_LIMIT")]
    pub rate_limit: Option<Rate>,
    /// Keeps answers about the weather.
    #[config(default = false, env = "ENABLE_CACHING")]
    pub enable_caching: bool,
    /// For how long they are kept.
    #[config(default = "5m", env = "CACHE_TTL")]
    pub cache_ttl: Duration,
}

impl Settings {
    pub(crate) fn inventory(&self) -> Inventory {
        match (&self.database_url, &self.inventory_file) {
            (Some(url), _) => Inventory::in_database(url.clone(), self.pool_size),
            (None, Some(file)) => Inventory::in_file(file),
            (None, None) => Inventory::default(),
        }
    }

    /// Where sessions and request states are, if not in this process.
    ///
    /// # Errors
    /// When the URL is none.
    #[cfg(feature = "redis")]
    pub(crate) fn store(&self) -> Result<Option<Arc<dyn KeyValue>>> {
        let Some(url) = &self.redis_url else {
            return Ok(None);
        };
        let redis = purlin::stores::Redis::builder(url.reveal()).namespace("platform");
        Ok(Some(Arc::new(redis.build()?)))
    }

    #[cfg(not(feature = "redis"))]
    pub(crate) fn store(&self) -> Result<Option<Arc<dyn KeyValue>>> {
        Ok(None)
    }

    fn check(&self) -> result::Result<(), Invalid> {
        let mut wrong = Vec::new();
        if self.database_url.is_some() && self.inventory_file.is_some() {
            let text = "the stock is in a database already: drop one of the two";
            wrong.push(Invalid::of("inventory_file", text));
        }
        for (url, key, built, feature) in [
            (
                &self.database_url,
                "database_url",
                cfg!(feature = "postgres"),
                "postgres",
            ),
            (
                &self.redis_url,
                "redis_url",
                cfg!(feature = "redis"),
                "redis",
            ),
        ] {
            if url.is_some() && !built {
                let text =
                    format!("this build has no such thing: build it with `--features {feature}`");
                wrong.push(Invalid::of(key, text));
            }
        }
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.into_iter().collect()),
        }
    }
}
