//! tower-redis beside its peers. `cargo run --release` in this folder prints every table;
//! `cargo run --release -- --short` does the same in a fraction of the time. Names pick groups of tables:
//! `cargo run --release -- far-hit`. Those that need Redis start a `redis-server` of their own.

mod far;
mod figure;
mod function;
mod harness;
mod http;
mod keys;
mod layers;
mod library;
mod limit;
mod near;
mod runner;

use std::process::ExitCode;

use harness::Effort;

/// A runtime on this thread, so that thread CPU time is all the time there is.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime on this thread")
}

const GROUPS: [&str; 13] = [
    "near",
    "memory",
    "hit-ratio",
    "function",
    "library",
    "limit",
    "layers",
    "http-hit",
    "http-served",
    "far-hit",
    "far-limit",
    "far-hot",
    "message",
];
/// The groups that need Redis.
const FAR: [&str; 4] = ["far-hit", "far-limit", "far-hot", "message"];

fn main() -> ExitCode {
    let mut short = false;
    let mut groups = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--short" => short = true,
            group if GROUPS.contains(&group) => groups.push(argument),
            other => {
                eprintln!("found {other:?}; expected --short, or some of {GROUPS:?}");
                return ExitCode::FAILURE;
            }
        }
    }
    let wanted = |group: &str| groups.is_empty() || groups.iter().any(|named| named == group);
    // what is missing is told before anything is measured
    let far = FAR.into_iter().any(wanted);
    let redis = match far.then(far::server).transpose() {
        Ok(redis) => redis,
        Err(what) => {
            eprintln!("{what}");
            return ExitCode::FAILURE;
        }
    };
    let effort = Effort {
        rounds: if short { 5 } else { 31 },
        operations: if short { 20_000 } else { 200_000 },
    };
    if wanted("near") {
        near::measure(Effort {
            // so that each has followed each other one
            rounds: effort.rounds.max(15),
            // or most of a run would be spent on getting warm
            operations: effort.operations.max(100_000),
        });
    }
    if wanted("memory") {
        near::memory();
    }
    if wanted("hit-ratio") {
        near::ratio(if short { 1_000_000 } else { 4_000_000 });
    }
    if wanted("function") {
        function::measure(effort);
    }
    if wanted("library") {
        library::measure(effort);
    }
    if wanted("limit") {
        limit::measure(effort);
    }
    if wanted("layers") {
        // a request costs as much as ten hits
        layers::measure(Effort {
            // what a layer adds is the small difference of two
            rounds: effort.rounds.max(15),
            operations: effort.operations.max(100_000) / 10,
        });
    }
    if wanted("http-hit") {
        http::hits(Effort {
            operations: effort.operations / 10,
            ..effort
        });
    }
    if wanted("http-served") {
        http::served(Effort {
            operations: effort.operations / 20,
            ..effort
        });
    }
    if let Some(redis) = &redis {
        let groups = [far::hits, far::checks, far::hot, far::messages];
        for (group, measure) in FAR.into_iter().zip(groups) {
            if wanted(group) {
                measure(effort, redis);
            }
        }
    }
    if figure::has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
