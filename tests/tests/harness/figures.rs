//! What the harness itself adds, and how fast this machine is: the measure for all other figures. It is
//! printed by `./tests/figures`.

use std::time::Duration;

use tests::resp::Client;
use tests::{Proxy, RedisOptions, Target, figure, timed};

#[test]
#[ignore = "a figure"]
fn a_round_trip_through_the_proxy() {
    let server = RedisOptions::new().open().start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let mut client = Client::tcp(proxy.address()).unwrap();
    let times = (0..2_000).map(|_| timed(|| client.call(&["PING"])).1);
    figure(
        "PING through the proxy of the tests",
        Duration::from_millis(20),
        times.collect(),
    );
}
