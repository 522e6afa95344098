use tower_redis::cached;

trait Load {
    #[cached]
    fn load(&self) -> u64;
}

fn main() {}
