//! The program as a process: what it prints, and how it ends.

#![cfg(unix)]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far more than anything here takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// An empty folder for one test to run in.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The program in a folder of its own, with nothing set.
fn demo(test: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo-server"));
    command
        .current_dir(folder(test))
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// What the program says, once it has ended of itself.
#[track_caller]
fn ended(command: &mut Command) -> Ended {
    end_of(command.spawn().unwrap())
}

#[track_caller]
fn end_of(child: Child) -> Ended {
    let (ended, waiting) = mpsc::channel();
    let id = child.id();
    thread::spawn(move || ended.send(child.wait_with_output()));
    let Ok(output) = waiting.recv_timeout(DEADLINE) else {
        signal("KILL", id);
        panic!("the program did not end");
    };
    let output = output.unwrap();
    Ended {
        status: output.status,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn signal(name: &str, process: u32) {
    let kill = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// A program that serves, until it is dropped.
struct Serving {
    child: Option<Child>,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Serving {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self {
            child: Some(child),
            stdout,
            address,
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: demo\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signalled(mut self, name: &str) -> Ended {
        let child = self.child.take().unwrap();
        signal(name, child.id());
        let mut ended = end_of(child);
        self.stdout.read_to_string(&mut ended.stdout).unwrap();
        ended
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn says_where_it_listens_serves_and_stops_when_asked() {
    for name in ["TERM", "INT"] {
        let test = format!("stops-{name}");
        let serving = Serving::start(demo(&test).args(["--listen", "127.0.0.1:0"]));
        assert!(!serving.address.ends_with(":0"), "{}", serving.address);
        let health = serving.get("/health");
        assert!(health.starts_with("HTTP/1.1 200 OK\r\n"), "{health}");
        let ended = serving.signalled(name);
        assert!(ended.status.success(), "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains("stopping"), "{}", ended.stderr);
    }
}

#[test]
fn a_request_under_way_is_answered_before_it_stops() {
    let serving = Serving::start(demo("graceful").args(["--listen", "127.0.0.1:0"]));
    let mut stream = TcpStream::connect(&serving.address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    // the server says 100 when the handler asks for the body: then the request is under way
    write!(
        stream,
        "POST /api/publish-event HTTP/1.1\r\nhost: demo\r\nexpect: 100-continue\r\n\
         connection: close\r\ncontent-length: 31\r\n\r\n"
    )
    .unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    let child = serving.child.as_ref().unwrap().id();
    signal("TERM", child);
    stream
        .get_mut()
        .write_all(br#"{"channel": "a", "message": 12}"#)
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("HTTP/1.1 200 OK"), "{answer}");
    assert!(serving.signalled("TERM").status.success());
}

#[test]
fn a_taken_port_is_a_message_and_a_failure() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = ended(demo("taken").args(["--listen", &address]));
    assert_eq!(ended.status.code(), Some(1));
    assert_eq!(ended.stdout, "");
    assert_eq!(
        ended.stderr,
        format!(
            "demo-server: cannot listen on {address}: something else listens there; choose another \
             address with --listen ADDR or LISTEN_ADDR (port 0 takes a free one)\n"
        )
    );
}

#[test]
fn help_names_every_way_to_set_something() {
    let ended = ended(demo("help").arg("--help"));
    assert!(ended.status.success());
    for name in [
        "--listen",
        "LISTEN_ADDR",
        "LOG_LEVEL",
        "CACHE_ENABLED",
        "CACHE_DEFAULT_TTL",
    ] {
        assert!(
            ended.stdout.contains(name),
            "{name} is not in\n{}",
            ended.stdout
        );
    }
}

#[test]
fn a_wrong_argument_is_a_message_and_a_failure() {
    for arguments in [["--listen", "localhost"], ["--port", "80"]] {
        let ended = ended(demo("wrong-argument").args(arguments));
        assert_eq!(ended.status.code(), Some(2));
        assert!(ended.stderr.contains(arguments[0]), "{}", ended.stderr);
    }
}

#[test]
fn a_dotenv_file_is_read_and_the_environment_goes_before_it() {
    let mut command = demo("dotenv");
    let file = folder("dotenv").join(".env");
    std::fs::write(&file, "LISTEN_ADDR=127.0.0.1:0\nCACHE_ENABLED=\"false\"\n").unwrap();
    let serving = Serving::start(&mut command);
    let answer = serving.get("/api/cached-data");
    assert!(answer.contains(r#""status":"bypass""#), "{answer}");
    drop(serving);

    command.env("CACHE_ENABLED", "true");
    let serving = Serving::start(&mut command);
    let answer = serving.get("/api/cached-data");
    assert!(answer.contains(r#""status":"miss""#), "{answer}");
}

#[test]
fn a_dotenv_file_further_up_is_somebody_elses() {
    std::fs::write(folder("above").join(".env"), "CACHE_ENABLED=perhaps\n").unwrap();
    let mut command = demo("above/below");
    let serving = Serving::start(command.env("LISTEN_ADDR", "127.0.0.1:0"));
    assert!(serving.get("/health").contains(r#""status":"ok""#));
}

#[test]
fn all_mistakes_are_told_at_once_and_no_secret() {
    let mut command = demo("mistakes");
    let file = folder("mistakes").join(".env");
    std::fs::write(
        &file,
        "REDIS_URL=redis://:hunter2@127.0.0.1\nCACHE_DEFAULT_TTL=0\n",
    )
    .unwrap();
    command.env("LISTEN_ADDR", "8080").env("LOG_LEVEL", "loud");
    let ended = ended(&mut command);
    assert_eq!(ended.status.code(), Some(1));
    for name in ["LISTEN_ADDR", "LOG_LEVEL", "REDIS_URL", "CACHE_DEFAULT_TTL"] {
        assert!(
            ended.stderr.contains(name),
            "{name} is not in\n{}",
            ended.stderr
        );
    }
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn a_dotenv_file_that_cannot_be_read_is_a_message_without_its_text() {
    let mut command = demo("bad-dotenv");
    let file = folder("bad-dotenv").join(".env");
    std::fs::write(&file, "LISTEN_ADDR=127.0.0.1:0\nhunter2 is my password\n").unwrap();
    let ended = ended(&mut command);
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.stderr.contains(".env: entry 2 cannot be read"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}
