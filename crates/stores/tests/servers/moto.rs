//! A look-alike of DynamoDB for one test, on a free port, gone with the test.

use std::{net::SocketAddr, process::Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/moto_server.py");

/// A running look-alike. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Moto {
    child: Child,
    address: SocketAddr,
}

impl Moto {
    pub(crate) async fn start() -> Self {
        let python = std::env::var_os("PURLIN_MOTO_PYTHON").unwrap_or_else(|| "python3".into());
        let mut child = Command::new(&python)
            .arg(SCRIPT)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}. {NEXT}", python.display()));
        let output = child.stdout.take().expect("its output is piped");
        let mut lines = BufReader::new(output).lines();
        let line = lines.next_line().await.expect("its output is text");
        let port = line.unwrap_or_else(|| panic!("{} has no moto. {NEXT}", python.display()));
        let port: u16 = port.parse().expect("it prints its port");
        Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], port)),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it can be killed");
    }
}

const NEXT: &str = "Run `cargo xtask test --only cargo`, which installs it, or `pip install -r \
                    crates/stores/tests/servers/moto-requirements.txt`";
