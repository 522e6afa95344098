//! Settings that cannot be used, each with something in it that must not be said.

use tower_redis::Toolkit;
use tower_redis::config::{Layered, Settings, Variables};

use crate::said::Said;
use tests::canary::{canary, percent_encoded};

/// All of them are refused, and what is told of each is taken down.
pub(crate) fn all(said: &mut Said) {
    let (user, password) = (canary("user"), canary("password"));
    let (encoded_user, encoded) = (percent_encoded(&user), percent_encoded(&password));
    let urls = [
        // as typed, without encoding it: everything in it may end any part of the URL
        format!("redis://{user}:{password}@localhost"),
        format!("redis://:{password}@localhost:6379/0"),
        format!("redis+unix:///s?user={user}&pass={password}"),
        format!("{user}:{password}@localhost"),
        format!("{password}://localhost"),
        password.clone(),
        // encoded, and wrong elsewhere
        format!("redis://{encoded_user}:{encoded}@localhost:port"),
        format!("redis://{encoded_user}:{encoded}@localhost:99999"),
        format!("redis://{encoded_user}:{encoded}@localhost:0"),
        format!("redis://{encoded_user}:{encoded}@localhost/database"),
        format!("redis://{encoded_user}:{encoded}@localhost/0/{encoded}"),
        format!("redis://{encoded_user}:{encoded}@localhost?{encoded}"),
        format!("redis://{encoded_user}:{encoded}@local host"),
        format!("redis://{encoded_user}:{encoded}@[::1"),
        format!("redis://{encoded_user}:{encoded}%zz@localhost"),
        format!("redis://{encoded_user}%ff:{encoded}@localhost"),
        format!("redis://{encoded_user}@localhost"),
        format!("redis://{encoded_user}:@localhost"),
        format!("rediss://{encoded_user}:{encoded}@localhost"),
        format!("redis+cluster://{encoded_user}:{encoded}@localhost"),
        format!("http://{encoded_user}:{encoded}@localhost"),
        format!("redis+unix://?user={encoded_user}&pass={encoded}"),
        format!("redis+unix:///s?user={encoded_user}&pass={encoded}&db=x"),
        format!("redis+unix:///s?user={encoded_user}&password={encoded}"),
        format!("redis+unix:///s?user={encoded_user}"),
    ];
    for url in &urls {
        refused(said, [("REDIS_URL", url.as_str())]);
        refused(said, [("CACHE_REDIS_URL", url.as_str())]);
        refused(said, [("REDIS_HOST", url.as_str()), ("REDIS_PORT", "x")]);
    }
    let url = format!("redis://{encoded_user}:{encoded}@localhost:6379/1");
    let other = canary("another");
    for (variable, value) in [
        ("REDIS_PASSWORD", other.as_str()),
        ("REDIS_USERNAME", other.as_str()),
        ("REDIS_DB", "2"),
        ("REDIS_PORT", "1"),
        ("REDIS_HOST", "elsewhere"),
        ("REDIS_TIMEOUT", "never"),
    ] {
        refused(said, [("REDIS_URL", url.as_str()), (variable, value)]);
    }
    refused(
        said,
        [
            ("REDIS_PASSWORD", password.as_str()),
            ("REDIS_USERNAME", user.as_str()),
        ],
    );
    refused(
        said,
        [
            ("REDIS_HOST", "localhost"),
            ("REDIS_USERNAME", user.as_str()),
        ],
    );
}

#[track_caller]
fn refused<const N: usize>(said: &mut Said, variables: [(&str, &str); N]) {
    let variables = Variables::from(variables);
    said.debug(&variables);
    let source = Layered {
        over: variables,
        under: Variables::default(),
    };
    said.debug(&source);
    let read = Settings::read(&source);
    if let Ok(settings) = read {
        said.debug(&settings);
        panic!("this is to be refused: {settings:?}");
    }
    said.failure(read);
    let built =
        Settings::read(&source).and_then(|settings| Toolkit::builder().settings(settings).build());
    said.failure(built);
}
