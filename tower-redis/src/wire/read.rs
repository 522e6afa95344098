//! One value to ask for, perhaps with others.

use bytes::Bytes;
use redis::Value;

use super::call::{Call, One, told};
use super::joined::Reply;
use super::lane::Lane;
use super::links::Links;
use super::op::Op;
use super::shared::Shared;
use super::state::Unready;

/// What lies under a key.
#[derive(Debug, PartialEq)]
pub(crate) enum Read {
    /// What a GET was answered.
    Alone(Value),
    /// What was answered when others were asked for with it: nothing may be something that is no string.
    Among(Value),
}

const NAME: &str = "GET";

/// Asks for what lies under `key`, on the runtime this is polled on.
pub(super) async fn read(
    key: &Bytes,
    shared: &Shared,
    links: &Links,
    lane: Lane,
) -> Result<Read, Unready> {
    let mut call = Call::begin(shared, links, lane, NAME, true)?;
    loop {
        let connection = call.connection().await?;
        call.link.shared.counts.operations.bump();
        let patience = call.link.wheel.patience(call.deadline);
        let outcome = connection.read(key, patience).await;
        let outcome = outcome.map(|reply| match reply {
            Reply::Lost => Err(()),
            reply => Ok(reply),
        });
        match call.settle(&connection, 1, outcome)? {
            None => {}
            Some(Reply::Among(value)) => return Ok(Read::Among(value)),
            Some(Reply::Alone(value)) => {
                return told(NAME, value).map(Read::Alone).map_err(Unready::Failed);
            }
            // apart, since it is rare
            Some(Reply::Refused | Reply::Lost) => {
                let alone = Box::pin(ask_alone(key, call));
                return alone.await.map(Read::Alone);
            }
        }
    }
}

/// Asks for what lies under `key`, with what is left of `call`.
async fn ask_alone(key: &Bytes, mut call: Call) -> Result<Value, Unready> {
    let alone = One::from(Op::command(NAME, key).read());
    alone.ask_as(&mut call).await
}
