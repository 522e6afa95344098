use tower_redis::key::CacheKey;

#[derive(CacheKey)]
struct Place {
    latitude: f64,
    near: Option<f32>,
    pool: std::sync::Mutex<u64>,
}

fn main() {}
