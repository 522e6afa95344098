//! tower-redis beside its peers. `cargo run --release` in this folder prints every table;
//! `cargo run --release -- --short` does the same in a fraction of the time.

mod function;
mod harness;
mod keys;
mod layers;
mod library;
mod limit;

use harness::Effort;

/// A runtime on this thread, so that thread CPU time is all the time there is.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime on this thread")
}

fn main() {
    let short = std::env::args().any(|argument| argument == "--short");
    let effort = Effort {
        rounds: if short { 5 } else { 31 },
        operations: if short { 20_000 } else { 200_000 },
    };
    function::measure(effort);
    library::measure(effort);
    limit::measure(effort);
    // a request costs as much as ten hits
    layers::measure(Effort {
        operations: effort.operations / 10,
        ..effort
    });
}
