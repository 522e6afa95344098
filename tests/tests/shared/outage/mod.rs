//! Redis goes away in every way it can, under load, and comes back.

mod clients;
mod limits;
mod play;
mod record;

pub(crate) use play::Outage;

use play::Phase;
use record::Call;

use tests::http::StatusCode;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_and_it_heals_by_itself() {
    let record = Outage::played().await;
    for call in record.calls() {
        let Call { status, what, .. } = call;
        let expected = match what.as_str() {
            "/api/rate-limited" | "/limited/open" => {
                *status == StatusCode::OK || *status == StatusCode::TOO_MANY_REQUESTS
            }
            // what its policy says where nobody can count
            "/limited/closed" => [200, 429, 503].contains(&status.as_u16()),
            "/health/deep" => {
                *status == StatusCode::OK || *status == StatusCode::SERVICE_UNAVAILABLE
            }
            _ => *status == StatusCode::OK,
        };
        assert!(expected, "{call:?}");
    }
    for phase in Phase::ALL {
        let calls = record.calls().iter().filter(|call| call.phase == phase);
        assert!(
            calls.count() > 64,
            "{phase:?} was too short to say anything"
        );
    }
    limits::are_explained(record.calls());
}
