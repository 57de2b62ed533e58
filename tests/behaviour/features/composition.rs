use purlin::TagFilter;
use purlin::prelude::*;
use purlin::testing::{Change, Subscription};

use crate::features::connect;

#[mcp_server]
mod weather {
    /// Now.
    #[mcp_tool(tags("public"))]
    fn current() -> &'static str {
        "sunny"
    }

    /// Secret.
    #[mcp_tool(tags("admin"))]
    fn seed() -> &'static str {
        "clouds"
    }

    /// Cities.
    #[mcp_resource("weather://cities/{country}")]
    fn cities(country: String) -> String {
        format!("cities of {country}")
    }

    /// Brief.
    #[mcp_prompt]
    fn briefing() -> String {
        "brief me".to_owned()
    }
}

#[mcp_server]
struct Europe {
    #[mount(prefix = "weather")]
    weather: weather::Server,
}

#[mcp_server(name = "platform")]
struct Platform {
    #[mount(prefix = "eu")]
    europe: Europe,
    #[mount]
    plain: weather::Server,
}

#[mcp_server(part)]
impl Platform {
    /// Of the platform itself.
    #[mcp_tool]
    fn status(&self) -> &'static str {
        "fine"
    }
}

fn platform() -> Platform {
    Platform {
        europe: Europe {
            weather: weather::Server,
        },
        plain: weather::Server,
    }
}

#[purlin::test(eras)]
async fn prefixes_stack_from_the_outside_in() {
    let client = connect(platform()).await;
    let catalogue = client.catalogue().await;
    let mut names = catalogue.tool_names();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "current",
            "eu_weather_current",
            "eu_weather_seed",
            "seed",
            "status"
        ]
    );
    let mut templates = catalogue.uri_templates();
    templates.sort_unstable();
    assert_eq!(
        templates,
        [
            "weather://cities/{country}",
            "weather://eu/weather/cities/{country}"
        ]
    );
    assert_eq!(
        client
            .call::<String>("eu_weather_current", ())
            .await
            .unwrap(),
        "sunny"
    );
    assert_eq!(client.call::<String>("status", ()).await.unwrap(), "fine");
    let read = client
        .read_resource("weather://eu/weather/cities/fr")
        .await
        .unwrap();
    assert_eq!(read.contents[0].as_text(), Some("cities of fr"));
    assert_eq!(read.contents[0].uri, "weather://eu/weather/cities/fr");
    client.prompt("eu_weather_briefing", ()).await.unwrap();
}

#[purlin::test(eras)]
async fn servers_are_mounted_and_unmounted_while_they_run() {
    // With a tool of its own: a server that never had one declares no tools to be told about.
    let hub = Europe {
        weather: weather::Server,
    }
    .into_server();
    let client = connect(hub.clone()).await;
    let mut changes = client.listen(Subscription::new().tools()).await.unwrap();
    hub.mount("w", &weather::Server.into_server()).unwrap();
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    assert_eq!(
        client.call::<String>("w_current", ()).await.unwrap(),
        "sunny"
    );
    assert!(hub.mount("w", &weather::Server.into_server()).is_err());
    assert!(hub.unmount("w"));
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    assert_eq!(
        client
            .call::<String>("w_current", ())
            .await
            .unwrap_err()
            .code(),
        Some(-32602)
    );
    assert!(hub.unmount("weather"));
    assert_eq!(
        changes.next().await.transpose().unwrap(),
        Some(Change::Tools)
    );
    assert_eq!(client.list_tools().await.unwrap(), []);
}

#[purlin::test(eras)]
async fn a_tag_filter_hides_and_refuses() {
    let server = weather::Server
        .into_server()
        .filter(TagFilter::hide(["admin"]));
    let client = connect(server).await;
    assert_eq!(client.catalogue().await.tool_names(), ["current"]);
    assert_eq!(
        client.call::<String>("seed", ()).await.unwrap_err().code(),
        Some(-32602)
    );
}

#[mcp_server]
mod archive {
    /// All notes.
    #[mcp_resource("notes://all")]
    fn all() -> &'static str {
        "all"
    }
}

#[mcp_server]
mod years {
    /// The notes of a year.
    #[mcp_resource("notes://years/{year}")]
    fn year(year: u16) -> String {
        year.to_string()
    }
}

#[test]
fn an_import_under_a_uri_that_is_taken_is_refused() {
    for server in [archive::Server.into_server(), years::Server.into_server()] {
        let hub = Server::builder("hub", "1.0.0");
        hub.import(None, &server).unwrap();
        let error = hub.import(None, &server).unwrap_err();
        assert!(error.to_string().contains("notes://"), "{error}");
        hub.import("old", &server).unwrap();
    }
}
