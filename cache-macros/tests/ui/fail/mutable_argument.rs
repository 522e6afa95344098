use tower_redis::cached;

#[cached]
async fn load(ids: &mut Vec<u64>) -> usize {
    ids.len()
}

fn main() {}
