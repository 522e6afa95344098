//! The demo server; see `demo_server::app` for what it is made of.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    demo_server::run(std::env::args_os()).await
}
