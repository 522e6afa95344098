//! What a process remembers of what it did.

use std::collections::BTreeMap;
use std::sync::Mutex;

use tower_redis::cache::Status;

use crate::deed::{Deed, Instant};

/// All writes; and of the reads that gave one version of a key the last one: what it was promised is at
/// least what the others were.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wrote: Vec<Deed>,
    read: BTreeMap<(String, u64), (Instant, Status)>,
    counts: BTreeMap<String, u64>,
}

impl Log {
    pub(crate) fn read(&self, key: String, version: u64, status: Status, began: Instant) {
        let mut log = self.0.lock().unwrap();
        *log.counts.entry(format!("{status:?}")).or_default() += 1;
        let last = log.read.entry((key, version)).or_insert((began, status));
        if last.0 < began {
            *last = (began, status);
        }
    }

    pub(crate) fn wrote(&self, deed: Deed) {
        self.0.lock().unwrap().wrote.push(deed);
    }

    /// Deeds, and how many reads there were of each status, each in a line.
    pub(crate) fn print(&self) {
        let log = self.0.lock().unwrap();
        for deed in &log.wrote {
            println!("{deed}");
        }
        for ((key, version), (began, status)) in &log.read {
            let read = Deed::Read {
                key: key.clone(),
                version: *version,
                status: format!("{status:?}"),
                began: *began,
            };
            println!("{read}");
        }
        for (status, count) in &log.counts {
            println!("count {status} {count}");
        }
    }
}
