//! A real `redis-server` for tests. Without one, the tests are skipped, and say so.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A Redis server on loopback, which ends with the test.
pub(crate) struct RedisServer {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl RedisServer {
    /// Starts a server. `None` if `redis-server` is not installed.
    pub(crate) fn start() -> Option<Self> {
        // Another program may take the port in between, so a few are tried.
        (0..5).find_map(|_| Self::try_start().transpose()).map(Result::unwrap).or_else(|| {
            println!("skipped: redis-server is not installed (apt-get install redis-server)");
            None
        })
    }

    fn try_start() -> Result<Option<Self>, String> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let started = Command::new("redis-server")
            .args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
            ])
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = started else { return Ok(None) };
        let mut server = Self { process, port, _folder: folder };
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(Some(server));
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        server.stop();
        Err("redis-server does not answer".to_owned())
    }

    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Stops the server from answering, with open connections.
    #[allow(dead_code, reason = "each test file uses a part of it")]
    pub(crate) fn pause(&self) {
        let status = Command::new("kill").args(["-STOP", &self.process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Ends the server, as a crash does.
    pub(crate) fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}
