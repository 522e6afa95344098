//! A process that cannot outlive the test, whatever ends the test.
//!
//! A shell is its parent and reads names of signals from a pipe that this process holds. When the pipe is
//! closed, by a drop or because this process was killed, the shell kills its child. It stands in a process
//! group of its own, so that a Ctrl-C for the tests does not reach it before that. Signals go through the
//! shell because only the parent knows that an id is still that of its child.
//!
//! (`PR_SET_PDEATHSIG` is Linux only, and fires when the *thread* ends that started the process.)

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::canary::end_if_heard;
use crate::folder::Folder;

/// `$1` is the folder to remove when nobody is left to do it, the rest is the command. The command keeps
/// the shell's output open as its descriptor 3, so that the end of that output is the end of the command.
const WATCH: &str = r#"
folder=$1
shift
"$@" 3>&1 >>"$folder/stdout" 2>>"$folder/stderr" </dev/null &
id=$!
echo "$id"
exec >/dev/null
word=
while read -r word; do
    [ "$word" = leave ] && break
    kill -s "$word" "$id"
done
kill -s KILL "$id" 2>/dev/null
wait "$id"
status=$?
[ "$word" = leave ] || PATH=/usr/bin:/bin rm -rf "$folder"
exit "$status"
"#;

/// What to start, and in which environment.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) variables: Vec<(OsString, OsString)>,
    /// Whether the environment of the tests is seen.
    pub(crate) inherit: bool,
    /// Where it runs.
    pub(crate) directory: PathBuf,
}

/// A running process with its output in `stdout` and `stderr` of a folder.
#[derive(Debug)]
pub(crate) struct Watched {
    shell: Child,
    orders: Option<ChildStdin>,
    ended: Receiver<()>,
    id: u32,
    /// The folder of what it says.
    output: PathBuf,
}

impl Watched {
    #[track_caller]
    pub(crate) fn start(spec: &Spec, folder: &Folder) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCH, "watch"]);
        command.arg(folder.path()).arg(&spec.program);
        command.args(&spec.arguments);
        if !spec.inherit {
            command.env_clear();
        }
        command.envs(spec.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(&spec.directory).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // its own words, such as "not found", are those of the command
        let said = fs::File::create(folder.path().join("stderr")).unwrap();
        let mut shell = command.stderr(said).spawn().unwrap();

        let mut output = BufReader::new(shell.stdout.take().unwrap());
        let mut id = String::new();
        output.read_line(&mut id).unwrap();
        let (end, ended) = channel();
        thread::spawn(move || {
            let _ = output.read_to_end(&mut Vec::new());
            // nobody may be waiting
            let _ = end.send(());
        });
        Self {
            orders: shell.stdin.take(),
            shell,
            ended,
            id: id.trim().parse().unwrap(),
            output: folder.path().to_owned(),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Sends a signal: `STOP`, `CONT`, `TERM`, `KILL`...
    #[track_caller]
    pub(crate) fn signal(&mut self, name: &str) {
        let orders = self.orders.as_mut().unwrap();
        writeln!(orders, "{name}").unwrap();
    }

    /// Whether it is stopped as by `STOP`; where there is no `/proc` to ask, it is said to be.
    pub(crate) fn is_stopped(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id)).unwrap_or_default();
        // the name before it may have any character
        match stat.rsplit_once(") ") {
            Some((_, rest)) => rest.starts_with('T'),
            None => true,
        }
    }

    /// Whether it has ended, by itself or by a signal. Once told, not told again.
    pub(crate) fn has_ended(&self) -> bool {
        !matches!(
            self.ended.try_recv(),
            Err(std::sync::mpsc::TryRecvError::Empty)
        )
    }

    /// Waits so long until it has ended by itself, and returns its code; `None` when it did not. A signal
    /// is 128 and its number.
    pub(crate) fn wait(mut self, patience: Duration) -> Option<i32> {
        let ended = self.ended.recv_timeout(patience) != Err(RecvTimeoutError::Timeout);
        let code = self.finish();
        ended.then_some(code).flatten()
    }

    /// Kills it, and returns when it is gone.
    pub(crate) fn kill(mut self) {
        self.finish();
    }

    /// Ends it and reads what it said, once.
    fn finish(&mut self) -> Option<i32> {
        let mut orders = self.orders.take()?;
        // a shell that is gone cannot be told
        let _ = writeln!(orders, "leave");
        drop(orders);
        let status = self.shell.wait();
        for file in ["stdout", "stderr"] {
            end_if_heard("what a process printed", &read(&self.output.join(file)));
        }
        status.ok()?.code()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.finish();
    }
}

/// What is in a file of output so far.
pub(crate) fn said(folder: &Folder, file: &str) -> String {
    read(&folder.path().join(file))
}

fn read(file: &Path) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
