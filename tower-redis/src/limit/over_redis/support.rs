//! What stands for a process: a wire of its own, with limiters over it.

use tests::{Proxy, RedisServer};

use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::limit::heartbeat::Pulse;
use crate::limit::limiter::Limiter;
use crate::limit::policy::Policy;
use crate::limit::state::Shared;
use crate::wire::Wire;

/// A process as far as limits see it.
pub(super) struct Process(Shared);

impl Process {
    /// One that waits for an answer as long as it takes, so that a slow machine is no outage.
    pub(super) fn patient(server: &RedisServer) -> Self {
        Self::at(&server.url(), "10s")
    }

    /// One behind a proxy, with the deadline that processes have.
    pub(super) fn behind(proxy: &Proxy) -> Self {
        Self::through(proxy, "50ms")
    }

    /// One behind a proxy that waits this long.
    pub(super) fn through(proxy: &Proxy, timeout: &str) -> Self {
        Self::at(&proxy.url(), timeout)
    }

    pub(super) fn at(url: &str, timeout: &str) -> Self {
        let wire = Wire::new(&RedisSettings::of(url, timeout), &Clock::system());
        Self(Shared::new(wire, "tr"))
    }

    /// One whose Redis is nowhere.
    pub(super) fn without() -> Self {
        Self::at("redis+unix:///there/is/no/such/socket", "50ms")
    }

    /// What tells others that it is alive.
    pub(super) fn pulse(&self) -> Pulse {
        Pulse::new(&self.0, &Clock::system()).unwrap()
    }

    /// Lets it know how many are.
    pub(super) fn learn(&self, processes: u64) {
        self.0.learn_processes(processes);
    }

    /// Why there is no limiter of `policy`.
    pub(super) fn refuses(&self, policy: &Policy) -> String {
        let refused = Limiter::shared(policy, Clock::system(), &self.0);
        refused.unwrap_err().to_string()
    }

    pub(super) fn limiter<K>(&self, policy: &Policy<K>) -> Limiter {
        Limiter::shared(policy, Clock::system(), &self.0).unwrap()
    }
}
