//! The wire against a real server.

mod calls;
mod hearing;
mod outages;
mod places;
mod reads;
mod rights;

use tests::RedisServer;

use super::handle::Wire;
use super::op::Op;
use crate::clock::Clock;
use crate::config::RedisSettings;

/// Far more than an answer takes, also on a machine that does something else meanwhile.
const LONG: &str = "5s";
/// For calls that are not to be answered.
const SHORT: &str = "16ms";

fn wire_to(url: &str, timeout: &str) -> Wire {
    Wire::new(&RedisSettings::of(url, timeout), &Clock::system())
}

fn wire(server: &RedisServer) -> Wire {
    wire_to(&server.url(), LONG)
}

fn ping() -> Op {
    Op::keyless("PING")
}

fn pong() -> redis::Value {
    redis::Value::SimpleString("PONG".to_owned())
}

/// Its command was executed that often.
fn executed(server: &RedisServer, command: &str) -> u64 {
    let stats = server.cli(&["INFO", "commandstats"]).text();
    let line = stats
        .lines()
        .find_map(|line| line.strip_prefix(&format!("cmdstat_{command}:calls=")));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}
