use purlin::prelude::*;

#[derive(ToolArg)]
#[arg(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
struct Place {
    #[arg(name = "area")]
    #[serde(rename = "zone")]
    region: String,
    #[arg(default = 1)]
    #[serde(default)]
    floor: u8,
}

fn main() {}
