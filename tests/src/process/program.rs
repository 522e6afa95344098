//! A built program, started as a user would.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::eventually::{DEADLINE, eventually};
use crate::folder::Folder;
use crate::process::watched::{Spec, Watched, said};

/// What a server says on stdout when it listens, before its address.
const LISTENING: &str = "listening on http://";

/// A program to start: nothing of the environment of the tests is seen by it, and it runs in an empty
/// folder of its own.
#[derive(Debug)]
pub struct Program {
    spec: Spec,
    folder: Folder,
}

/// How a program ended and what it said.
#[derive(Debug)]
pub struct Ended {
    /// What it returned; 128 and the number of the signal that ended it.
    pub code: i32,
    /// All of it.
    pub stdout: String,
    /// All of it.
    pub stderr: String,
}

/// A program that serves HTTP until it is dropped. What it logged is printed when the test fails.
#[derive(Debug)]
pub struct Serving {
    process: Option<Watched>,
    folder: Folder,
    address: SocketAddr,
    announced: usize,
}

impl Program {
    /// The program in this file, as of `env!("CARGO_BIN_EXE_..")` or [`Program::built`].
    #[must_use]
    pub fn new(file: impl AsRef<Path>) -> Self {
        let folder = Folder::new();
        Self {
            spec: Spec {
                program: file.as_ref().into(),
                arguments: Vec::new(),
                variables: Vec::new(),
                inherit: false,
                directory: folder.path().join("here"),
            },
            folder,
        }
        .with_directory()
    }

    /// A program of another package of the workspace, which `cargo` has built beside this test: a path
    /// below its folder of outputs, and the arguments of the `cargo build` that makes it.
    ///
    /// # Panics
    /// When it is not built.
    #[must_use]
    #[track_caller]
    pub fn built(path: &str, build: &str) -> Self {
        let test = std::env::current_exe().unwrap();
        let built: PathBuf = test.ancestors().nth(2).unwrap().join(path);
        assert!(
            built.exists(),
            "{} is not built; run `cargo build {build}`, or ./tests/run",
            built.display()
        );
        Self::new(built)
    }

    fn with_directory(self) -> Self {
        std::fs::create_dir(&self.spec.directory).unwrap();
        self
    }

    /// The folder it runs in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.spec.directory
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.spec.arguments.push(argument.into());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.spec.variables.push((name.into(), value.into()));
        self
    }

    /// Puts a file into the folder it runs in.
    #[must_use]
    pub fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.spec.directory.join(name), text).unwrap();
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn run(self) -> Ended {
        self.run_within(DEADLINE)
    }

    /// Runs one to its end that may take so long.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn run_within(self, patience: Duration) -> Ended {
        let process = Watched::start(&self.spec, &self.folder);
        end(process, &self.folder, patience)
    }

    /// Starts it and waits until it has said where it listens: `listening on http://` and the address, on a
    /// line of its own. It should be told to take a free port.
    ///
    /// # Panics
    /// When it ends instead.
    #[must_use]
    #[track_caller]
    pub fn serve(self) -> Serving {
        self.serve_where(|line| line.strip_prefix(LISTENING)?.parse().ok())
    }

    /// [`serve`](Self::serve) for a program that says it otherwise: `address` finds it in a line.
    ///
    /// # Panics
    /// When it ends instead.
    #[must_use]
    #[track_caller]
    pub fn serve_where(self, address: impl Fn(&str) -> Option<SocketAddr>) -> Serving {
        let process = Watched::start(&self.spec, &self.folder);
        let (address, announced) = eventually("the program says where it listens", || {
            if process.has_ended() {
                let Self { spec, folder } = &self;
                panic!(
                    "{} ended before it listened; stdout:\n{}\nstderr:\n{}",
                    spec.program.display(),
                    said(folder, "stdout"),
                    said(folder, "stderr")
                );
            }
            announcement(&said(&self.folder, "stdout"), &address)
        });
        Serving {
            process: Some(process),
            folder: self.folder,
            address,
            announced,
        }
    }
}

impl Serving {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has logged so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        said(&self.folder, "stderr")
    }

    /// The id of its process.
    ///
    /// # Panics
    /// Never: it has a process until it is consumed.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    /// Sends a signal: `TERM`, `INT`, `STOP`, `CONT`...
    ///
    /// # Panics
    /// When it cannot be sent.
    #[track_caller]
    pub fn signal(&mut self, name: &str) {
        self.process.as_mut().unwrap().signal(name);
    }

    /// Asks it to end with a signal, and waits until it has; `stdout` is what came after the address.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn ended_by(mut self, signal: &str) -> Ended {
        self.signal(signal);
        self.ended()
    }

    /// Waits until it has ended by itself; `stdout` is what came after the address.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    #[track_caller]
    pub fn ended(mut self) -> Ended {
        let process = self.process.take().unwrap();
        let mut ended = end(process, &self.folder, DEADLINE);
        ended.stdout.drain(..self.announced);
        ended
    }
}

impl Drop for Serving {
    #[expect(
        clippy::print_stderr,
        reason = "what the program said explains why a test failed"
    )]
    fn drop(&mut self) {
        drop(self.process.take());
        if std::thread::panicking() {
            eprintln!("{} said:\n{}", self.address, self.stderr());
        }
    }
}

/// The address in the first line that has one, and where that line ends.
fn announcement(
    stdout: &str,
    address: impl Fn(&str) -> Option<SocketAddr>,
) -> Option<(SocketAddr, usize)> {
    let mut end = 0;
    for line in stdout.split_inclusive('\n') {
        end += line.len();
        // a line that has not ended may go on
        if let Some(said) = line.strip_suffix('\n').and_then(&address) {
            return Some((said, end));
        }
    }
    None
}

#[track_caller]
fn end(process: Watched, folder: &Folder, patience: Duration) -> Ended {
    let code = process.wait(patience);
    let (stdout, stderr) = (said(folder, "stdout"), said(folder, "stderr"));
    let Some(code) = code else {
        panic!("the program did not end within {patience:?}; stdout:\n{stdout}\nstderr:\n{stderr}");
    };
    Ended {
        code,
        stdout,
        stderr,
    }
}
