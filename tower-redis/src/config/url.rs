//! A Redis URL, taken apart.
//!
//! | form | what it says |
//! |---|---|
//! | `redis://user:password@host:port/db` | a server at a port; each part but the host may be missing |
//! | `redis+unix:///path?db=0&user=u&pass=p` | a server at a socket of this machine |
//!
//! User, password and path are percent-decoded. What is missing is not replaced by a default here, since
//! another variable may say it.

use super::secret::Secret;

const FORMS: &str =
    "expected one like `redis://host:6379/0` or `redis+unix:///path/to/redis.sock?db=0`";
const COMING: [&str; 3] = ["rediss", "redis+cluster", "redis+sentinel"];

/// What a URL says; `None` where it says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<String>,
    pub(super) database: Option<u32>,
    pub(super) username: Option<Secret>,
    pub(super) password: Option<Secret>,
}

/// Takes `url` apart. The error tells what is wrong with it, and shows nothing of it but its scheme.
pub(super) fn parse(url: &str) -> Result<Said, String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(format!("is not a URL; {FORMS}"));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "redis" => tcp(rest),
        "redis+unix" => socket(rest),
        known if COMING.contains(&known) => Err(format!(
            "starts with `{known}://`, which this version cannot use yet; {FORMS}"
        )),
        // before the first `://` there is no password, unless it is no URL at all
        _ => Err(format!("has a scheme that is not known; {FORMS}")),
    }
}

fn tcp(rest: &str) -> Result<Said, String> {
    if rest.contains(['?', '#']) {
        return Err(format!(
            "has a part after `?` or `#`, which nothing is read from (in a password they are `%3F` and \
             `%23`); {FORMS}"
        ));
    }
    let (authority, database) = match rest.split_once('/') {
        Some((authority, database)) => (authority, number(database, "database")?),
        None => (rest, None),
    };
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (user, place),
        None => ("", authority),
    };
    let (username, password) = match user.split_once(':') {
        Some((username, password)) => (username, password),
        None => (user, ""),
    };
    let (host, port) = host_and_port(place)?;
    Ok(Said {
        host,
        port,
        socket: None,
        database,
        username: secret(username, "user name")?,
        password: secret(password, "password")?,
    })
}

fn host_and_port(place: &str) -> Result<(Option<String>, Option<u16>), String> {
    let (host, port) = match place.strip_prefix('[') {
        Some(address) => {
            let Some((address, port)) = address.split_once(']') else {
                return Err(format!("has a `[` without a `]`; {FORMS}"));
            };
            (address, port.strip_prefix(':').unwrap_or(port))
        }
        None => place.split_once(':').unwrap_or((place, "")),
    };
    let host = host.trim();
    if host.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!(
            "has a host that is no name and no address; {FORMS}"
        ));
    }
    let port = match number(port, "port")? {
        Some(0) => return Err("has the port 0; expected one from 1 to 65535".to_owned()),
        port => port,
    };
    Ok(((!host.is_empty()).then(|| host.to_owned()), port))
}

fn socket(rest: &str) -> Result<Said, String> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut said = Said {
        socket: Some(decoded(path, "path")?),
        ..Said::default()
    };
    if path.is_empty() {
        return Err(format!("names no socket; {FORMS}"));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("db", database)) => said.database = number(database, "database")?,
            Some(("user", name)) => said.username = secret(name, "user name")?,
            Some(("pass", password)) => said.password = secret(password, "password")?,
            _ => {
                return Err(
                    "has a part after `?` that is not known; expected `db`, `user` and `pass`, as in \
                     `redis+unix:///path/to/redis.sock?db=0&pass=..`"
                        .to_owned(),
                );
            }
        }
    }
    Ok(said)
}

fn number<N: std::str::FromStr>(text: &str, what: &str) -> Result<Option<N>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if digits => Ok(Some(number)),
        _ => Err(format!("has a {what} that is no number in range; {FORMS}")),
    }
}

fn secret(text: &str, what: &str) -> Result<Option<Secret>, String> {
    let text = decoded(text, what)?;
    Ok((!text.is_empty()).then(|| Secret::from(text)))
}

fn decoded(text: &str, what: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "has a {what} with a `%` that is not followed by two hexadecimal digits, or that is not \
             UTF-8; write `%25` for the sign itself"
        )
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = rest else {
            return Err(wrong());
        };
        rest = after;
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let (Some(high), Some(low)) = (digit(*high), digit(*low)) else {
            return Err(wrong());
        };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(url: &str) -> Said {
        parse(url).unwrap_or_else(|what| panic!("{url}: {what}"))
    }

    #[test]
    fn every_part_may_be_there_or_not() {
        let whole = said("redis://joe:pa%3Ass%40w%6Frd@example.com:6380/3");
        assert_eq!(whole.host.as_deref(), Some("example.com"));
        assert_eq!((whole.port, whole.database), (Some(6380), Some(3)));
        assert_eq!(whole.username, Some(Secret::from("joe")));
        assert_eq!(whole.password, Some(Secret::from("pa:ss@word")));
        for (url, host, port, database) in [
            ("redis://localhost", Some("localhost"), None, None),
            ("REDIS://localhost/", Some("localhost"), None, None),
            ("redis://localhost:/7", Some("localhost"), None, Some(7)),
            ("redis://[::1]:6380", Some("::1"), Some(6380), None),
            ("redis://[::1]/1", Some("::1"), None, Some(1)),
            ("redis:///2", None, None, Some(2)),
            ("redis://:6380", None, Some(6380), None),
            ("redis://:@localhost", Some("localhost"), None, None),
        ] {
            let said = said(url);
            assert_eq!(said.host.as_deref(), host, "{url}");
            assert_eq!((said.port, said.database), (port, database), "{url}");
            assert_eq!((said.username, said.password), (None, None), "{url}");
        }
        // an `@` in a password need not be encoded: hosts have none
        assert_eq!(
            said("redis://:a@b@localhost").password,
            Some(Secret::from("a@b"))
        );
    }

    #[test]
    fn a_socket_has_its_parts_behind_it() {
        let whole = said("redis+unix:///run/my%20redis.sock?db=2&user=joe&pass=a%26b");
        assert_eq!(whole.socket.as_deref(), Some("/run/my redis.sock"));
        assert_eq!(whole.database, Some(2));
        assert_eq!(whole.username, Some(Secret::from("joe")));
        assert_eq!(whole.password, Some(Secret::from("a&b")));
        assert_eq!(said("redis+unix:///s").database, None);
    }

    #[test]
    fn what_is_wrong_is_said_and_no_secret_shown() {
        for (url, expected) in [
            ("hunter2", "is not a URL"),
            (
                "rediss://:hunter2@h",
                "starts with `rediss://`, which this version cannot use yet",
            ),
            (
                "redis+cluster://hunter2",
                "starts with `redis+cluster://`, which this version cannot use yet",
            ),
            (
                "redis+sentinel://hunter2/m",
                "starts with `redis+sentinel://`, which this version cannot use yet",
            ),
            ("hunter2://h", "has a scheme that is not known"),
            ("redis://h:hunter2", "has a port that is no number in range"),
            ("redis://h:65536", "has a port that is no number in range"),
            ("redis://h:+1", "has a port that is no number in range"),
            ("redis://h:0", "has the port 0"),
            (
                "redis://h/hunter2",
                "has a database that is no number in range",
            ),
            ("redis://:hunter2?@h", "has a part after `?` or `#`"),
            ("redis://:hunter2%4@h", "has a password with a `%`"),
            ("redis://:%FF@h", "has a password with a `%`"),
            ("redis://[::1", "has a `[` without a `]`"),
            ("redis://hunter 2", "has a host that is no name"),
            ("redis+unix://?db=1", "names no socket"),
            (
                "redis+unix:///s?password=hunter2",
                "has a part after `?` that",
            ),
        ] {
            let what = parse(url).unwrap_err();
            assert!(what.starts_with(expected), "{url}: {what}");
            assert!(!what.contains("hunter"), "{url}: {what}");
        }
    }
}
