use purlin::prelude::*;

#[derive(ToolArg)]
struct Car<'a> {
    name: &'a str,
    doors: Option<&'a [u8]>,
}

fn main() {}
