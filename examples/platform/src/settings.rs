//! What the platform can be set to; see `config/`.

use std::path::PathBuf;

use purlin::config::{Config, Invalid, Secret};

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
}

impl Settings {
    pub(crate) fn inventory(&self) -> Inventory {
        match (&self.database_url, &self.inventory_file) {
            (Some(url), _) => Inventory::in_database(url.clone(), self.pool_size),
            (None, Some(file)) => Inventory::in_file(file),
            (None, None) => Inventory::default(),
        }
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.database_url.is_none() {
            return Ok(());
        }
        if self.inventory_file.is_some() {
            let text = "the stock is in a database already: drop one of the two";
            return Err(Invalid::of("inventory_file", text));
        }
        if !cfg!(feature = "postgres") {
            let text = "this build knows no PostgreSQL: build it with `--features postgres`";
            return Err(Invalid::of("database_url", text));
        }
        Ok(())
    }
}
