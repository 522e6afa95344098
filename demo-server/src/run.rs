//! The program: settings, log, server, and what to say when one of them fails.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};
use tower_redis::config::{Layered, Process};

use crate::dotenv;
use crate::log;
use crate::serve;
use crate::settings::{self, Settings};

/// Runs the demo with the arguments of a command line, the first of which is the program's name.
///
/// Settings come from the arguments, the environment of the process and a file `.env` in the current
/// directory, in this order. It returns when the server has stopped: with success after a signal, with
/// 1 when it could not start or serve, and with 2 when the arguments are wrong.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match settings::command().try_get_matches_from(arguments) {
        Ok(arguments) => arguments,
        Err(mut asked) => {
            hide_url(&mut asked);
            // help goes to stdout and is a success, a mistake to stderr
            let printed = asked.print().is_ok();
            let code = u8::try_from(asked.exit_code()).unwrap_or(1);
            return ExitCode::from(if printed { code } else { 1 });
        }
    };
    match start(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            // nothing is left to do when even that cannot be said
            let _ = writeln!(io::stderr(), "demo-server: {what}");
            ExitCode::FAILURE
        }
    }
}

/// An argument that nobody expected is told, and one that is a URL may have a password in it.
fn hide_url(mistake: &mut clap::Error) {
    let told = mistake
        .get(ContextKind::InvalidArg)
        .map(ToString::to_string);
    if told.is_some_and(|told| told.contains("://")) {
        let hidden = ContextValue::String("(a URL)".to_owned());
        mistake.insert(ContextKind::InvalidArg, hidden);
    }
}

async fn start(arguments: &clap::ArgMatches) -> Result<(), String> {
    let source = Layered {
        over: Process,
        under: dotenv::read(".env")?,
    };
    let settings = Settings::read(arguments, &source)?;
    log::start(settings.log);
    serve::until_signal(settings).await
}
