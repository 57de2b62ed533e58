//! The table of settings in the documentation is what there is.

use std::{env, fs};

use purlin_telemetry::config::{ServerSettings, reference};

const PAGE: &str = "../../docs/configuration.md";

#[test]
fn the_table_of_settings_is_up_to_date() {
    const BEGIN: &str = "<!-- settings of serving -->\n";
    const END: &str = "<!-- end -->";
    let text = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let table = reference::<ServerSettings>("server");
    let renewed = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(PAGE, &renewed).unwrap();
        return;
    }
    assert!(
        text == renewed,
        "run `cargo xtask bless`: {PAGE} is not what can be set"
    );
}
