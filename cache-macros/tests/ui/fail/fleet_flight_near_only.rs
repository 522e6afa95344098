use tower_redis::cached;

#[cached(near_only, fleet_flight)]
async fn rate() -> u64 {
    7
}

fn main() {}
