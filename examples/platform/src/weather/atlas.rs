//! The cities we know.

use serde::Serialize;

/// A city and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct City {
    /// Its name.
    pub(super) name: &'static str,
    /// The country it lies in.
    pub(super) country: &'static str,
    /// Degrees north.
    pub(super) latitude: f64,
}

const CITIES: [City; 12] = [
    at("Berlin", "Germany", 52.5),
    at("Hamburg", "Germany", 53.6),
    at("Munich", "Germany", 48.1),
    at("Lyon", "France", 45.8),
    at("Nice", "France", 43.7),
    at("Paris", "France", 48.9),
    at("Helsinki", "Finland", 60.2),
    at("Lisbon", "Portugal", 38.7),
    at("Porto", "Portugal", 41.2),
    at("Oslo", "Norway", 59.9),
    at("Tromso", "Norway", 69.6),
    at("Nairobi", "Kenya", -1.3),
];

const fn at(name: &'static str, country: &'static str, latitude: f64) -> City {
    City {
        name,
        country,
        latitude,
    }
}

/// The city of this name, however it is capitalised.
pub(super) fn city(name: &str) -> Option<City> {
    CITIES
        .into_iter()
        .find(|city| city.name.eq_ignore_ascii_case(name.trim()))
}

/// The names of all cities.
pub(super) fn names() -> [&'static str; CITIES.len()] {
    CITIES.map(|city| city.name)
}

/// The cities of a country.
pub(super) fn in_country(country: &str) -> impl Iterator<Item = City> {
    CITIES
        .into_iter()
        .filter(move |city| city.country.eq_ignore_ascii_case(country))
}

/// The country of this name, however it is capitalised.
pub(super) fn country(name: &str) -> Option<&'static str> {
    in_country(name.trim()).map(|city| city.country).next()
}

/// The countries whose names start so, each once.
pub(super) fn countries_starting_with(typed: &str) -> Vec<&'static str> {
    let typed = typed.to_lowercase();
    let mut countries: Vec<_> = CITIES.iter().map(|city| city.country).collect();
    countries.retain(|country| country.to_lowercase().starts_with(&typed));
    countries.sort_unstable();
    countries.dedup();
    countries
}
