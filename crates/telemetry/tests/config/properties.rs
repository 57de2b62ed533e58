//! Whatever is written: no panic, and no secret in what is said.

use proptest::prelude::*;
use purlin_telemetry::config::Loader;

use crate::shop::Shop;

/// Texts that look a little like configurations.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "pool_size",
        "delivery",
        "branches",
        "labels",
        "server",
        "carrier",
        "port",
        " = ",
        ": ",
        "\n",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "\"",
        "'",
        ",",
        "1",
        "-3",
        "true",
        "null",
        "${",
        "${A}",
        "${B:-",
        "#",
        "  ",
        "- ",
        "&a",
        "*a",
        "|",
        ">",
        "!!",
        "\\",
        "\u{0}",
        "\u{feff}",
        "é",
        "export ",
        "$A",
        "=",
        ".",
        "1e999",
        "0x",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_file_is_read_or_refused(text in text(), name in prop::sample::select(vec!["c.toml", "c.yaml", "c.json"])) {
        match Loader::new().text(name, text).load::<Shop>() {
            Ok(shop) => drop(shop.explain()),
            Err(error) => prop_assert!(!error.problems().is_empty() && !error.to_string().is_empty()),
        }
    }

    #[test]
    fn any_variable_is_read_or_refused_with_its_key(value in text(), name in prop::sample::select(vec![
        "POOL_SIZE", "CACHE_TTL", "MCP_BRANCHES", "MCP_LABELS", "MCP_LABELS__A__B", "MCP_DELIVERY", "PORT", "MCP_KEYS",
        "MCP_SERVER__LOG_LEVEL", "RATE_LIMIT", "MCP_LARGEST", "MCP_", "MCP_LABELS__",
    ])) {
        match Loader::new().variables([(name, value)]).load::<Shop>() {
            Ok(shop) => drop(shop.explain()),
            Err(error) => {
                for problem in error.problems() {
                    prop_assert!(!problem.key().is_empty(), "{}", problem);
                    prop_assert!(problem.origin().is_none_or(|origin| origin.to_string().contains(name)), "{}", problem);
                }
            }
        }
    }

    #[test]
    fn any_argument_is_read_or_refused(arguments in prop::collection::vec(prop_oneof![text(), text().prop_map(|text| format!("--{text}"))], 0..6)) {
        let _ = Loader::new().arguments(arguments).load::<Shop>();
    }

    #[test]
    fn no_secret_shows(secret in "[a-z0-9/+=@:'\"#${} ]{12,40}", name in prop::sample::select(vec!["c.toml", "c.yaml", "c.json"])) {
        let secret = format!("cn4ry{secret}");
        let shown = |loader: Loader| match loader.load::<Shop>() {
            Ok(shop) => format!("{}{shop:?}", shop.explain()),
            Err(error) => format!("{error}{error:?}"),
        };
        for text in [
            format!("database_url = \"{secret}\""),
            format!("database_url: {secret}"),
            format!("{{\"database_url\": \"{secret}\"}}"),
            format!("{{\"database_url\": [\"{secret}\"]}}"),
            format!("[delivery]\napi_key = '{secret}'\ncarrier = 3"),
        ] {
            let shown = shown(Loader::new().text(name, text));
            prop_assert!(!shown.contains("cn4ry"), "{}", shown);
        }
        let shown = shown(Loader::new().variables([("DATABASE_URL", secret.as_str()), ("MCP_DELIVERY__API_KEY", &secret), ("MCP_KEYS", &secret), ("POOL_SIZE", "x")]));
        prop_assert!(!shown.contains("cn4ry"), "{}", shown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_env_file_is_read_or_refused(text in text()) {
        let directory = tempfile::tempdir().expect("a directory for a test can be made");
        let path = directory.path().join(".env");
        std::fs::write(&path, format!("DATABASE_URL=cn4ry1\n{text}\nAPI_TOKEN='cn4ry2 {text}")).expect("it can be written");
        let shown = match Loader::new().env_file(path).load::<Shop>() {
            Ok(shop) => shop.explain(),
            Err(error) => error.to_string(),
        };
        prop_assert!(!shown.contains("cn4ry"), "{}", shown);
    }
}
