//! What a server answers to a PING.

use crate::resp::reply::Reply;

/// That of one that can work.
pub(super) fn pong(reply: &Reply) -> bool {
    *reply == Reply::Bulk(b"PONG".to_vec())
}

/// That of one that reads its data.
pub(super) fn loads(reply: &Reply) -> bool {
    matches!(reply, Reply::Error(text) if text.starts_with("LOADING"))
}
