use tower_redis::cached;

use std::sync::{Arc, Mutex};

#[cached]
fn load(id: u64, state: Arc<Mutex<u64>>) -> u64 {
    let _ = state;
    id
}

fn main() {}
