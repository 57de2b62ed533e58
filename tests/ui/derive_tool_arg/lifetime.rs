use purlin::prelude::*;

use std::borrow::Cow;

#[derive(ToolArg)]
struct Car<'a> {
    name: Cow<'a, str>,
}

fn main() {}
