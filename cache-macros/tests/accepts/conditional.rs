//! A condition on the function holds for all that stands beside it.
use tower_redis::cached;

#[cfg(any())]
#[cached]
fn before(id: Missing) -> Missing {}

#[cached]
#[cfg(any())]
fn after(id: Missing) -> Missing {}

#[cached]
#[cfg(test)]
fn there(id: u64) -> u64 {
    id
}

#[test]
fn is_accepted() {
    there(1);
    assert!(there::peek(1).is_some());
}
