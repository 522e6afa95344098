//! The same engines without macro or HTTP: `cargo run -p tower-redis --example library`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io;
use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::limit::{Policy, Quota};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let toolkit = Toolkit::from_env()?;

    let users = toolkit
        .cache::<u64, String>("users")
        .ttl(Duration::from_secs(60))
        .capacity(100_000)
        .build()?;
    let load = || async { Ok::<_, io::Error>("Ada".to_owned()) };
    assert_eq!(users.get_or_load(&7, load).await?, "Ada");
    users.invalidate(&7).await;

    // one load for all that is missing, one round trip to Redis
    let select = |ids: Vec<&u64>| {
        let rows: Vec<_> = ids.iter().map(|id| (**id, format!("user {id}"))).collect();
        async { Ok::<_, io::Error>(rows) }
    };
    let found = users.get_or_load_many(&[7, 8, 9], select).await?;
    assert_eq!(found[2].as_deref(), Some("user 9"));

    let logins = toolkit.limiter(&Policy::new("logins", Quota::per_minute(5)))?;
    let decision = logins.check("ada@example.org").await;
    assert!(decision.is_allowed());
    println!("{} of {} left", decision.remaining, decision.limit);

    let mut news = toolkit.bus().subscribe("news")?;
    toolkit.bus().publish("news", &"it works").await?;
    if let Some(Ok(event)) = news.next().await {
        println!("{}", event.message());
    }
    Ok(())
}
