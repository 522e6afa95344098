use tower_redis::cached;

struct Search {
    words: String,
}

#[cached]
async fn search(search: &Search) -> usize {
    search.words.len()
}

fn main() {}
