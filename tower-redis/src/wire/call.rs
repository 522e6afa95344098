//! One call, from the look at the breaker to the answer.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, Pipeline, RedisResult, ServerErrorKind, Value};

use crate::error::Error;

#[cfg(feature = "macros")]
use super::apart::is_waiting;
use super::fault;
use super::lane::Lane;
use super::link::{Link, Unready};
use super::links::Links;
use super::op::Op;
use super::shared::Shared;
use super::timing::STEPS;
use super::wheel::Deadline;

pub(super) type Answer = Result<Value, Error>;

/// What is sent in one write.
#[derive(Clone, Copy)]
enum Request<'a> {
    One(&'a Cmd),
    Many(&'a Pipeline),
}

enum Reply {
    One(Value),
    Many(Vec<Value>),
}

/// A call under way, on a link of the runtime it runs on.
struct Call {
    link: Arc<Link>,
    deadline: Deadline,
}

impl Call {
    fn begin(shared: &Shared, links: &Links, lane: Lane) -> Result<Self, Unready> {
        if let Err(refused) = shared.breaker.check() {
            shared.counts.refused.bump();
            return Err(Unready::Failed(refused));
        }
        #[cfg(feature = "macros")]
        if is_waiting() {
            return Err(Unready::Elsewhere);
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| Unready::Elsewhere)?;
        let link = links.of(runtime.id(), lane).ok_or(Unready::Elsewhere)?;
        let deadline = link.wheel.after(STEPS);
        Ok(Self { link, deadline })
    }

    /// Sends `request` and waits for the reply. A second time when `again` and the connection broke.
    async fn exchange(
        &self,
        name: &'static str,
        request: Request<'_>,
        mut again: bool,
    ) -> Result<Reply, Unready> {
        let counts = &self.link.shared.counts;
        loop {
            let connection = self.link.connection(self.deadline).await?;
            counts.operations.add(request.len());
            let mut mux = connection.mux();
            let sent = request.send(&mut mux);
            match self.link.wheel.until(self.deadline, sent).await {
                Some(Ok(reply)) => {
                    self.link.heard();
                    return Ok(reply);
                }
                Some(Err(_)) => {
                    self.link.give_up(&connection);
                    counts.timeouts.add(request.len());
                    if !std::mem::take(&mut again) {
                        return Err(Unready::Failed(fault::cut_off(name)));
                    }
                }
                None => {
                    counts.timeouts.add(request.len());
                    self.link.unheard(&connection);
                    return Err(Unready::Failed(fault::too_late(name)));
                }
            }
        }
    }
}

impl Request<'_> {
    fn len(self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Many(pipeline) => pipeline.len() as u64,
        }
    }

    async fn send(self, mux: &mut MultiplexedConnection) -> RedisResult<Reply> {
        match self {
            Self::One(cmd) => mux.send_packed_command(cmd).await.map(Reply::One),
            Self::Many(pipeline) => mux
                .send_packed_commands(pipeline, 0, pipeline.len())
                .await
                .map(Reply::Many),
        }
    }
}

/// Asks for `op` on the runtime this is polled on.
pub(super) async fn one(
    shared: &Shared,
    links: &Links,
    lane: Lane,
    op: &Op,
) -> Result<Value, Unready> {
    let call = Call::begin(shared, links, lane)?;
    let again = op.is_read() && shared.retry_reads;
    let mut value = call
        .exchange(op.name(), Request::One(op.cmd()), again)
        .await?
        .single();
    if is_unknown_script(&value)
        && let Some(full) = op.in_full()
    {
        let request = Request::One(&full);
        value = call.exchange(op.name(), request, again).await?.single();
    }
    told(op.name(), value).map_err(Unready::Failed)
}

/// Asks for all of `ops` in one write, on the runtime this is polled on.
pub(super) async fn batch(
    shared: &Shared,
    links: &Links,
    lane: Lane,
    ops: &[Op],
) -> Result<Vec<Answer>, Unready> {
    const NAME: &str = "a batch";
    if ops.is_empty() {
        return Ok(Vec::new());
    }
    let call = Call::begin(shared, links, lane)?;
    let again = shared.retry_reads && ops.iter().all(Op::is_read);
    let whole = pipeline(ops.iter().map(|op| op.cmd().clone()));
    let mut values = call
        .exchange(NAME, Request::Many(&whole), again)
        .await?
        .several();
    values.resize_with(ops.len(), || Value::Nil);

    // the others have run: what the server did not know is sent again, in full, and what has to come
    // after it
    let mut behind = false;
    let unknown = values.iter().zip(ops).enumerate();
    let unknown: Vec<(usize, Cmd)> = unknown
        .filter(|(_, (value, op))| {
            behind |= is_unknown_script(value);
            is_unknown_script(value) || behind && op.is_after()
        })
        .map(|(at, (_, op))| (at, op.in_full().unwrap_or_else(|| op.cmd().clone())))
        .collect();
    let mut failed = Vec::new();
    if !unknown.is_empty() {
        let scripts = pipeline(unknown.iter().map(|(_, full)| full.clone()));
        match call.exchange(NAME, Request::Many(&scripts), again).await {
            Ok(reply) => {
                for ((at, _), value) in unknown.iter().zip(reply.several()) {
                    if let Some(place) = values.get_mut(*at) {
                        *place = value;
                    }
                }
            }
            Err(Unready::Failed(error)) => {
                failed.extend(
                    unknown
                        .iter()
                        .map(|(at, _)| (*at, error.kind(), error.to_string())),
                );
            }
            Err(Unready::Elsewhere) => return Err(Unready::Failed(fault::cut_off(NAME))),
        }
    }
    let mut answers: Vec<Answer> = values
        .into_iter()
        .zip(ops)
        .map(|(value, op)| told(op.name(), value))
        .collect();
    for (at, kind, what) in failed {
        if let Some(answer) = answers.get_mut(at) {
            *answer = Err(Error::new(kind, what));
        }
    }
    Ok(answers)
}

fn pipeline(cmds: impl Iterator<Item = Cmd>) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for cmd in cmds {
        pipeline.add_command(cmd);
    }
    pipeline
}

fn is_unknown_script(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if error.kind() == Some(ServerErrorKind::NoScript))
}

fn told(name: &'static str, value: Value) -> Answer {
    match value {
        Value::ServerError(error) => Err(fault::answered(name, &error)),
        value => Ok(value),
    }
}

impl Reply {
    fn single(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::Many(values) => Value::Array(values),
        }
    }

    fn several(self) -> Vec<Value> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}
