use tower_redis::cached;

#[cached]
async fn load(id: u64) {
    let _ = id;
}

fn main() {}
