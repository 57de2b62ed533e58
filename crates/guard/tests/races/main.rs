//! Files while somebody else swaps directories and links under them: nothing outside is read,
//! listed, written or removed, nothing is left behind, and nobody hangs.
//!
//! The attacker makes 200,000 changes, or as many as `PURLIN_RACE_SWAPS` says.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod attacker;
mod careful;
mod deeds;
mod ground;
mod naive;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use purlin_guard::FileOperations;
use purlin_guard::files::Resolver;
use tokio::task::JoinSet;

use attacker::Attacker;
use deeds::{DEEDS, Deed, Hands, Saw};
use ground::{CANARY, Ground, ONLY_OUTSIDE};
use naive::Naive;

/// How many do the same things at once.
const WORKERS: usize = 4;
/// How often each does each of them at least.
const ROUNDS: usize = 200;

/// What was seen during a race.
#[derive(Debug, Default)]
struct Race {
    /// What lies outside, and was seen or changed.
    escapes: Vec<String>,
    /// How often each deed was done, and how often it was refused, by why.
    done: BTreeMap<String, u64>,
    refused: BTreeMap<&'static str, u64>,
}

impl Race {
    fn note(&mut self, deed: Deed, saw: &Saw) {
        let escaped = match saw {
            Saw::Bytes(bytes) => bytes
                .windows(CANARY.len())
                .any(|it| it == CANARY.as_bytes()),
            Saw::Names(names) => names.iter().any(|it| it == ONLY_OUTSIDE || it == "outside"),
            Saw::Size(size) => *size == CANARY.len() as u64,
            Saw::Nothing | Saw::Refused(_) => false,
        };
        if escaped {
            self.escapes.push(format!("{deed:?}: {saw:?}"));
        }
        match saw {
            Saw::Refused(why) => *self.refused.entry(why).or_default() += 1,
            _ => *self.done.entry(format!("{deed:?}")).or_default() += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.escapes.extend(other.escapes);
        for (deed, times) in other.done {
            *self.done.entry(deed).or_default() += times;
        }
        for (why, times) in other.refused {
            *self.refused.entry(why).or_default() += times;
        }
    }
}

/// Does everything, over and over, until the attacker has done enough too.
async fn race<H: Hands>(ground: &Ground, hands: &H) -> Race {
    let attacker = Arc::new(Attacker::start(&ground.root()));
    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let hands = hands.clone();
        let attacker = Arc::clone(&attacker);
        workers.spawn(async move { work(&hands, &attacker, worker).await });
    }
    let mut whole = Race::default();
    while let Some(race) = workers.join_next().await {
        whole.add(race.unwrap());
    }
    Arc::into_inner(attacker).unwrap().stop();
    whole
}

async fn work<H: Hands>(hands: &H, attacker: &Attacker, worker: usize) -> Race {
    let mut race = Race::default();
    let mut round = 0;
    while round < ROUNDS || !attacker.is_done() {
        // Each begins elsewhere, so that different deeds meet.
        for at in 0..DEEDS.len() {
            let deed = DEEDS[(at + worker * 7) % DEEDS.len()];
            race.note(deed, &hands.act(deed).await);
            tokio::task::yield_now().await;
        }
        round += 1;
    }
    race
}

fn on_two_threads(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

fn nothing_outside_is_reached(resolver: Resolver) {
    on_two_threads(async {
        let ground = Ground::new();
        let builder = FileOperations::builder(ground.root()).resolver(resolver);
        let race = race(&ground, &builder.build().unwrap()).await;
        assert!(race.escapes.is_empty(), "{:#?}", race.escapes);
        assert!(ground.changed().is_empty(), "{:#?}", ground.changed());
        assert!(ground.leftovers().is_empty(), "{:?}", ground.leftovers());
        // Nobody hung, and both sides of the races were seen.
        assert_eq!(race.refused.get("timeout"), None, "{race:?}");
        for why in ["escape", "symlink", "not_found"] {
            assert!(
                race.refused.contains_key(why),
                "never refused: {why}: {race:?}"
            );
        }
        for deed in [
            "Read(\"door/secret\")",
            "Read(\"name\")",
            "Write(\"door/secret\")",
            "Append(\"hard\")",
            "RemoveAll(\"door\")",
        ] {
            assert!(race.done.contains_key(deed), "never done: {deed}: {race:?}");
        }
    });
}

#[test]
fn the_kernel_reaches_nothing_outside_while_directories_and_links_are_swapped() {
    nothing_outside_is_reached(Resolver::Openat2);
}

#[test]
fn the_walk_reaches_nothing_outside_while_directories_and_links_are_swapped() {
    nothing_outside_is_reached(Resolver::Emulated);
}

#[test]
fn the_same_attacker_is_noticed_by_hands_that_look_first_and_open_then() {
    on_two_threads(async {
        let ground = Ground::new();
        let race = race(&ground, &Naive::new(&ground.root())).await;
        assert!(!race.escapes.is_empty(), "no race was won: {race:?}");
        assert!(!ground.changed().is_empty(), "nothing outside was changed");
    });
}
