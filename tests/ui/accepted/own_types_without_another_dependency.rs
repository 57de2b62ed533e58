//! A crate that depends on `purlin` alone derives arguments, results, errors and
//! operations.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    rust_2018_idioms
)]

use std::collections::BTreeMap;

use purlin::prelude::*;

/// A stop.
#[derive(Clone, Debug, ToolArg)]
#[arg(rename_all = "camelCase", description = concat!("A stop ", "on a trip."))]
pub struct Stop {
    /// City name.
    #[arg(min_length = 1, name = "city", example = "Oslo")]
    pub city_name: String,
    /// Nights.
    #[arg(range = 1..=30, default = Self::NIGHTS)]
    pub nights: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, Means>,
}

impl Stop {
    const NIGHTS: u8 = 2;
}

/// How to get there.
#[derive(Clone, Copy, Debug, ToolArg)]
#[non_exhaustive]
pub enum Means {
    /// Slow.
    Train = 3,
    /// Fast.
    #[arg(name = "jet")]
    Plane,
}

/// A shape.
#[derive(Debug, ToolArg)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shape<T: Clone = f64> {
    /// Round.
    Circle {
        /// Its radius.
        radius: T,
    },
    /// No more than that.
    Point,
}

#[derive(ToolArg)]
struct Unit;

#[derive(ToolArg)]
struct Pair(u8, #[arg(min = 1)] u8);

#[derive(ToolOutput)]
struct Report<'a, T> {
    title: &'a str,
    rows: Vec<T>,
}

/// What to do.
#[derive(Debug, Operations)]
#[arg(tag = "action")]
pub enum Order {
    /// Orders.
    Place {
        /// What.
        item: String,
        /// To where.
        #[arg(default = "home")]
        chosen: String,
        /// How often.
        r#type: Option<u8>,
    },
    /// No more.
    Stop,
}

#[mcp_server]
mod travel {
    use super::*;

    /// Orders.
    #[mcp_tool]
    fn order(order: Order, cx: &Context, dry: bool) -> bool {
        let _cx = cx;
        matches!(order, Order::Place { item, chosen, r#type: None } if item == chosen) && dry
    }

    /// Plans.
    #[mcp_tool]
    fn plan(stops: Vec<Stop>, shape: Shape, unit: Unit, pair: Pair) -> Report<'static, Stop> {
        let Unit = unit;
        let _sum = pair.0 + pair.1;
        let title = match shape {
            Shape::Circle { radius } if radius > 1.0 => "round",
            _ => "flat",
        };
        Report { title, rows: stops }
    }
}

fn main() {
    let _server = travel::Server.into_server();
}
