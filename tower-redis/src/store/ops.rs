//! What is asked of Redis: every command and every call of a script.

use std::time::Duration;

use hashbrown::HashMap;

use crate::wire::{Op, Script};

use super::entry::{EntryId, Format, Holder, Lease, New, Place};
use super::envelope;
use super::message::{Instance, Told};
use super::names::{Names, lease};
use super::pattern::Pattern;
use super::token::{Part, Token, TokenKey};

static LEASE: Script = Script::new(include_str!("lua/lease.lua"));
static CLAIM: Script = Script::new(include_str!("lua/claim.lua"));
static FILL: Script = Script::new(include_str!("lua/fill.lua"));
static EXPIRE: Script = Script::new(include_str!("lua/expire.lua"));
static TOUCH: Script = Script::new(include_str!("lua/touch.lua"));
static PUT: Script = Script::new(include_str!("lua/put.lua"));
static DROP: Script = Script::new(include_str!("lua/drop.lua"));
static RAISE: Script = Script::new(include_str!("lua/raise.lua"));
static REPLACE: Script = Script::new(include_str!("lua/replace.lua"));
static EXTEND: Script = Script::new(include_str!("lua/extend.lua"));
static TELL: Script = Script::new(include_str!("lua/tell.lua"));

/// How long a lease lies there.
const LEASE_LIFE: Duration = Duration::from_secs(600);

/// How long a token lives at least.
const TOKEN_LIFE: Duration = Duration::from_secs(25 * 3_600);

/// How much longer than what carries it a token lives.
const TOKEN_REST: Duration = Duration::from_secs(3_600);

/// How many keys one step of a scan looks at: it holds up nobody for longer than a millisecond.
const PAGE: usize = 1_000;

/// How many keys one message names.
pub(super) const NAMED: usize = 256;

pub(super) fn get(at: &Place) -> Op {
    Op::command("GET", &at.key).read()
}

pub(super) fn left(at: &Place) -> Op {
    Op::command("PTTL", &at.key).read()
}

pub(super) fn kind(at: &Place) -> Op {
    Op::command("TYPE", &at.key).read()
}

/// `rejected`: nothing, or whatever is there.
pub(super) fn lease_of(at: &Place, rejected: Rejected) -> Op {
    let rejected = match rejected {
        Rejected::Nothing => String::new(),
        Rejected::Entry(id) => id.to_string(),
        Rejected::Everything => "*".to_owned(),
    };
    Op::script(&LEASE, &[&at.key, &lease(&at.key)])
        .arg(rejected)
        .arg(&Lease::draw().as_bytes()[..])
        .arg(millis(LEASE_LIFE))
}

/// The same for who wants to load for all.
pub(super) fn lease_for_all(at: &Place, rejected: Rejected, holder: Holder, hold: Duration) -> Op {
    lease_of(at, rejected)
        .arg(holder.to_string())
        .arg(millis(hold))
}

/// What becomes of the right to load for all.
#[derive(Debug, Clone, Copy)]
pub(super) enum Claim {
    Held(Duration),
    Failed(Duration),
    Released,
}

pub(super) fn claim(at: &Place, granted: &Lease, holder: Holder, claim: Claim) -> Op {
    let (whose, time) = match claim {
        Claim::Held(hold) => (holder.to_string(), hold),
        Claim::Failed(throttle) => ("-".to_owned(), throttle),
        Claim::Released => (String::new(), Duration::ZERO),
    };
    Op::script(&CLAIM, &[&lease(&at.key)])
        .arg(&granted.as_bytes()[..])
        .arg(holder.to_string())
        .arg(whose)
        .arg(millis(time))
        .arg(millis(LEASE_LIFE))
}

/// What somebody who asks for a lease has no use for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rejected {
    Nothing,
    Entry(EntryId),
    /// Whatever is there, and every lease that was granted before.
    Everything,
}

/// Stores `new` as `id` if `granted` is good; or in any case, but not later than `latest`, by the server's
/// clock: what was not answered in time must not be done when nobody expects it any more.
pub(super) fn store(
    at: &Place,
    granted: Option<&Lease>,
    id: EntryId,
    new: &New,
    latest: Option<Duration>,
) -> Op {
    let keys = [&at.key[..], &lease(&at.key)];
    let op = match granted {
        Some(granted) => Op::script(&FILL, &keys).arg(&granted.as_bytes()[..]),
        None => Op::script(&PUT, &keys),
    };
    let op = match at.format {
        Format::Plain => op.arg("").arg(&new.packed.payload[..]),
        Format::Envelope => {
            let pieces = envelope::write(id, new);
            op.arg(pieces.before).arg(pieces.after)
        }
    };
    let op = op.arg(millis(envelope::lies(new)));
    match (granted, latest) {
        (Some(_), _) => op,
        (None, Some(latest)) => op.arg(millis(latest)),
        (None, None) => op.arg(0),
    }
}

/// Removes what is there, if it is a string.
pub(super) fn discard(at: &Place) -> Op {
    Op::script(&DROP, &[&at.key, &lease(&at.key)])
}

pub(super) fn remove(at: &Place) -> Op {
    Op::command("UNLINK", &at.key).arg(&lease(&at.key)[..])
}

/// Makes what is there stale.
pub(super) fn expire(at: &Place) -> Op {
    Op::script(&EXPIRE, &[&at.key, &lease(&at.key)]).arg(EntryId::draw().to_string())
}

/// Makes what is there live for `keep` from now, if it may and would not.
pub(super) fn touch(at: &Place, keep: Duration) -> Op {
    Op::script(&TOUCH, &[&at.key]).arg(millis(keep.min(envelope::LONGEST)))
}

/// One step of a scan; it starts and ends with the cursor `0`.
pub(super) fn scan(cursor: &[u8], pattern: &Pattern) -> Op {
    let op = Op::keyless("SCAN").arg(cursor).arg("MATCH");
    op.arg(pattern.as_bytes()).arg("COUNT").arg(PAGE).read()
}

pub(super) fn unlink(key: &[u8]) -> Op {
    Op::command("UNLINK", key)
}

/// What is asked of the names of one namespace.
impl Names {
    pub(super) fn get_token(&self, key: &TokenKey) -> Op {
        Op::command("GET", &self.token(key)).read()
    }

    /// Stores `token` if there is none.
    pub(super) fn make_token(&self, key: &TokenKey, token: Token) -> Op {
        let op = Op::command("SET", &self.token(key)).arg(token.to_string());
        op.arg("PX").arg(millis(TOKEN_LIFE)).arg("NX")
    }

    /// Stores `token` in place of what is no token.
    pub(super) fn overwrite_token(&self, key: &TokenKey, token: Token) -> Op {
        let op = Op::command("SET", &self.token(key)).arg(token.to_string());
        op.arg("PX").arg(millis(TOKEN_LIFE))
    }

    pub(super) fn replace_token(&self, key: &TokenKey, token: Token, part: Part) -> Op {
        let part = match part {
            Part::Hard => "h",
            Part::Soft => "s",
        };
        Op::script(&REPLACE, &[&self.token(key)])
            .arg(token.to_string())
            .arg(millis(TOKEN_LIFE))
            .arg(part)
    }

    /// Makes the tokens that `entries` carry live longer than they, each token once.
    pub(super) fn extend_tokens<'a>(&self, entries: impl IntoIterator<Item = &'a New>) -> Vec<Op> {
        let mut lives: Vec<(&TokenKey, Duration)> = Vec::new();
        let mut at = HashMap::with_hasher(foldhash::fast::RandomState::default());
        for new in entries {
            let life = envelope::kept(new) + TOKEN_REST;
            for key in new.token_keys() {
                let at = *at.entry(key).or_insert(lives.len());
                match lives.get_mut(at) {
                    Some((_, longest)) => *longest = life.max(*longest),
                    None => lives.push((key, life)),
                }
            }
        }
        let extend = |(key, life): (&TokenKey, Duration)| {
            Op::script(&EXTEND, &[&self.token(key)]).arg(millis(life))
        };
        lives.into_iter().map(extend).collect()
    }

    pub(super) fn get_stamp(&self) -> Op {
        Op::command("GET", &self.stamp()).read()
    }

    pub(super) fn raise_stamp(&self) -> Op {
        Op::script(&RAISE, &[&self.stamp()])
    }

    /// The right to remove what starts with `prefix`, if nobody has it; and then who has it, and for how long.
    pub(super) fn claim(&self, prefix: &[u8], by: Instance, time: Duration) -> [Op; 3] {
        let key = self.foreign(prefix);
        let claim = Op::command("SET", &key).arg(by.to_string());
        let claim = claim.arg("PX").arg(millis(time)).arg("NX");
        [claim, Op::command("GET", &key), Op::command("PTTL", &key)]
    }

    /// Makes such a right last for `time` from now.
    pub(super) fn hold(&self, prefix: &[u8], time: Duration) -> Op {
        Op::command("PEXPIRE", &self.foreign(prefix)).arg(millis(time))
    }

    /// Tells `told`, after everything that stands before it in its batch.
    pub(super) fn tell(&self, from: Instance, told: &Told) -> Op {
        Op::script(&TELL, &[&self.feed()])
            .arg(&self.channel()[..])
            .arg(Instance::draw().to_string())
            .arg(told.text(from))
            .after()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
