use tower_redis::cached;

#[derive(Debug)]
struct Failed;

#[cached(throttle = "1s")]
async fn load(id: u64) -> Result<u64, Failed> {
    if id == 0 { Err(Failed) } else { Ok(id) }
}

#[cached(throttle = "1s")]
fn never_fails(id: u64) -> u64 {
    id
}

fn main() {
    drop(load(1));
    never_fails(1);
}
