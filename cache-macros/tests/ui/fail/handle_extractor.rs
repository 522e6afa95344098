use tower_redis::cached;

struct State<T>(T);
struct Path<T>(T);

#[cached]
async fn user(Path(id): Path<u64>, State(db): State<u8>) -> u64 {
    id + u64::from(db)
}

fn main() {}
