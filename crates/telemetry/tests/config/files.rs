//! Files: their formats, the profile, `.env`, `${VAR}`.

use std::{fs, path::Path};

use purlin_telemetry::config::{Loader, NoSettings, Origin, Profile};
use tempfile::TempDir;

use crate::{
    refused,
    shop::{Carrier, Shop, file},
};

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory can be made");
    for (name, text) in files {
        fs::write(directory.path().join(name), text).expect("it can be written to");
    }
    directory
}

fn loader(directory: &TempDir) -> Loader {
    Loader::new().directory(directory.path())
}

#[test]
fn three_formats_say_the_same() {
    let toml = "pool_size = 0x10\nreceipts = \"/tmp\"\n[delivery]\ncarrier = \"cargo_bicycle\"\ncountries = [\"no\"]\n[labels]\na = \"1.10\"\n[[branches]]\nname = \"Graz\"\n";
    let yaml = "pool_size: 16\nreceipts: /tmp\ndelivery:\n  carrier: cargo_bicycle\n  countries: [no]\nlabels: {a: 1.10}\nbranches:\n  - name: Graz\n";
    let json = r#"{"pool_size": 16, "receipts": "/tmp", "delivery": {"carrier": "cargo_bicycle", "countries": ["no"]}, "labels": {"a": "1.10"}, "branches": [{"name": "Graz"}]}"#;
    for (name, text) in [("c.toml", toml), ("c.yaml", yaml), ("c.json", json)] {
        let shop = file(name, text).load::<Shop>().unwrap();
        assert_eq!(shop.pool_size, 16, "{name}");
        assert_eq!(shop.delivery.carrier, Carrier::CargoBicycle, "{name}");
        assert_eq!(shop.delivery.countries, ["no"], "{name}");
        assert_eq!(shop.labels["a"], "1.10", "{name}");
        assert_eq!(shop.branches[0].name, "Graz", "{name}");
        assert_eq!(shop.receipts.as_deref(), Some(Path::new("/tmp")), "{name}");
    }
}

#[test]
fn the_line_is_told_in_every_format() {
    for (name, text) in [
        ("c.toml", "\n[delivery]\n\ncarrier = 'pigeon'\n"),
        ("c.yaml", "# a\ndelivery:\n  # b\n  carrier: pigeon\n"),
        ("c.json", "{\n\"delivery\":\n{\n\"carrier\": \"pigeon\"}}"),
    ] {
        let error = refused::<Shop>(file(name, text));
        let Some(Origin::File(place)) = error.problems()[0].origin() else {
            panic!("{error}");
        };
        assert_eq!((place.file(), place.line()), (name, Some(4)), "{error}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_where() {
    for (name, text, line) in [
        ("c.toml", "a = 1\nb = = 2", ":2:"),
        ("c.toml", "a = 1\na = 2", ":2:"),
        ("c.json", "{\n\"a\": 1,}", ":2:"),
        ("c.json", "{\"a\": 1,\n\"a\": 2}", ":2:"),
        ("c.json", "[]", "an object"),
        ("c.yaml", "a: 1\nb: [", "c.yaml:"),
        ("c.yaml", "a: 1\na: 2", ":2:"),
        ("c.yaml", "a: &x 1\nb: *x", "anchors"),
        ("c.yaml", "a: !!int 1", "a tag"),
        ("c.yaml", "- a", "a mapping"),
        ("c.yaml", "a: 1\n---\nb: 1", "one document"),
        ("c.ini", "a", "no known format"),
    ] {
        let error = refused::<NoSettings>(file(name, text));
        assert!(error.to_string().contains(line), "{name}: {error}");
    }
    let deep = "[".repeat(10_000);
    for name in ["c.toml", "c.json", "c.yaml"] {
        refused::<NoSettings>(file(name, &format!("{{\"a\": {deep}")));
        refused::<NoSettings>(file(name, &format!("a = {deep}")));
    }
}

#[test]
fn a_profile_has_a_file_of_its_own_over_the_common_one() {
    let directory = directory(&[
        ("config.toml", "pool_size = 1\ncache_ttl = '1s'\n"),
        ("config.staging.yaml", "pool_size: 2\n"),
        ("config.prod.json", r#"{"pool_size": 3}"#),
    ]);
    let load = |loader: Loader| loader.load::<Shop>().unwrap();
    let plain = load(loader(&directory));
    assert_eq!(
        (plain.pool_size, plain.profile()),
        (1, Profile::Development)
    );
    for (name, profile, size) in [
        ("dev", Profile::Development, 1),
        ("staging", Profile::Staging, 2),
        ("production", Profile::Production, 3),
    ] {
        let by_variable = load(loader(&directory).variables([("MCP_PROFILE", name)]));
        assert_eq!(
            (by_variable.pool_size, by_variable.profile()),
            (size, profile)
        );
        let by_flag = load(
            loader(&directory)
                .variables([("MCP_PROFILE", "dev")])
                .arguments(["--profile", name]),
        );
        assert_eq!(by_flag.pool_size, size);
        assert_eq!(load(loader(&directory).profile(profile)).pool_size, size);
        assert_eq!(by_flag.cache_ttl.as_secs(), 1);
    }
    let error = refused::<Shop>(loader(&directory).variables([("MCP_PROFILE", "prd")]));
    assert!(
        error.to_string().contains("did you mean `prod`?"),
        "{error}"
    );
}

#[test]
fn two_files_of_one_name_are_a_mistake() {
    let directory = directory(&[("config.toml", ""), ("config.json", "{}")]);
    let error = refused::<Shop>(loader(&directory));
    assert!(error.to_string().contains("keep one"), "{error}");
}

#[test]
fn files_that_are_named_must_be_there_and_replace_those_that_are_found() {
    let directory = directory(&[
        ("config.toml", "pool_size = 1"),
        ("other.toml", "pool_size = 2"),
    ]);
    let other = directory.path().join("other.toml").display().to_string();
    let load = |loader: Loader| loader.load::<Shop>().unwrap().pool_size;
    assert_eq!(load(loader(&directory).arguments(["--config", &other])), 2);
    assert_eq!(
        load(loader(&directory).variables([("MCP_CONFIG", &other)])),
        2
    );
    assert_eq!(load(Loader::new().file(&other)), 2);
    let missing = directory.path().join("missing.toml");
    let error = refused::<Shop>(Loader::new().file(missing));
    assert!(
        error.to_string().contains("missing.toml` cannot be read"),
        "{error}"
    );
}

#[test]
fn a_file_is_not_read_without_end() {
    let directory = directory(&[("config.toml", &"# \n".repeat(1 << 19))]);
    let error = refused::<Shop>(loader(&directory));
    assert!(error.to_string().contains("larger than 1 MiB"), "{error}");
}

#[test]
fn an_env_file_lies_below_the_environment_and_changes_nothing_of_it() {
    let directory = directory(&[
        (
            ".env",
            "# comment\nexport POOL_SIZE=3\nCACHE_TTL=\"1m 30s\"\nPURLIN_NEVER_SET=1\n",
        ),
        ("prod.env", "POOL_SIZE=4\n"),
    ]);
    let shop = loader(&directory).load::<Shop>().unwrap();
    assert_eq!((shop.pool_size, shop.cache_ttl.as_secs()), (3, 90));
    assert!(std::env::var_os("PURLIN_NEVER_SET").is_none());
    let explained = shop.explain();
    assert!(
        explained.contains("the variable POOL_SIZE in"),
        "{explained}"
    );
    assert!(explained.contains(".env:2"), "{explained}");
    let shop = loader(&directory)
        .variables([("POOL_SIZE", "5")])
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.pool_size, 5);
    let other = directory.path().join("prod.env").display().to_string();
    let shop = loader(&directory)
        .variables([("ENV_FILE", &other)])
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.pool_size, 4);
    let error = refused::<Shop>(Loader::new().variables([("ENV_FILE", "/nowhere/.env")]));
    assert!(error.to_string().contains("/nowhere/.env"), "{error}");
}

#[test]
fn files_take_from_the_environment_what_they_name() {
    let text = "pool_size = \"${SIZE:-7}\"\ndatabase_url = \"postgres://${USER_NAME}@db\"\n[labels]\nprice = \"$${5}\"\n";
    let shop = file("c.toml", text)
        .variables([("USER_NAME", "ann")])
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.pool_size, 7);
    assert_eq!(shop.database_url.reveal(), "postgres://ann@db");
    assert_eq!(shop.labels["price"], "${5}");
    let variables = [
        ("SIZE", "9"),
        ("USER_NAME", "\"\n[delivery]\ncarrier = 'post'"),
    ];
    let shop = file("c.toml", text)
        .variables(variables)
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.pool_size, 9);
    assert!(shop.database_url.reveal().contains("[delivery]"));
    let error = refused::<Shop>(file("c.toml", text));
    assert_eq!(
        error.problems()[0].to_string(),
        "`database_url`, from c.toml:2: the variable `USER_NAME` is not set: set it, or write `${USER_NAME:-…}` with what holds otherwise"
    );
    for bad in ["${", "${A", "${a b}", "${}"] {
        refused::<Shop>(file("c.toml", &format!("database_url = \"{bad}\"")));
    }
}
