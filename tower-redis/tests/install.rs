//! Which toolkit a cached function uses. One test, since a process has one installed toolkit.
#![cfg(all(feature = "macros", feature = "testing"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/warnings.rs"]
mod warnings;

use std::time::Duration;

use tokio::runtime::Runtime;
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};
use warnings::Warnings;

#[cached(ttl = 60)]
fn length(word: &str) -> usize {
    word.len()
}

#[cached(ttl = 60)]
async fn length_later(word: String) -> usize {
    tokio::task::yield_now().await;
    word.len()
}

fn loads(toolkit: &Toolkit) -> u64 {
    toolkit.stats().caches.iter().map(|cache| cache.loads).sum()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn a_function_uses_the_toolkit_that_is_current() {
    let warnings = Warnings::default();
    let _listening = tracing::subscriber::set_default(warnings.clone());

    // before anything is installed it works in memory, and the log says so once
    for _ in 0..3 {
        assert_eq!(length("four"), 4);
        assert_eq!(length("seven"), 5);
    }
    let said = warnings.take();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("before one was installed"), "{said:?}");
    assert_eq!(length::peek("four"), Some(4));
    let stand_in = Toolkit::current();
    assert_eq!(loads(&stand_in), 2);

    // installed late, it starts anew there, and the log says so
    let clock = ManualClock::new();
    let installed = Toolkit::builder().clock(clock.clock()).build().unwrap();
    installed.install().unwrap();
    let said = warnings.take();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("after another had been needed"),
        "{said:?}"
    );
    assert_eq!(length::peek("four"), None);
    assert_eq!(length("four"), 4);
    assert_eq!((loads(&installed), loads(&stand_in)), (1, 2));
    clock.advance(Duration::from_secs(60));
    assert_eq!(
        length::peek("four"),
        None,
        "it follows the installed toolkit's clock"
    );

    // twice is an error, and the first stays
    let refused = Toolkit::in_memory().install().unwrap_err();
    assert!(refused.is_installed() && !refused.is_config(), "{refused}");
    assert_eq!(length("four"), 4);
    assert_eq!(loads(&installed), 2);

    // a runtime of its own for each test, one after the other and at once
    for round in 0..3 {
        let word = format!("round {round}");
        assert_eq!(runtime().block_on(length_later(word.clone())), 7);
        let before = loads(&installed);
        assert_eq!(runtime().block_on(length_later(word)), 7);
        assert_eq!(
            loads(&installed),
            before,
            "what one runtime loaded another finds"
        );
    }

    // a scope is apart from all that, however deep, and on other threads' runtimes
    let (outer, inner) = (Toolkit::in_memory(), Toolkit::in_memory());
    runtime().block_on(outer.scope(async {
        assert_eq!(length("four"), 4);
        inner.scope(length_later("four".into())).await;
        assert_eq!(inner.scope_sync(|| length("four")), 4);
        assert_eq!(length_later("four".into()).await, 4);
    }));
    assert_eq!((loads(&outer), loads(&inner)), (2, 2));
    assert_eq!(outer.stats().caches.len(), 2);
    assert_eq!(
        length::peek("four"),
        Some(4),
        "that of the installed toolkit"
    );
    let scoped = outer.scope_sync(Toolkit::current);
    assert_eq!(loads(&scoped), loads(&outer));

    // after a shutdown functions go on to work
    assert_eq!(
        runtime().block_on(installed.shutdown(Duration::from_secs(60))),
        0
    );
    assert_eq!(runtime().block_on(length_later("eleven".into())), 6);
    assert_eq!(warnings.take(), Vec::<String>::new());
}
