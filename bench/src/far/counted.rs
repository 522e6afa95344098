//! What a far hit is, counted by the server: one command and one round trip, with three tags that are known
//! as well as with none.
//!
//! What a process asks for by itself as time goes by is not counted as part of a hit, and may not be more than the time
//! explains.

use std::time::Duration;

use tests::RedisServer;

use crate::runner::now;

/// Between two heartbeats, each of which asks each link for the time.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The links there are: two of a row's runtime, two of the home thread.
const LINKS: u64 = 4;
/// After this a token is asked for again, with the hit that needs it.
const REMEMBERED: Duration = Duration::from_secs(10);
/// Those of the cache and of three tags.
const TOKENS: u64 = 4;

/// Holds it, one hit at a time.
pub(super) fn one_round_trip(
    server: &RedisServer,
    mut plain: impl FnMut(u64),
    mut with_tags: impl FnMut(u64),
) {
    println!("\n### what a far hit is, counted by the server\n");
    println!("| alternative | far hits | GET | other commands but PING and TIME | round trips |");
    println!("|---|---:|---:|---:|---:|");
    // neither goes before both are counted: the server reads the end of each connection
    counted("tower-redis get", server, &mut plain);
    counted("tower-redis get_or_load, 3 tags", server, &mut with_tags);
}

fn counted(name: &str, server: &RedisServer, run: &mut dyn FnMut(u64)) {
    const HITS: u64 = 2_000;
    let mut client = server.client();
    // all of it at one instant: what comes between two looks would be in one of them alone
    let mut info = || {
        let info = client.call(&["INFO", "all"]).text();
        (commands(&info), reads(&info))
    };
    let before = info();
    let began = now();
    run(HITS);
    let took = began.elapsed();
    let after = info();
    let calls = |named: &dyn Fn(&str) -> bool| {
        let sum = |all: &[(String, u64)]| {
            let of = all.iter().filter(|(name, _)| named(name));
            of.map(|(_, calls)| calls).sum::<u64>()
        };
        sum(&after.0) - sum(&before.0)
    };
    let gets = calls(&|name| name == "get");
    let (listening, beats) = (calls(&|name| name == "ping"), calls(&|name| name == "time"));
    let others = calls(&|name| !["get", "ping", "time", "info"].contains(&name));
    // what the server has read from sockets, less a PING or a TIME each and the second INFO
    let trips = (after.1 - before.1).saturating_sub(listening + beats + 1);
    println!("| {name} | {HITS} | {gets} | {others} | {trips} |");
    // one may be just due when it begins
    let times = |each: Duration| took.as_secs() / each.as_secs() + 1;
    let most = HITS + TOKENS * times(REMEMBERED);
    assert!(
        (HITS..=most).contains(&gets) && others == 0,
        "a far hit is one GET, and {HITS} in {took:?} are not {gets} and {others} other commands"
    );
    let most = LINKS * times(HEARTBEAT);
    assert!(beats <= most, "{beats} TIME in {took:?}, and not {most}");
    assert!(
        trips <= HITS,
        "a far hit is one round trip, and not {trips} of {HITS}"
    );
}

/// The calls of each command, from lines like `cmdstat_get:calls=7,usec=..`.
fn commands(info: &str) -> Vec<(String, u64)> {
    let lines = info
        .lines()
        .filter_map(|line| line.strip_prefix("cmdstat_"));
    let counts = lines.filter_map(|line| {
        let (name, rest) = line.split_once(":calls=")?;
        let (calls, _) = rest.split_once(',')?;
        Some((name.to_owned(), calls.parse().ok()?))
    });
    let counts: Vec<_> = counts.collect();
    assert!(!counts.is_empty(), "the server counts no commands:\n{info}");
    counts
}

fn reads(info: &str) -> u64 {
    let field = info
        .lines()
        .find_map(|line| line.strip_prefix("total_reads_processed:"));
    let count = field.and_then(|count| count.trim().parse().ok());
    count.expect("the server counts what it reads, as from Redis 6.0 on")
}
