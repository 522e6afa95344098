//! Which server the variables mean, taken together.

use super::names;
use super::parse;
use super::reader::Reader;
use super::secret::Secret;
use super::server::{Address, Server};
use super::url::{self, Said};

const PORT: u16 = 6379;

/// `REDIS_URL`, and those that fill what it lacks.
pub(super) fn of_everything(from: &mut Reader<'_>) -> Option<Server> {
    let url = said(from, names::URL);
    let host = from.read(
        names::HOST,
        "the name of a host, or its address",
        parse::host,
    );
    let port = from.read(names::PORT, "a port from 1 to 65535", parse::port);
    let database = from.read(
        names::DATABASE,
        "the number of a database",
        parse::count::<u32>,
    );
    let username = from.secret(names::USERNAME);
    let password = from.secret(names::PASSWORD);

    let url_is_set = from.is_set(names::URL);
    if url_is_set && url.is_none() {
        return None;
    }
    let url = url.unwrap_or_default();
    let who = if url.username.is_some() {
        names::URL
    } else {
        names::USERNAME
    };
    if url.socket.is_some() {
        let also = [(names::HOST, host.is_some()), (names::PORT, port.is_some())];
        for (variable, _) in also.into_iter().filter(|(_, is_set)| *is_set) {
            from.complain(
                variable,
                "is set, but REDIS_URL names a socket; unset one of them",
            );
        }
    }
    let same_host = |a: &String, b: &String| a.eq_ignore_ascii_case(b);
    let found = Said {
        host: one(from, (names::HOST, host), url.host, same_host, |host| {
            Some(host.clone())
        }),
        port: one(from, (names::PORT, port), url.port, PartialEq::eq, |port| {
            Some(port.to_string())
        }),
        database: one(
            from,
            (names::DATABASE, database),
            url.database,
            PartialEq::eq,
            |number| Some(number.to_string()),
        ),
        username: one(
            from,
            (names::USERNAME, username),
            url.username,
            PartialEq::eq,
            |_| None,
        ),
        password: one(
            from,
            (names::PASSWORD, password),
            url.password,
            PartialEq::eq,
            |_| None,
        ),
        socket: url.socket,
    };
    if !url_is_set && found.host.is_none() {
        for (variable, is_set) in [
            (names::PORT, found.port.is_some()),
            (names::DATABASE, found.database.is_some()),
            (names::USERNAME, found.username.is_some()),
            (names::PASSWORD, found.password.is_some()),
        ] {
            if is_set {
                from.complain(
                    variable,
                    "is set, but nothing says where Redis is; set REDIS_URL or REDIS_HOST, or unset it",
                );
            }
        }
        return None;
    }
    server(from, names::URL, who, found)
}

/// `CACHE_REDIS_URL`, which says all there is to say.
pub(super) fn of_caches(from: &mut Reader<'_>) -> Option<Server> {
    let said = said(from, names::CACHE_URL)?;
    server(from, names::CACHE_URL, names::CACHE_URL, said)
}

fn said(from: &mut Reader<'_>, variable: &str) -> Option<Said> {
    let text = from.secret(variable)?;
    match url::parse(text.expose()) {
        Ok(said) => Some(said),
        Err(what) => {
            from.complain(variable, &what);
            None
        }
    }
}

/// The one value of two variables that may both say it. `show` what is no secret.
fn one<T>(
    from: &mut Reader<'_>,
    (variable, value): (&str, Option<T>),
    in_url: Option<T>,
    same: impl Fn(&T, &T) -> bool,
    show: impl Fn(&T) -> Option<String>,
) -> Option<T> {
    if let (Some(value), Some(in_url)) = (&value, &in_url)
        && !same(value, in_url)
    {
        let what = match (show(value), show(in_url)) {
            (Some(value), Some(in_url)) => {
                format!(
                    "says `{value}`, and REDIS_URL says `{in_url}`; unset one, or make them agree"
                )
            }
            _ => "is not what REDIS_URL says; unset one, or make them agree".to_owned(),
        };
        from.complain(variable, &what);
    }
    in_url.or(value)
}

fn server(from: &mut Reader<'_>, variable: &str, who: &str, said: Said) -> Option<Server> {
    if said.username.is_some() && said.password.is_none() {
        from.complain(
            who,
            "has a user name without a password; add one (a user who needs none takes any)",
        );
    }
    let address = match (said.socket, said.host) {
        (Some(path), _) => Address::Unix(path.into()),
        (None, Some(host)) => Address::Tcp {
            host,
            port: said.port.unwrap_or(PORT),
        },
        (None, None) => {
            from.complain(
                variable,
                "names no host; write one, as in `redis://host:6379/0`",
            );
            return None;
        }
    };
    Some(Server {
        database: said.database.unwrap_or_default(),
        username: said.username,
        password: said.password,
        ..Server::at(address)
    })
}

impl Reader<'_> {
    /// The text of a variable that may hold a secret; it is shown to nobody.
    fn secret(&mut self, variable: &str) -> Option<Secret> {
        let text = self.read(variable, "text", |text| Some(text.to_owned()))?;
        if text.contains(char::REPLACEMENT_CHARACTER) {
            self.complain(variable, "is not UTF-8");
            return None;
        }
        Some(Secret::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Settings;
    use crate::config::source::Variables;

    fn read<const N: usize>(variables: [(&str, &str); N]) -> Result<Option<Server>, String> {
        let settings = Settings::read(&Variables::from(variables));
        match settings {
            Ok(settings) => Ok(settings.redis.map(|redis| redis.server)),
            Err(error) => Err(error.to_string()),
        }
    }

    fn tcp(host: &str, port: u16) -> Server {
        Server::at(Address::Tcp {
            host: host.to_owned(),
            port,
        })
    }

    #[test]
    fn a_url_is_enough() {
        assert_eq!(
            read([("REDIS_URL", "redis://example.com")]).unwrap(),
            Some(tcp("example.com", 6379))
        );
        let server = read([("REDIS_URL", "redis+unix:///run/redis.sock?db=2")]);
        assert_eq!(
            server.unwrap(),
            Some(Server {
                database: 2,
                ..Server::at(Address::Unix("/run/redis.sock".into()))
            })
        );
    }

    #[test]
    fn variables_fill_what_the_url_lacks() {
        let filled = read([
            ("REDIS_URL", "redis:///"),
            ("REDIS_HOST", "h"),
            ("REDIS_PORT", "6380"),
            ("REDIS_DB", "4"),
            ("REDIS_USERNAME", "joe"),
            ("REDIS_PASSWORD", "hunter2"),
        ]);
        let expected = Server {
            database: 4,
            username: Some("joe".into()),
            password: Some("hunter2".into()),
            ..tcp("h", 6380)
        };
        assert_eq!(filled.unwrap(), Some(expected.clone()));
        let same = read([
            ("REDIS_URL", "redis://joe:hunter2@H:6380/4"),
            ("REDIS_HOST", "h"),
            ("REDIS_PORT", "6380"),
            ("REDIS_DB", "4"),
            ("REDIS_USERNAME", "joe"),
            ("REDIS_PASSWORD", "hunter2"),
        ]);
        let host = Address::Tcp {
            host: "H".to_owned(),
            port: 6380,
        };
        let expected = Server {
            address: host,
            ..expected
        };
        assert_eq!(same.unwrap(), Some(expected));
        assert_eq!(
            read([("REDIS_HOST", "h"), ("REDIS_PASSWORD", "")]).unwrap(),
            Some(tcp("h", 6379))
        );
    }

    #[test]
    fn two_values_for_one_thing_are_a_mistake_that_names_both() {
        let error = read([
            ("REDIS_URL", "redis://joe:hunter2@h:6380/4"),
            ("REDIS_HOST", "g"),
            ("REDIS_PORT", "6379"),
            ("REDIS_DB", "0"),
            ("REDIS_USERNAME", "jim"),
            ("REDIS_PASSWORD", "hunter3"),
        ])
        .unwrap_err();
        for line in [
            "5 settings cannot be used:",
            "REDIS_HOST: says `g`, and REDIS_URL says `h`; unset one, or make them agree",
            "REDIS_PORT: says `6379`, and REDIS_URL says `6380`; unset one, or make them agree",
            "REDIS_DB: says `0`, and REDIS_URL says `4`; unset one, or make them agree",
            "REDIS_USERNAME: is not what REDIS_URL says; unset one, or make them agree",
            "REDIS_PASSWORD: is not what REDIS_URL says; unset one, or make them agree",
        ] {
            assert!(error.contains(line), "{error}");
        }
        for secret in ["hunter", "joe", "jim"] {
            assert!(!error.contains(secret), "{error}");
        }
    }

    #[test]
    fn what_is_half_said_is_a_mistake() {
        for (variables, expected) in [
            (
                vec![("REDIS_PORT", "6379")],
                "REDIS_PORT: is set, but nothing says where Redis is; set REDIS_URL or REDIS_HOST, or \
                 unset it",
            ),
            (
                vec![("REDIS_PASSWORD", "hunter2")],
                "REDIS_PASSWORD: is set, but nothing says where Redis is",
            ),
            (
                vec![("REDIS_URL", "redis:///1")],
                "REDIS_URL: names no host",
            ),
            (
                vec![("REDIS_URL", "redis://joe@h")],
                "REDIS_URL: has a user name without a password",
            ),
            (
                vec![("REDIS_URL", "redis+unix:///s"), ("REDIS_PORT", "1")],
                "REDIS_PORT: is set, but REDIS_URL names a socket",
            ),
            (
                vec![("REDIS_HOST", "two words")],
                "REDIS_HOST: found `two words`; expected the name of a host, or its address",
            ),
            (
                vec![("REDIS_HOST", "h"), ("REDIS_PORT", "0")],
                "REDIS_PORT: found `0`; expected a port from 1 to 65535",
            ),
            (
                vec![("REDIS_HOST", "h"), ("REDIS_DB", "-1")],
                "REDIS_DB: found `-1`; expected the number of a database",
            ),
            (
                vec![("REDIS_URL", "rediss://h:hunter2")],
                "REDIS_URL: starts with `rediss://`, which this version cannot use yet",
            ),
            (
                vec![("CACHE_REDIS_URL", "hunter2")],
                "CACHE_REDIS_URL: is not a URL",
            ),
        ] {
            let error = Settings::read(&variables.into_iter().collect::<Variables>())
                .unwrap_err()
                .to_string();
            let expected = format!("a setting cannot be used: {expected}");
            assert!(error.starts_with(&expected), "{error}\n{expected}");
            assert!(!error.contains("hunter"), "{error}");
        }
    }

    #[test]
    fn caches_may_have_a_redis_of_their_own() {
        let variables = Variables::from([
            ("CACHE_REDIS_URL", "redis://caches"),
            ("REDIS_HOST", "rest"),
            ("REDIS_PASSWORD", "hunter2"),
            ("REDIS_NAMESPACE", "shop"),
        ]);
        let settings = Settings::read(&variables).unwrap();
        let (caches, rest) = (settings.cache.redis.unwrap(), settings.redis.unwrap());
        assert_eq!(caches.server, tcp("caches", 6379));
        assert_eq!(caches.namespace, "shop");
        assert_eq!(rest.server.password, Some("hunter2".into()));
        let alone = Variables::from([("CACHE_REDIS_URL", "redis://caches")]);
        let settings = Settings::read(&alone).unwrap();
        assert!(settings.redis.is_none());
        assert!(settings.cache.redis.is_some());
    }

    #[test]
    fn debug_shows_neither_user_nor_password() {
        let server = read([("REDIS_URL", "redis://joe:hunter2@h")]).unwrap();
        let shown = format!("{server:?}");
        assert!(shown.contains("\"h\""), "{shown}");
        assert!(
            !shown.contains("joe") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
