//! One thing to ask the server.

use std::fmt;

use redis::{Cmd, ToRedisArgs};

use super::script::Script;

/// A command or the call of a script, with the key that says where it belongs.
#[derive(Clone)]
pub(crate) struct Op {
    head: Head,
    cmd: Cmd,
}

/// What there is to know about a command besides what is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) name: &'static str,
    /// Which argument the key is; the name of the command is the first.
    key: Option<usize>,
    script: Option<&'static Script>,
    pub(super) is_read: bool,
    pub(super) is_after: bool,
}

impl Op {
    /// A command whose first argument is `key`.
    pub(crate) fn command(name: &'static str, key: &[u8]) -> Self {
        let mut op = Self::keyless(name);
        op.cmd.arg(key);
        op.head.key = Some(1);
        op
    }

    /// A command that concerns no key: PING, SCAN, PUBLISH. Any server of a deployment may get it.
    pub(crate) fn keyless(name: &'static str) -> Self {
        let head = Head {
            name,
            key: None,
            script: None,
            is_read: false,
            is_after: false,
        };
        Self {
            head,
            cmd: redis::cmd(name),
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
        op.head.key = (!keys.is_empty()).then_some(3);
        op.head.script = Some(script);
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
        self.head.is_read = true;
        self
    }

    /// Marks what has to be done after all that stands before it in its batch, and may be done twice: when
    /// one of those was a script that the server did not know, it is sent again behind it.
    #[must_use]
    pub(crate) fn after(mut self) -> Self {
        self.head.is_after = true;
        self
    }

    /// The key that says which server of a deployment it belongs to.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the slot router of a cluster asks for it")
    )]
    pub(super) fn key(&self) -> Option<&[u8]> {
        match self.cmd.args_iter().nth(self.head.key?)? {
            redis::Arg::Simple(key) => Some(key),
            _ => None,
        }
    }

    pub(super) fn into_parts(self) -> (Head, Cmd) {
        (self.head, self.cmd)
    }
}

impl Head {
    /// `cmd` with the script in full, which also makes the server keep it; `None` when it is not the
    /// call of a script.
    pub(super) fn in_full(self, cmd: &Cmd) -> Option<Cmd> {
        let script = self.script?;
        let mut full = redis::cmd("EVAL");
        full.arg(script.text());
        for arg in cmd.args_iter().skip(2) {
            if let redis::Arg::Simple(arg) = arg {
                full.arg(arg);
            }
        }
        Some(full)
    }
}

// arguments are values, tokens and keys of the user
impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Op")
            .field("name", &self.head.name)
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
        assert_eq!(words(&op.cmd), ["SET", "k", "v", "PX", "5"]);
        assert_eq!(op.key(), Some(&b"k"[..]));
        assert!(!op.head.is_read);
        assert_eq!(Op::keyless("PING").key(), None);
    }

    #[test]
    fn a_script_in_full_has_the_same_keys_and_arguments() {
        let op = Op::script(&TWICE, &[b"a", b"b"]).arg(21);
        assert_eq!(
            words(&op.cmd),
            ["EVALSHA", TWICE.digest(), "2", "a", "b", "21"]
        );
        assert_eq!(op.key(), Some(&b"a"[..]));
        let full = op.head.in_full(&op.cmd).unwrap();
        assert_eq!(words(&full), ["EVAL", TWICE.text(), "2", "a", "b", "21"]);
        let (head, cmd) = Op::command("GET", b"k").read().into_parts();
        assert!(head.is_read && head.in_full(&cmd).is_none());
    }

    #[test]
    fn debug_shows_no_argument() {
        let op = Op::command("SET", b"user").arg("hunter2");
        assert_eq!(format!("{op:?}"), r#"Op { name: "SET", .. }"#);
    }
}
