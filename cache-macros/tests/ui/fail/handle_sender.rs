use tower_redis::cached;

use std::sync::mpsc;

#[cached]
fn load(id: u64, events: &mpsc::Sender<u64>) -> u64 {
    let _ = events;
    id
}

fn main() {}
