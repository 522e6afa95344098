//! A script the server runs as one step.

use std::sync::OnceLock;

/// Lua source, known to the server by its digest. Make it a `static`: the digest is made once.
#[derive(Debug)]
pub(crate) struct Script {
    text: &'static str,
    digest: OnceLock<String>,
}

impl Script {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self {
            text,
            digest: OnceLock::new(),
        }
    }

    pub(super) fn text(&self) -> &'static str {
        self.text
    }

    /// SHA-1, in hexadecimal, as EVALSHA wants it.
    pub(super) fn digest(&self) -> &str {
        self.digest
            .get_or_init(|| redis::Script::new(self.text).get_hash().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_one_the_server_knows_it_by() {
        static ONE: Script = Script::new("return 1");
        assert_eq!(ONE.digest(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
    }
}
