//! A toolkit in this process, against a real server that goes through everything that can happen to one.

use std::collections::BTreeMap;

use tests::{RedisOptions, RedisServer};
use tower_redis::bench::Supervised;
use tower_redis::codec::Format;
use tower_redis::config::{Process, Settings, Variables};
use tower_redis::health::RedisState;
use tower_redis::key::KeyWriter;
use tower_redis::limit::{Policy, Quota};
use tower_redis::testing::{
    CacheFault, FarServer, Fault, HttpCacheFault, ManualClock, Mishap, SeededChance, survives,
};
use tower_redis::{Error, Toolkit};

use crate::instance::Instance;
use crate::said::Said;
use crate::{mistakes, public, trouble, web};
use tests::canary::{self, canary, percent_encoded};

/// How the toolkit is told who it is.
#[derive(Clone, Copy)]
pub(crate) enum Login {
    Url,
    Variables,
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
    canary::keep();
    let mut said = Said::default();
    let mut server = RedisOptions::new().on_tcp().start();
    mistakes::all(&mut said);
    let one = Instance::new(&server, login, &mut said);
    let other = Instance::new(&server, login, &mut said);
    one.is(RedisState::Connected).await;
    other.is(RedisState::Connected).await;

    one.reads_and_invalidates(&other, &mut said).await;
    one.loads_that_fail(&mut said).await;
    one.loads_in_other_ways(&mut said).await;
    web::all(&one.toolkit, &mut said).await;
    one.limits(&mut said).await;
    one.publishes(&other, &server, &mut said).await;
    trouble::garbage(&server, login, &mut said).await;
    trouble::rights_are_taken(&one, &server, &mut said).await;
    trouble::strangers(&server, &mut said).await;
    trouble::redis_goes(&one, &mut server, &mut said).await;
    double(&mut said).await;
    leftovers(&one.toolkit, &mut said);

    said.assert_unheard();
    public::assert_all_said_something(&said);
    let log = canary::heard();
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
    canary::assert_unheard("what is logged", &log);
}

pub(crate) fn variables(
    server: &RedisServer,
    login: Login,
    user: &str,
    password: &str,
) -> Variables {
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

pub(crate) fn built(variables: &Variables, said: &mut Said) -> Toolkit {
    let settings = Settings::read(variables).unwrap();
    let redis = settings.redis.as_ref().unwrap();
    said.debug(variables);
    said.debug(&settings);
    said.debug(&settings.cache);
    said.debug(&settings.cache.outage);
    said.display(&settings.cache.codec);
    said.debug(&settings.cache.compression);
    said.debug(redis);
    said.debug(&redis.server);
    said.debug(&Supervised::new(redis));
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
    said.debug(&SeededChance::from_seed(7));
    said.debug(&CacheFault::LostLeader);
    said.debug(&CacheFault::LostLeader.commit());
    said.debug(&HttpCacheFault::AgeIsNotCounted);
    said.debug(&HttpCacheFault::AgeIsNotCounted.commit());
    said.debug(&server);
    said.debug(&far);
    said.debug(&clock);
    said.debug(&clock.clock());
    said.debug(&clock.clock().now());
}

/// What is left to look at.
fn leftovers(toolkit: &Toolkit, said: &mut Said) {
    said.debug(&Process);
    // an item of a map that does not come back: its key and its value are the user's
    let lost = BTreeMap::from([(canary("key"), (canary("value"), Some(None::<String>)))]);
    said.failure(survives(Format::Json, &lost));
    said.failure(survives(Format::Json, &vec![(canary("value"), f64::NAN)]));
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
