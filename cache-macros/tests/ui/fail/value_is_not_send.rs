use tower_redis::cached;

use std::rc::Rc;

#[cached]
fn load(id: u64) -> Rc<u64> {
    Rc::new(id)
}

fn main() {}
