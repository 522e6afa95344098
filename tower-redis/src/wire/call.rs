//! One call, from the look at the breaker to the answer.

use std::pin::pin;
use std::sync::Arc;

use redis::{Cmd, Pipeline, ServerErrorKind, Value};

use crate::error::Error;

#[cfg(feature = "macros")]
use super::apart::is_waiting;
use super::connection::Connection;
use super::fault;
use super::lane::Lane;
use super::link::Link;
use super::links::Links;
use super::op::{Head, Op};
use super::shared::Shared;
use super::state::Unready;
use super::timing::STEPS;
use super::wheel::Deadline;

pub(super) type Answer = Result<Value, Error>;

/// A call under way, on a link of the runtime it runs on.
pub(super) struct Call {
    pub(super) link: Arc<Link>,
    pub(super) deadline: Deadline,
    name: &'static str,
    /// When the connection breaks it may be sent once more.
    again: bool,
}

impl Call {
    pub(super) fn begin(
        shared: &Shared,
        links: &Links,
        lane: Lane,
        name: &'static str,
        is_read: bool,
    ) -> Result<Self, Unready> {
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
        Ok(Self {
            link,
            deadline,
            name,
            again: is_read && shared.retry_reads,
        })
    }

    pub(super) async fn connection(&self) -> Result<Arc<Connection>, Unready> {
        match self.link.ready() {
            Some(connection) => Ok(connection),
            // boxed like everything that is rare: a call is as large as the largest part of it
            None => Box::pin(self.link.connection(self.deadline)).await,
        }
    }

    /// The reply to what was sent on `connection`, or that it broke; `None` when it is to be sent once more.
    pub(super) fn settle<T, E>(
        &mut self,
        connection: &Arc<Connection>,
        operations: u64,
        outcome: Option<Result<T, E>>,
    ) -> Result<Option<T>, Unready> {
        let error = match outcome {
            Some(Ok(reply)) => {
                self.link.heard();
                return Ok(Some(reply));
            }
            Some(Err(_)) => {
                self.link.give_up(connection);
                fault::cut_off
            }
            None => {
                self.link.unheard(connection);
                self.again = false;
                fault::too_late
            }
        };
        self.link.shared.counts.timeouts.add(operations);
        if std::mem::take(&mut self.again) {
            return Ok(None);
        }
        Err(Unready::Failed(error(self.name)))
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
        let Head { name, is_read, .. } = self.head;
        let mut call = Call::begin(shared, links, lane, name, is_read)?;
        self.ask_as(&mut call).await
    }

    /// Asks as what is left of `call`.
    pub(super) async fn ask_as(&self, call: &mut Call) -> Result<Value, Unready> {
        let name = self.head.name;
        let mut full: Option<Box<Cmd>> = None;
        loop {
            let connection = call.connection().await?;
            connection.turn().await;
            call.link.shared.counts.operations.bump();
            let mut mux = connection.mux();
            let cmd = full.as_deref().unwrap_or(&self.cmd);
            let outcome = {
                let sent = pin!(mux.send_packed_command(cmd));
                call.link.wheel.until(call.deadline, sent).await
            };
            let Some(value) = call.settle(&connection, 1, outcome)? else {
                continue;
            };
            if full.is_none() && is_unknown_script(&value) {
                full = self.head.in_full(&self.cmd).map(Box::new);
                if full.is_some() {
                    continue;
                }
            }
            return told(name, value).map_err(Unready::Failed);
        }
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
        let is_read = self.heads.iter().all(|head| head.is_read);
        let mut call = Call::begin(shared, links, lane, Self::NAME, is_read)?;
        let mut values = exchange(&mut call, &self.pipeline).await?;
        values.resize_with(self.heads.len(), || Value::Nil);

        // the others have run: what the server did not know is sent again, in full, and what has to
        // come after it
        let unknown = self.unknown(&values);
        let healed = if unknown.is_empty() {
            Vec::new()
        } else {
            Box::pin(heal(&mut call, unknown)).await
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
}

/// Sends `pipeline` and waits for the replies.
async fn exchange(call: &mut Call, pipeline: &Pipeline) -> Result<Vec<Value>, Unready> {
    let operations = pipeline.len();
    loop {
        let connection = call.connection().await?;
        connection.turn().await;
        let counts = &call.link.shared.counts;
        counts.operations.add(operations as u64);
        let mut mux = connection.mux();
        let sent = pin!(mux.send_packed_commands(pipeline, 0, operations));
        let outcome = call.link.wheel.until(call.deadline, sent).await;
        if let Some(values) = call.settle(&connection, operations as u64, outcome)? {
            return Ok(values);
        }
    }
}

async fn heal(call: &mut Call, unknown: Vec<(usize, Cmd)>) -> Vec<(usize, Answer)> {
    let mut scripts = Pipeline::with_capacity(unknown.len());
    let mut which = Vec::with_capacity(unknown.len());
    for (at, full) in unknown {
        which.push(at);
        scripts.add_command(full);
    }
    let failed = match exchange(call, &scripts).await {
        Ok(values) => {
            let values = which.into_iter().zip(values);
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

fn is_unknown_script(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if error.kind() == Some(ServerErrorKind::NoScript))
}

pub(super) fn told(name: &'static str, value: Value) -> Answer {
    match value {
        Value::ServerError(error) => Err(fault::answered(name, &error)),
        value => Ok(value),
    }
}
