//! All algorithms, once: what is built for each of them is built from this list.

/// Calls `$then!` with what is given, and the name of every algorithm with the file of its Lua, as seen
/// from `limit/state/`.
macro_rules! algorithms {
    ($then:ident $($given:tt)*) => {
        $then! {
            { $($given)* }
            Gcra "../algorithm/gcra.lua",
            TokenBucket "../algorithm/token_bucket.lua",
            FixedWindow "../algorithm/fixed_window.lua",
            SlidingCounter "../algorithm/sliding_counter.lua",
            StrictWindow "../algorithm/strict_window.lua",
            Concurrency "../algorithm/concurrency.lua",
        }
    };
}

pub(crate) use algorithms;
