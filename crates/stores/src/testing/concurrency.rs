//! Many at once.

use std::{collections::HashSet, future::Future, time::Duration};

use bytes::Bytes;
use purlin_core::{
    Rate,
    store::{Attempts, Gcra},
};

use super::{HOUR, Scene, checks};

checks!(
    one_of_all_who_take_gets_it,
    one_of_all_who_compare_wins,
    no_addition_is_lost,
    no_update_is_lost,
    no_more_than_the_limit_is_granted,
    no_change_goes_unnoticed,
);

/// Each of a few writes when it is its turn, and waits for all others: a change that
/// one of them does not notice is the end of the game.
async fn no_change_goes_unnoticed(scene: Scene) {
    const PLAYERS: u64 = 3;
    const TURNS: u64 = 12;
    let mut players = tokio::task::JoinSet::new();
    for player in 0..PLAYERS {
        let scene = scene.clone();
        players.spawn(async move {
            let mut seen: Option<Bytes> = None;
            for turn in 1..=TURNS {
                if turn % PLAYERS == player {
                    scene.put("k", turn.to_string()).await;
                }
                let at_least = |found: &Option<Bytes>| {
                    let found = found.as_deref().and_then(|it| std::str::from_utf8(it).ok());
                    found.and_then(|it| it.parse().ok()).unwrap_or(0) >= turn
                };
                while !at_least(&seen) {
                    seen = scene.wait("k", seen.as_ref()).await;
                }
            }
        });
    }
    players.join_all().await;
}

async fn one_of_all_who_take_gets_it(scene: Scene) {
    scene.put("k", "prize").await;
    let taken = all(&scene, |scene, _| async move {
        scene.store.take(scene.at("k")).await.unwrap()
    })
    .await;
    let winners: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(winners, ["prize"]);
}

async fn one_of_all_who_compare_wins(scene: Scene) {
    let won = all(&scene, |scene, serial| async move {
        let new = Some(Bytes::from(serial.to_string()));
        let at = scene.at("k");
        let won = scene.store.compare_and_set(at, None, new, Some(HOUR)).await;
        won.unwrap().then_some(serial)
    })
    .await;
    let winners: Vec<_> = won.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(scene.get("k").await.unwrap(), winners[0].to_string());
}

async fn no_addition_is_lost(scene: Scene) {
    let sums = all(&scene, |scene, _| async move {
        scene.store.add(scene.at("k"), 3, Some(HOUR)).await.unwrap()
    })
    .await;
    let total = i64::try_from(scene.tasks).unwrap() * 3;
    let distinct: HashSet<_> = sums.iter().copied().collect();
    assert_eq!(distinct.len(), scene.tasks, "two saw one sum");
    assert_eq!(sums.into_iter().max(), Some(total));
    assert_eq!(scene.get("k").await.unwrap(), total.to_string());
}

async fn no_update_is_lost(scene: Scene) {
    all(&scene, |scene, serial| async move {
        let at = scene.at("k");
        let mut attempts = Attempts::default();
        loop {
            let found = scene.store.get(at).await.unwrap().map(|found| found.value);
            let mut list = found.clone().map(Vec::from).unwrap_or_default();
            list.extend(format!("{serial},").bytes());
            let new = Some(list.into());
            let call = scene.store.compare_and_set(at, found, new, Some(HOUR));
            if call.await.unwrap() {
                return;
            }
            attempts.failed().await.unwrap();
        }
    })
    .await;
    let list = scene.get("k").await.unwrap();
    let list = std::str::from_utf8(&list).unwrap();
    let entries: HashSet<_> = list.split_terminator(',').collect();
    assert_eq!(entries.len(), scene.tasks);
}

async fn no_more_than_the_limit_is_granted(scene: Scene) {
    let limit = Gcra::new(Rate::new(7, Duration::from_secs(86_400 * 365)));
    let granted = all(&scene, move |scene, _| async move {
        let admission = scene.store.admit(scene.at("k"), limit).await;
        admission.unwrap().is_granted()
    })
    .await;
    let granted = granted.into_iter().filter(|granted| *granted).count();
    assert_eq!(granted, 7.min(scene.tasks));
}

/// What each of the competing tasks comes to.
async fn all<T, F>(scene: &Scene, task: impl Fn(Scene, usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..scene.tasks)
        .map(|serial| tokio::spawn(task(scene.clone(), serial)))
        .collect();
    let mut ends = Vec::new();
    for task in tasks {
        ends.push(task.await.expect("the task ends"));
    }
    ends
}
