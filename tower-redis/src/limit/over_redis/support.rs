//! What stands for a process: a wire of its own, with limiters over it.

use std::time::Duration;

use tests::{Proxy, RedisServer};

use crate::clock::Clock;
use crate::config::{Address, RedisSettings, Server};
use crate::limit::limiter::Limiter;
use crate::limit::policy::Policy;
use crate::limit::state::Shared;
use crate::wire::Wire;

/// A process as far as limits see it.
pub(super) struct Process(Shared);

impl Process {
    /// One that waits for an answer as long as it takes, so that a slow machine is no outage.
    pub(super) fn patient(server: &RedisServer) -> Self {
        Self::at(Address::Unix(server.socket()), Duration::from_secs(60))
    }

    /// One behind a proxy, with the deadline that processes have.
    pub(super) fn behind(proxy: &Proxy) -> Self {
        Self::through(proxy, Duration::from_millis(50))
    }

    /// One behind a proxy that waits this long.
    pub(super) fn through(proxy: &Proxy, timeout: Duration) -> Self {
        let address = Address::Tcp {
            host: proxy.address().ip().to_string(),
            port: proxy.address().port(),
        };
        Self::at(address, timeout)
    }

    pub(super) fn at(address: Address, timeout: Duration) -> Self {
        let mut settings = RedisSettings::new(Server::at(address));
        settings.timeout = timeout;
        Self::with(&settings)
    }

    pub(super) fn with(settings: &RedisSettings) -> Self {
        let wire = Wire::new(settings, &Clock::system());
        Self(Shared::new(wire, "tr"))
    }

    /// One whose Redis is nowhere.
    pub(super) fn without() -> Self {
        let nowhere = std::env::temp_dir().join("there is no such socket");
        Self::at(Address::Unix(nowhere), Duration::from_millis(50))
    }

    pub(super) fn limiter<K>(&self, policy: &Policy<K>) -> Limiter {
        Limiter::shared(policy, Clock::system(), &self.0).unwrap()
    }
}
