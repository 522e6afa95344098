use std::net::TcpListener;

use tests::Program;

fn shell(script: &str) -> Program {
    Program::new("/bin/sh").arg("-c").arg(script)
}

#[test]
fn what_a_program_says_and_returns_is_told() {
    let ended = shell("echo out; echo err >&2; exit 7").run();
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (7, "out\n", "err\n")
    );
}

#[test]
fn a_program_sees_what_it_was_given_and_nothing_else() {
    let program = shell("echo \"$GIVEN:$HOME\"; cat .env")
        .env("GIVEN", "yes")
        .file(".env", "A=1\n");
    assert_eq!(program.run().stdout, "yes:\nA=1\n");
}

#[test]
fn a_program_serves_until_it_is_told_to_end() {
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap();
    let script = format!(
        "trap 'echo bye; exit 3' TERM; echo listening on http://{address}; while :; do sleep 0.01; done"
    );
    let serving = shell(&script).serve();
    assert_eq!(serving.address(), address);
    let ended = serving.ended_by("TERM");
    assert_eq!((ended.code, ended.stdout.as_str()), (3, "bye\n"));
}

#[test]
#[should_panic(expected = "ended before it listened; stdout:\n\nstderr:\nno port\n")]
fn a_program_that_ends_at_once_is_told_with_its_words() {
    let _ = shell("echo no port >&2; exit 1").serve();
}
