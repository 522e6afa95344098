//! What went wrong, in words that are safe to show.
//!
//! The texts of the redis crate and of the server are never passed on: they hold user names, keys and
//! arguments. What is shown is a code of the server, the name of the command, and words of our own.

use redis::{ErrorKind as Kind, RedisError, ServerError};

use crate::error::{Error, ErrorKind};

/// What a server says to the client that is one too many.
const FULL: &str = "max number of clients reached";

/// Why no connection can be made, or why the last one is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Away {
    /// Nothing listens there.
    Refused,
    /// The socket's file does not exist.
    NoSocket,
    /// The name of the host is not known.
    NoHost,
    /// Something listens and nothing answers.
    Silent,
    /// The connection was ended by the other side.
    Ended,
    /// User name or password are wrong.
    WrongPassword,
    /// No password was given and one is wanted.
    NoPassword,
    /// The database number is not one the server has, or not one the user may use.
    NoDatabase,
    /// The server reads its data from disk.
    Loading,
    /// The server has as many clients as it takes.
    Full,
    /// It answered as no Redis does.
    Strange,
    /// The thread that watches over connections could not be started.
    NoThread,
    /// Anything else.
    Failed,
}

impl Away {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "the connection was refused",
            Self::NoSocket => "there is no such socket",
            Self::NoHost => "the name of the host could not be resolved",
            Self::Silent => "it does not answer",
            Self::Ended => "the connection was ended",
            Self::WrongPassword => "user name or password are wrong",
            Self::NoPassword => "it wants a password and none is set",
            Self::NoDatabase => "the database number was refused",
            Self::Loading => "it is loading its data",
            Self::Full => "it takes no more clients",
            Self::Strange => "it does not answer as Redis does",
            Self::NoThread => "no thread could be started to watch over it",
            Self::Failed => "no connection could be made",
        }
    }

    /// True when a server is there and does not let us in: asking often changes nothing.
    pub(super) const fn is_locked_out(self) -> bool {
        matches!(
            self,
            Self::WrongPassword | Self::NoPassword | Self::NoDatabase | Self::Strange
        )
    }

    /// The error of a call that was not sent.
    pub(super) fn error(self) -> Error {
        let what = match self {
            Self::Refused => "Redis is away: the connection was refused",
            Self::NoSocket => "Redis is away: there is no such socket",
            Self::NoHost => "Redis is away: the name of the host could not be resolved",
            Self::Silent => "Redis is away: it does not answer",
            Self::Ended => "Redis is away: the connection was ended",
            Self::WrongPassword => "Redis cannot be used: user name or password are wrong",
            Self::NoPassword => "Redis cannot be used: it wants a password and none is set",
            Self::NoDatabase => "Redis cannot be used: the database number was refused",
            Self::Loading => "Redis is away: it is loading its data",
            Self::Full => "Redis cannot be used: it takes no more clients",
            Self::Strange => "Redis cannot be used: it does not answer as Redis does",
            Self::NoThread => {
                "Redis cannot be used: no thread could be started to watch over connections"
            }
            Self::Failed => "Redis is away: no connection could be made",
        };
        Error::new(ErrorKind::Unavailable, what)
    }

    /// Why a connection could not be made.
    pub(super) fn of(error: &RedisError) -> Self {
        match error.kind() {
            Kind::AuthenticationFailed => return Self::WrongPassword,
            Kind::Parse | Kind::UnexpectedReturnType | Kind::RESP3NotSupported => {
                return Self::Strange;
            }
            _ => {}
        }
        match error.code() {
            Some("WRONGPASS" | "NOPERM") => return Self::WrongPassword,
            Some("NOAUTH") => return Self::NoPassword,
            Some("LOADING") => return Self::Loading,
            // of what is sent at the start, only SELECT is answered so
            Some("ERR") if error.detail() == Some("Authentication required.") => {
                return Self::NoPassword;
            }
            Some("ERR") if error.detail() == Some(FULL) => return Self::Full,
            Some("ERR") => return Self::NoDatabase,
            _ => {}
        }
        if error.is_timeout() {
            Self::Silent
        } else if error.is_connection_dropped() {
            Self::Ended
        } else {
            Self::Failed
        }
    }

    /// Why the socket could not be opened.
    pub(super) fn opening(error: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        match error.kind() {
            Io::ConnectionRefused => Self::Refused,
            Io::NotFound => Self::NoSocket,
            Io::TimedOut => Self::Silent,
            Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe => Self::Ended,
            _ => Self::Failed,
        }
    }

    /// What an answer to the first question says about the server; `None` when it can work.
    pub(super) fn answering(error: &ServerError) -> Option<Self> {
        match error.code() {
            "NOAUTH" => Some(Self::NoPassword),
            "LOADING" => Some(Self::Loading),
            "ERR" if error.details() == Some(FULL) => Some(Self::Full),
            // a right that is missing is an answer, too
            _ => None,
        }
    }
}

/// The answer to `command` was an error.
pub(super) fn answered(command: &'static str, error: &ServerError) -> Error {
    let code = shown(error.code());
    match code {
        "LOADING" | "READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" | "NOREPLICAS"
        | "MISCONF" | "BUSY" => Error::new(
            ErrorKind::Unavailable,
            format!("Redis cannot do {command} now: {code}"),
        ),
        _ => Error::new(
            ErrorKind::Refused,
            format!("Redis refused {command}: {code}{}", hint(code)),
        ),
    }
}

fn hint(code: &str) -> &'static str {
    match code {
        "NOPERM" => " (its user lacks the right to the command, the key or the channel)",
        "NOAUTH" => " (it wants a password)",
        "OOM" => " (its memory is full and its policy evicts nothing)",
        "WRONGTYPE" => " (the key holds something that is not a string)",
        "MOVED" | "ASK" | "CROSSSLOT" => " (it is part of a Redis Cluster)",
        _ => "",
    }
}

/// A code as servers and scripts write them; anything else might be text of somebody's.
fn shown(code: &str) -> &str {
    let is_code = code.len() <= 16 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { code } else { "ERR" }
}

/// It was sent, and the deadline came before the answer.
pub(super) fn too_late(command: &'static str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("Redis did not answer {command} in time; it may have done it, or may still do it"),
    )
}

/// It was sent, and the connection broke before the answer.
pub(super) fn cut_off(command: &'static str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("the connection to Redis broke before it answered {command}; it may have done it"),
    )
}

/// There was no connection before the deadline, so it was not sent.
pub(super) fn no_connection() -> Error {
    Away::Silent.error()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_error(text: &str) -> ServerError {
        let value = redis::parse_redis_value(format!("-{text}\r\n").as_bytes()).unwrap();
        match value {
            redis::Value::ServerError(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_is_told_by_its_code_alone() {
        for (text, kind, shown) in [
            (
                "NOPERM User hunter2 has no permissions to access the 'k' key",
                ErrorKind::Refused,
                "Redis refused GET: NOPERM (its user lacks the right to the command, the key or the \
                 channel)",
            ),
            (
                "OOM command not allowed",
                ErrorKind::Refused,
                "Redis refused GET: OOM (its memory is full and its policy evicts nothing)",
            ),
            (
                "LOADING Redis is loading the dataset in memory",
                ErrorKind::Unavailable,
                "Redis cannot do GET now: LOADING",
            ),
            (
                "READONLY You can't write",
                ErrorKind::Unavailable,
                "Redis cannot do GET now: READONLY",
            ),
            (
                "hunter2 is no code",
                ErrorKind::Refused,
                "Redis refused GET: ERR",
            ),
            ("ERR hunter2", ErrorKind::Refused, "Redis refused GET: ERR"),
        ] {
            let error = answered("GET", &server_error(text));
            assert_eq!(error.kind(), kind, "{text}");
            assert_eq!(error.to_string(), shown, "{text}");
        }
    }

    #[test]
    fn a_wrong_password_is_told_from_an_outage() {
        let reason = |text| Away::of(&server_error(text).into());
        assert_eq!(
            reason("WRONGPASS invalid username-password pair"),
            Away::WrongPassword
        );
        assert_eq!(reason("NOAUTH Authentication required."), Away::NoPassword);
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert_eq!(Away::opening(&refused), Away::Refused);
        assert!(Away::Refused.error().is_unavailable());
    }
}
