//! What a process did, as a line it prints and another process reads.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

/// Microseconds since 1970, by the clock that all processes of a machine share.
pub(crate) type Instant = u64;

#[expect(
    clippy::disallowed_methods,
    reason = "the one clock that several processes have in common"
)]
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap_or(Duration::ZERO).as_micros()).unwrap_or(u64::MAX)
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A key was read, and gave this version.
    Read {
        key: String,
        version: u64,
        /// Where it came from, for those who have to find out why.
        status: String,
        began: Instant,
    },
    /// A key got this version, and its invalidation returned.
    Wrote {
        key: String,
        version: u64,
        how: String,
        /// Whether it reached everybody when it returned.
        everywhere: bool,
        returned: Instant,
    },
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read {
                key,
                version,
                status,
                began,
            } => write!(f, "read {key} {version} {status} {began}"),
            Self::Wrote {
                key,
                version,
                how,
                everywhere,
                returned,
            } => write!(f, "wrote {key} {version} {how} {everywhere} {returned}"),
        }
    }
}

impl FromStr for Deed {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["read", key, version, status, began] => Ok(Self::Read {
                key: key.to_owned(),
                version: version.parse().map_err(|_| ())?,
                status: status.to_owned(),
                began: began.parse().map_err(|_| ())?,
            }),
            ["wrote", key, version, how, everywhere, returned] => Ok(Self::Wrote {
                key: key.to_owned(),
                version: version.parse().map_err(|_| ())?,
                how: how.to_owned(),
                everywhere: everywhere.parse().map_err(|_| ())?,
                returned: returned.parse().map_err(|_| ())?,
            }),
            _ => Err(()),
        }
    }
}
