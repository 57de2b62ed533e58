//! A Redis that keeps what it was told through a kill.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::Result;

/// Killed when dropped, with what it wrote.
#[derive(Debug)]
pub(crate) struct Redis {
    program: PathBuf,
    directory: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
}

impl Redis {
    pub(crate) async fn start(program: &Path) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let name = format!("purlin-soak-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory)?;
        let mut redis = Self {
            program: program.to_path_buf(),
            directory,
            address,
            child: None,
        };
        redis.ensure().await?;
        Ok(redis)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts it where it does not run, and waits until it answers.
    pub(crate) async fn ensure(&mut self) -> Result<()> {
        if self.child.is_some() {
            return Ok(());
        }
        let child = Command::new(&self.program)
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--port", &self.address.port().to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        self.child = Some(child);
        timeout(Duration::from_secs(30), self.answers()).await?;
        Ok(())
    }

    async fn answers(&self) {
        let ping = || async {
            let mut stream = TcpStream::connect(self.address).await?;
            stream.write_all(b"PING\r\n").await?;
            let mut answer = [0; 5];
            stream.read_exact(&mut answer).await?;
            std::io::Result::Ok(answer == *b"+PONG")
        };
        while !ping().await.unwrap_or(false) {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.child = None;
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
