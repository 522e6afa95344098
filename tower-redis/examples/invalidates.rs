//! A function that says what it makes wrong: `cargo run -p tower-redis --example invalidates`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_redis::{Toolkit, cached, invalidates};

static STOCK: AtomicU64 = AtomicU64::new(10);

#[cached(ttl = "5m", tags("shop:{shop}"))]
async fn stock(shop: &str, item: u64) -> u64 {
    println!("looking for item {item} in the {shop}");
    STOCK.load(Ordering::SeqCst)
}

#[invalidates(stock(&shop, item), tags("sales:{shop}"))]
async fn sell(shop: String, item: u64) -> io::Result<()> {
    println!("the {shop} sells item {item}");
    STOCK.fetch_sub(1, Ordering::SeqCst);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Toolkit::from_env()?.install()?;

    stock("bakery", 7).await;
    sell("bakery".to_owned(), 7).await?;
    println!("{} left", stock("bakery", 7).await);
    Ok(())
}
