//! What clients do all the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tests::http::{Line, Method, Site, StatusCode};
use tests::timed_async;

use crate::outage::play::Phases;
use crate::outage::record::Call;

/// A call that takes longer hangs.
const HANGS: Duration = Duration::from_secs(20);

/// How many kinds of calls there are.
pub(super) const KINDS: usize = 12;

/// The longest pause between two calls of a client, in milliseconds.
const PAUSE: u64 = 400;

/// How many addresses call what is limited, in each phase; all clients share them.
const ADDRESSES: usize = 4;

/// One client of one demo; calls until it is told to stop, one call after the other.
pub(super) struct Client {
    pub(super) number: usize,
    pub(super) demo: usize,
    pub(super) site: Site,
    pub(super) phases: Arc<Phases>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Client {
    pub(super) async fn calls(self) -> Vec<Call> {
        let mut line = self.site.connect("127.0.0.1").await;
        let mut calls = Vec::new();
        let mut round = self.number;
        while !self.stop.load(Ordering::Relaxed) {
            calls.push(self.one(round, &mut line).await);
            round += 1;
            // clients do not ask all the time, or all that is seen is how busy the machine is
            let pause = (self.number * 37 + round * 61) as u64 % PAUSE;
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        calls
    }

    async fn one(&self, round: usize, line: &mut Line) -> Call {
        let phase = self.phases.enter();
        let mut from = "127.0.0.1".to_owned();
        let unique = format!("{}-{round}", self.number);
        let (method, path, body) = match round % KINDS {
            // what is near, and what is not
            0 => (
                Method::GET,
                "/api/cached-data?user_id=1".to_owned(),
                String::new(),
            ),
            1 => (
                Method::GET,
                format!("/api/cached-data?user_id={unique}"),
                String::new(),
            ),
            2 => (Method::GET, "/api/report".to_owned(), String::new()),
            kind @ (3 | 8 | 9) => {
                let address = round / KINDS % ADDRESSES + 1;
                from = format!("127.1.{}.{address}", phase as usize);
                let path = match kind {
                    3 => "/api/rate-limited",
                    8 => "/limited/open",
                    _ => "/limited/closed",
                };
                (Method::GET, path.to_owned(), String::new())
            }
            4 => {
                let event = json!({ "channel": "orders", "message": unique });
                (
                    Method::POST,
                    "/api/publish-event".to_owned(),
                    event.to_string(),
                )
            }
            5 => {
                let user = json!({ "user_id": self.number % 3 });
                (
                    Method::POST,
                    "/api/invalidate-cache".to_owned(),
                    user.to_string(),
                )
            }
            6 => (
                Method::GET,
                format!("/api/cached-data?user_id={}", self.number % 3),
                String::new(),
            ),
            10 => {
                let name = format!("/names/{}-{}", self.number % 3, round % 5);
                (Method::GET, name, String::new())
            }
            11 => {
                let prefix = format!("/names-starting/{}-", self.number % 3);
                (Method::POST, prefix, String::new())
            }
            _ if (round / KINDS).is_multiple_of(2) => {
                (Method::GET, "/health/deep".to_owned(), String::new())
            }
            _ => (Method::GET, "/health".to_owned(), String::new()),
        };
        let answered = async {
            if from == "127.0.0.1" {
                line.call(method, &path, body).await
            } else {
                self.site.call_from(&from, method, &path, body).await
            }
        };
        let (answer, took) = timed_async(tokio::time::timeout(HANGS, answered)).await;
        let Ok(answer) = answer else {
            panic!("{path} hangs in {phase:?}");
        };
        self.phases.leave(phase);
        let passed = from != "127.0.0.1" && answer.status == StatusCode::OK;
        let counted_in = passed.then(|| answer.json()["counted_in"].as_str().unwrap().to_owned());
        let path = path.split('?').next().unwrap_or_default();
        let path = path.trim_end_matches(|c: char| c == '-' || c.is_ascii_digit());
        Call {
            phase,
            demo: self.demo,
            what: path.to_owned(),
            from,
            status: answer.status,
            counted_in,
            took,
        }
    }
}
