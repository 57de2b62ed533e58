//! Cells of limiters.

use std::time::Duration;

use purlin_core::{
    Rate,
    store::{Admission, Gcra, StoreErrorKind},
};

use super::{Scene, checks};

const DAY: Duration = Duration::from_secs(86_400);

checks!(
    a_burst_is_granted_and_then_refused,
    a_cell_pays_back,
    a_cost_above_the_burst_is_a_mistake,
    cells_are_reset_by_deleting,
    cells_of_one_call_are_asked_up_to_a_refusal,
);

async fn a_burst_is_granted_and_then_refused(scene: Scene) {
    let limit = Gcra::new(Rate::new(10, 10 * DAY));
    let mut left = Vec::new();
    for cost in [1, 4, 5] {
        match ask(&scene, limit.cost(cost)).await {
            Admission::Granted { remaining, owed } => {
                assert!(owed <= limit.tolerance());
                left.push(remaining);
            }
            refused => panic!("{refused:?}"),
        }
    }
    assert_eq!(left, [9, 5, 0]);
    for _ in 0..3 {
        match ask(&scene, limit).await {
            Admission::Refused { retry_after } => {
                assert!(
                    retry_after <= DAY && retry_after > DAY / 2,
                    "{retry_after:?}"
                );
            }
            granted => panic!("{granted:?}"),
        }
    }
}

async fn a_cell_pays_back(scene: Scene) {
    let limit = Gcra::new(Rate::new(1, Duration::from_millis(200)));
    assert!(ask(&scene, limit).await.is_granted());
    // As slow as the machine may be, a day's burst does not come back at once.
    let mut refused = 0;
    while let Admission::Refused { retry_after } = ask(&scene, limit).await {
        assert!(retry_after <= Duration::from_millis(200), "{retry_after:?}");
        refused += 1;
        tokio::time::sleep(retry_after).await;
        assert!(refused < 100, "the cell is never paid back");
    }
}

async fn a_cost_above_the_burst_is_a_mistake(scene: Scene) {
    let limit = Gcra::new(Rate::new(2, DAY)).cost(3);
    let error = scene.store.admit(scene.at("k"), limit).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Invalid);
}

async fn cells_are_reset_by_deleting(scene: Scene) {
    let limit = Gcra::new(Rate::new(1, DAY));
    assert!(ask(&scene, limit).await.is_granted());
    assert!(!ask(&scene, limit).await.is_granted());
    scene.store.delete(scene.at("k")).await.unwrap();
    assert!(ask(&scene, limit).await.is_granted());
}

async fn cells_of_one_call_are_asked_up_to_a_refusal(scene: Scene) {
    let [three, one] = [3, 1].map(|count| Gcra::new(Rate::new(count, DAY)));
    let asked = [
        (scene.at("first"), three),
        (scene.at("second"), one),
        (scene.at("third"), three),
    ];
    let granted = async || -> Vec<bool> {
        let said = scene.store.admit_all(&asked).await;
        let said = said.expect("limits answer");
        said.iter().map(Admission::is_granted).collect()
    };
    assert_eq!(granted().await, [true, true, true]);
    assert_eq!(granted().await, [true, false]);
    // What lies behind the refusal was not counted.
    let third = scene.store.admit(scene.at("third"), three.cost(2)).await;
    assert!(third.expect("a limit answers").is_granted());
    assert!(
        scene
            .store
            .admit_all(&[])
            .await
            .expect("nothing is asked")
            .is_empty()
    );
}

async fn ask(scene: &Scene, limit: Gcra) -> Admission {
    let asked = scene.store.admit(scene.at("k"), limit).await;
    asked.expect("a limit answers")
}
