//! One thing to ask the server.

use std::fmt;

use redis::{Cmd, ToRedisArgs};

use super::script::Script;

/// A command or the call of a script, with the key that says where it belongs.
#[derive(Clone)]
pub(crate) struct Op {
    name: &'static str,
    cmd: Cmd,
    /// Which argument the key is; the name of the command is the first.
    key: Option<usize>,
    script: Option<&'static Script>,
    read: bool,
    after: bool,
}

impl Op {
    /// A command whose first argument is `key`.
    pub(crate) fn command(name: &'static str, key: &[u8]) -> Self {
        let mut op = Self::keyless(name);
        op.cmd.arg(key);
        op.key = Some(1);
        op
    }

    /// A command that concerns no key: PING, SCAN, PUBLISH. Any server of a deployment may get it.
    pub(crate) fn keyless(name: &'static str) -> Self {
        Self {
            name,
            cmd: redis::cmd(name),
            key: None,
            script: None,
            read: false,
            after: false,
        }
    }

    /// A call of `script`, which is sent by its digest and in full only to a server that does not know
    /// it. All `keys` have to belong to one slot: the first decides where it goes.
    pub(crate) fn script(script: &'static Script, keys: &[&[u8]]) -> Self {
        let mut op = Self::keyless("EVALSHA");
        op.cmd.arg(script.digest()).arg(keys.len());
        for key in keys {
            op.cmd.arg(key);
        }
        op.key = (!keys.is_empty()).then_some(3);
        op.script = Some(script);
        op
    }

    /// The same with one more argument, or several when `arg` is a list.
    #[must_use]
    pub(crate) fn arg(mut self, arg: impl ToRedisArgs) -> Self {
        self.cmd.arg(arg);
        self
    }

    /// Marks what changes nothing: when its connection breaks it is sent once more, if
    /// `REDIS_RETRY_ON_TIMEOUT` and the deadline allow.
    #[must_use]
    pub(crate) fn read(mut self) -> Self {
        self.read = true;
        self
    }

    /// Marks what has to be done after all that stands before it in its batch, and may be done twice: when
    /// one of those was a script that the server did not know, it is sent again behind it.
    #[must_use]
    pub(crate) fn after(mut self) -> Self {
        self.after = true;
        self
    }

    pub(super) fn is_after(&self) -> bool {
        self.after
    }

    /// The key that says which server of a deployment it belongs to.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the slot router of a cluster asks for it")
    )]
    pub(super) fn key(&self) -> Option<&[u8]> {
        match self.cmd.args_iter().nth(self.key?)? {
            redis::Arg::Simple(key) => Some(key),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn cmd(&self) -> &Cmd {
        &self.cmd
    }

    pub(super) fn is_read(&self) -> bool {
        self.read
    }

    /// The call with the script in full, which also makes the server keep it; `None` when it is not the
    /// call of a script.
    pub(super) fn in_full(&self) -> Option<Cmd> {
        let script = self.script?;
        let mut cmd = redis::cmd("EVAL");
        cmd.arg(script.text());
        for arg in self.cmd.args_iter().skip(2) {
            if let redis::Arg::Simple(arg) = arg {
                cmd.arg(arg);
            }
        }
        Some(cmd)
    }
}

// arguments are values, tokens and keys of the user
impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Op")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TWICE: Script = Script::new("return ARGV[1] * 2");

    fn words(cmd: &Cmd) -> Vec<String> {
        cmd.args_iter()
            .map(|arg| match arg {
                redis::Arg::Simple(arg) => String::from_utf8_lossy(arg).into_owned(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_command_starts_with_its_key() {
        let op = Op::command("SET", b"k").arg("v").arg("PX").arg(5);
        assert_eq!(words(op.cmd()), ["SET", "k", "v", "PX", "5"]);
        assert_eq!(op.key(), Some(&b"k"[..]));
        assert!(!op.is_read());
        assert_eq!(Op::keyless("PING").key(), None);
    }

    #[test]
    fn a_script_in_full_has_the_same_keys_and_arguments() {
        let op = Op::script(&TWICE, &[b"a", b"b"]).arg(21);
        assert_eq!(
            words(op.cmd()),
            ["EVALSHA", TWICE.digest(), "2", "a", "b", "21"]
        );
        assert_eq!(op.key(), Some(&b"a"[..]));
        let full = op.in_full().unwrap();
        assert_eq!(words(&full), ["EVAL", TWICE.text(), "2", "a", "b", "21"]);
        assert!(Op::command("GET", b"k").read().in_full().is_none());
    }

    #[test]
    fn debug_shows_no_argument() {
        let op = Op::command("SET", b"user").arg("hunter2");
        assert_eq!(format!("{op:?}"), r#"Op { name: "SET", .. }"#);
    }
}
