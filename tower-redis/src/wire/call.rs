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
use super::op::{Head, Op};
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

/// One operation to ask for.
pub(super) struct One {
    head: Head,
    cmd: Cmd,
}

impl From<Op> for One {
    fn from(op: Op) -> Self {
        let (head, cmd) = op.into_parts();
        Self { head, cmd }
    }
}

impl One {
    /// Asks on the runtime this is polled on.
    pub(super) async fn ask(
        &self,
        shared: &Shared,
        links: &Links,
        lane: Lane,
    ) -> Result<Value, Unready> {
        let call = Call::begin(shared, links, lane)?;
        let name = self.head.name;
        let again = self.head.is_read && shared.retry_reads;
        let request = Request::One(&self.cmd);
        let mut value = call.exchange(name, request, again).await?.single();
        if is_unknown_script(&value)
            && let Some(full) = self.head.in_full(&self.cmd)
        {
            let request = Request::One(&full);
            value = call.exchange(name, request, again).await?.single();
        }
        told(name, value).map_err(Unready::Failed)
    }
}

/// Operations to ask for in one write.
pub(super) struct Batch {
    heads: Vec<Head>,
    pipeline: Pipeline,
}

impl From<Vec<Op>> for Batch {
    fn from(ops: Vec<Op>) -> Self {
        let mut heads = Vec::with_capacity(ops.len());
        let mut pipeline = Pipeline::with_capacity(ops.len());
        for (head, cmd) in ops.into_iter().map(Op::into_parts) {
            heads.push(head);
            pipeline.add_command(cmd);
        }
        Self { heads, pipeline }
    }
}

impl Batch {
    const NAME: &str = "a batch";

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Asks on the runtime this is polled on. It must not be empty.
    pub(super) async fn ask(
        &self,
        shared: &Shared,
        links: &Links,
        lane: Lane,
    ) -> Result<Vec<Answer>, Unready> {
        let call = Call::begin(shared, links, lane)?;
        let again = shared.retry_reads && self.heads.iter().all(|head| head.is_read);
        let request = Request::Many(&self.pipeline);
        let reply = call.exchange(Self::NAME, request, again).await?;
        let mut values = reply.several();
        values.resize_with(self.heads.len(), || Value::Nil);

        // the others have run: what the server did not know is sent again, in full, and what has to
        // come after it
        let unknown = self.unknown(&values);
        let healed = if unknown.is_empty() {
            Vec::new()
        } else {
            self.heal(&call, unknown, again).await
        };
        let answers = values.into_iter().zip(&self.heads);
        let mut answers: Vec<Answer> = answers
            .map(|(value, head)| told(head.name, value))
            .collect();
        for (at, answer) in healed {
            if let Some(place) = answers.get_mut(at) {
                *place = answer;
            }
        }
        Ok(answers)
    }

    /// The scripts the server did not know, in full, what has to come after them, and which they are.
    fn unknown(&self, values: &[Value]) -> Vec<(usize, Cmd)> {
        let ops = self.heads.iter().zip(self.pipeline.cmd_iter());
        let all = values.iter().zip(ops).enumerate();
        let mut behind = false;
        let unknown = all.filter(|(_, (value, (head, _)))| {
            let is_unknown = is_unknown_script(value);
            behind |= is_unknown;
            is_unknown || (behind && head.is_after)
        });
        unknown
            .map(|(at, (_, (head, cmd)))| (at, head.in_full(cmd).unwrap_or_else(|| cmd.clone())))
            .collect()
    }

    async fn heal(
        &self,
        call: &Call,
        unknown: Vec<(usize, Cmd)>,
        again: bool,
    ) -> Vec<(usize, Answer)> {
        let mut scripts = Pipeline::with_capacity(unknown.len());
        let mut which = Vec::with_capacity(unknown.len());
        for (at, full) in unknown {
            which.push(at);
            scripts.add_command(full);
        }
        let sent = call.exchange(Self::NAME, Request::Many(&scripts), again);
        let failed = match sent.await {
            Ok(reply) => {
                let values = which.into_iter().zip(reply.several());
                return values
                    .map(|(at, value)| (at, told("EVAL", value)))
                    .collect();
            }
            Err(Unready::Failed(error)) => error,
            Err(Unready::Elsewhere) => fault::no_connection(),
        };
        let fail = |at| (at, Err(Error::new(failed.kind(), failed.to_string())));
        which.into_iter().map(fail).collect()
    }
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
