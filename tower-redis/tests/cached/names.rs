//! Caches that were given one name.

use std::fmt;
use std::sync::{Arc, Mutex};

use tower_redis::Toolkit;
use tower_redis::cached;
use tower_redis::testing::{FarServer, ManualClock};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

#[cached(name = "prices", key = "{item}")]
async fn price(item: &str) -> u64 {
    item.len() as u64
}

#[cached(name = "prices", key = "{item}")]
async fn old_price(item: &str) -> u64 {
    100 + item.len() as u64
}

/// Keeps what is said as an error.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

struct Said(String);

impl Visit for Said {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!("{value:?} ");
    }
}

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut said = Said(String::new());
        event.record(&mut said);
        self.0.lock().unwrap().push(said.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn of_two_caches_with_one_name_the_second_stays_near() {
    let errors = Errors::default();
    let _said = tracing::subscriber::set_default(errors.clone());
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let toolkit = |()| {
        let builder = Toolkit::builder().clock(clock.clock());
        builder.far(&server.process()).build().unwrap()
    };
    let [one, other] = [(); 2].map(toolkit);
    one.scope(async {
        assert_eq!(price("a").await, 1);
        assert_eq!(
            old_price("a").await,
            101,
            "it does not find what the other keeps"
        );
        assert_eq!(old_price("a").await, 101);
    })
    .await;
    assert_eq!(errors.0.lock().unwrap().len(), 1, "it is said once");
    assert!(errors.0.lock().unwrap()[0].contains("prices"));
    // there the one that comes first is the one that is shared
    let found = other.scope(price::lookup("a")).await;
    assert_eq!(
        (found.value, found.status),
        (1, tower_redis::cache::Status::Far)
    );
}

#[cached(key = "user:{id}")]
async fn user(id: u64) -> u64 {
    id
}

#[cached(key = "user:{id}")]
async fn score(id: u64) -> u64 {
    id + 100
}

#[tokio::test]
async fn of_two_functions_with_one_template_the_second_stays_near() {
    let errors = Errors::default();
    let _said = tracing::subscriber::set_default(errors.clone());
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let builder = Toolkit::builder().clock(clock.clock());
    let toolkit = builder.far(&server.process()).build().unwrap();
    toolkit
        .scope(async {
            assert_eq!(user(1).await, 1);
            assert_eq!(score(1).await, 101, "it does not find what the other keeps");
        })
        .await;
    let said = errors.0.lock().unwrap();
    assert_eq!(said.len(), 1, "it is said once");
    assert!(said[0].contains("score") && said[0].contains("these keys"));
}
