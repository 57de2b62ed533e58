//! Every mistake at once, each with its key, its origin and what to do.

use purlin_telemetry::config::{Config, Loader, NoSettings};

use crate::{
    refused,
    shop::{Shop, file},
};

/// The mistakes of a configuration, as they print.
fn mistakes<T: Config>(loader: Loader) -> Vec<String> {
    let error = refused::<T>(loader);
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "\
pool_size = 300
cache_tll = \"5m\"
rate_limit = \"fast\"

[delivery]
carrier = \"pigeon\"
countries = 3

[[branches]]
clerks = -1
";
    let found = mistakes::<Shop>(
        file("shop.toml", text)
            .variables([("ENABLE_CACHING", "perhaps"), ("PORT", "99999")])
            .arguments(["--largest", "much"]),
    );
    assert_eq!(
        found,
        [
            "`cache_tll`, from shop.toml:2: there is no such setting: did you mean `cache_ttl`?",
            "`pool_size`, from shop.toml:1: it must be from 1 to 200, and is 300",
            "`rate_limit`, from shop.toml:3: it must be a number, and is `fast`",
            "`largest`, from the flag --largest: it must be a number of bytes such as `512 KiB`, `10 MB` or `1000`, and is `much`",
            "`enable_caching`, from the variable ENABLE_CACHING: it must be `true` or `false`, and is `perhaps`",
            "`delivery.carrier`, from shop.toml:6: it must be `post` or `cargo_bicycle`, and is `pigeon`",
            "`delivery.countries`, from shop.toml:7: it must be a list, each of it a text, and a number stands there",
            "`branches[0].name`: it is missing: write a text",
            "`branches[0].clerks`, from shop.toml:10: it must be a whole number from 0 to 255, and is `-1`",
            "`server.port`, from the variable PORT: it must be a whole number from 0 to 65535, and is `99999`",
        ]
    );
}

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry)]
struct Needy {
    /// Where it is.
    #[config(env = "API_ENDPOINT")]
    api_endpoint: String,
    inner: Inner,
}

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry)]
struct Inner {
    most: u8,
}

#[test]
fn what_is_missing_says_how_to_give_it() {
    assert_eq!(
        mistakes::<Needy>(Loader::new()),
        [
            "`api_endpoint`: it is missing: write a text in a file, set `API_ENDPOINT` or `MCP_API_ENDPOINT`, or pass `--api-endpoint`",
            "`inner.most`: it is missing: write a whole number from 0 to 255 in a file, set `MCP_INNER__MOST`, or pass `--inner.most`",
        ]
    );
    let loaded = file("a.yaml", "api_endpoint: x\ninner: {most: 3}")
        .load::<Needy>()
        .unwrap();
    assert_eq!((&*loaded.api_endpoint, loaded.inner.most), ("x", 3));
}

#[test]
fn a_function_that_sees_the_whole_says_which_setting_is_wrong() {
    let text = "[delivery]\ncarrier = \"cargo_bicycle\"\ncountries = [\"at\", \"ch\"]";
    assert_eq!(
        mistakes::<Shop>(file("c.toml", text)),
        ["`delivery.countries`, from c.toml:3: a bicycle stays in one country"]
    );
}

#[test]
fn settings_of_serving_are_held_to_the_same() {
    let found = mistakes::<NoSettings>(
        file("c.toml", "[server]\nsession_idle = \"0s\"\nmax_sessions = 0\nlog_level = \"loud\"\nprot = 1\n[sevrer]\n")
            .variables([("TRANSPORT", "pigeon"), ("MCP_KEYS", "abc")]),
    );
    assert_eq!(found.len(), 7, "{found:#?}");
    assert!(
        found[0].contains("`sevrer`") && found[0].contains("`server`"),
        "{found:#?}"
    );
    assert!(
        found
            .iter()
            .any(|one| one.contains("`server.prot`, from c.toml:5") && one.contains("`port`"))
    );
    assert!(
        found
            .iter()
            .any(|one| one.contains("`loud` is not a level"))
    );
}

#[test]
fn flags_belong_to_the_program_unless_it_gives_them_away() {
    let flags = ["--prot", "1", "--verbose"];
    assert!(Loader::new().arguments(flags).load::<NoSettings>().is_ok());
    let found = mistakes::<NoSettings>(Loader::new().arguments(flags).refuse_unknown_flags());
    assert_eq!(
        found,
        [
            "the flag --prot: there is no such flag: did you mean `--port`?",
            "the flag --verbose: there is no such flag: drop it",
        ]
    );
    let found = mistakes::<NoSettings>(Loader::new().arguments(["--port"]));
    assert_eq!(
        found,
        ["`server.port`, from the flag --port: a value is missing: write `--port=…`"]
    );
}

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry)]
struct Taken {
    server: String,
}

#[test]
fn the_section_of_serving_is_taken() {
    let found = mistakes::<Taken>(Loader::new());
    assert!(found[0].contains("belongs to serving"), "{found:?}");
    let _ = |taken: Taken| taken.server;
}

#[test]
fn the_error_of_main_has_the_code_of_bad_configurations() {
    let error = refused::<Needy>(Loader::new());
    let error = purlin_core::Error::from(error);
    assert_eq!(error.kind(), purlin_core::ErrorKind::Configuration);
    assert!(
        error.to_string().contains("2 mistakes:\n- `api_endpoint`"),
        "{error}"
    );
}
