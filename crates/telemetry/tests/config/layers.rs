//! What covers what, and how each layer is written.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use purlin_telemetry::config::{Config, Layer, Loader, NoSettings, Origin, TransportSetting};

use crate::shop::{Carrier, Shop};

#[test]
fn nothing_written_gives_the_defaults() {
    let shop = Loader::new().load::<Shop>().unwrap();
    assert_eq!(shop.pool_size, 20);
    assert_eq!(shop.cache_ttl, Duration::from_secs(300));
    assert_eq!(shop.delivery.carrier, Carrier::Post);
    assert_eq!(shop.largest.bytes(), 64 << 10);
    assert!(shop.enable_caching && shop.receipts.is_none() && shop.branches.is_empty());
    assert_eq!(shop.server().path, "/mcp");
}

/// The number of connections when layers say 1, 2 and 3.
fn pool_size(order: &[Layer], variable: bool, file: bool, flag: bool) -> u32 {
    let mut loader = Loader::new().order(order.iter().copied());
    if variable {
        loader = loader.variables([("POOL_SIZE", "1")]);
    }
    if file {
        loader = loader.text("config.toml", "pool_size = 2");
    }
    if flag {
        loader = loader.arguments(["--pool-size", "3"]);
    }
    let shop = loader.load::<Shop>().expect("it is a good configuration");
    shop.pool_size
}

#[test]
fn files_cover_the_environment_unless_the_order_says_otherwise() {
    let usual = Layer::FILES_OVER_ENVIRONMENT;
    let other = Layer::ENVIRONMENT_OVER_FILES;
    for (order, expected) in [
        (usual, [20, 1, 2, 2, 3, 3, 3, 3]),
        (other, [20, 1, 2, 1, 3, 3, 3, 3]),
    ] {
        for (case, expected) in expected.into_iter().enumerate() {
            let found = pool_size(&order, case & 1 != 0, case & 2 != 0, case & 4 != 0);
            assert_eq!(found, expected, "{order:?}, case {case:03b}");
        }
    }
}

#[test]
fn a_layer_that_is_left_out_of_the_order_is_not_read() {
    assert_eq!(pool_size(&[Layer::Files], true, true, true), 2);
    assert_eq!(pool_size(&[], true, true, true), 20);
}

#[test]
fn every_setting_has_a_variable_made_of_its_place() {
    let shop = Loader::new()
        .variables([
            ("MCP_POOL_SIZE", "7"),
            ("POOL_SIZE", "8"),
            ("MCP_DELIVERY__CARRIER", "cargo-bicycle"),
            ("MCP_DELIVERY__COUNTRIES", "at"),
            ("MCP_LABELS__COLOUR", "green"),
            (
                "MCP_BRANCHES",
                r#"[{"name": "Graz", "clerks": 3}, {"name": "Linz"}]"#,
            ),
            ("MCP_RECEIPTS", ""),
            ("CACHE_TTL", "300"),
        ])
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.pool_size, 7);
    assert_eq!(shop.delivery.carrier, Carrier::CargoBicycle);
    assert_eq!(shop.delivery.countries, ["at"]);
    assert_eq!(shop.labels["colour"], "green");
    assert_eq!(shop.branches[1].name, "Linz");
    assert_eq!((shop.branches[0].clerks, shop.branches[1].clerks), (3, 2));
    assert!(shop.receipts.is_none());
    assert_eq!(shop.cache_ttl, Duration::from_secs(300));
}

#[test]
fn the_prefix_of_variables_can_be_another() {
    let shop = Loader::new()
        .prefix("SHOP_")
        .variables([("SHOP_POOL_SIZE", "7"), ("MCP_POOL_SIZE", "8")])
        .load::<Shop>();
    assert_eq!(shop.unwrap().pool_size, 7);
}

#[test]
fn every_setting_has_a_flag_made_of_its_place() {
    let shop = Loader::new()
        .arguments([
            "serve",
            "--verbose",
            "--delivery.carrier=cargo_bicycle",
            "--largest",
            "1 MB",
            "--no-enable-caching",
            "--pool_size=9",
            "--",
            "--pool-size=10",
        ])
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.delivery.carrier, Carrier::CargoBicycle);
    assert_eq!(shop.largest.bytes(), 1_000_000);
    assert!(!shop.enable_caching);
    assert_eq!(shop.pool_size, 9);
}

#[test]
fn the_bare_names_of_serving_are_understood() {
    let loaded = Loader::new()
        .variables([
            ("TRANSPORT", "http"),
            ("HOST", "0.0.0.0"),
            ("PORT", "9000"),
            ("LOG_LEVEL", "WARNING"),
            ("MASK_ERRORS", "true"),
            ("REQUEST_TIMEOUT", "30"),
        ])
        .load::<NoSettings>()
        .unwrap();
    let server = loaded.server();
    assert_eq!(server.transport, Some(TransportSetting::Http));
    assert_eq!(server.host.as_deref(), Some("0.0.0.0"));
    assert_eq!(server.port, Some(9000));
    assert_eq!(server.log_directives(), "warn");
    assert_eq!(server.mask_errors, Some(true));
    assert_eq!(server.request_timeout, Some(Duration::from_secs(30)));
}

#[test]
fn what_the_program_prefers_lies_below_all_that_is_written() {
    let loader = || Loader::new().by_default("server.port", "7000");
    let port = |loader: Loader| loader.load::<NoSettings>().unwrap().server().port;
    assert_eq!(port(loader()), Some(7000));
    assert_eq!(port(loader().variables([("PORT", "7001")])), Some(7001));
}

#[test]
fn explain_says_what_holds_and_where_it_was_written() {
    let shop = Loader::new()
        .text(
            "shop.toml",
            "\npool_size = 5\n[delivery]\ncarrier = \"post\"\n",
        )
        .variables([("CACHE_TTL", "30s")])
        .arguments(["--port", "1"])
        .load::<Shop>()
        .unwrap();
    let explained = shop.explain();
    let line = |key: &str| {
        let line = explained
            .lines()
            .find(|line| line.starts_with(&format!("{key} = ")));
        line.unwrap_or_else(|| panic!("no {key} in {explained}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("pool_size"), "pool_size = 5 # shop.toml:2");
    assert_eq!(
        line("delivery.carrier"),
        "delivery.carrier = post # shop.toml:4"
    );
    assert_eq!(
        line("cache_ttl"),
        "cache_ttl = 30s # the variable CACHE_TTL"
    );
    assert_eq!(line("server.port"), "server.port = 1 # the flag --port");
    assert_eq!(line("rate_limit"), "rate_limit = 10 # the default");
    assert_eq!(
        line("database_url"),
        "database_url = [redacted] # the default"
    );
    let entry = shop
        .entries()
        .iter()
        .find(|entry| entry.key() == "cache_ttl");
    assert_eq!(entry.unwrap().help(), "For how long answers are kept.");
}

#[test]
fn an_explanation_is_one_line_for_each_setting() {
    let shop = Loader::new()
        .text(
            "config.toml",
            "pool_size = 5\nbranches = [{ name = 'Graz' }]\n[labels]\ncolour = 'green'",
        )
        .variables([("DATABASE_URL", "postgres://db/shop")])
        .load::<Shop>()
        .unwrap();
    insta::assert_snapshot!(shop.explain());
}

#[test]
fn a_configuration_that_was_read_is_read_again_into_another() {
    let first = Loader::new()
        .arguments(["--pool-size", "3"])
        .load::<Shop>()
        .unwrap();
    let second = first.again().unwrap();
    assert_eq!(first.changes(&second), Vec::<&_>::new());
    let other = Loader::new()
        .arguments(["--pool-size", "4"])
        .load::<Shop>()
        .unwrap();
    let changes = first.changes(&other);
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].key(), changes[0].value()), ("pool_size", "4"));
    assert_eq!(changes[0].origin(), &Origin::Flag("--pool-size".to_owned()));
}

#[derive(Config)]
#[config(crate = purlin_telemetry)]
struct Places {
    address: SocketAddr,
    count: NonZeroU32,
    letter: char,
    hint: Option<Box<str>>,
}

#[test]
fn addresses_and_their_kin_are_texts() {
    let places = Loader::new()
        .text(
            "p.json",
            r#"{"address": "[::1]:80", "count": 3, "letter": "x", "hint": null}"#,
        )
        .load::<Places>()
        .unwrap();
    assert_eq!(places.address.port(), 80);
    assert_eq!((places.count.get(), places.letter), (3, 'x'));
    assert!(places.hint.is_none());
}

#[test]
fn a_variable_that_is_nearly_a_setting_is_told() {
    let loaded = Loader::new()
        .variables([
            ("MCP_POOLSIZE", "3"),
            ("MCP_SOMETHING_ELSE", "1"),
            ("MCP_LABELS__ANY", "x"),
        ])
        .load::<Shop>()
        .unwrap();
    assert_eq!(
        loaded.warnings(),
        ["the variable `MCP_POOLSIZE` is no setting: `MCP_POOL_SIZE` is"]
    );
}

#[test]
fn help_tells_of_each_setting_how_it_is_written_and_what_it_is_for() {
    let text = purlin_telemetry::config::help::<Shop>("shop", "MCP_");
    for part in [
        "Usage: shop [FLAGS]",
        "  --pool-size <a whole number from 0 to 4294967295>\n      How many connections to it.\n",
        "      variables: POOL_SIZE, MCP_POOL_SIZE\n      in a file: pool_size\n      default: 20\n",
        "  --enable-caching\n      Whether answers are kept.\n",
        "in a file: delivery.api_key\n      default: none",
        "  --log-level, --server.log-level <a text>",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
