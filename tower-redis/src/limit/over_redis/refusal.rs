//! What somebody has to repair: it is said once, without the key, and the policy decides meanwhile.

#[path = "../../../tests/support/warnings.rs"]
mod warnings;

use tests::{RedisOptions, RedisServer};

use crate::limit::basis::{Basis, OnUnavailable};
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;

use super::support::Process;
use warnings::Warnings;

/// The warnings of limits in `run`.
fn warnings(run: impl Future<Output = ()>) -> Vec<String> {
    let warnings = Warnings::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    tracing::subscriber::with_default(warnings.clone(), || runtime.block_on(run));
    let mut said = warnings.take();
    said.retain(|text| text.contains("policy="));
    said
}

#[test]
fn a_value_that_is_no_state_is_left_alone() {
    let server = RedisServer::start();
    let key = "tr:r:{canary}:p:s5/3600000000/1";
    let foreign: [&[&str]; 4] = [
        &["SET", key, "hello"],
        &["SET", key, "9 17900000000000001"],
        &["LPUSH", key, "1 17900000000000001"],
        &["SET", key, ""],
    ];
    for command in foreign {
        let mut client = server.client();
        client.call(&["FLUSHALL"]);
        client.call(command);
        let before = client.call(&["DUMP", key]);
        let said = warnings(async {
            let limiter = Process::patient(&server).limiter(&Policy::new("p", Quota::per_hour(5)));
            for n in 0..8 {
                let decision = limiter.check("canary").await;
                assert_eq!(decision.basis, Basis::Unavailable(OnUnavailable::Local));
                assert_eq!(decision.is_allowed(), n < 5);
            }
            assert_eq!(limiter.stats().local, 8);
            assert_eq!(limiter.check("somebody").await.basis, Basis::Shared);
        });
        assert_eq!(client.call(&["DUMP", key]), before);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(!said[0].contains("canary"), "{said:?}");
        assert!(said[0].contains("Local"), "{said:?}");
    }
}

#[test]
fn a_missing_right_is_told() {
    let lacking = "canary on >secret ~tr:* +@all -evalsha -eval";
    let server = RedisOptions::new().user(lacking).start();
    let socket = server.socket();
    let url = format!("redis+unix://{}?user=canary&pass=secret", socket.display());
    let said = warnings(async {
        let process = Process::at(&url, "10s");
        let policy = Policy::new("p", Quota::per_hour(5)).on_unavailable(OnUnavailable::Closed);
        let limiter = process.limiter(&policy);
        for _ in 0..3 {
            let decision = limiter.check("ada").await;
            assert_eq!(decision.basis, Basis::Unavailable(OnUnavailable::Closed));
            assert!(!decision.is_allowed());
        }
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("NOPERM"), "{said:?}");
    for secret in ["canary", "secret", "ada"] {
        assert!(!said[0].contains(secret), "{said:?}");
    }
}
