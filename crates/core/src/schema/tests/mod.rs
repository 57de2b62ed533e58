//! What a schema promises and what a call accepts are the same.
//!
//! The judge is an implementation of JSON Schema that is not ours. Every type of the [`zoo`] is
//! the argument of a tool; values are samples of the type, samples with something changed, and
//! arbitrary JSON.

mod portability;
mod zoo;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use super::Validator;
use zoo::{Animal, zoo};

/// A change that leaves a value nearly what it was.
#[derive(Clone, Debug)]
enum Change {
    Replace(Value),
    Drop,
    Repeat,
    Extend(Value),
    /// An object becomes the array of its members, and a text the only member of an object: serde
    /// reads structs and variants from these, too, which no schema promises.
    Disguise,
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-300_i64..300).prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop_oneof![
            Just(0.5),
            Just(1.0),
            Just(-3.0),
            Just(-0.0),
            Just(256.0),
            Just(1e3),
            Just(4_294_967_296.0)
        ]
        .prop_map(Value::from),
        "[abk]{0,3}".prop_map(Value::from),
        prop::sample::select(zoo::TEXTS).prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abk]", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => scalar().prop_map(Change::Replace),
        1 => any_json().prop_map(Change::Replace),
        1 => Just(Change::Disguise),
        1 => Just(Change::Drop),
        1 => Just(Change::Repeat),
        1 => scalar().prop_map(Change::Extend),
    ]
}

/// Changes one place of a value.
fn changed(value: &mut Value, change: &Change, place: &mut dyn FnMut(usize) -> usize) {
    match value {
        Value::Array(items) => match (change, place(items.len() + 1).checked_sub(1)) {
            (Change::Drop, Some(at)) => drop(items.remove(at)),
            (Change::Repeat, Some(at)) => items.push(items[at].clone()),
            (Change::Extend(value), _) => items.push(value.clone()),
            (_, Some(at)) => changed(&mut items[at], change, place),
            (_, None) => {}
        },
        Value::Object(members) => {
            let names: Vec<String> = members.keys().cloned().collect();
            match (change, place(names.len() + 1).checked_sub(1)) {
                (Change::Disguise, None) => *value = members.values().cloned().collect(),
                (Change::Drop, Some(at)) => drop(members.remove(&names[at])),
                (Change::Extend(value), _) => drop(members.insert("x".to_owned(), value.clone())),
                (_, Some(at)) => changed(&mut members[&names[at]], change, place),
                (_, None) => {}
            }
        }
        Value::String(text) if matches!(change, Change::Disguise) => {
            *value = json!({ text.as_str(): null });
        }
        scalar => {
            if let Change::Replace(value) = change {
                *scalar = value.clone();
            }
        }
    }
}

fn agree(animal: &Animal, value: &Value) -> Result<(), TestCaseError> {
    let arguments = json!({ "a": value });
    let (promised, accepted) = (
        animal.oracle.is_valid(&arguments),
        animal.accepts(&arguments),
    );
    let Animal { name, schema, .. } = animal;
    prop_assert_eq!(promised, accepted, "{}: {} of {}", name, value, schema);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_call_accepts_what_its_schema_promises_and_nothing_else(
        animal in any::<Index>(),
        sample in any::<Index>(),
        changes in prop::collection::vec((change(), prop::collection::vec(any::<Index>(), 8)), 0..3),
    ) {
        let animal = animal.get(zoo());
        let mut value = sample.get(&animal.samples).clone();
        for (change, places) in &changes {
            let mut places = places.iter();
            let mut place = |among| places.next().map_or(0, |index| index.index(among));
            changed(&mut value, change, &mut place);
        }
        agree(animal, &value)?;
    }

    #[test]
    fn a_call_accepts_of_any_json_what_its_schema_promises(
        animal in any::<Index>(),
        value in any_json(),
    ) {
        agree(animal.get(zoo()), &value)?;
    }

    #[test]
    fn the_validator_judges_as_the_oracle_does(animal in any::<Index>(), value in any_json()) {
        let animal = animal.get(zoo());
        let arguments = json!({ "a": value });
        let mut mistakes = 0;
        Validator::new(&animal.schema).validate(&arguments.to_string(), &mut |_, _| mistakes += 1);
        prop_assert_eq!(mistakes == 0, animal.oracle.is_valid(&arguments), "{}: {}", animal.name, value);
    }
}

#[test]
fn every_sample_is_promised_and_accepted() {
    for animal in zoo() {
        for sample in &animal.samples {
            let arguments = json!({ "a": sample });
            assert!(
                animal.oracle.is_valid(&arguments),
                "{}: {sample} of {}",
                animal.name,
                animal.schema
            );
            assert!(animal.accepts(&arguments), "{}: {sample}", animal.name);
        }
    }
}

#[test]
fn an_argument_may_be_null_where_it_may_be_left_out() {
    for name in ["Option<u8>", "Trip"] {
        let animal = zoo().iter().find(|animal| animal.name == name).unwrap();
        let mut sample = animal.samples[0].clone();
        match &mut sample {
            Value::Object(members) => drop(members.insert("note".to_owned(), Value::Null)),
            other => *other = Value::Null,
        }
        assert!(animal.accepts(&json!({ "a": sample })), "{name} {sample}");
    }
}
