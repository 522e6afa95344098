//! A caching reverse proxy: the HTTP cache in front of a site, over plain HTTP/1.
//!
//! ```text
//! cargo run -p tower-redis --example caching_proxy -- \
//!     --listen 127.0.0.1:8090 --origin http://127.0.0.1:8000
//! ```
//!
//! A request goes through [`front`] (what a proxy owes its clients), the cache, and [`origin`] (what it
//! owes the server behind it). Fields of one connection alone are dropped on both sides (`fields.rs`), a
//! client's claims of where it comes from are replaced by what is known (`forwarded.rs`), bodies pass as
//! they come, and connections to the origin are used again.
//!
//! A failure to reach the origin is an error of the inner service, so that the cache can do something
//! about it; what it passes on is answered with 502, or 504 when it was a matter of time. Informational
//! answers (1xx) are not passed, upgrades such as WebSocket are not offered, and TLS is left to what
//! stands in front.

mod arguments;
mod fields;
mod forwarded;
mod front;
mod origin;
mod server;

use std::io::{self, Write as _};
use std::process::ExitCode;

use tower_redis::config::{Layered, Process, Settings, Variables};
use tower_redis::{Error, Toolkit};

use arguments::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(asked) => {
            // help goes to stdout and is a success, a mistake to stderr
            let printed = asked.print().is_ok();
            let code = u8::try_from(asked.exit_code()).unwrap_or(1);
            return ExitCode::from(if printed { code } else { 1 });
        }
    };
    let served = match toolkit(&arguments) {
        Ok(toolkit) => server::until_signal(&arguments, &toolkit).await,
        Err(error) => Err(error.to_string()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            // nothing is left to do when even that cannot be said
            let _ = writeln!(io::stderr(), "caching_proxy: {what}");
            ExitCode::FAILURE
        }
    }
}

/// With what the environment says (`REDIS_URL` and the like), which an argument overrides.
fn toolkit(arguments: &Arguments) -> Result<Toolkit, Error> {
    let given = arguments.redis_url.iter().map(|url| ("REDIS_URL", url));
    let settings = Settings::read(&Layered {
        over: given.collect::<Variables>(),
        under: Process,
    })?;
    Toolkit::builder().settings(settings).build()
}
