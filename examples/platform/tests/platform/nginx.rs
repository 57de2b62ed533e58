//! nginx with the configuration of `config/compose`, in front of given addresses.
//! `cargo xtask test` installs it.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// A running nginx, which ends with the test.
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    directory: TempDir,
}

impl Nginx {
    /// Takes over what the file says, but for addresses and the places of its files.
    pub(crate) async fn before(servers: &[SocketAddr]) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/compose/nginx.conf");
        let text = fs::read_to_string(file).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        let name = "server platform:8000 ";
        assert!(text.contains(name) && text.contains("listen 8000;"));
        let line = text.lines().find(|line| line.contains(name)).unwrap();
        let each = servers
            .iter()
            .map(|server| line.replace("platform:8000", &server.to_string()));
        let each = each.collect::<Vec<_>>().join("\n");
        let text = text
            .replace(line, &each)
            .replace("listen 8000;", &format!("listen {address};"))
            .replace("http {", &format!("http {{\n{}", places()));
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("nginx.conf"), text).unwrap();
        drop(free);
        let nginx = Self { address, directory };
        // As a daemon it returns when it listens, and keeps what it says things to:
        // from a pipe one would read for as long as it runs.
        let said = nginx.directory.path().join("said");
        let started = nginx
            .command()
            .stderr(fs::File::create(&said).unwrap())
            .status()
            .unwrap();
        assert!(started.success(), "{}", fs::read_to_string(said).unwrap());
        nginx
    }

    fn command(&self) -> Command {
        let program = std::env::var_os("PURLIN_NGINX").unwrap_or_else(|| "/usr/sbin/nginx".into());
        assert!(
            Path::new(&program).exists(),
            "nginx is missing: run `sudo apt-get install -y nginx-light`"
        );
        let mut command = Command::new(program);
        command
            .arg("-p")
            .arg(self.directory.path())
            .args([
                "-c",
                "nginx.conf",
                "-g",
                "pid nginx.pid; error_log error.log;",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let stopping = self
            .command()
            .args(["-s", "stop"])
            .stderr(Stdio::null())
            .status();
        let _ = stopping;
    }
}

/// Everything it writes is in its own directory.
fn places() -> String {
    let of = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    of.map(|what| format!("    {what}_temp_path {what};"))
        .join("\n")
}
