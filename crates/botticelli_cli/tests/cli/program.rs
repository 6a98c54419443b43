//! A run of the program.

use botticelli::sandbox::{Sandbox, SandboxBuilder};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A home folder, and the runs in it.
pub(crate) struct Home {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// The outputs of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// Returns a home whose calls go to a sandbox.
    pub(crate) fn at(server: &Server) -> Self {
        Self::new().with("HF_TOKEN", Sandbox::TOKEN).with("HUGGINGFACE_BASE_URL", server.sandbox().base_url())
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the home folder, and returns its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_botticelli"));
        command.args(arguments).env_clear().current_dir(self.path()).env("HOME", self.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program with an empty standard input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program with a pipe as standard input.
    pub(crate) fn pipe(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A program that does not read closes the pipe.
        let _ = pipe.write_all(input.as_ref());
        drop(pipe);
        Run::of(child.wait_with_output().unwrap())
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }
}

/// A sandbox on its own thread.
pub(crate) struct Server {
    sandbox: Option<Sandbox>,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn start(builder: SandboxBuilder) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(builder.start()).unwrap();
        Self { sandbox: Some(sandbox), runtime }
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    /// Waits until the client has closed its connection.
    pub(crate) fn wait_until_disconnected(&self) {
        self.runtime.block_on(self.sandbox().wait_until_disconnected());
    }

    /// Returns the bodies of the chat requests.
    pub(crate) fn bodies(&self) -> Vec<serde_json::Value> {
        let requests = self.sandbox().requests();
        requests
            .iter()
            .filter(|request| request.method() == "POST")
            .map(|request| request.body().clone())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _guard = self.runtime.enter();
        drop(self.sandbox.take());
    }
}
