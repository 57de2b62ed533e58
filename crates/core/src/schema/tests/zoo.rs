//! The types whose schemas are held against their decoders.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::Ipv4Addr;
use std::num::{NonZeroI8, NonZeroU16};
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::context::Context;
use crate::schema::{Constraint, Number};
use crate::tool::{
    ArgumentKind as _, Kind, ParamSpec, ToolDefinition, ToolDescription, ToolInput, ToolSpec,
};

/// Texts that mean something to a format, a pattern or an enum.
pub(super) const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "ab",
    "abc",
    "é",
    "metric",
    "imperial",
    "dot",
    "2026-01-31",
    "2026-02-30",
    "2026-01-31T12:30:00Z",
    "2026-01-31 12:30:00Z",
    "12:30:00Z",
    "PT1H",
    "P1Y",
    "a@example.com",
    "a@",
    "example.com",
    "127.0.0.1",
    "127.0.0.01",
    "::1",
    "https://example.com/a?b#c",
    "/a/0",
    "123e4567-e89b-12d3-a456-426614174000",
    "1",
    "true",
];

/// A tool with one argument `a`.
pub(super) struct Animal {
    pub(super) name: &'static str,
    pub(super) schema: Value,
    pub(super) oracle: jsonschema::Validator,
    pub(super) samples: Vec<Value>,
    tool: ToolDefinition,
    take: fn(&mut ToolInput<'_>),
}

impl Animal {
    /// Whether a call with these arguments gets to the function.
    pub(super) fn accepts(&self, arguments: &Value) -> bool {
        let (context, json) = (Context::for_tests(), arguments.to_string());
        let mut input = ToolInput::new(&context, self.tool.arguments(), Some(&json));
        (self.take)(&mut input);
        !input.has_mistakes()
    }
}

fn animal(
    name: &'static str,
    constraints: &'static [Constraint],
    describe: fn(&mut ToolDescription),
    take: fn(&mut ToolInput<'_>),
    samples: &Value,
) -> Animal {
    let param = ParamSpec {
        name: "a",
        constraints,
        ..ParamSpec::EMPTY
    };
    let spec = ToolSpec {
        name,
        params: vec![param].leak(),
        ..ToolSpec::EMPTY
    };
    let mut description = ToolDescription::new(Box::leak(Box::new(spec)));
    describe(&mut description);
    let tool = description.finish();
    let schema: Value = tool.input_schema().decode().unwrap();
    let oracle = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    Animal {
        name,
        schema,
        oracle,
        samples: samples.as_array().unwrap().clone(),
        tool,
        take,
    }
}

macro_rules! animal {
    ($ty:ty, $samples:tt) => {
        animal!($ty, [], $samples)
    };
    ($ty:ty, [$($constraint:expr),*], $samples:tt) => {
        animal(
            stringify!($ty),
            &[$($constraint),*],
            |tool| (&&Kind::<$ty>::NEW).param().describe(tool, 0),
            |input| {
                let _: Option<$ty> = (&&Kind::<$ty>::NEW).param().take(input, 0);
            },
            &json!($samples),
        )
    };
}

pub(super) fn zoo() -> &'static [Animal] {
    static ZOO: OnceLock<Vec<Animal>> = OnceLock::new();
    ZOO.get_or_init(|| {
        let kinds = [scalars(), containers(), limited(), formatted(), own()];
        kinds.into_iter().flatten().collect()
    })
}

fn scalars() -> Vec<Animal> {
    vec![
        animal!(bool, [true]),
        animal!(u8, [0, 255, 7.0]),
        animal!(u16, [65535]),
        animal!(u32, [4_294_967_295_u32]),
        animal!(u64, [1, 1e15]),
        animal!(usize, [1]),
        animal!(u128, [1]),
        animal!(i8, [-128, 127]),
        animal!(i16, [-32768]),
        animal!(i32, [-2_147_483_648_i64]),
        animal!(i64, [-1, 1e15]),
        animal!(isize, [-1]),
        animal!(i128, [-1]),
        animal!(NonZeroU16, [1]),
        animal!(NonZeroI8, [-1]),
        animal!(f32, [0.5, 1]),
        animal!(f64, [0.5, -1]),
        animal!(char, ["a", "é"]),
        animal!(String, ["", "abc"]),
        animal!(Ipv4Addr, ["127.0.0.1"]),
        animal!(Value, [1, "a", [true], {"b": {}}]),
    ]
}

fn containers() -> Vec<Animal> {
    vec![
        animal!(Option<u8>, [3]),
        animal!(Box<str>, ["a"]),
        animal!(Box<Vec<bool>>, [[true]]),
        animal!(Vec<u8>, [[], [1, 2]]),
        animal!(Vec<Option<i8>>, [[1, null]]),
        animal!([i64; 2], [[1, 2]]),
        animal!((bool, String), [[true, "a"]]),
        animal!((u8,), [[1]]),
        animal!(BTreeSet<u8>, [[1, 2]]),
        animal!(HashSet<String>, [["a", "b"]]),
        animal!(BTreeSet<(u8, bool)>, [[[1, true], [1, false]]]),
        animal!(BTreeMap<String, Vec<i8>>, [{"a": [1], "b": []}]),
        animal!(HashMap<String, Option<bool>>, [{"a": true, "b": null}]),
        animal!(Vec<Vec<Vec<f64>>>, [[[[1.5]], []]]),
    ]
}

fn limited() -> Vec<Animal> {
    use Constraint::{
        ExclusiveMax, ExclusiveMin, Max, MaxItems, MaxLength, Min, MinItems, MinLength, MultipleOf,
        OneOf, Pattern, UniqueItems,
    };
    use Number::{Float, Int};
    vec![
        animal!(i32, [Min(Int(-3)), Max(Int(3))], [0, 3.0]),
        animal!(u8, [Min(Int(10))], [10]),
        animal!(f64, [ExclusiveMin(Float(0.5)), ExclusiveMax(Int(3))], [1]),
        animal!(Option<i64>, [MultipleOf(Int(5))], [10, -5.0]),
        animal!(f32, [MultipleOf(Float(0.5))], [1.5, 1]),
        animal!(String, [MinLength(1), MaxLength(2)], ["a", "éé"]),
        animal!(Option<String>, [Pattern("^[a-z]+$")], ["ab"]),
        animal!(String, [Pattern("b"), MaxLength(2)], ["ab"]),
        animal!(String, [OneOf(&["a", "b"])], ["a"]),
        animal!(Option<String>, [OneOf(&["a", "b"])], ["b"]),
        animal!(Vec<u8>, [MinItems(1), MaxItems(2)], [[1], [1, 1]]),
        animal!(Vec<Value>, [UniqueItems], [[1, 2, "1", {"a": 1}]]),
        animal!(Vec<Option<String>>, [UniqueItems], [["a", null]]),
    ]
}

fn formatted() -> Vec<Animal> {
    use Constraint::Format;
    vec![
        animal!(String, [Format("date")], ["2026-01-31"]),
        animal!(String, [Format("time")], ["12:30:00Z"]),
        animal!(String, [Format("date-time")], ["2026-01-31T12:30:00Z"]),
        animal!(String, [Format("duration")], ["PT1H", "P1Y"]),
        animal!(String, [Format("email")], ["a@example.com"]),
        animal!(String, [Format("hostname")], ["example.com"]),
        animal!(String, [Format("ipv4")], ["127.0.0.1"]),
        animal!(String, [Format("ipv6")], ["::1"]),
        animal!(String, [Format("uri")], ["https://example.com/a?b#c"]),
        animal!(Option<String>, [Format("uri-reference")], ["/a/0"]),
        animal!(String, [Format("json-pointer")], ["/a/0", ""]),
        animal!(
            String,
            [Format("uuid")],
            ["123e4567-e89b-12d3-a456-426614174000"]
        ),
    ]
}

fn own() -> Vec<Animal> {
    vec![
        animal!(Units, ["metric", "imperial"]),
        animal!(Documented, ["first", "second"]),
        animal!(Meters, [1.5]),
        animal!(Point, [{"x": 1, "y": -1}]),
        animal!(
            Trip,
            [
                {"units": "metric", "stops": [], "tags": ["a"]},
                {"units": "imperial", "count": 2, "note": "abc", "stops": [{"kind": "a", "a": 1}, {"kind": "b"}], "tags": []}
            ]
        ),
        animal!(Option<Trip>, [{"units": "metric", "stops": [], "tags": []}]),
        animal!(Vec<Stop>, [[{"kind": "a", "a": 1}, {"kind": "b", "b": "ab"}]]),
        animal!(Shape, ["dot", {"circle": 1.5}, {"rectangle": {"width": 1, "height": 2}}]),
        animal!(Event, [{"t": "tick"}, {"t": "move", "c": {"x": 1, "y": 2}}]),
        animal!(Either, [3, "ab", {"x": 1, "y": 2}]),
        animal!(Limited, [{"days": 3, "code": "ab", "date": "2026-01-31", "codes": ["a"]}]),
        animal!(Vec<Limited>, [[{"days": 1, "code": "ab", "date": "2026-01-31", "codes": []}]]),
        animal!(BTreeMap<String, Limited>, [{"k": {"days": 1, "code": "ab", "date": "2026-01-31", "codes": []}}]),
        animal!(Tree, [{"value": 1}, {"value": 2, "children": [{"value": 3, "children": []}]}]),
        animal!(Flat, [{"x": 1, "y": 2, "name": "a"}]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Units {
    Metric,
    Imperial,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Documented {
    /// One.
    First,
    /// Two.
    Second,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Meters(f64);

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Point {
    x: i16,
    y: i16,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Trip {
    units: Units,
    #[serde(default = "one")]
    count: u8,
    note: Option<String>,
    stops: Vec<Stop>,
    tags: BTreeSet<String>,
}

fn one() -> u8 {
    1
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(dead_code, reason = "only decoding is tested")]
enum Stop {
    A { a: i8 },
    B { b: Option<String> },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[allow(dead_code, reason = "only decoding is tested")]
enum Shape {
    Dot,
    Circle(f64),
    Rectangle {
        width: u8,
        #[schemars(range(min = 1, max = 9))]
        height: u8,
    },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "t", content = "c", rename_all = "lowercase")]
#[allow(dead_code, reason = "only decoding is tested")]
enum Event {
    Tick,
    Move(Point),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only decoding is tested")]
enum Either {
    Number(u8),
    Text(#[schemars(length(min = 2))] String),
    Point(Point),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Limited {
    #[schemars(range(min = 1, max = 10))]
    days: i32,
    #[schemars(length(min = 2, max = 3), regex(pattern = "^[a-z]+$"))]
    code: String,
    #[schemars(extend("format" = "date"))]
    date: String,
    #[schemars(length(max = 2), inner(length(min = 1)))]
    codes: Vec<String>,
    #[schemars(range(max = 3))]
    nights: Option<u8>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Tree {
    #[schemars(range(max = 200))]
    value: u8,
    #[serde(default)]
    children: Vec<Tree>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Flat {
    name: String,
    #[serde(flatten)]
    point: Place,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[allow(dead_code, reason = "only decoding is tested")]
struct Place {
    x: i16,
    y: i16,
}
