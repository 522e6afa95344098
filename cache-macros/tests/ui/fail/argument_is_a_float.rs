use tower_redis::cached;

#[cached]
async fn load(id: u64, ratio: f64) -> u64 {
    id * ratio as u64
}

fn main() {}
