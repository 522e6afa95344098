//! What can happen to a server, and to what lies there.

use tests::{RedisServer, eventually_async};
use tower_redis::cache::Reach;
use tower_redis::health::RedisState;

use crate::instance::Instance;
use crate::library::{Login, built, variables};
use crate::said::Said;
use tests::canary::{NUMBER, canary};

pub(crate) async fn rights_are_taken(one: &Instance, server: &RedisServer, said: &mut Said) {
    let limiters = one.limiters(said);
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
        one.tries(&limiters, said).await;
    }
    server.cli(&["ACL", "SETUSER", &user, "+@all", "allkeys", "allchannels"]);
    server.cli(&["CLIENT", "KILL", "USER", &user]);
    one.is(RedisState::Connected).await;
}

pub(crate) async fn redis_goes(one: &Instance, server: &mut RedisServer, said: &mut Said) {
    let limiters = one.limiters(said);
    server.pause();
    one.tries(&limiters, said).await;
    server.resume();
    one.is(RedisState::Connected).await;
    server.kill();
    one.tries(&limiters, said).await;
    one.is(RedisState::Disconnected).await;
    assert_eq!(one.invalidates(said).await, Reach::Pending);
    one.tries(&limiters, said).await;
    server.restart();
    one.is(RedisState::Connected).await;
    eventually_async("an invalidation reaches Redis again", || async {
        one.people.invalidate(&canary("key")).await.reach == Reach::Everywhere
    })
    .await;
    one.tries(&limiters, said).await;
}

/// Everything in Redis is replaced by what cannot be read, and read.
pub(crate) async fn garbage(server: &RedisServer, login: Login, said: &mut Said) {
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
pub(crate) async fn strangers(server: &RedisServer, said: &mut Said) {
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
