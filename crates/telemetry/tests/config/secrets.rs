//! What is secret shows nowhere, whatever goes wrong around it.

use std::collections::BTreeMap;

use purlin_telemetry::config::{Config, Loader, Secret};

use crate::shop::{Shop, file};

const CANARY: &str = "c4n4ry-s3cret";

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry, validate = Vault::check)]
struct Vault {
    key: Secret,
    number: Secret<String>,
    #[config(secret, range = 1..=5)]
    pin: u32,
    #[config(secret, validate = chatty)]
    code: String,
    tokens: Vec<Secret>,
    #[config(secret)]
    named: BTreeMap<String, String>,
    inner: Inner,
    deep_key: Option<Secret<[u8; 32]>>,
}

#[derive(Debug, Config)]
#[config(crate = purlin_telemetry)]
struct Inner {
    client_secret: String,
}

fn chatty(code: &str) -> Result<(), String> {
    match code.len() {
        4 => Ok(()),
        _ => Err(format!("`{code}` is not of four letters")),
    }
}

impl Vault {
    fn check(&self) -> Result<(), String> {
        Err(format!(
            "{} is not for {}",
            self.key.reveal(),
            self.inner.client_secret
        ))
    }
}

fn nowhere(text: &str) {
    assert!(!text.contains("c4n4ry"), "{text}");
}

#[test]
fn errors_do_not_hold_secrets() {
    for (name, text) in [
        ("pin", format!("\"{CANARY}\"")),
        ("code", format!("\"{CANARY}\"")),
        ("key", format!("[\"{CANARY}\"]")),
        ("tokens", format!("[\"{CANARY}\", 3, [\"{CANARY}\"]]")),
        ("deep_key", format!("\"{CANARY}\"")),
        ("client_secret", format!("\"{CANARY}\"")),
        ("inner", format!("\"{CANARY}\"")),
        ("named", format!("\"{CANARY}\"")),
        ("server", format!("{{ keys = [\"{CANARY}\"] }}")),
        ("unknown", format!("{{ x = \"{CANARY}\" }}")),
        ("key", format!("\"{CANARY}")),
        ("key", CANARY.to_owned()),
    ] {
        let error = file("c.toml", &format!("{name} = {text}"))
            .load::<Vault>()
            .unwrap_err();
        nowhere(&format!("{error} {error:?}"));
        let yaml = file("c.yaml", &format!("{name}: &a {text}\n  {text}"))
            .load::<Vault>()
            .unwrap_err();
        nowhere(&format!("{yaml} {yaml:?}"));
        let json = file("c.json", &format!("{{\"{name}\": {text}"))
            .load::<Vault>()
            .unwrap_err();
        nowhere(&format!("{json} {json:?}"));
        let variable = format!("MCP_{}", name.to_uppercase());
        let error = Loader::new()
            .variables([(variable, text)])
            .load::<Vault>()
            .unwrap_err();
        nowhere(&format!("{error} {error:?}"));
    }
}

#[test]
fn what_functions_of_the_program_say_is_cleared_of_secrets() {
    let text = format!(
        "key = \"{CANARY}\"\nnumber = \"n\"\npin = 3\ncode = \"abcd\"\n[inner]\nclient_secret = \"{CANARY}-2\"\n"
    );
    let error = file("c.toml", &text).load::<Vault>().unwrap_err();
    assert!(
        error.to_string().contains("[redacted] is not for"),
        "{error}"
    );
    nowhere(&error.to_string());
}

#[test]
fn what_was_read_does_not_print_them() {
    let url = format!("postgres://shop:{CANARY}@db/shop");
    let shop = Loader::new()
        .variables([
            ("DATABASE_URL", url.as_str()),
            ("MCP_DELIVERY__API_KEY", CANARY),
            (
                "MCP_LABELS__UPSTREAM",
                &format!("https://me:{CANARY}@host/x"),
            ),
            ("MCP_KEYS", &"ab".repeat(32)),
        ])
        .load::<Shop>()
        .unwrap();
    assert_eq!(shop.database_url.reveal(), &url);
    assert_eq!(shop.delivery.api_key.as_deref(), Some(CANARY));
    assert_eq!(shop.server().keys[0].reveal(), &[0xab; 32]);
    nowhere(&shop.explain());
    nowhere(&format!("{shop:?}"));
    nowhere(&format!("{:?}", shop.entries()));
    assert!(!shop.explain().contains("abab"), "{}", shop.explain());
    assert!(!format!("{:?}", shop.server()).contains("171, 171"));
}

#[test]
fn a_broken_env_file_does_not_show_its_lines() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("prod.env");
    std::fs::write(&path, format!("GOOD=1\nBAD {CANARY}='{CANARY}\n")).unwrap();
    let error = Loader::new().env_file(&path).load::<Shop>().unwrap_err();
    nowhere(&format!("{error} {error:?}"));
    assert!(error.to_string().contains("prod.env:2"), "{error}");
}

#[test]
fn a_default_does_not_show_the_secret_parts_of_a_group() {
    #[derive(Config)]
    #[config(crate = purlin_telemetry)]
    struct Outer {
        #[config(default = Inner { client_secret: CANARY.to_owned() })]
        inner: Inner,
    }
    let outer = Loader::new().load::<Outer>().unwrap();
    assert_eq!(outer.inner.client_secret, CANARY);
    nowhere(&outer.explain());
    assert!(outer.explain().contains("client_secret = [redacted]"));
}

#[test]
fn a_secret_that_changed_is_told_from_one_that_did_not() {
    let with = |url: &str| {
        let loader = Loader::new().variables([("DATABASE_URL", url)]);
        loader.load::<Shop>().unwrap()
    };
    let first = with("postgres://one");
    assert!(first.changes(&with("postgres://one")).is_empty());
    let second = with("postgres://two");
    let changes = first.changes(&second);
    assert_eq!((changes.len(), changes[0].value()), (1, "[redacted]"));
}
