//! What the platform can be set to; see `config/`.

use std::{path::PathBuf, time::Duration};

use http::Uri;
use purlin::{
    Rate,
    config::{Config, Invalid, Secret},
};

use crate::{inventory::Inventory, weather::Weather};

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
    /// The directory that keeps them instead, for one process that stands alone; it
    /// goes on with them when it starts again.
    #[config(env = "STATE_DIRECTORY")]
    pub state_directory: Option<PathBuf>,
    /// The service that has the warnings about the weather, as an `http` or `https`
    /// URL; the platform makes up its own where it is left out.
    #[config(env = "API_ENDPOINT")]
    pub api_endpoint: Option<String>,
    /// The file that keeps the audit log; the platform remembers the last calls
    /// alone where it is left out. Each process needs its own.
    #[config(env = "AUDIT_FILE")]
    pub audit_file: Option<PathBuf>,
    /// The directory that keeps the files of callers, of each tenant apart; they go with the
    /// process where it is left out.
    #[config(env = "FILES_DIRECTORY")]
    pub files_directory: Option<PathBuf>,
    /// Whether programs are run for callers, and how far they have to be kept from everything
    /// else; they are not where the system cannot do that.
    #[config(default = RunCode::Strict, env = "RUN_CODE")]
    pub run_code: RunCode,
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

/// Whether programs are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Config)]
#[non_exhaustive]
pub enum RunCode {
    /// They are not.
    Off,
    /// In a box with all walls.
    Strict,
    /// In one with fewer, where that is all that there is: in most containers.
    Confined,
}

impl Settings {
    pub(crate) fn weather(&self) -> Weather {
        let endpoint = self.api_endpoint.as_deref().and_then(endpoint);
        endpoint.map_or_else(Weather::default, Weather::warned_by)
    }

    pub(crate) fn inventory(&self) -> Inventory {
        match (&self.database_url, &self.inventory_file) {
            (Some(url), _) => Inventory::in_database(url.clone(), self.pool_size),
            (None, Some(file)) => Inventory::in_file(file),
            (None, None) => Inventory::default(),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        let mut wrong = Vec::new();
        if self.database_url.is_some() && self.inventory_file.is_some() {
            let text = "the stock is in a database already: drop one of the two";
            wrong.push(Invalid::of("inventory_file", text));
        }
        if self.redis_url.is_some() && self.state_directory.is_some() {
            let text = "sessions are in a Redis already: drop one of the two";
            wrong.push(Invalid::of("state_directory", text));
        }
        if self
            .api_endpoint
            .as_deref()
            .is_some_and(|text| endpoint(text).is_none())
        {
            let text = "it must be a URL such as `https://weather.example/v1`, \
                        without credentials and without a query";
            wrong.push(Invalid::of("api_endpoint", text));
        }
        wrong.extend(self.unbuilt());
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(wrong.into_iter().collect()),
        }
    }

    /// What was asked for and left out of this build.
    fn unbuilt(&self) -> impl Iterator<Item = Invalid> {
        let (database, redis) = (self.database_url.is_some(), self.redis_url.is_some());
        let directory = self.state_directory.is_some();
        let asked = [
            (
                database,
                "database_url",
                cfg!(feature = "postgres"),
                "postgres",
            ),
            (redis, "redis_url", cfg!(feature = "redis"), "redis"),
            (directory, "state_directory", cfg!(feature = "disk"), "disk"),
        ];
        let missing = asked
            .into_iter()
            .filter(|(asked, _, built, _)| *asked && !built);
        missing.map(|(_, key, _, feature)| {
            let text =
                format!("this build has no such thing: build it with `--features {feature}`");
            Invalid::of(key, text)
        })
    }
}

/// A URL that paths can be added to. What is in it is shown, so it holds no secret.
fn endpoint(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = uri.query().is_none() && !uri.authority()?.as_str().contains('@');
    (http && plain).then_some(uri)
}
