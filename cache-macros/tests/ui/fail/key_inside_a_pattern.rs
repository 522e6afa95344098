use tower_redis::cached;

struct Path<T>(T);

#[cached(key = "user:{id}")]
async fn load(Path(id): Path<u64>) -> u64 {
    id
}

fn main() {}
