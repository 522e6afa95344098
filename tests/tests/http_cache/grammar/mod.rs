//! Makes histories of a seed: whatever origins and clients write into the fields that a cache reads.

mod control;
mod request;
mod response;
mod syntax;

use tests::Random;

use crate::history::{History, Options, Says, Script, Step};
use crate::message::{Asked, Fields};
use crate::run::START;
use response::Representation;
use syntax::one_of;

pub(crate) const URLS: [&str; 2] = ["http://host/a", "http://host/b?c"];

/// The history of `seed`.
pub(crate) fn history(seed: u64) -> History {
    let mut random = Random::new(seed);
    let options = options(&mut random);
    let mut steps = Vec::new();
    // the origin as it goes on
    let mut state = URLS.map(|_| Representation::new(&mut random));
    let mut now = START;
    let mut asked = Fields::default();
    let urls = if random.once_in(4) { 2 } else { 1 };
    for _ in 0..5 + random.below(5) {
        if random.once_in(3) {
            let seconds = wait(&mut random);
            now += seconds;
            steps.push(Step::Wait(seconds));
        }
        let at = random.index(urls);
        if random.once_in(5) {
            state[at].change(&mut random);
        }
        let request = request::request(&mut random, URLS[at], &asked, now);
        let script = response::script(&mut random, &state[at], &request, &options, now);
        asked = selecting(&request.fields);
        steps.push(Step::Ask(request, script));
    }
    // what is stored in the end
    for url in &URLS[..urls] {
        let mut fields = asked.clone();
        fields.push("cache-control", "only-if-cached, max-stale");
        let asked = Asked {
            method: "GET".to_owned(),
            url: (*url).to_owned(),
            fields,
        };
        let script = Script {
            delay: 0,
            says: Says::Nothing,
        };
        steps.push(Step::Ask(asked, script));
    }
    History { options, steps }
}

fn selecting(fields: &Fields) -> Fields {
    let mut selecting = fields.clone();
    selecting
        .0
        .retain(|(name, _)| request::SELECTING.contains(&name.as_str()));
    selecting
}

fn wait(random: &mut Random) -> u64 {
    match random.below(60) {
        // beyond all that is kept
        0 => 200_000,
        1..=3 => 3_600,
        _ => *one_of(random, &[1, 2, 4, 5, 6, 9, 10, 11, 15, 20, 21, 60]),
    }
}

fn options(random: &mut Random) -> Options {
    let mut options = Options::default();
    if random.once_in(4) {
        options.default_ttl = Some(*one_of(random, &[0, 5, 20]));
    }
    if random.once_in(10) {
        options.status_ttl = Some((*one_of(random, &[200, 404, 302]), *one_of(random, &[0, 7])));
    }
    if random.once_in(6) {
        options.heuristic = Some((
            *one_of(random, &[10, 50, 100]),
            *one_of(random, &[10, 86_400]),
        ));
    }
    if random.once_in(6) {
        let targets = [
            &[][..],
            &["own-cache-control"],
            &["own-cache-control", "cdn-cache-control"],
        ];
        let targets = one_of(random, &targets)
            .iter()
            .map(|name| (*name).to_owned());
        options.targets = Some(targets.collect());
    }
    if random.once_in(8) {
        const ALL: [&str; 7] = [
            "max-age",
            "max-stale",
            "min-fresh",
            "no-cache",
            "no-store",
            "only-if-cached",
            "stale-if-error",
        ];
        let ignored = ALL.into_iter().filter(|_| random.once_in(3));
        options.ignored = ignored.collect();
    }
    if random.once_in(12) {
        options.max_body = Some(20);
    }
    options
}
