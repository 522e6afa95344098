//! The user of Redis that the README describes may do what it is to do, and nothing that it need not.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use std::cell::Cell;
use std::convert::Infallible;
use std::time::Duration;

use tests::resp::Reply;
use tests::{RedisOptions, RedisServer, eventually_async};
use tokio::sync::Notify;
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Reach};
use tower_redis::config::{Settings, Variables};
use tower_redis::limit::{Algorithm, Basis, LimiterSet, Policy, Quota};

const README: &str = include_str!("../../README.md");

/// Longer than a token lives by itself, so that one is extended.
const TTL: Duration = Duration::from_secs(48 * 3_600);

/// The rights in `ACL SETUSER app on >secret ..`, as the README has them.
fn line() -> Vec<&'static str> {
    const START: &str = "ACL SETUSER app on >secret ";
    let lines = README.lines().filter_map(|line| line.strip_prefix(START));
    let lines: Vec<_> = lines.collect();
    let [line] = lines[..] else {
        panic!(
            "README.md has {} lines that start with {START:?}",
            lines.len()
        );
    };
    line.split(' ').collect()
}

/// A server that lets nobody in but the last user it was told of.
struct Guarded {
    redis: RedisServer,
    users: Cell<u32>,
}

impl Guarded {
    fn new() -> Self {
        Self {
            redis: RedisOptions::new().user("default off").start(),
            users: Cell::new(0),
        }
    }

    /// Starts anew, with a user of these rights. It has a name of its own, so that what another one still
    /// tries is not taken for its doing.
    fn grant(&self, rights: &[&str]) {
        self.redis.cli(&["FLUSHALL"]);
        self.redis.cli(&["SCRIPT", "FLUSH"]);
        self.users.set(self.users.get() + 1);
        let user = self.user();
        let mut command = vec!["ACL", "SETUSER", &user, "on", ">secret"];
        command.extend(rights);
        self.redis.cli(&command);
    }

    fn user(&self) -> String {
        format!("app{}", self.users.get())
    }

    /// What was refused to the user, as in `command hset` or `key tr:feed`.
    fn refused(&self) -> Vec<String> {
        let log = self.redis.cli(&["ACL", "LOG"]);
        let field = |entry: &Reply, name: &str| {
            let mut fields = entry.items().chunks(2);
            let field = fields.find(|field| field[0] == Reply::Bulk(name.into()));
            field.unwrap()[1].text()
        };
        let user = self.user();
        let entries = log.items().iter();
        let of_user = entries.filter(|entry| field(entry, "username") == user);
        let told = |entry| format!("{} {}", field(entry, "reason"), field(entry, "object"));
        of_user.map(told).collect()
    }

    /// How often a command was executed, by whoever.
    fn executed(&self, command: &str) -> u64 {
        let stats = self.redis.cli(&["INFO", "commandstats"]).text();
        let start = format!("cmdstat_{command}:calls=");
        let calls = stats.lines().find_map(|line| line.strip_prefix(&*start));
        calls.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
    }

    fn toolkit(&self, database: u8) -> Toolkit {
        let socket = self.redis.socket();
        let url = format!(
            "redis+unix://{}?db={database}&user={}&pass=secret",
            socket.display(),
            self.user()
        );
        let variables = Variables::from([("REDIS_URL", &*url), ("REDIS_TIMEOUT", "10s")]);
        let settings = Settings::read(&variables).unwrap();
        Toolkit::builder().settings(settings).build().unwrap()
    }
}

/// What is wrong, if anything is.
type Works = Result<(), String>;

fn ensure(right: bool, what: &str) -> Works {
    if right { Ok(()) } else { Err(what.to_owned()) }
}

/// Two processes of the application.
struct App {
    one: Instance,
    other: Instance,
}

struct Instance {
    toolkit: Toolkit,
    own: Cache<u64, String>,
    exact: Cache<u64, String>,
    /// One process loads for all, what ends may answer, and what is not used goes.
    dear: Cache<u64, String>,
}

impl Instance {
    fn new(server: &Guarded) -> Self {
        let toolkit = server.toolkit(0);
        let own = toolkit.cache("people").ttl(TTL).build().unwrap();
        let exact = toolkit
            .cache("profiles")
            .exact_keys("user_profile:")
            .ttl(TTL);
        let dear = toolkit.cache("dear").ttl(TTL).fleet_flight();
        let dear = dear.stale_if_error(TTL).time_to_idle(TTL);
        Self {
            own,
            exact: exact.build().unwrap(),
            dear: dear.build().unwrap(),
            toolkit,
        }
    }

    async fn reads(&self, key: u64) {
        let load = || async { Ok::<_, Infallible>("Ada".to_owned()) };
        let entry = self.own.entry(&key).tags(&["people"]);
        entry.get_or_load(load).await.value.unwrap();
        self.exact.get_or_load(&key, load).await.unwrap();
        let entry = self.dear.entry(&key).tags(&["people"]);
        entry.get_or_load(load).await.value.unwrap();
    }

    /// A load for all that fails.
    async fn fails(&self, key: u64) {
        let load = || async { Err::<String, _>("away") };
        let entry = self.dear.entry(&key).tags(&["people"]);
        // what is stale answers where there is some
        let _ = entry.get_or_load(load).await;
    }
}

impl App {
    fn new(server: &Guarded) -> Self {
        Self {
            one: Instance::new(server),
            other: Instance::new(server),
        }
    }

    /// All that an application does, with `server` to do what other programs do.
    async fn works(&self, server: &Guarded) -> Works {
        self.caches(server).await?;
        self.is_told(server).await;
        self.limits().await?;
        self.publishes(server).await
    }

    async fn caches(&self, server: &Guarded) -> Works {
        let (one, other) = (&self.one, &self.other);
        for instance in [one, other, one] {
            instance.reads(1).await;
        }
        let loads = other.own.stats().loads + other.exact.stats().loads;
        ensure(loads == 0, "what one has loaded the other one finds")?;
        // what another program has written
        server.redis.cli(&["SET", "user_profile:2", "\"Grace\""]);
        server.redis.cli(&["RPUSH", "user_profile:3", "a", "b"]);
        server.redis.cli(&["SET", "user_profile:4", "{}"]);
        for key in [2, 3, 4, 3, 4] {
            one.reads(key).await;
        }
        for key in [1, 3, 5] {
            one.own.put(&key, "Ada".to_owned(), TTL).await;
            one.exact.put(&key, "Ada".to_owned(), TTL).await;
        }
        for invalidated in [
            one.own.invalidate(&1).await,
            one.exact.invalidate(&1).await,
            one.own.invalidate_tags(&["people"]).await,
            one.own.invalidate_prefix("1").await.unwrap(),
            one.exact.invalidate_prefix("1").await.unwrap(),
            one.own.clear().await,
            one.exact.clear().await,
        ] {
            ensure(
                invalidated.reach == Reach::Everywhere,
                "everybody hears of it",
            )?;
        }
        self.shares_loads(server).await?;
        let before = server.executed("mget");
        eventually_async("what is read at once goes together", || async {
            // anew: the other one has what it has read in memory
            one.own.put(&10, "Ada".to_owned(), TTL).await;
            one.own.put(&11, "Ada".to_owned(), TTL).await;
            tokio::join!(other.own.get(&10), other.own.get(&11));
            server.executed("mget") > before
        })
        .await;
        one.reads(6).await;
        other.reads(6).await;
        one.own.invalidate_tags(&["people"]).await;
        other.reads(6).await;
        let failures = |instance: &Instance| {
            instance.own.stats().far_failures + instance.exact.stats().far_failures
        };
        ensure(
            failures(one) + failures(other) == 0,
            "Redis does what it is asked for",
        )
    }

    /// One process loads for all; what it loads ends, and is not used.
    async fn shares_loads(&self, server: &Guarded) -> Works {
        let (one, other) = (&self.one, &self.other);
        one.reads(20).await;
        for expired in [
            one.dear.expire(&20).await,
            one.toolkit.expire_tags(&["people"]).await,
        ] {
            ensure(expired.reach == Reach::Everywhere, "everybody hears of it")?;
            other.fails(20).await;
            other.reads(20).await;
        }
        let more = async |what| {
            let before = server.executed("evalsha");
            eventually_async(what, || async { server.executed("evalsha") > before }).await;
        };
        let held = Notify::new();
        let slow = || async {
            more("the load says that it is under way").await;
            held.notify_one();
            more("the other one asks for it").await;
            Ok::<_, Infallible>("Ada".to_owned())
        };
        let (loaded, ()) = tokio::join!(one.dear.get_or_load(&21, slow), async {
            held.notified().await;
            other.reads(21).await;
        });
        ensure(loaded.is_ok(), "what takes long is loaded")?;
        one.fails(22).await;
        let failures = one.dear.stats().far_failures + other.dear.stats().far_failures;
        ensure(failures == 0, "Redis does what it is asked for")
    }

    /// Another program wants keys removed.
    async fn is_told(&self, server: &Guarded) {
        self.one.reads(7).await;
        eventually_async("what starts so is removed", || async {
            server
                .redis
                .cli(&["PUBLISH", "cache:invalidate", "user_profile:7"]);
            server.redis.cli(&["EXISTS", "user_profile:7"]).int() == 0
        })
        .await;
    }

    async fn limits(&self) -> Works {
        let algorithms = [
            Algorithm::Gcra,
            Algorithm::TokenBucket,
            Algorithm::FixedWindow,
            Algorithm::SlidingCounter,
            Algorithm::Concurrency,
            Algorithm::StrictWindow,
        ];
        let limiters = algorithms.map(|algorithm| {
            let policy = Policy::new(format!("{algorithm:?}"), Quota::per_hour(2));
            self.one
                .toolkit
                .limiter(&policy.algorithm(algorithm))
                .unwrap()
        });
        for limiter in &limiters {
            for _ in 0..3 {
                let basis = limiter.check("ada").await.basis;
                ensure(basis == Basis::Shared, "a limit counts in Redis")?;
            }
        }
        for limiter in &limiters {
            ensure(limiter.reset("ada").await, "a key is forgotten in Redis")?;
            let taken = limiter.check("ada").await.basis == Basis::Shared;
            ensure(
                taken && limiter.refund("ada", 1).await == 1,
                "a permit is given back",
            )?;
        }
        let decisions = LimiterSet::new(limiters).unwrap().check("grace").await;
        let shared = decisions
            .each()
            .all(|(_, decision)| decision.basis == Basis::Shared);
        ensure(shared, "limits count in Redis together")
    }

    async fn publishes(&self, server: &Guarded) -> Works {
        let mut news = self.other.toolkit.bus().subscribe("news").unwrap();
        eventually_async("an event crosses", || {
            let arrived = news.try_next();
            let publishing = self.one.toolkit.bus().publish("news", &1);
            async move {
                // a refusal is told
                let _ = publishing.await;
                arrived
            }
        })
        .await
        .unwrap();
        let published = self.one.toolkit.bus().publish("news", &1).await;
        ensure(published.is_ok(), "an event is published")?;
        drop(news);
        eventually_async("the channel is left", || async {
            let told = server.redis.cli(&["PUBSUB", "NUMSUB", "news"]);
            told.items()[1].int() == 0
        })
        .await;
        Ok(())
    }
}

/// What a user may want besides, each with a line of its own in the README.
#[derive(Debug, Clone, Copy)]
enum Besides {
    Health,
    AllChannels,
    Database,
}

impl Besides {
    const ALL: [Self; 3] = [Self::Health, Self::AllChannels, Self::Database];

    /// The rights in the table of the README.
    fn rights(self) -> Vec<&'static str> {
        let what = match self {
            Self::Health => "`Toolkit::redis_health`",
            Self::AllChannels => "`Bus::subscribe_all`",
            Self::Database => "`REDIS_DB`",
        };
        let rows = README
            .lines()
            .filter(|line| line.starts_with("| `+") || line.starts_with("| `&"));
        let rows: Vec<_> = rows.filter(|row| row.contains(what)).collect();
        let [row] = rows[..] else {
            panic!("README.md has {} rows of rights for {what}", rows.len());
        };
        row.split('`').nth(1).unwrap().split(' ').collect()
    }

    async fn works(self, server: &Guarded) -> Works {
        match self {
            Self::Health => {
                let health = server.toolkit(0).redis_health().await;
                ensure(
                    health.version.is_some() && health.keys.is_some(),
                    "it is told all",
                )
            }
            Self::AllChannels => {
                let toolkit = server.toolkit(0);
                let mut all = toolkit.bus().subscribe_all();
                // as soon as one channel is listened to by itself, `all` is left alone
                eventually_async("a message on any channel arrives", || {
                    let arrived = all.try_next();
                    server.redis.cli(&["PUBLISH", "anything", "1"]);
                    std::future::ready(arrived)
                })
                .await
                .unwrap();
                let _news = toolkit.bus().subscribe("news").unwrap();
                drop(all);
                eventually_async("all are left", || async {
                    server.redis.cli(&["PUBSUB", "NUMPAT"]).int() == 0
                })
                .await;
                Ok(())
            }
            Self::Database => {
                let cache = server
                    .toolkit(1)
                    .cache::<u64, u64>("numbers")
                    .build()
                    .unwrap();
                cache.put(&1, 1, TTL).await;
                ensure(cache.stats().far_failures == 0, "it is put there")
            }
        }
    }
}

/// What is refused while something is done; it stops at the first refusal.
async fn refused(server: &Guarded, works: impl Future<Output = Works>) -> Vec<String> {
    let refusal = eventually_async("something is refused, or it works", || async {
        let refused = server.refused();
        if refused.is_empty() {
            None
        } else {
            Some(refused)
        }
    });
    tokio::select! {
        refused = refusal => refused,
        worked = works => match worked {
            Ok(()) => server.refused(),
            Err(what) => vec![what],
        },
    }
}

#[tokio::test]
async fn the_user_of_the_readme_may_do_what_it_has_to() {
    let server = Guarded::new();
    server.grant(&line());
    App::new(&server).works(&server).await.unwrap();
    assert_eq!(server.refused(), Vec::<String>::new());
    for besides in Besides::ALL {
        server.grant(&[line(), besides.rights()].concat());
        besides.works(&server).await.unwrap();
        assert_eq!(server.refused(), Vec::<String>::new(), "{besides:?}");
    }
}

#[tokio::test]
async fn the_user_of_the_readme_may_do_nothing_that_it_need_not() {
    let server = Guarded::new();
    let line = line();
    let mut of_no_use = Vec::new();
    for right in line.iter().filter(|right| **right != "-@all") {
        server.grant(&without(&line, right));
        let app = App::new(&server);
        if refused(&server, app.works(&server)).await.is_empty() {
            of_no_use.push(*right);
        }
    }
    for besides in Besides::ALL {
        for right in besides.rights() {
            server.grant(&[line.clone(), without(&besides.rights(), right)].concat());
            if refused(&server, besides.works(&server)).await.is_empty() {
                of_no_use.push(right);
            }
        }
    }
    assert!(
        of_no_use.is_empty(),
        "nothing needs {of_no_use:?}, which README.md grants"
    );
}

fn without<'a>(rights: &[&'a str], right: &str) -> Vec<&'a str> {
    rights
        .iter()
        .copied()
        .filter(|other| *other != right)
        .collect()
}
