//! Whoever says the word does not go on.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};

use tests::canary::{canary, listen};
use tests::{Program, RedisServer};

const ABORTED: i32 = 6;

#[test]
#[ignore = "is started by another test, and ends the process"]
fn logs_the_word() {
    let _server = RedisServer::start();
    std::thread::spawn(|| tracing::trace!(url = canary("password"), "a field"))
        .join()
        .unwrap();
}

#[test]
#[ignore = "is started by another test, and ends the process"]
fn panics_with_the_word() {
    listen();
    let _ = std::panic::catch_unwind(|| panic!("{}", canary("password")));
}

#[test]
#[ignore = "is started by another test, and ends the process"]
fn starts_what_prints_the_word() {
    let said = Program::new("/bin/echo").arg(canary("password")).run();
    assert_eq!(said.code, 0);
}

#[test]
fn a_process_that_says_the_word_ends() {
    for (test, complaint) in [
        ("logs_the_word", "what is logged says it"),
        ("panics_with_the_word", "what is logged says it"),
        (
            "starts_what_prints_the_word",
            "what a process printed says it",
        ),
    ] {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture"]);
        let ended = command.arg(format!("canary::{test}")).output().unwrap();
        let Output { status, stderr, .. } = ended;
        let stderr = String::from_utf8_lossy(&stderr);
        assert_eq!(status.signal(), Some(ABORTED), "{test}: {stderr}");
        assert!(stderr.contains(complaint), "{test}: {stderr}");
    }
}
