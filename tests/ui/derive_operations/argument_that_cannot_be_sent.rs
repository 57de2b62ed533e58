#![allow(dead_code)]

use purlin::prelude::*;

struct Item;

#[derive(Operations)]
enum Order {
    Place { item: Item },
    Cancel { item: Item, number: u32 },
}

fn main() {}
