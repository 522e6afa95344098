//! A server that reads its data.

use crate::eventually::eventually;
use crate::redis_server::answers::{loads, pong};
use crate::redis_server::server::RedisServer;

/// What a server that reads its data for long is started with: a pause of 10 ms before each key, and
/// answers in between.
const SLOWLY: [&str; 4] = [
    "--key-load-delay",
    "10000",
    "--loading-process-events-interval-bytes",
    "1024",
];
/// So much that all pauses are longer than any test is patient.
const MUCH: &str = "for n = 1, 10000 do redis.call('SET', 'much:' .. n, string.rep('x', 1000)) end";

impl RedisServer {
    /// Saves what it has, and much more, and starts it again: it reads that, and answers `LOADING` to almost
    /// everything until [`loaded`](Self::loaded).
    ///
    /// # Panics
    /// When it does not save or does not start.
    #[track_caller]
    pub fn restart_loading(&mut self) {
        self.cli(&["EVAL", MUCH, "0"]);
        // what is read is counted in bytes of the file
        self.cli(&["CONFIG", "SET", "rdbcompression", "no"]);
        self.cli(&["SAVE"]);
        self.kill();
        eventually("the server reads its data", || self.launch(&SLOWLY, loads));
    }

    /// Lets it come to the end of its data after [`restart_loading`](Self::restart_loading).
    ///
    /// # Panics
    /// When it does not come there.
    #[track_caller]
    pub fn loaded(&mut self) {
        self.cli(&["CONFIG", "SET", "key-load-delay", "0"]);
        let mut client = self.client();
        eventually("the server has read its data", || {
            client.try_call(&["PING"]).is_ok_and(|reply| pong(&reply))
        });
    }
}
