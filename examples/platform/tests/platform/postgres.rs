//! The stock in a real PostgreSQL. `cargo xtask test` installs it; these tests
//! start it.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use platform::{Platform, Settings, inventory::Item};
use purlin::config::{Loaded, Loader};
use purlin::testing::{TestClient, connect};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Nobody: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

/// A database of this test alone, which ends with it.
pub(crate) struct Database {
    server: Child,
    directory: TempDir,
}

impl Database {
    pub(crate) async fn start() -> Self {
        let programs = programs();
        let directory = tempfile::tempdir().unwrap();
        let open = fs::Permissions::from_mode(0o777);
        fs::set_permissions(directory.path(), open).unwrap();
        let data = directory.path().join("data");
        let made = unprivileged(&programs.join("initdb"))
            .args([
                "--auth=trust",
                "--username=shop",
                "--no-sync",
                "--encoding=UTF8",
                "--pgdata",
            ])
            .arg(&data)
            .current_dir(directory.path())
            .output()
            .await
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let mut server = unprivileged(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(directory.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off"])
            .current_dir(directory.path())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("ready to accept connections") {
            match log.next_line().await.unwrap() {
                Some(line) => said.push_str(&line),
                None => panic!("PostgreSQL did not start: {said}"),
            }
        }
        // Whatever it says further, somebody has to read.
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        Self { server, directory }
    }

    pub(crate) fn url(&self) -> String {
        let directory = self.directory().display();
        format!("host={directory} user=shop dbname=postgres")
    }

    #[cfg(feature = "redis")]
    pub(crate) async fn kill(&mut self) {
        self.server.kill().await.unwrap();
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn settings(&self) -> Loaded<Settings> {
        Loader::new()
            .variables([("DATABASE_URL", self.url())])
            .text("platform.toml", "pool_size = 2")
            .load()
            .unwrap()
    }

    async fn platform(&self) -> TestClient {
        connect(Platform::open(&self.settings()).await.unwrap()).await
    }
}

/// The directory with the programs of the newest PostgreSQL.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let programs = versions.map(|version| version.path().join("bin"));
    let found = programs
        .filter(|programs| programs.join("initdb").is_file())
        .max();
    found.expect("PostgreSQL is missing: run `sudo apt-get install -y postgresql`")
}

/// The program, as somebody who is not root.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.env_clear().env("LC_ALL", OsString::from("C"));
    command
}

async fn quantity(client: &TestClient, sku: &str) -> u32 {
    let text = client
        .read(&format!("inventory://inventory/items/{sku}"))
        .await
        .unwrap();
    serde_json::from_str::<Item>(&text).unwrap().quantity
}

#[purlin::test]
async fn replicas_share_the_stock_and_keep_it_between_runs() {
    let database = Database::start().await;
    let (one, other) = (database.platform().await, database.platform().await);
    let before = quantity(&one, "FST-001").await;

    let sell = json!({ "sku": "FST-001", "quantity": 7 });
    let sold: Item = one.call("inventory_reserve", &sell).await.unwrap();
    assert_eq!(sold.quantity, before - 7);
    assert_eq!(quantity(&other, "FST-001").await, before - 7);

    let bolts: Vec<Item> = other
        .call("inventory_search", json!({ "text": "BOLT" }))
        .await
        .unwrap();
    assert_eq!(bolts.len(), 2);
    let error = other
        .call_tool(
            "inventory_reserve",
            json!({ "sku": "TLS-001", "quantity": 1000 }),
        )
        .await
        .unwrap();
    assert!(error.is_error);

    drop((one, other));
    let later = database.platform().await;
    assert_eq!(quantity(&later, "FST-001").await, before - 7);
}

#[purlin::test]
async fn replicas_never_sell_the_same_piece() {
    let database = Database::start().await;
    let (one, other) = (database.platform().await, database.platform().await);
    let sku = "TLS-005";
    let pieces = quantity(&one, sku).await;
    let sell = json!({ "sku": sku, "quantity": 1 });
    let mut sold = 0;
    for _ in 0..pieces {
        let (left, right) = tokio::join!(
            one.call::<Item>("inventory_reserve", &sell),
            other.call::<Item>("inventory_reserve", &sell),
        );
        sold += u32::from(left.is_ok()) + u32::from(right.is_ok());
    }
    assert_eq!(sold, pieces);
    assert_eq!(quantity(&other, sku).await, 0);
}

#[purlin::test]
async fn a_database_that_is_not_there_keeps_the_platform_from_starting() {
    let loader = Loader::new().variables([("DATABASE_URL", "host=/nowhere user=shop")]);
    let settings = loader.load::<Settings>().unwrap();
    let client = purlin::testing::client(Platform::open(&settings).await.unwrap())
        .try_connect()
        .await;
    assert!(client.is_err());
}
