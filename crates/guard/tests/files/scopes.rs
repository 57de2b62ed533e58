//! Tenants, and who is told of what they do.

use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Waker};

use proptest::prelude::*;
use purlin_guard::Tenant;
use purlin_guard::events::{GuardEvent, Operation, Outcome};
use purlin_guard::files::{Limits, Quota};

use crate::ground::{CANARY, Ground, both, given_up};

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    both(async |ground| {
        let files = ground.files();
        let a = files.scoped(&Tenant::new("a")).await.unwrap();
        let b = files.scoped(&Tenant::new("b")).await.unwrap();
        let none = files.scoped(&Tenant::none()).await.unwrap();
        a.write("x", "of a").await.unwrap();
        b.write("x", "of b").await.unwrap();
        assert_eq!(a.read_text("x").await.unwrap(), "of a");
        assert_eq!(none.read("x").await.unwrap_err().name(), "not_found");
        for path in ["../tenant-b/x", "../x", "..", "x/../../tenant-b/x"] {
            let verdict = a.read(path).await.unwrap_err().name();
            assert!(
                ["escape", "not_directory"].contains(&verdict),
                "{path}: {verdict}"
            );
        }
        assert_eq!(a.glob("**").await.unwrap().paths, ["x"]);
        std::os::unix::fs::symlink("../tenant-b/x", ground.at("tenant-a/l")).unwrap();
        assert_eq!(a.read("l").await.unwrap_err().name(), "escape");
        assert_eq!(files.read_text("tenant-b/x").await.unwrap(), "of b");
    })
    .await;
}

#[tokio::test]
async fn a_link_in_the_place_of_a_tenants_directory_is_not_followed() {
    both(async |ground| {
        let outside = ground.outside();
        let ground = ground
            .link("tenant-a", &outside)
            .directory("d")
            .link("tenant-b", "d");
        let files = ground.files();
        for tenant in ["a", "b"] {
            let refused = files.scoped(&Tenant::new(tenant)).await.unwrap_err().name();
            assert_eq!(refused, "symlink");
        }
        assert_eq!(fs::read_to_string(outside.join("secret")).unwrap(), CANARY);
    })
    .await;
}

#[tokio::test]
async fn each_tenant_has_a_quota_of_its_own_and_one_count() {
    both(async |ground| {
        let mut quota = Quota::default();
        quota.bytes = 10;
        let files = ground.builder().tenant_quota(quota).build().unwrap();
        let (a, b) = (Tenant::new("a"), Tenant::new("b"));
        let first = files.scoped(&a).await.unwrap();
        let again = files.scoped(&a).await.unwrap();
        first.write("x", "123456").await.unwrap();
        assert_eq!(
            again.write("y", "123456").await.unwrap_err().name(),
            "quota"
        );
        assert_eq!(again.usage().bytes, 6);
        let other = files.scoped(&b).await.unwrap();
        other.write("y", "1234567890").await.unwrap();
        assert_eq!(first.quota().bytes, 10);
        files.write("x", "12345678901").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn tenants_that_are_known_at_once_are_bounded() {
    both(async |ground| {
        let mut limits = Limits::default();
        limits.tenants = 2;
        let files = ground.builder().limits(limits).build().unwrap();
        let a = files.scoped(&Tenant::new("a")).await.unwrap();
        let b = files.scoped(&Tenant::new("b")).await.unwrap();
        let c = Tenant::new("c");
        assert_eq!(files.scoped(&c).await.unwrap_err().name(), "quota");
        b.write("x", "x").await.unwrap();
        drop(b);
        let c = files.scoped(&c).await.unwrap();
        c.write("x", "x").await.unwrap();
        drop((a, c));
        assert_eq!(
            files.scoped(&Tenant::new("b")).await.unwrap().usage().bytes,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_root_that_is_only_read_makes_nothing() {
    both(async |ground| {
        let ground = ground
            .directory("tenant-a")
            .file("tenant-a/x", "x")
            .file("x", "x");
        let files = ground.builder().read_only().build().unwrap();
        let a = files.scoped(&Tenant::new("a")).await.unwrap();
        assert_eq!(files.read_text("x").await.unwrap(), "x");
        assert_eq!(a.read_text("x").await.unwrap(), "x");
        for files in [&files, &a] {
            for result in [
                files.write("x", "").await,
                files.create_new("y", "").await,
                files.append("x", "").await,
                files.copy("x", "y").await,
                files.rename("x", "y").await,
                files.remove("x").await,
                files.remove_all("x").await,
                files.create_dir("y").await,
                files.create_dir_all("y/z").await,
                files.temporary("").await.map(drop),
            ] {
                assert_eq!(result.unwrap_err().name(), "denied");
            }
        }
        let missing = files.scoped(&Tenant::new("b")).await.unwrap_err();
        assert_eq!(missing.name(), "not_found");
        assert_eq!(ground.names(), ["tenant-a", "tenant-a/x", "x"]);
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn two_names_are_two_tenants(a in "\\PC{0,80}|[A-Za-z=/.%-]{0,300}", b in "\\PC{0,80}|[a-z=]{0,3}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(both(async |ground| {
            let files = ground.files();
            let (first, second) = (Tenant::new(&a), Tenant::new(&b));
            let first = files.scoped(&first).await.unwrap();
            let second = files.scoped(&second).await.unwrap();
            first.write("x", "x").await.unwrap();
            assert_eq!(second.stat("x").await.is_ok(), a == b);
            assert_eq!(ground.names().len(), if a == b { 2 } else { 3 });
        }));
    }
}

#[tokio::test]
async fn each_operation_is_told_of_with_its_path_and_what_became_of_it() {
    both(async |ground| {
        let told = Arc::new(Mutex::new(Vec::new()));
        let (events, new) = (Arc::clone(&told), Arc::clone(&told));
        let builder = ground.builder();
        let files = builder
            .events(move |event: &GuardEvent| events.lock().unwrap().push(event.clone()))
            .build()
            .unwrap();
        files.write("a", "text").await.unwrap();
        files.read("a").await.unwrap();
        files.copy("a", "b").await.unwrap();
        files.read("../a\n").await.unwrap_err();
        files.read("missing").await.unwrap_err();
        drop(files.remove("never asked"));
        let acme = Tenant::new("acme");
        files.scoped(&acme).await.unwrap().list(".").await.unwrap();
        let mut told = std::mem::take(&mut *told.lock().unwrap());
        while told.last().unwrap().outcome != Outcome::Cancelled {
            // It may have been done at once.
            given_up(files.read("a"), 1).await;
            let event = new.lock().unwrap().pop().unwrap();
            match event.outcome {
                Outcome::Cancelled => told.push(event),
                outcome => assert_eq!(outcome, Outcome::Done),
            }
        }
        let seen: Vec<_> = told
            .iter()
            .map(|event| {
                let Operation::File {
                    operation,
                    path,
                    destination,
                    bytes,
                    ..
                } = &event.operation
                else {
                    panic!("{event:?}")
                };
                let tenant = event.tenant.as_ref().and_then(Tenant::name);
                let to = destination.as_deref();
                (*operation, &path[..], to, *bytes, event.outcome, tenant)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("write", "a", None, 4, Outcome::Done, None),
                ("read", "a", None, 4, Outcome::Done, None),
                ("copy", "a", Some("b"), 0, Outcome::Done, None),
                (
                    "read",
                    "../a",
                    None,
                    0,
                    Outcome::Refused("invalid_path"),
                    None
                ),
                (
                    "read",
                    "missing",
                    None,
                    0,
                    Outcome::Failed("not_found"),
                    None
                ),
                ("list", ".", None, 0, Outcome::Done, Some("acme")),
                ("read", "a", None, 0, Outcome::Cancelled, None),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_tenant_that_is_full_locks_no_other_out_when_it_is_built_again() {
    both(async |ground| {
        let mut quota = Quota::default();
        quota.files = 3;
        let builder = ground.builder().quota(quota.clone()).tenant_quota(quota);
        let files = builder.clone().build().unwrap();
        let a = files.scoped(&Tenant::new("a")).await.unwrap();
        for name in ["x", "y", "z"] {
            a.write(name, "").await.unwrap();
        }
        assert_eq!(a.write("w", "").await.unwrap_err().name(), "quota");
        drop((a, files));
        let files = builder.build().unwrap();
        assert_eq!(files.create_dir("d").await.unwrap_err().name(), "quota");
        for tenant in ["a", "b", "c"] {
            let tenant = files.scoped(&Tenant::new(tenant)).await.unwrap();
            tenant.append("x", "its own").await.unwrap();
        }
        assert_eq!(fs::read_dir(ground.root()).unwrap().count(), 3);
    })
    .await;
}

/// Asks for something once, so that it has its place, and does not ask again.
async fn begun<F: Future>(future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "it waits for a thread");
    future
}

/// Runs a test with one thread for blocking work.
fn narrow<F: Future<Output = ()>>(test: impl Fn(Ground) -> F) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().max_blocking_threads(1).build();
    runtime.unwrap().block_on(both(test));
}

/// Keeps that thread busy until what this returns is dropped.
fn hold() -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    tokio::task::spawn_blocking(move || released.recv().is_err());
    release
}

#[test]
fn a_tenant_that_is_known_needs_no_turn_of_the_others() {
    narrow(async |ground| {
        let mut limits = Limits::default();
        (limits.parallel, limits.waiting) = (1, 1);
        let files = ground.builder().limits(limits).build().unwrap();
        let (a, b) = (Tenant::new("a"), Tenant::new("b"));
        let known = files.scoped(&a).await.unwrap();
        let held = hold();
        let calls = [begun(files.stat(".")).await, begun(files.stat(".")).await];
        assert_eq!(files.scoped(&b).await.unwrap_err().name(), "busy");
        let again = files.scoped(&a).await.unwrap();
        drop((calls, held));
        again.write("x", "x").await.unwrap();
        assert_eq!(known.usage().files, 1);
        files.scoped(&b).await.unwrap();
    });
}

#[test]
fn a_tenant_that_is_new_takes_one_turn_of_the_others() {
    narrow(async |ground| {
        let mut limits = Limits::default();
        (limits.parallel, limits.waiting) = (1, 2);
        let files = ground.builder().limits(limits).build().unwrap();
        let (a, b) = (Tenant::new("a"), Tenant::new("b"));
        let held = hold();
        let calls = [
            begun(files.scoped(&a)).await,
            begun(files.scoped(&a)).await,
            begun(files.scoped(&a)).await,
        ];
        assert_eq!(files.scoped(&a).await.unwrap_err().name(), "busy");
        let other = begun(files.scoped(&b)).await;
        drop(held);
        for call in calls {
            call.await.unwrap();
        }
        other.await.unwrap();
        files.scoped(&a).await.unwrap();
    });
}

#[tokio::test]
async fn a_tenant_whose_directory_is_taken_away_begins_anew() {
    both(async |ground| {
        let files = ground.files();
        let a = Tenant::new("a");
        for away in ["tenant-a", "./tenant-a", "d/../tenant-a", "moved"] {
            drop(files.create_dir("d").await);
            let old = files.scoped(&a).await.unwrap();
            old.write("x", "123").await.unwrap();
            match away {
                "moved" => files.rename("tenant-a", away).await.unwrap(),
                path => files.remove_all(path).await.unwrap(),
            }
            let counted = files.usage();
            assert_eq!(counted, files.recount().await.unwrap());
            let new = files.scoped(&a).await.unwrap();
            assert_eq!(new.usage().files, 0);
            new.write("y", "y").await.unwrap();
            assert_eq!(fs::read_to_string(ground.at("tenant-a/y")).unwrap(), "y");
            if away != "moved" {
                assert_eq!(old.read("x").await.unwrap_err().name(), "not_found");
            }
        }
    })
    .await;
}
