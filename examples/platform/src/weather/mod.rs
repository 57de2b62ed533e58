//! The weather team: forecasts for the cities the vans drive to.

mod atlas;
mod forecast;
mod service;
mod warning;

use http::Uri;
use purlin::prelude::*;

use atlas::City;
pub use forecast::{Conditions, Day, Sky, Units};
pub use warning::Warning;
use warning::{Opening, Warnings};

/// Weather for the cities of the platform. Made up, but always the same; warnings
/// can come from a service.
#[derive(Debug, Default)]
pub struct Weather {
    service: Option<Uri>,
}

#[mcp_server(version = "1.5.0", setup = Self::setup)]
impl Weather {
    /// Current conditions in a city.
    #[mcp_tool(read_only, idempotent, tags("public"))]
    fn current(
        &self,
        /// City name, for example `Paris`.
        #[arg(min_length = 1, max_length = 80)]
        city: &str,
        /// Unit system.
        #[arg(default = Units::Metric)]
        units: Units,
    ) -> Result<Conditions, ToolError> {
        Ok(Conditions::of(find(city)?, 0).shown_in(units))
    }

    /// Forecast for the coming days, tomorrow first.
    #[mcp_tool(read_only, idempotent, tags("public"))]
    fn forecast(
        &self,
        /// City name, for example `Paris`.
        #[arg(min_length = 1, max_length = 80)]
        city: &str,
        /// How many days.
        #[arg(range = 1..=14, default = 3)]
        days: u32,
        /// Unit system.
        #[arg(default = Units::Metric)]
        units: Units,
    ) -> Result<Vec<Day>, ToolError> {
        let city = find(city)?;
        let day = |ahead| Day {
            days_ahead: ahead,
            conditions: Conditions::of(city, ahead).shown_in(units),
        };
        Ok((1..=days).map(day).collect())
    }

    /// The warmest of several cities right now.
    #[mcp_tool(read_only, idempotent, tags("public"))]
    fn warmest(
        &self,
        /// City names.
        #[arg(min_items = 2, max_items = 8, unique, example = ["Paris", "Oslo"])]
        cities: &[String],
    ) -> Result<Conditions, ToolError> {
        let conditions = cities
            .iter()
            .map(|city| Ok(Conditions::of(find(city)?, 0)))
            .collect::<Result<Vec<_>, ToolError>>()?;
        let warmest = conditions
            .into_iter()
            .max_by(|a, b| a.temperature.total_cmp(&b.temperature));
        warmest.ok_or_else(|| ToolError::new("no city was given"))
    }

    /// What drivers in a country are warned of today.
    #[mcp_tool(read_only, idempotent, tags("public"))]
    async fn warnings(
        &self,
        /// The country, for example `Norway`.
        #[arg(min_length = 1, max_length = 80)]
        country: &str,
        warnings: &Resource<Warnings>,
    ) -> Result<Vec<Warning>, ToolError> {
        let country = atlas::country(country).ok_or_else(|| unknown_country(country))?;
        Ok(warnings.of(country).await?)
    }

    /// The cities we know in a country.
    #[mcp_resource("weather://cities/{country}", mime_type = "application/json")]
    fn cities(&self, country: &str) -> Option<Json<Vec<City>>> {
        let cities: Vec<_> = atlas::in_country(country).collect();
        (!cities.is_empty()).then_some(Json(cities))
    }

    #[mcp_completion(resource = "weather://cities/{country}", argument = "country")]
    fn complete_country(&self, typed: &str) -> Vec<&'static str> {
        atlas::countries_starting_with(typed)
    }
}

impl Weather {
    /// Weather whose warnings come from the service at `endpoint`: a list of
    /// [`Warning`]s as JSON for each country, at `<endpoint>/warnings/<country>`.
    pub fn warned_by(endpoint: Uri) -> Self {
        Self {
            service: Some(endpoint),
        }
    }

    fn setup(&self, server: Server) -> Server {
        server.with_lifespan(Opening(self.service.clone()))
    }
}

fn unknown_country(name: &str) -> ToolError {
    let countries = atlas::countries_starting_with("").join(", ");
    ToolError::new(format!("we have no warnings for `{name}`"))
        .with_code("unknown_country")
        .with_recovery(format!("Ask for one of {countries}."))
}

fn find(name: &str) -> Result<City, ToolError> {
    atlas::city(name).ok_or_else(|| {
        ToolError::new(format!("we have no weather for `{name}`"))
            .with_code("unknown_city")
            .with_recovery(format!("Ask for one of {}.", atlas::names().join(", ")))
    })
}
