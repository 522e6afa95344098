//! One history through the layer and through the reference.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use http::header::HeaderName;
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _};
use tower_redis::Toolkit;
use tower_redis::middleware::http_cache::{CacheLayer, CacheService, RequestDirective};
use tower_redis::testing::ManualClock;

use crate::history::{History, Options, Script, Step};
use crate::message::{Answer, Asked, Coming, Fields};
use crate::origin::{Origin, World, read, write};
use crate::reference::{Reference, Verdict};

/// The start of 2026, where a `ManualClock` begins.
pub(crate) const START: u64 = 1_767_225_600;

/// What is served where the layer and the reference differ.
#[derive(Clone)]
pub(crate) struct Difference {
    step: usize,
    what: &'static str,
    layer: String,
    reference: String,
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            step,
            what,
            layer,
            reference,
        } = self;
        write!(
            f,
            "step {step}, {what}\n    the layer:     {layer}\n    the reference: {reference}"
        )
    }
}

fn set_up(mut layer: CacheLayer, options: &Options) -> CacheLayer {
    if let Some(ttl) = options.default_ttl {
        layer = layer.default_ttl(Duration::from_secs(ttl));
    }
    if let Some((status, ttl)) = options.status_ttl {
        layer = layer.default_ttl_of(status.try_into().unwrap(), Duration::from_secs(ttl));
    }
    if let Some((part, longest)) = options.heuristic {
        let longest = Duration::from_secs(longest);
        layer = layer.heuristic_freshness(f64::from(part) / 100.0, longest);
    }
    if let Some(targets) = &options.targets {
        let names = targets
            .iter()
            .map(|name| HeaderName::from_bytes(name.as_bytes()));
        layer = layer.targets(names.map(Result::unwrap));
    }
    for ignored in &options.ignored {
        layer = layer.ignore(match *ignored {
            "max-age" => RequestDirective::MaxAge,
            "max-stale" => RequestDirective::MaxStale,
            "min-fresh" => RequestDirective::MinFresh,
            "no-cache" => RequestDirective::NoCache,
            "no-store" => RequestDirective::NoStore,
            "only-if-cached" => RequestDirective::OnlyIfCached,
            _ => RequestDirective::StaleIfError,
        });
    }
    if let Some(most) = options.max_body {
        layer = layer.max_body(most);
    }
    layer
}

/// The layer around the origin.
struct Site {
    world: Arc<Mutex<World>>,
    clock: ManualClock,
    service: CacheService<Origin>,
}

impl Site {
    fn new(options: &Options) -> Self {
        let clock = ManualClock::new();
        let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
        let world = Arc::<Mutex<World>>::default();
        let origin = Origin {
            world: Arc::clone(&world),
            clock: clock.clone(),
        };
        let service = set_up(toolkit.cache_layer(), options).layer(origin);
        Self {
            world,
            clock,
            service,
        }
    }

    /// What comes out, and what the origin was asked, the work behind the answer included.
    async fn ask(&self, asked: &Asked, script: &Script) -> (Option<Answer>, Vec<Asked>) {
        self.world.lock().unwrap().script = Some(script.clone());
        let mut request = Request::new(());
        *request.method_mut() = asked.method.parse().unwrap();
        *request.uri_mut() = asked.url.parse().unwrap();
        *request.headers_mut() = write(&asked.fields);
        let response = self.service.clone().oneshot(request).await;
        let answer = match response {
            Err(_) => None,
            Ok(response) => {
                let (parts, mut body) = response.into_parts();
                let (mut text, mut coming) = (String::new(), Coming::Whole);
                while let Some(frame) = body.frame().await {
                    match frame {
                        Ok(frame) => {
                            let data = frame.into_data().unwrap();
                            text.push_str(std::str::from_utf8(&data).unwrap());
                        }
                        Err(_) => {
                            coming = Coming::Broken;
                            break;
                        }
                    }
                }
                Some(Answer {
                    status: parts.status.as_u16(),
                    fields: read(&parts.headers),
                    text,
                    coming,
                })
            }
        };
        let tasks = tokio::runtime::Handle::current().metrics();
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
        (answer, self.world.lock().unwrap().take())
    }
}

/// Takes what the cache says of itself out of `fields`.
fn verdict(fields: &mut Fields) -> Option<Verdict> {
    let at = fields
        .0
        .iter()
        .rposition(|(name, _)| name == "cache-status");
    let Some(at) = at else {
        return Some(Verdict::default());
    };
    let (_, member) = fields.0.remove(at);
    let mut verdict = Verdict::default();
    for parameter in member.strip_prefix("tower-redis; ")?.split("; ") {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name {
            "hit" => verdict.hit = true,
            "fwd" => verdict.fwd = Some(value.to_owned()),
            "ttl" => verdict.ttl = Some(value.parse().ok()?),
            "fwd-status" => verdict.fwd_status = Some(value.parse().ok()?),
            "stored" => verdict.stored = true,
            "detail" => verdict.details.push(value.trim_matches('"').to_owned()),
            _ => return None,
        }
    }
    Some(verdict)
}

fn same_verdict(layer: &Verdict, reference: &Verdict) -> bool {
    let mut reference = reference.clone();
    if let [detail] = &layer.details[..]
        && reference.details.contains(detail)
    {
        reference.details.clone_from(&layer.details);
    }
    *layer == reference
}

/// What the layer answered and said at each request, up to where both differ.
pub(crate) async fn run(history: &History) -> (Vec<(u16, Verdict)>, Option<Difference>) {
    let site = Site::new(&history.options);
    let mut reference = Reference::new(history.options.clone(), START);
    let mut world = World::default();
    let mut said = Vec::new();
    for (step, what) in history.steps.iter().enumerate() {
        let (asked, script) = match what {
            Step::Wait(seconds) => {
                site.clock.advance(Duration::from_secs(*seconds));
                reference.wait(*seconds);
                continue;
            }
            Step::Ask(asked, script) => (asked, script),
        };
        let (layer, reached) = site.ask(asked, script).await;
        world.script = Some(script.clone());
        let expected = reference
            .ask(asked, &mut |asked| world.ask(asked.clone()))
            .answer;
        let expected_to_reach = world.take();
        let difference = |what, layer: &dyn fmt::Debug, reference: &dyn fmt::Debug| Difference {
            step,
            what,
            layer: format!("{layer:?}"),
            reference: format!("{reference:?}"),
        };
        let (mut layer, (mut expected, expected_said)) = match (layer, expected) {
            (Some(layer), Some(expected)) => (layer, expected),
            (None, None) => {
                if let Some(difference) = forwarded(&reached, &expected_to_reach, &difference) {
                    return (said, Some(difference));
                }
                continue;
            }
            (layer, expected) => {
                return (said, Some(difference("the answer", &layer, &expected)));
            }
        };
        let Some(verdict) = verdict(&mut layer.fields) else {
            return (said, Some(difference("Cache-Status", &layer, &expected)));
        };
        if !same_verdict(&verdict, &expected_said) {
            let difference = difference("Cache-Status", &verdict, &expected_said);
            return (said, Some(difference));
        }
        said.push((layer.status, verdict));
        if let Some(difference) = forwarded(&reached, &expected_to_reach, &difference) {
            return (said, Some(difference));
        }
        layer.fields = layer.fields.sorted();
        expected.fields = expected.fields.sorted();
        if expected.coming == Coming::Streamed {
            expected.coming = Coming::Whole;
        }
        if layer != expected {
            return (said, Some(difference("the answer", &layer, &expected)));
        }
    }
    (said, None)
}

fn forwarded(
    layer: &[Asked],
    reference: &[Asked],
    difference: &dyn Fn(&'static str, &dyn fmt::Debug, &dyn fmt::Debug) -> Difference,
) -> Option<Difference> {
    let sorted = |all: &[Asked]| -> Vec<Asked> {
        let sorted = |asked: &Asked| Asked {
            fields: asked.fields.sorted(),
            ..asked.clone()
        };
        all.iter().map(sorted).collect()
    };
    let (layer, reference) = (sorted(layer), sorted(reference));
    (layer != reference).then(|| difference("what the origin is asked", &layer, &reference))
}
