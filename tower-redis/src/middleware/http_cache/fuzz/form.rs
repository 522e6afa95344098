//! Stored responses as they travel.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::clock::Moment;
use crate::middleware::http_cache::form::{decode, encode};
use crate::middleware::http_cache::variants::Variants;

/// How much more a response may hold than it was written in, for each byte: what a line of a field takes in a map.
const MORE: usize = 128;

/// What Redis may bring as a stored response. It is read or refused; what is read holds no more than the bytes can
/// stand for; and it is written and read as the same.
pub fn stored_response(data: &[u8]) {
    let Ok(read) = decode(&Bytes::copy_from_slice(data)) else {
        return;
    };
    assert!(read.weight() <= MORE * data.len(), "{}", read.weight());
    let first = written(read);
    let again = decode(&Bytes::copy_from_slice(&first)).map(written);
    assert_eq!(again.ok(), Some(first));
}

/// As it is written a while after it has come.
fn written(read: Arc<Variants>) -> Vec<u8> {
    let now = Moment::default().after(Duration::from_secs(1));
    let arrived = Arc::try_unwrap(read).map(|read| read.arrived(None, now));
    arrived
        .ok()
        .and_then(|arrived| encode(&Arc::new(arrived)).ok())
        .unwrap_or_default()
}
