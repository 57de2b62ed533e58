//! Where sessions are kept by a process that stands alone.

use platform::{Platform, Settings};
use purlin::{config::Loader, health::Status, prelude::*};

#[purlin::test]
async fn a_directory_is_a_dependency_that_is_asked_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [("STATE_DIRECTORY", directory.path().to_str().unwrap())];
    let settings = Loader::new().variables(variables).load::<Settings>();
    let settings = settings.unwrap();
    let server = Platform::open(&settings).await.unwrap().into_server();

    let health = server.health().await;
    let [disk] = health.dependencies() else {
        panic!("{health:?}");
    };
    assert_eq!((disk.name(), disk.status()), ("disk", Status::Ok));
    let asked = server.samples();
    let asked = asked.value("mcp_store_operations_total", &[("store", "disk")]);
    assert_eq!(asked, Some(1.0));

    let second = Platform::open(&settings).await.unwrap_err();
    let said = second.to_string();
    assert!(said.contains("`state_directory`"), "{said}");
    assert!(said.contains("another process"), "{said}");
    assert!(!said.contains(variables[0].1), "{said}");
}
