//! A toolkit in this process, against a real server that goes through everything that can happen to one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tests::{RedisOptions, RedisServer, eventually_async};
use tower_redis::cache::Shared;
use tower_redis::cache::{Cache, Reach, Status};
use tower_redis::cached;
use tower_redis::config::{Process, Settings, Variables};
use tower_redis::health::RedisState;
use tower_redis::key::KeyWriter;
use tower_redis::limit::{Algorithm, Limiter, LimiterSet, OnUnavailable, Policy, Quota};
use tower_redis::pubsub::Bus;
use tower_redis::testing::{CacheFault, FarServer, Fault, ManualClock, Mishap};
use tower_redis::{Error, Toolkit};

use crate::said::Said;
use crate::word::{self, NUMBER, canary, percent_encoded};
use crate::{ears, mistakes, public, web};

const TTL: Duration = Duration::from_secs(600);

/// How the toolkit is told who it is.
#[derive(Clone, Copy)]
enum Login {
    Url,
    Variables,
}

/// A value whose `Debug` says it: nothing of ours may use it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    number: u64,
}

impl Person {
    fn new() -> Self {
        Self {
            name: canary("value"),
            number: NUMBER,
        }
    }
}

/// The error of a load, which is between the load and who called it.
#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// A value that has no place in JSON, and an error that quotes it.
#[derive(Debug, Clone, Deserialize)]
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom(canary("value")))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_user_and_password_in_the_url() {
    run(Login::Url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_user_and_password_in_variables() {
    run(Login::Variables).await;
}

async fn run(login: Login) {
    ears::listen();
    let mut said = Said::default();
    let mut server = start();
    mistakes::all(&mut said);
    let one = Instance::new(&server, login, &mut said);
    let other = Instance::new(&server, login, &mut said);
    one.is(RedisState::Connected).await;
    other.is(RedisState::Connected).await;

    one.reads_and_invalidates(&other, &mut said).await;
    one.loads_that_fail(&mut said).await;
    web::all(&one.toolkit, &mut said).await;
    one.limits(&mut said).await;
    one.publishes(&other, &server, &mut said).await;
    garbage(&server, login, &mut said).await;
    one.rights_are_taken(&server, &mut said).await;
    strangers(&server, &mut said).await;
    one.redis_goes(&mut server, &mut said).await;
    double(&mut said).await;
    leftovers(&one.toolkit, &mut said);

    said.assert_unheard();
    public::assert_all_said_something(&said);
    let log = ears::heard();
    // it hears what there is to hear
    for line in [
        "Redis is away",
        "Redis answers again",
        "user name or password are wrong",
        "NOPERM",
        "removed what was published",
    ] {
        assert!(log.contains(line), "{line} is not in\n{log}");
    }
    word::assert_unheard("what is logged", &log);
}

fn start() -> RedisServer {
    RedisOptions::new()
        .on_tcp()
        .user("default off")
        .user(&format!(
            "{} on >{} ~* &* +@all",
            canary("user"),
            canary("password")
        ))
        .start()
}

fn variables(server: &RedisServer, login: Login, user: &str, password: &str) -> Variables {
    let address = server.address();
    let url = match login {
        Login::Url => {
            let (user, password) = (percent_encoded(user), percent_encoded(password));
            format!("redis://{user}:{password}@{address}")
        }
        Login::Variables => format!("redis+unix://{}", server.socket().display()),
    };
    let mut all = vec![("REDIS_URL", url), ("REDIS_TIMEOUT", "1s".to_owned())];
    if let Login::Variables = login {
        all.push(("REDIS_USERNAME", user.to_owned()));
        all.push(("REDIS_PASSWORD", password.to_owned()));
    }
    all.into_iter().collect()
}

fn built(variables: &Variables, said: &mut Said) -> Toolkit {
    let settings = Settings::read(variables).unwrap();
    let redis = settings.redis.as_ref().unwrap();
    said.debug(variables);
    said.debug(&settings);
    said.debug(&settings.cache);
    said.debug(&settings.cache.outage);
    said.debug(redis);
    said.debug(&redis.server);
    said.display(&redis.server.address);
    if let (Some(user), Some(password)) = (&redis.server.username, &redis.server.password) {
        said.debug(user);
        said.debug(password);
    }
    let builder = Toolkit::builder().settings(settings.clone());
    said.debug(&builder);
    let toolkit = builder.build().unwrap();
    said.debug(&toolkit);
    said.debug(toolkit.settings());
    toolkit
}

/// One process of a service, as far as Redis can tell.
struct Instance {
    toolkit: Toolkit,
    people: Cache<String, Person>,
    exact: Cache<u64, Person>,
}

impl Instance {
    fn new(server: &RedisServer, login: Login, said: &mut Said) -> Self {
        let variables = variables(server, login, &canary("user"), &canary("password"));
        Self::of(built(&variables, said), said)
    }

    fn of(toolkit: Toolkit, said: &mut Said) -> Self {
        let people = toolkit.cache("people").ttl(TTL).capacity(64);
        said.debug(&people);
        let people = people.build().unwrap();
        said.debug(&people);
        let exact = toolkit.cache("exact").exact_keys(&exact_prefix()).ttl(TTL);
        said.debug(&exact);
        let exact = exact.build().unwrap();
        said.debug(&exact);
        Self {
            toolkit,
            people,
            exact,
        }
    }

    async fn is(&self, state: RedisState) {
        eventually_async("Redis is in this state", || async {
            let health = self.toolkit.redis_health().await;
            let found = self.toolkit.redis_state();
            if found == state {
                Ok(())
            } else {
                Err((found, health))
            }
        })
        .await;
    }

    /// One lookup of everything; what it brings is compared, whoever brought it.
    async fn reads(&self, said: &mut Said) {
        let key = canary("key");
        let entry = self.people.entry(&key).tags(&[canary("tag")]);
        said.debug(&entry);
        let found = entry
            .get_or_load(|| async { Ok::<_, Infallible>(Person::new()) })
            .await;
        said.debug(&found);
        said.debug(&found.status);
        assert_eq!(found.value.unwrap(), Person::new());
        self.people.get(&key).await;
        let load = || async { Ok::<_, Infallible>(Person::new()) };
        assert_eq!(
            self.exact.get_or_load(&NUMBER, load).await.unwrap(),
            Person::new()
        );
        self.exact.get(&NUMBER).await;
    }

    async fn puts(&self) {
        self.people.put(&canary("key"), Person::new(), TTL).await;
        self.exact.put(&NUMBER, Person::new(), TTL).await;
    }

    async fn invalidates(&self, said: &mut Said) -> Reach {
        let key = self.people.invalidate(&canary("key")).await;
        said.debug(&key);
        said.debug(&key.reach);
        said.debug(&self.exact.invalidate(&NUMBER).await);
        said.debug(&self.people.invalidate_tags(&[canary("tag")]).await);
        said.debug(&self.toolkit.invalidate_tags(&[canary("tag")]).await);
        let prefix = canary("key");
        let prefixed = self.people.invalidate_prefix(&prefix[..20]).await.unwrap();
        said.debug(&prefixed);
        said.debug(&self.people.clear().await);
        said.debug(&self.exact.clear().await);
        key.reach
    }

    async fn reads_and_invalidates(&self, other: &Self, said: &mut Said) {
        for instance in [self, other, self] {
            instance.reads(said).await;
        }
        let found = other.people.entry(&canary("key"));
        let load = || async { Err::<Person, _>(Failed("nothing is to be loaded".to_owned())) };
        let found = found.get_or_load_detached(load).await;
        assert!(
            matches!(found.status, Status::Near | Status::Far),
            "{found:?}"
        );
        assert_eq!(self.invalidates(said).await, Reach::Everywhere);
        other.puts().await;
        self.reads(said).await;
        self.invalidates(said).await;
        said.failure(self.people.invalidate_prefix("").await);
        said.failure(self.toolkit.cache::<u64, u64>("none").capacity(0).build());
        said.failure(
            self.toolkit
                .cache::<u64, u64>("no time")
                .ttl(Duration::ZERO)
                .build(),
        );
        said.failure(self.toolkit.cache::<u64, u64>("all").exact_keys("").build());
    }

    async fn loads_that_fail(&self, said: &mut Said) {
        let key = canary("failing");
        let fails = || async { Err::<Person, _>(Failed(canary("error"))) };
        let error = self.people.get_or_load(&key, fails).await.unwrap_err();
        assert_eq!(error.0, canary("error"));
        let looked = self.people.entry(&key).get_or_load_detached(fails).await;
        said.debug(&looked);

        let people = self.people.clone();
        let panicking = tokio::spawn(async move {
            let load = || async {
                assert_eq!(1, 2, "a load panics");
                Ok::<_, Infallible>(Person::new())
            };
            people
                .get_or_load_detached(&canary("panicking"), load)
                .await
        });
        said.display(&panicking.await.unwrap_err());
        let people = self.people.clone();
        let panicking = tokio::spawn(async move {
            let load = || async { None::<Result<Person, Infallible>>.unwrap() };
            people.get_or_load(&canary("panicking"), load).await
        });
        said.display(&panicking.await.unwrap_err());

        // what waits for another call's error gets it wrapped
        let scoped = self.toolkit.scope(async { tokio::join!(fail(), fail()) });
        let (one, other) = scoped.await;
        let shared = [one, other]
            .into_iter()
            .filter_map(|answer| answer.unwrap_err().downcast::<Shared>().ok());
        said.error(&*shared.last().expect("one of them waited"));

        let unwritable: Cache<String, Unwritable> =
            self.toolkit.cache("unwritable").build().unwrap();
        unwritable.put(&canary("key"), Unwritable, TTL).await;
        let tables: Cache<String, BTreeMap<(String, u64), String>> =
            self.toolkit.cache("tables").build().unwrap();
        let table = [((canary("value"), NUMBER), canary("value"))];
        tables.put(&canary("key"), table.into(), TTL).await;
        assert_eq!(tables.stats().unwritable, 1);
        assert_eq!(unwritable.stats().unwritable, 1);
        said.debug(&unwritable.stats());
    }

    /// Policies of every algorithm, each used up.
    fn limiters(&self, said: &mut Said) -> Vec<Limiter> {
        let algorithms = [
            ("gcra", Algorithm::Gcra, OnUnavailable::Local),
            ("fixed", Algorithm::FixedWindow, OnUnavailable::Open),
            ("strict", Algorithm::StrictWindow, OnUnavailable::Closed),
        ];
        let limiter = |(name, algorithm, on_unavailable)| {
            let policy = Policy::new(name, Quota::per_hour(2)).algorithm(algorithm);
            let policy = policy.on_unavailable(on_unavailable);
            said.debug(&algorithm);
            said.debug(&on_unavailable);
            said.debug(&policy);
            said.debug(&policy.quota());
            self.toolkit.limiter(&policy).unwrap()
        };
        algorithms.map(limiter).into()
    }

    async fn checks(limiters: &[Limiter], said: &mut Said) {
        let long = canary("subject").repeat(4);
        for limiter in limiters {
            said.debug(limiter);
            for _ in 0..3 {
                let decision = limiter.check(&canary("subject")).await;
                said.debug(&decision);
                said.debug(&decision.outcome);
                said.debug(&decision.basis);
                limiter.check(&(NUMBER, &*long)).await;
            }
            said.debug(&limiter.stats());
        }
        let set = LimiterSet::new(limiters.iter().cloned()).unwrap();
        said.debug(&set);
        let decisions = set.check(&canary("subject")).await;
        said.debug(&decisions);
        said.debug(&decisions.refusal());
    }

    async fn limits(&self, said: &mut Said) {
        let limiters = self.limiters(said);
        Self::checks(&limiters, said).await;
        said.failure(LimiterSet::new([limiters[0].clone(), limiters[0].clone()]));
        said.failure(self.toolkit.limiter(&Policy::new("", Quota::per_minute(1))));
        let few = Policy::new("few", Quota::per_minute(5)).max_keys(1);
        let few = Toolkit::in_memory().limiter(&few).unwrap();
        for subject in 0..64 {
            few.check(&(canary("subject"), subject)).await;
        }
        assert!(few.stats().overflowed > 0);
    }

    async fn publishes(&self, other: &Self, server: &RedisServer, said: &mut Said) {
        let bus = other.toolkit.bus();
        said.debug(&bus);
        let mut news = bus.subscribe("news").unwrap();
        let mut all = bus.subscribe_all();
        said.debug(&news);
        let message = json!({ "text": canary("message"), "number": NUMBER });
        let event = eventually_async("a message arrives", || {
            all.try_next();
            let arrived = news.try_next();
            let publishing = self.toolkit.bus().publish("news", &message);
            async move {
                publishing.await.unwrap();
                arrived
            }
        })
        .await
        .unwrap();
        assert_eq!(event.message(), &message);
        said.debug(&event);
        server.cli(&["PUBLISH", "news", &canary("message")]);
        server.cli(&["PUBLISH", "tr:feed", &format!("1 x {}", canary("message"))]);
        server.cli(&["PUBLISH", "tr:feed", &canary("message")]);
        server.cli(&["PUBLISH", "cache:invalidate", ""]);
        self.reads(said).await;
        eventually_async("what somebody else names is removed", || async {
            // the prefix is public, what starts so is not
            server.cli(&["PUBLISH", "cache:invalidate", "tr:c:people"]);
            server.cli(&["KEYS", "tr:c:people*"]).items().is_empty()
        })
        .await;
        eventually_async("what is not JSON arrives as a text", || {
            let arrived = news.try_next();
            let message = arrived.map(|event| event.unwrap().message().clone());
            std::future::ready(message == Some(canary("message").into()))
        })
        .await;
        said.failure(bus.publish("", &message).await);
        said.failure(bus.subscribe(""));
        let tables = BTreeMap::from([((canary("message"), NUMBER), 1)]);
        said.failure(bus.publish("news", &tables).await);

        let slow = Bus::local();
        let mut reader = slow.subscribe("news").unwrap();
        for _ in 0..2_000 {
            slow.publish("news", &canary("message")).await.unwrap();
        }
        said.error(&reader.try_next().unwrap().unwrap_err());
    }

    /// Everything is tried, whatever comes of it.
    async fn tries(&self, limiters: &[Limiter], said: &mut Said) {
        self.reads(said).await;
        self.puts().await;
        self.invalidates(said).await;
        self.reads(said).await;
        Self::checks(limiters, said).await;
        let published = self.toolkit.bus().publish("news", &canary("message")).await;
        if let Err(error) = published {
            said.error(&error);
        }
        let health = self.toolkit.redis_health().await;
        said.display(&health.state);
        said.debug(&health);
        said.debug(&self.toolkit.stats());
        said.debug(&self.toolkit.stats().redis);
    }

    async fn rights_are_taken(&self, server: &RedisServer, said: &mut Said) {
        let limiters = self.limiters(said);
        let user = canary("user");
        for rights in [
            vec!["-@all"],
            vec!["+@all", "-get"],
            vec!["+@all", "-evalsha", "-eval"],
            vec!["+@all", "-unlink", "-set", "-scan", "-publish"],
            vec!["+@all", "resetkeys", "~tr:none"],
            vec!["+@all", "allkeys", "resetchannels"],
        ] {
            let mut command = vec!["ACL", "SETUSER", &user];
            command.extend(rights);
            server.cli(&command);
            self.tries(&limiters, said).await;
        }
        server.cli(&["ACL", "SETUSER", &user, "+@all", "allkeys", "allchannels"]);
        server.cli(&["CLIENT", "KILL", "USER", &user]);
        self.is(RedisState::Connected).await;
    }

    async fn redis_goes(&self, server: &mut RedisServer, said: &mut Said) {
        let limiters = self.limiters(said);
        server.pause();
        self.tries(&limiters, said).await;
        server.resume();
        self.is(RedisState::Connected).await;
        server.kill();
        self.tries(&limiters, said).await;
        self.is(RedisState::Disconnected).await;
        assert_eq!(self.invalidates(said).await, Reach::Pending);
        self.tries(&limiters, said).await;
        server.restart();
        self.is(RedisState::Connected).await;
        eventually_async("an invalidation reaches Redis again", || async {
            self.people.invalidate(&canary("key")).await.reach == Reach::Everywhere
        })
        .await;
        self.tries(&limiters, said).await;
    }
}

/// What exact keys start with: the user's business, as keys are.
fn exact_prefix() -> String {
    format!("{}:", canary("prefix"))
}

#[cached(ttl = 60)]
async fn fail() -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    tokio::task::yield_now().await;
    Err("it failed".into())
}

/// Everything in Redis is replaced by what cannot be read, and read.
async fn garbage(server: &RedisServer, login: Login, said: &mut Said) {
    let word = canary("stored");
    let compact = word.replace(|c: char| !c.is_ascii_alphanumeric(), "");
    for text in [
        word.clone(),
        format!("\"{word}\""),
        format!("{{\"name\":\"{compact}\",\"number\":\"{compact}\"}}"),
        format!("{{\"name\":{NUMBER},\"number\":1}}"),
        format!("TR1 {word}"),
        format!("TR1 0123456789abcdef {compact} 1 600000 600000 1 2 -\n12"),
        format!("TR1 0123456789abcdef json 1 600000 600000 1 2 {compact}\n12"),
        format!("TR9 0123456789abcdef json 1 600000 600000 1 2 -\n{compact}"),
    ] {
        let writer = Instance::new(server, login, said);
        let limiters = writer.limiters(said);
        writer.reads(said).await;
        Instance::checks(&limiters[..1], said).await;
        for key in server.cli(&["KEYS", "*"]).texts() {
            if server.cli(&["TYPE", &key]).text() == "string" {
                server.cli(&["SET", &key, &text]);
            }
        }
        let reader = Instance::new(server, login, said);
        reader.people.get(&canary("key")).await;
        reader.exact.get(&NUMBER).await;
        reader.reads(said).await;
        reader.invalidates(said).await;
        Instance::checks(&limiters, said).await;
        said.debug(&reader.toolkit.stats());
        server.cli(&["FLUSHALL"]);
    }
    // and by what is no string
    let writer = Instance::new(server, login, said);
    let limiters = writer.limiters(said);
    writer.reads(said).await;
    Instance::checks(&limiters[..1], said).await;
    for key in server.cli(&["KEYS", "*"]).texts() {
        server.cli(&["DEL", &key]);
        server.cli(&["RPUSH", &key, &word]);
    }
    let reader = Instance::new(server, login, said);
    reader.tries(&limiters, said).await;
    server.cli(&["FLUSHALL"]);
}

/// Who says wrongly, or not at all, who they are.
async fn strangers(server: &RedisServer, said: &mut Said) {
    let (user, password) = (canary("user"), canary("password"));
    for (user, password) in [(&user, &canary("wrong")), (&canary("nobody"), &password)] {
        for login in [Login::Url, Login::Variables] {
            let stranger =
                Instance::of(built(&variables(server, login, user, password), said), said);
            let limiters = stranger.limiters(said);
            stranger.tries(&limiters, said).await;
            assert_eq!(stranger.toolkit.redis_state(), RedisState::Disconnected);
        }
    }
    let url = format!("redis://{}", server.address());
    let nameless = Instance::of(built(&[("REDIS_URL", url)].into(), said), said);
    let limiters = nameless.limiters(said);
    nameless.tries(&limiters, said).await;
}

/// The double that tests of users know.
async fn double(said: &mut Said) {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let far = server.process();
    let builder = Toolkit::builder().clock(clock.clock()).far(&far);
    said.debug(&builder);
    let instance = Instance::of(builder.build().unwrap(), said);
    instance.reads(said).await;
    server.set(&canary("key"), canary("value"), None);
    server.publish("news", canary("message"));
    for mishap in Mishap::ALL {
        said.debug(mishap);
    }
    far.next(Mishap::Lost);
    instance.invalidates(said).await;
    server.commit(Fault::ALL[0]);
    said.debug(&Fault::ALL[0]);
    said.debug(&CacheFault::LostLeader);
    said.debug(&CacheFault::LostLeader.commit());
    said.debug(&server);
    said.debug(&far);
    said.debug(&clock);
    said.debug(&clock.clock());
    said.debug(&clock.clock().now());
}

/// What is left to look at.
fn leftovers(toolkit: &Toolkit, said: &mut Said) {
    said.debug(&Process);
    said.debug(toolkit.clock());
    let mut key = KeyWriter::new();
    key.text(&canary("key"));
    said.debug(&key);
    let error: Error = toolkit
        .limiter(&Policy::new("", Quota::per_hour(1)))
        .unwrap_err();
    said.debug(&error.kind());
    said.debug(&Policy::new("public", Quota::per_hour(1)).into_extractor());
    said.debug(&toolkit.redis_state());
    let stats = toolkit.stats();
    said.debug(&stats);
    stats.caches.iter().for_each(|cache| said.debug(cache));
    stats
        .limiters
        .iter()
        .for_each(|limiter| said.debug(limiter));
    stats.redis.iter().for_each(|redis| said.debug(redis));
}
