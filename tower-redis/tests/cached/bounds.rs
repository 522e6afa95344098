//! How much is held in this process.

use tower_redis::{Toolkit, cached};

const ROOM: u64 = 64 * 1_024;

#[cached(capacity_bytes(ROOM, |text| text.len()))]
fn text(length: usize, which: u64) -> String {
    which.to_string().repeat(length)
}

#[test]
fn a_cache_is_bounded_by_the_bytes_of_its_values() {
    Toolkit::in_memory().scope_sync(|| {
        for which in 0..1_000 {
            text(1_024, which);
        }
        let stats = text::stats();
        assert!(stats.weight <= ROOM, "{stats:?}");
        assert!(stats.entries > 8 && stats.entries < 64, "{stats:?}");
        // what is heavier than all there is room for is not kept
        let heavy = usize::try_from(ROOM).unwrap() + 1;
        text(heavy, 1);
        assert_eq!(text::peek(heavy, 1), None);
    });
}
