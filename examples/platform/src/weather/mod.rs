//! The weather team: forecasts for the cities the vans drive to.

mod atlas;
mod forecast;

use purlin::prelude::*;

use atlas::City;
pub use forecast::{Conditions, Day, Sky, Units};

/// Weather for the cities of the platform. Made up, but always the same.
#[derive(Debug, Default)]
pub struct Weather;

#[mcp_server(version = "1.4.0")]
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

fn find(name: &str) -> Result<City, ToolError> {
    atlas::city(name).ok_or_else(|| {
        ToolError::new(format!("we have no weather for `{name}`"))
            .with_code("unknown_city")
            .with_recovery(format!("Ask for one of {}.", atlas::names().join(", ")))
    })
}
