//! What is published is heard, in order, and silence is noticed.

use std::sync::{Arc, Mutex};

use tests::{Proxy, RedisOptions, RedisServer, Target, eventually};

use super::{LONG, wire, wire_to};
use crate::clock::{Clock, Moment};
use crate::config::RedisSettings;
use crate::wire::hearer::{Hearer, Interest};
use crate::wire::home::Home;
use crate::wire::listen::Listening;
use crate::wire::shared::Shared;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Heard {
    Connected,
    Message(String, Vec<u8>),
    Lost,
}

#[derive(Default)]
struct Notes {
    heard: Mutex<Vec<Heard>>,
    alive: Mutex<Vec<Moment>>,
}

impl Notes {
    fn note(&self, heard: Heard) {
        self.heard.lock().unwrap().push(heard);
    }

    fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    fn count(&self, what: &Heard) -> usize {
        self.all().iter().filter(|heard| *heard == what).count()
    }

    fn wait_for(&self, what: &Heard, times: usize) {
        eventually(&format!("{what:?} is heard {times} times"), || {
            if self.count(what) >= times {
                Ok(())
            } else {
                Err(self.all())
            }
        });
    }

    fn last_alive(&self) -> Option<Moment> {
        self.alive.lock().unwrap().last().copied()
    }
}

impl Hearer for Notes {
    fn connected(&self) {
        self.note(Heard::Connected);
    }

    fn message(&self, channel: &[u8], payload: &[u8]) {
        self.note(Heard::Message(text(channel), payload.to_vec()));
    }

    fn alive(&self, sent: Moment) {
        self.alive.lock().unwrap().push(sent);
    }

    fn lost(&self) {
        self.note(Heard::Lost);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn message(channel: &str, payload: &[u8]) -> Heard {
    Heard::Message(channel.to_owned(), payload.to_vec())
}

fn channels(names: &[&str]) -> Interest {
    Interest::Channels(names.iter().map(|name| name.as_bytes().to_vec()).collect())
}

#[test]
fn messages_come_as_they_were_published_and_in_their_order() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let notes = Arc::new(Notes::default());
    let listening = wire.listen(channels(&["a", "b"]), notes.clone());
    notes.wait_for(&Heard::Connected, 1);
    assert_eq!(notes.all(), [Heard::Connected]);
    let mut client = server.client();
    let mut expected = notes.all();
    for n in 0..100_u8 {
        let channel = if n % 2 == 0 { "a" } else { "b" };
        let payload = [n, 0, 255, b'\r', b'\n'];
        client.call(&[&b"PUBLISH"[..], channel.as_bytes(), &payload]);
        client.call(&["PUBLISH", "c", "not wanted"]);
        expected.push(message(channel, &payload));
    }
    eventually("all are heard", || notes.all().len() == expected.len());
    assert_eq!(notes.all(), expected);
    drop(listening);
    eventually("nobody listens any more", || {
        client.call(&["PUBLISH", "a", "?"]).int() == 0
    });
    assert_eq!(notes.all(), expected);
}

#[test]
fn who_listens_before_the_home_thread_can_start_hears_once_it_has() {
    let server = RedisServer::start();
    let shared = Shared::new(&RedisSettings::of(&server.url(), LONG), &Clock::system());
    let (home, shared) = (Arc::new(Home::default()), Arc::new(shared));
    let start = |notes: &Arc<Notes>| {
        let (home, shared) = (Arc::clone(&home), Arc::clone(&shared));
        Listening::start(home, shared, channels(&["a"]), notes.clone())
    };
    let (notes, unwanted) = (Arc::new(Notes::default()), Arc::new(Notes::default()));
    let _listening = start(&notes);
    drop(start(&unwanted));
    home.runtime(|_| {}).unwrap();
    notes.wait_for(&Heard::Connected, 1);
    server.client().call(&["PUBLISH", "a", "1"]);
    notes.wait_for(&message("a", b"1"), 1);
    assert_eq!(unwanted.all(), []);
    eventually("what is not wanted any more is gone", || {
        Arc::strong_count(&unwanted) == 1
    });
}

#[test]
fn what_is_listened_to_changes_while_it_is_connected() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let notes = Arc::new(Notes::default());
    let listening = wire.listen(channels(&[]), notes.clone());
    assert!(!listening.hears(b"a"));
    listening.subscribe(b"a");
    eventually("a is heard", || listening.hears(b"a"));
    notes.wait_for(&Heard::Connected, 1);
    listening.subscribe(b"b");
    eventually("b is heard", || listening.hears(b"b"));
    listening.unsubscribe(b"a");
    eventually("a is left", || !listening.hears(b"a"));
    let mut client = server.client();
    assert_eq!(client.call(&["PUBLISH", "a", "?"]).int(), 0);
    listening.everything(true);
    eventually("everything is heard", || listening.hears(b"anything"));
    client.call(&["PUBLISH", "anything", "1"]);
    notes.wait_for(&message("anything", b"1"), 1);
    listening.everything(false);
    eventually("everything is left", || !listening.hears(b"anything"));
    assert_eq!(client.call(&["PUBLISH", "anything", "2"]).int(), 0);
    client.call(&["PUBLISH", "b", "3"]);
    notes.wait_for(&message("b", b"3"), 1);
    assert_eq!(notes.count(&Heard::Connected), 1);
    assert_eq!(notes.count(&Heard::Lost), 0);
}

#[test]
fn what_is_published_by_the_listener_itself_is_heard_when_it_returns() {
    let server = RedisServer::start();
    let wire = wire(&server);
    let notes = Arc::new(Notes::default());
    let listening = wire.listen(channels(&["a"]), notes.clone());
    notes.wait_for(&Heard::Connected, 1);
    for n in 0..200_u8 {
        let publish = listening.publish(b"a", &[n]);
        pollster::block_on(wire.at_home(publish)).unwrap().unwrap();
        assert_eq!(notes.all().last(), Some(&message("a", &[n])));
    }
}

#[test]
fn a_server_that_is_gone_is_told_and_heard_again_when_it_is_back() {
    let mut server = RedisServer::start();
    let wire = wire(&server);
    let notes = Arc::new(Notes::default());
    let _listening = wire.listen(Interest::Everything, notes.clone());
    for round in 1..=3 {
        notes.wait_for(&Heard::Connected, round);
        server.kill();
        notes.wait_for(&Heard::Lost, round);
        server.restart();
    }
    notes.wait_for(&Heard::Connected, 4);
    server.cli(&["PUBLISH", "a", "1"]);
    notes.wait_for(&message("a", b"1"), 1);
    let order: Vec<Heard> = notes
        .all()
        .into_iter()
        .filter(|heard| matches!(heard, Heard::Connected | Heard::Lost))
        .collect();
    for (at, heard) in order.iter().enumerate() {
        let expected = [Heard::Connected, Heard::Lost][at % 2].clone();
        assert_eq!(*heard, expected, "{order:?}");
    }
}

#[test]
fn silence_is_told_within_two_seconds_of_the_last_sign_of_life() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let wire = wire_to(&proxy.url(), LONG);
    let clock = Clock::system();
    let notes = Arc::new(Notes::default());
    let _listening = wire.listen(channels(&["a"]), notes.clone());
    notes.wait_for(&Heard::Connected, 1);
    let first = eventually("somebody is there", || notes.last_alive());
    eventually("still there", || notes.last_alive() > Some(first));
    assert!(notes.last_alive() <= Some(clock.coarse()));
    proxy.black_hole();
    notes.wait_for(&Heard::Lost, 1);
    let last = notes.last_alive();
    proxy.restore();
    notes.wait_for(&Heard::Connected, 2);
    eventually("somebody is there again", || notes.last_alive() > last);
    server.cli(&["PUBLISH", "a", "1"]);
    notes.wait_for(&message("a", b"1"), 1);
}

/// May listen to `a`, `c` and `e`.
fn restricted() -> RedisServer {
    RedisOptions::new()
        .user("joe on >hunter2 ~* +@all resetchannels &a &c &e")
        .start()
}

fn joe(server: &RedisServer) -> String {
    format!(
        "redis+unix://{}?user=joe&pass=hunter2",
        server.socket().display()
    )
}

#[test]
fn a_channel_that_is_refused_takes_no_other_with_it() {
    let server = restricted();
    let wire = wire_to(&joe(&server), LONG);
    let notes = Arc::new(Notes::default());
    let listening = wire.listen(channels(&["a", "b", "c"]), notes.clone());
    eventually("the others are heard", || {
        listening.hears(b"a") && listening.hears(b"c")
    });
    listening.subscribe(b"d");
    listening.everything(true);
    listening.subscribe(b"e");
    eventually("what came later is heard", || listening.hears(b"e"));
    assert!(!listening.hears(b"b") && !listening.hears(b"d"));
    for channel in ["a", "b", "c", "d", "e"] {
        server.cli(&["PUBLISH", channel, "1"]);
    }
    notes.wait_for(&message("e", b"1"), 1);
    let heard = ["a", "c", "e"].map(|channel| message(channel, b"1"));
    // nothing that would say that nothing is missed
    assert_eq!(notes.all(), heard);
    assert_eq!(notes.last_alive(), None);
    listening.unsubscribe(b"d");
    listening.everything(false);
    server.cli(&["ACL", "SETUSER", "joe", "&b"]);
    notes.wait_for(&Heard::Connected, 1);
    eventually("somebody is there", || notes.last_alive());
    assert!(listening.hears(b"b") && !listening.hears(b"d"));
    // all of it on one connection
    assert_eq!((wire.state().connects, notes.count(&Heard::Lost)), (1, 0));
}

#[test]
fn a_thousand_channels_with_one_that_is_refused_are_heard() {
    let server = RedisOptions::new()
        .user("joe on >hunter2 ~* +@all resetchannels &may:*")
        .start();
    let wire = wire_to(&joe(&server), LONG);
    let mut names: Vec<_> = (0..2_500)
        .map(|n| format!("may:{n:05}").into_bytes())
        .collect();
    names.insert(1_700, b"may".to_vec());
    let notes = Arc::new(Notes::default());
    let listening = wire.listen(Interest::Channels(names.clone()), notes);
    eventually("all but one are heard", || {
        names
            .iter()
            .all(|name| (name == b"may") != listening.hears(name))
    });
    let asked = server.cli(&["INFO", "commandstats"]).text();
    let asked = asked
        .lines()
        .find(|line| line.starts_with("cmdstat_subscribe:"));
    let refused = asked.unwrap().split("rejected_calls=").nth(1).unwrap();
    let refused: u64 = refused.split(',').next().unwrap().parse().unwrap();
    assert!(refused < 30, "{refused} times refused");
}
