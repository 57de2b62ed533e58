//! The program of these tests: it has a setting of every kind.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use purlin_telemetry::config::{ByteSize, Config, Invalid, Loader, Secret};

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry, validate = Shop::check)]
pub(crate) struct Shop {
    /// Where orders are kept.
    #[config(env = "DATABASE_URL", default = "memory")]
    pub(crate) database_url: Secret,
    /// How many connections to it.
    #[config(default = 20, range = 1..=200, env = "POOL_SIZE", flag = "pool-size")]
    pub(crate) pool_size: u32,
    /// For how long answers are kept.
    #[config(default = "5m", env = "CACHE_TTL")]
    pub(crate) cache_ttl: Duration,
    /// How many calls a second.
    #[config(default = 10.0, range = 0.0.., env = "RATE_LIMIT")]
    pub(crate) rate_limit: f64,
    /// Where receipts go.
    pub(crate) receipts: Option<PathBuf>,
    /// The largest receipt.
    #[config(default = "64 KiB")]
    pub(crate) largest: ByteSize,
    /// Whether answers are kept.
    #[config(default = true, env = "ENABLE_CACHING")]
    pub(crate) enable_caching: bool,
    /// How parcels are sent.
    pub(crate) delivery: Delivery,
    /// Further shops.
    pub(crate) branches: Vec<Branch>,
    /// What is told to whom.
    pub(crate) labels: BTreeMap<String, String>,
}

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry)]
pub(crate) struct Delivery {
    /// Who brings them.
    #[config(default = Carrier::Post)]
    pub(crate) carrier: Carrier,
    /// The countries they are sent to.
    pub(crate) countries: Vec<String>,
    /// The key for the carrier.
    pub(crate) api_key: Option<String>,
}

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry)]
pub(crate) struct Branch {
    /// What it is called.
    pub(crate) name: String,
    /// How many sell there.
    #[config(default = 2)]
    pub(crate) clerks: u8,
}

#[derive(Debug, PartialEq, Config)]
#[config(crate = purlin_telemetry)]
pub(crate) enum Carrier {
    Post,
    CargoBicycle,
}

impl Shop {
    fn check(&self) -> Result<(), Invalid> {
        if self.delivery.carrier == Carrier::CargoBicycle && self.delivery.countries.len() > 1 {
            return Err(Invalid::of(
                "delivery.countries",
                "a bicycle stays in one country",
            ));
        }
        Ok(())
    }
}

/// A configuration of one file.
pub(crate) fn file(name: &str, text: &str) -> Loader {
    Loader::new().text(name, text)
}
