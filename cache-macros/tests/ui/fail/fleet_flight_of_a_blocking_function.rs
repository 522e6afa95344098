use tower_redis::cached;

#[cached(fleet_flight)]
fn user(id: u64) -> u64 {
    id
}

fn main() {}
