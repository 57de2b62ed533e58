//! Warnings about the weather, and where they come from.

use http::Uri;
use purlin::{Lifespan, prelude::*};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{atlas, forecast::Conditions, forecast::Sky, service::Service};

/// From which wind on drivers are warned, in kilometres per hour.
const STORM: f64 = 50.0;

/// Something that drivers should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// The city.
    pub city: String,
    /// What to expect there.
    pub text: String,
}

/// Where warnings come from.
#[derive(Debug)]
pub(super) enum Warnings {
    /// Our own forecasts for today.
    Ours,
    /// A service.
    Service(Box<Service>),
}

impl Warnings {
    pub(super) async fn of(&self, country: &'static str) -> Result<Vec<Warning>> {
        match self {
            Self::Ours => Ok(ours(country)),
            Self::Service(service) => service.warnings(country).await,
        }
    }
}

fn ours(country: &str) -> Vec<Warning> {
    let today = atlas::in_country(country).map(|city| Conditions::of(city, 0));
    let warning = |today: Conditions| {
        let text = match today.sky {
            Sky::Snow => "snow",
            _ if today.wind >= STORM => "storm",
            _ => return None,
        };
        Some(Warning {
            city: today.city,
            text: text.to_owned(),
        })
    };
    today.filter_map(warning).collect()
}

/// Opens [`Warnings`] when the server starts. Its connections are closed with it.
#[derive(Debug)]
pub(super) struct Opening(pub(super) Option<Uri>);

impl Lifespan for Opening {
    type Value = Warnings;

    async fn open(&self) -> Result<Warnings> {
        Ok(match &self.0 {
            Some(endpoint) => Warnings::Service(Box::new(Service::open(endpoint)?)),
            None => Warnings::Ours,
        })
    }
}
