//! The weather team's tests.

use platform::weather::{Conditions, Day, Units, Weather};
use purlin::testing::{
    ErrorKind, connect,
    protocol::{CompleteParams, Reference},
};
use serde_json::{Value, json};

#[purlin::test(eras)]
async fn the_weather_is_the_same_every_time() {
    let client = connect(Weather::default()).await;
    let paris = json!({ "city": "paris" });
    let first: Conditions = client.call("current", &paris).await.unwrap();
    let second: Conditions = client.call("current", &paris).await.unwrap();
    assert_eq!(first, second);
    assert_eq!((first.city.as_str(), first.units), ("Paris", Units::Metric));
}

#[purlin::test]
async fn units_can_be_chosen() {
    let client = connect(Weather::default()).await;
    let metric: Conditions = client
        .call("current", json!({ "city": "Oslo" }))
        .await
        .unwrap();
    let imperial: Conditions = client
        .call("current", json!({ "city": "Oslo", "units": "imperial" }))
        .await
        .unwrap();
    let expected = metric.temperature * 1.8 + 32.0;
    assert!((imperial.temperature - expected).abs() < 0.1);
    assert_eq!(imperial.units, Units::Imperial);
}

#[purlin::test(eras)]
async fn a_forecast_is_for_three_days_unless_asked_otherwise() {
    let client = connect(Weather::default()).await;
    for (arguments, days) in [
        (json!({ "city": "Nice" }), 3),
        (json!({ "city": "Nice", "days": 14 }), 14),
    ] {
        let forecast: Vec<Day> = client.call("forecast", arguments).await.unwrap();
        let ahead: Vec<_> = forecast.iter().map(|day| day.days_ahead).collect();
        assert_eq!(ahead, (1..=days).collect::<Vec<_>>());
    }
}

#[purlin::test]
async fn the_warmest_city_is_not_in_the_north() {
    let client = connect(Weather::default()).await;
    let warmest: Conditions = client
        .call("warmest", json!({ "cities": ["Tromso", "Nairobi"] }))
        .await
        .unwrap();
    assert_eq!(warmest.city, "Nairobi");
}

#[purlin::test]
async fn an_unknown_city_comes_with_a_way_out() {
    let client = connect(Weather::default()).await;
    let result = client
        .call_tool("current", json!({ "city": "Atlantis" }))
        .await
        .unwrap();
    assert!(result.is_error);
    assert!(result.text().contains("unknown_city"), "{}", result.text());
    assert!(result.text().contains("Helsinki"), "{}", result.text());
}

#[purlin::test]
async fn every_bad_argument_is_named_at_once() {
    let client = connect(Weather::default()).await;
    let result = client
        .call_tool(
            "forecast",
            json!({ "city": "", "days": 99, "units": "stones" }),
        )
        .await
        .unwrap();
    assert!(result.is_error);
    for name in ["city", "days", "units"] {
        assert!(result.text().contains(name), "{}", result.text());
    }
}

#[purlin::test]
async fn the_cities_of_a_country_can_be_read() {
    let client = connect(Weather::default()).await;
    let text = client.read("weather://cities/France").await.unwrap();
    let cities: Vec<Value> = serde_json::from_str(&text).unwrap();
    let names: Vec<_> = cities.iter().map(|city| &city["name"]).collect();
    assert_eq!(names, ["Lyon", "Nice", "Paris"]);

    let error = client.read("weather://cities/Atlantis").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rpc);
}

#[purlin::test(eras)]
async fn countries_are_completed() {
    let client = connect(Weather::default()).await;
    let template = Reference::resource("weather://cities/{country}");
    let completion = client
        .complete(CompleteParams::new(template, "country", "f"))
        .await
        .unwrap();
    assert_eq!(completion.values, ["Finland", "France"]);
}
