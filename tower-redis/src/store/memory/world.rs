//! The server in memory as a world for the laws.

use std::time::Duration;

use crate::clock::ManualClock;
use crate::store::chaos::Mishap;
use crate::store::laws::{Seat, World};
use crate::store::message::{Instance, Told};
use crate::store::names::Names;

use super::fault::Fault;
use super::inside::Inside;
use super::process::FarProcess;
use super::server::FarServer;

pub(super) struct InMemory {
    clock: ManualClock,
    server: FarServer,
    names: Names,
}

impl InMemory {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        if let Some(fault) = fault {
            server.commit(fault);
        }
        Self {
            clock,
            server,
            names: Inside::names(),
        }
    }
}

fn process(seat: &Seat) -> &FarProcess {
    seat.alive.downcast_ref().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

impl World for InMemory {
    fn seat(&self) -> Seat {
        let process = self.server.process();
        Seat::new(process.store(), process.watch().clone(), process)
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    fn lose(&self, key: &[u8]) {
        self.server.del(text(key));
    }

    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>) {
        self.server.set(text(key), value, ttl);
    }

    fn set_foreign(&self, key: &[u8]) {
        self.server.set_foreign(text(key));
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.server.get(text(key))
    }

    fn left(&self, key: &[u8]) -> Option<Duration> {
        self.server.left(text(key))
    }

    fn publish(&self, channel: &[u8], message: &[u8]) {
        self.server.publish(text(channel), message);
    }

    fn skip_message(&self) {
        let told = Told::Keys(vec!["nobody".into()]);
        self.server.use_up_a_number(Instance::draw(), &told);
    }

    fn names(&self) -> &Names {
        &self.names
    }

    // whoever was told has heard of it when the call returns
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    fn mishap(&self, seat: &Seat, mishap: Mishap) {
        process(seat).next(mishap);
    }

    fn release(&self, seat: &Seat) {
        process(seat).release();
    }
}
