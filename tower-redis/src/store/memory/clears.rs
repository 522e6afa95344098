//! Removing what other programs ask to be removed.

use std::time::Duration;

use bytes::Bytes;

use crate::store::contract::{Answer, Store};
use crate::store::foreign::{CLAIM, Claim, Clears};
use crate::store::message::Told;
use crate::store::pattern::Pattern;

use super::content::Value;
use super::double::Double;

impl Clears for Double {
    fn claim<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, Vec<Claim>> {
        self.answer(move |server, state, now| {
            let by = Bytes::from(self.0.instance.to_string());
            let claim = |prefix: &Bytes| {
                let key = server.names.foreign(prefix);
                match state.content.get(&key, now) {
                    Some(_) if state.content.text(&key, now).as_ref() == Some(&by) => Claim::Ours,
                    Some(there) => Claim::Theirs(there.left.unwrap_or(CLAIM)),
                    None => {
                        let text = Value::Text(by.clone());
                        state.content.set(key, text, Some(now + CLAIM));
                        Claim::Ours
                    }
                }
            };
            prefixes.iter().map(claim).collect()
        })
    }

    fn hold<'a>(&'a self, prefixes: &'a [Bytes], time: Duration) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            for prefix in prefixes {
                let key = server.names.foreign(prefix);
                if let Some(there) = state.content.get(&key, now) {
                    state.content.set(key, there.value, Some(now + time));
                }
            }
        })
    }

    fn say<'a>(&'a self, told: &'a [Told]) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            for told in told {
                self.tell(server, state, told, now);
            }
        })
    }

    fn clear<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, u64> {
        Box::pin(async move {
            let mut removed = 0;
            for prefix in prefixes {
                removed += self.remove_matching(&Pattern::prefix(prefix)).await?;
            }
            Ok(removed)
        })
    }
}
