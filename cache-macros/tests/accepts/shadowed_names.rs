//! Generated code does not depend on what names mean where it stands.
#![allow(dead_code, non_snake_case)]

mod std {}
mod core {}

struct Option;
struct Result;
struct String;
struct Vec;
struct Duration;
struct Slot;
struct Send;
struct Future;
fn Some() {}
fn None() {}
fn Ok() {}
fn Err() {}

#[tower_redis::cached(ttl = "1m", capacity = 3, key = "{id}:{name}", tags("a:{id}"))]
async fn load(id: u64, name: &str, of: &[u8]) -> u64 {
    id + name.len() as u64 + of.len() as u64
}

#[tower_redis::cached]
fn blocking(id: u64) -> u64 {
    id
}

#[test]
fn is_accepted() {
    drop(load(1, "x", &[]));
    blocking(1);
}
