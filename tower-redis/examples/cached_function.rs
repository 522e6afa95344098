//! A function that remembers what it answered: `cargo run -p tower-redis --example cached_function`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io;

use serde::{Deserialize, Serialize};
use tower_redis::{Toolkit, cached};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Quote {
    symbol: String,
    cents: u64,
}

/// Asks a slow exchange; an error is not remembered.
#[cached(ttl = 60)]
async fn quote(symbol: &str) -> io::Result<Quote> {
    println!("asking the exchange for {symbol}");
    Ok(Quote {
        symbol: symbol.to_owned(),
        cents: 4_200,
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Toolkit::from_env()?.install()?;

    let first = quote("ACME").await?; // asks the exchange
    let again = quote("ACME").await?; // answered from memory
    assert_eq!(first, again);

    quote::invalidate("ACME").await;
    let fresh = quote("ACME").await?; // asks the exchange
    println!("{fresh:?}");
    Ok(())
}
