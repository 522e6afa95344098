//! With one that is to run, all are built: some mistakes show only then, in constants.

#[tower_redis::cached]
fn double(number: u64) -> u64 {
    2 * number
}

fn main() {
    assert_eq!(double(2), 4);
}
