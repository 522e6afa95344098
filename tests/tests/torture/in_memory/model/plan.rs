//! How the caches of a history are set up, and what they are called with.

use std::time::Duration;

use tower_redis::Toolkit;
use tower_redis::cache::Cache;
use tower_redis::config::{Settings, Variables};

use super::value::{Kind, Value};
use tests::Random;

/// How many keys there are.
pub(super) const KEYS: usize = 3;

/// Which key.
pub(super) type Key = usize;

/// How keys are called.
pub(super) const NAMES: [&str; KEYS] = ["left:0", "left:1", "right:2"];

/// What stands before them in Redis where they are exact.
pub(super) const PREFIX: &str = "number:";

/// Each key carries the tag of its number, and the next one.
pub(super) const TAGS: [&str; KEYS] = ["red", "green", "blue"];

pub(super) fn tags(key: Key) -> [&'static str; 2] {
    [TAGS[key], TAGS[(key + 1) % KEYS]]
}

/// The keys that carry a tag.
pub(super) fn tagged(tag: usize) -> Vec<Key> {
    vec![tag, (tag + KEYS - 1) % KEYS]
}

pub(super) const GRACE: Duration = Duration::from_millis(2_500);
pub(super) const OUTAGE_TTL: Duration = Duration::from_millis(3_500);

/// How the caches of one history are set up: the same in both processes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) strict: bool,
    pub(super) ttl: Duration,
    /// For how long it is known that there is nothing.
    pub(super) nothing: Duration,
    pub(super) near: Option<Duration>,
    pub(super) idle: Option<Duration>,
    pub(super) refresh_after: Option<f64>,
    /// The part of each life that chance may take.
    pub(super) jitter: Option<f64>,
    /// How early chance loads what is about to end.
    pub(super) by_chance: Option<f64>,
    pub(super) while_revalidate: Duration,
    pub(super) if_error: Duration,
    pub(super) soft_timeout: Option<Duration>,
    pub(super) throttle: Option<Duration>,
    pub(super) fleet_flight: bool,
    /// Tags come with values, and calls do not name them.
    pub(super) late_tags: bool,
    /// The cache knows the tags of a value.
    pub(super) value_tags: bool,
    /// Keys lie in Redis as they are written, and a pattern may mean them.
    pub(super) exact_keys: bool,
    pub(super) capacity: u64,
    /// Whether anything is wrong with Redis.
    pub(super) rough: bool,
}

impl Plan {
    pub(super) fn draw(random: &mut Random) -> Self {
        let seconds = Duration::from_secs;
        let windows = [Duration::ZERO, Duration::ZERO, seconds(2), seconds(6)];
        let mut window = || windows[random.index(windows.len())];
        let (while_revalidate, if_error) = (window(), window());
        let mut maybe = |times, value| random.once_in(times).then_some(value);
        let mut plan = Self {
            near: maybe(4, Duration::from_millis(700)),
            idle: maybe(4, seconds(2)),
            soft_timeout: maybe(3, Duration::from_millis(300)),
            throttle: maybe(3, Duration::from_millis(1_500)),
            jitter: random.once_in(4).then_some(0.3),
            by_chance: random.once_in(4).then_some(4.0),
            refresh_after: random.once_in(4).then_some(0.5),
            strict: random.once_in(3),
            ttl: seconds(4),
            nothing: [seconds(1), Duration::ZERO][random.index(2)],
            while_revalidate,
            if_error,
            fleet_flight: random.once_in(4),
            late_tags: random.once_in(3),
            value_tags: false,
            exact_keys: random.once_in(4),
            capacity: 1 + random.below(4),
            rough: random.once_in(2),
        };
        plan.value_tags = plan.late_tags && random.once_in(2);
        plan
    }

    /// For how long a value of this kind lives.
    pub(super) fn ttl_of(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Plain => self.ttl,
            Kind::Nothing => self.nothing,
            Kind::Unkept => Duration::ZERO,
        }
    }

    /// For how long something may answer once it has ended.
    pub(super) fn window(&self) -> Duration {
        self.while_revalidate.max(self.if_error)
    }

    pub(super) fn settings(&self) -> Settings {
        let outage = if self.strict { "strict" } else { "grace" };
        let millis = |duration: Duration| format!("{}ms", duration.as_millis());
        let variables = [
            ("CACHE_OUTAGE", outage.to_owned()),
            ("CACHE_OUTAGE_GRACE", millis(GRACE)),
            ("CACHE_OUTAGE_TTL", millis(OUTAGE_TTL)),
        ];
        Settings::read(&Variables::from_iter(variables)).unwrap()
    }

    pub(super) fn cache(&self, toolkit: &Toolkit) -> Cache<String, Value> {
        let (ttl, nothing) = (self.ttl, self.nothing);
        let mut builder = toolkit
            .cache("numbers")
            .ttl_with(move |value: &Value| match value.kind {
                Kind::Nothing => nothing,
                Kind::Plain | Kind::Unkept => ttl,
            })
            .cache_if(|value| value.kind != Kind::Unkept)
            .capacity(self.capacity)
            .stale_while_revalidate(self.while_revalidate)
            .stale_if_error(self.if_error);
        if let Some(near) = self.near {
            builder = builder.near_ttl(near);
        }
        if let Some(idle) = self.idle {
            builder = builder.time_to_idle(idle);
        }
        if let Some(part) = self.refresh_after {
            builder = builder.refresh_after(part);
        }
        if let Some(part) = self.jitter {
            builder = builder.jitter(part);
        }
        // in place of the part
        if let Some(beta) = self.by_chance {
            builder = builder.refresh_by_chance(beta);
        }
        // a cache that keeps nothing stale takes none
        let soft = self.soft_timeout.filter(|_| !self.window().is_zero());
        if let Some(soft) = soft {
            builder = builder.soft_timeout(soft);
        }
        if let Some(rest) = self.throttle {
            builder = builder.throttle(rest);
        }
        if self.exact_keys {
            builder = builder.exact_keys(PREFIX);
        }
        if self.value_tags {
            builder = builder.tags_with(|value| tags(value.key).map(str::to_owned).to_vec());
        }
        if self.fleet_flight {
            builder = builder.fleet_flight();
        }
        builder.build().unwrap()
    }
}
