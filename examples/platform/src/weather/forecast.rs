//! Weather out of thin air: the same for the same city and day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::atlas::City;

/// A system of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Units {
    /// Degrees Celsius and kilometres per hour.
    Metric,
    /// Degrees Fahrenheit and miles per hour.
    Imperial,
}

/// What the sky looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sky {
    /// No clouds.
    Clear,
    /// Clouds.
    Cloudy,
    /// Rain.
    Rain,
    /// Snow.
    Snow,
}

/// The weather at one place and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conditions {
    /// The city.
    pub city: String,
    /// What the sky looks like.
    pub sky: Sky,
    /// In degrees of `units`.
    pub temperature: f64,
    /// In the speed of `units`.
    pub wind: f64,
    /// The system of units.
    pub units: Units,
}

/// One day of a forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Day {
    /// 1 is tomorrow.
    pub days_ahead: u32,
    /// The weather at noon.
    #[serde(flatten)]
    pub conditions: Conditions,
}

impl Conditions {
    /// The weather in a city, some days ahead.
    pub(super) fn of(city: City, days_ahead: u32) -> Self {
        let luck = luck(city.name, days_ahead);
        let temperature = 30.0 - city.latitude.abs() * 0.45 + f64::from(luck % 100) / 10.0;
        let sky = match luck % 4 {
            0 => Sky::Clear,
            1 => Sky::Cloudy,
            _ if temperature < 1.0 => Sky::Snow,
            _ => Sky::Rain,
        };
        Self {
            city: city.name.to_owned(),
            sky,
            temperature: tenths(temperature),
            wind: f64::from(luck / 100 % 60),
            units: Units::Metric,
        }
    }

    /// The same weather in other units.
    pub(super) fn shown_in(self, units: Units) -> Self {
        match units {
            Units::Metric => self,
            Units::Imperial => Self {
                temperature: tenths(self.temperature * 1.8 + 32.0),
                wind: tenths(self.wind * 0.621),
                units,
                ..self
            },
        }
    }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A number that is the same for the same city and day (FNV-1a).
fn luck(name: &str, days_ahead: u32) -> u32 {
    name.bytes()
        .chain(days_ahead.to_le_bytes())
        .fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
}
