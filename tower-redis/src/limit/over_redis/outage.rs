//! What is decided while Redis is away, and on what it rests.

use std::cell::Cell;
use std::time::Duration;

use tests::{Proxy, RedisServer, Target, eventually_async};

use crate::clock::Clock;
use crate::limit::algorithm::ENTRIES;
use crate::limit::basis::{Basis, OnUnavailable};
use crate::limit::behaviour::ALGORITHMS;
use crate::limit::decision::Outcome;
use crate::limit::heartbeat::PERIOD;
use crate::limit::limiter::Limiter;
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;
use crate::limit::set::LimiterSet;

use super::support::Process;

const ALL: [OnUnavailable; 3] = [
    OnUnavailable::Local,
    OnUnavailable::Open,
    OnUnavailable::Closed,
];

fn five(name: &'static str, on_unavailable: OnUnavailable) -> Policy {
    Policy::new(name, Quota::per_hour(5)).on_unavailable(on_unavailable)
}

fn limiters(process: &Process) -> [Limiter; 3] {
    ALL.map(|policy| process.limiter(&five("p", policy)))
}

#[tokio::test]
async fn without_redis_the_policy_decides() {
    let process = Process::without();
    let [local, open, closed] = limiters(&process);
    for n in 0..20 {
        let decision = local.check("ada").await;
        assert_eq!(decision.basis, Basis::Unavailable(OnUnavailable::Local));
        assert_eq!(decision.is_allowed(), n < 5);
        assert!(decision.is_counted());

        let decision = open.check("ada").await;
        assert_eq!(decision.basis, Basis::Unavailable(OnUnavailable::Open));
        assert!(decision.is_allowed() && !decision.is_counted());

        let decision = closed.check("ada").await;
        assert_eq!(decision.basis, Basis::Unavailable(OnUnavailable::Closed));
        assert!(!decision.is_allowed() && !decision.is_counted());
        assert_eq!(decision.retry_after(), Some(Duration::from_secs(1)));
    }
    // what never passes is known without counts
    for limiter in [&local, &open, &closed] {
        assert_eq!(limiter.check_n("ada", 6).await.outcome, Outcome::Never);
    }
    let stats = [&local, &open, &closed].map(|limiter| limiter.stats());
    let counts = stats.map(|s| {
        (
            s.allowed, s.denied, s.local, s.open, s.closed, s.unknown, s.keys,
        )
    });
    assert_eq!(
        counts,
        [
            (5, 16, 21, 0, 0, 0, 1),
            (20, 1, 0, 21, 0, 0, 0),
            (0, 21, 0, 0, 21, 0, 0),
        ]
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_unknown_and_not_asked_for_again() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    for policy in ALL {
        server.client().call(&["FLUSHALL"]);
        let process = Process::behind(&proxy);
        let limiter = process.limiter(&five("p", policy));
        // the connection is made, and the script known
        eventually_async("a check is decided by Redis", async || {
            limiter.check_n("nobody", 0).await.basis == Basis::Shared
        })
        .await;
        let before = (limiter.stats(), proxy.counts());
        proxy.hold();
        let decision = limiter.check("ada").await;
        proxy.restore();
        assert_eq!(decision.basis, Basis::Unknown(policy));
        assert_eq!(decision.is_allowed(), policy != OnUnavailable::Closed);
        assert_eq!(limiter.stats().unknown - before.0.unknown, 1);
        // it arrives late, and is executed: once
        let mut client = server.client();
        let key = "tr:r:{ada}:p:s5/3600000000/1";
        tests::eventually("it has been executed", || {
            client.call(&["EXISTS", key]).int() == 1
        });
        assert!(client.call(&["GET", key]).text().starts_with("1 "));
        assert_eq!(proxy.counts().since(&before.1).command("EVALSHA"), 1);
        assert_eq!(proxy.counts().since(&before.1).command("EVAL"), 0);
    }
}

#[tokio::test]
async fn a_process_that_used_its_quota_gets_no_other_from_an_outage() {
    let mut server = RedisServer::start();
    let processes = [Process::patient(&server), Process::patient(&server)];
    let [busy, idle] = processes
        .each_ref()
        .map(|process| process.limiter(&five("p", OnUnavailable::Local)));
    for n in 0..8 {
        assert_eq!(busy.check("ada").await.is_allowed(), n < 5);
    }
    assert!(!idle.check("ada").await.is_allowed());
    server.kill();
    // what it let through itself it knows
    for _ in 0..8 {
        let decision = busy.check("ada").await;
        assert!(!decision.is_allowed(), "{decision:?}");
    }
    // what the other one let through it does not: one quota more for each process
    let more = Cell::new(0);
    eventually_async(
        "what Redis has refused is forgotten, and the rest used",
        async || {
            let decision = idle.check("ada").await;
            more.set(more.get() + u32::from(decision.is_allowed()));
            decision.basis != Basis::Shared && !decision.is_allowed()
        },
    )
    .await;
    assert_eq!(more.get(), 5);
}

/// Checks until the answer comes from Redis, and holds every other answer to the policy.
async fn until_shared(limiter: &Limiter, policy: OnUnavailable) {
    let admitted = Cell::new(0);
    eventually_async("Redis decides", async || {
        let decision = limiter.check_n("probe", 1).await;
        match decision.basis {
            Basis::Shared => return true,
            Basis::Unavailable(by) | Basis::Unknown(by) => assert_eq!(by, policy),
            _ => panic!("{decision:?}"),
        }
        match policy {
            OnUnavailable::Open => assert!(decision.is_allowed()),
            OnUnavailable::Closed => assert!(!decision.is_allowed()),
            OnUnavailable::Local | OnUnavailable::Share => {
                admitted.set(admitted.get() + u32::from(decision.is_allowed()));
            }
        }
        assert!(admitted.get() <= 5);
        false
    })
    .await;
}

#[tokio::test]
async fn every_answer_around_an_outage_is_explained() {
    for policy in ALL {
        let mut server = RedisServer::start();
        let proxy = Proxy::before(Target::Unix(server.socket()));
        let process = Process::behind(&proxy);
        let limiter = process.limiter(&five("p", policy));
        until_shared(&limiter, policy).await;
        let away = async || {
            for _ in 0..20 {
                let decision = limiter.check("ada").await;
                match decision.basis {
                    Basis::Unavailable(by) | Basis::Unknown(by) => assert_eq!(by, policy),
                    Basis::Shared | _ => panic!("{decision:?}"),
                }
            }
        };
        server.pause();
        away().await;
        server.resume();
        until_shared(&limiter, policy).await;
        server.kill();
        away().await;
        server.restart();
        until_shared(&limiter, policy).await;
        proxy.black_hole();
        away().await;
        proxy.restore();
        until_shared(&limiter, policy).await;
        let stats = limiter.stats();
        assert!(stats.unknown >= 2, "{stats:?}");
        let decided = stats.local + stats.open + stats.closed;
        assert!(decided >= 60, "{stats:?}");
        assert!(stats.unknown <= decided);
    }
}

#[tokio::test]
async fn a_check_that_is_dropped_is_charged_once_at_most() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let process = Process::through(&proxy, "10s");
    let limiter = process.limiter(&five("p", OnUnavailable::Local));
    assert_eq!(limiter.check("ada").await.remaining, 4);
    drop(limiter.check("ada"));
    proxy.hold();
    let before = proxy.counts();
    tokio::select! {
        biased;
        decision = limiter.check("ada") => panic!("{decision:?}"),
        () = eventually_async("it has been sent", async || {
            proxy.counts().since(&before).command("EVALSHA") == 1
        }) => {}
    }
    proxy.restore();
    assert_eq!(limiter.check("ada").await.remaining, 2);
    // one that nobody waited for is not counted
    assert_eq!(limiter.stats().allowed, 2);
}

#[tokio::test]
async fn each_policy_of_a_set_says_what_it_does_without_redis() {
    let process = Process::without();
    let [local, open, closed] = [
        process.limiter(&five("local", OnUnavailable::Local)),
        process.limiter(&five("open", OnUnavailable::Open)),
        process.limiter(&five("closed", OnUnavailable::Closed)),
    ];
    let set = LimiterSet::new([local.clone(), open.clone()]).unwrap();
    for n in 0..8 {
        assert_eq!(set.check("ada").await.is_allowed(), n < 5);
    }
    let set = LimiterSet::new([local.clone(), open, closed]).unwrap();
    let decisions = set.check("grace").await;
    assert_eq!(decisions.refusal().unwrap().0.name(), "closed");
    assert_eq!(decisions.retry_after(), Some(Duration::from_secs(1)));
    // and what one refused no other charged
    assert_eq!(local.check_n("grace", 0).await.remaining, 5);
}

#[tokio::test]
async fn processes_that_are_alive_share_one_quota() {
    let mut server = RedisServer::start();
    let processes = [(); 3].map(|()| Process::patient(&server));
    let mut pulses = processes.each_ref().map(Process::pulse);
    for pulse in &mut pulses {
        pulse.beat().await;
    }
    for (process, pulse) in processes.iter().zip(&mut pulses) {
        assert_eq!(pulse.beat().await, Some(3));
        process.learn(3);
    }
    let clock = Clock::system();
    let slot_is_over = clock.now().after(PERIOD / u32::try_from(ENTRIES).unwrap());
    for algorithm in ALGORITHMS {
        let policy = five("p", OnUnavailable::Share).with_quota(Quota::per_hour(10));
        let policy = policy.name(format!("{algorithm:?}")).algorithm(algorithm);
        let limiters = processes.each_ref().map(|process| process.limiter(&policy));
        assert!(limiters[0].check("ada").await.is_allowed());
        server.kill();
        let mut admitted = 0;
        for limiter in &limiters {
            for _ in 0..20 {
                let decision = limiter.check("grace").await;
                assert_eq!((decision.limit, decision.is_counted()), (3, true));
                admitted += u32::from(decision.is_allowed());
            }
            // four are more than a share, and Redis will be back
            let refused = limiter.check_n("hopper", 4).await;
            assert!(refused.retry_after().is_some(), "{refused:?}");
            assert_eq!(limiter.try_acquire_up_to("hopper", 9).await.0, 3);
        }
        assert_eq!(admitted, 9, "{algorithm:?}");
        server.restart();
        eventually_async("Redis decides", async || {
            let mut shared = true;
            for limiter in &limiters {
                shared &= limiter.check_n("probe", 0).await.basis == Basis::Shared;
            }
            shared
        })
        .await;
    }
    // one that ends is counted no more; the server has forgotten all of them meanwhile, and what it keeps of so
    // large a quota tells those apart from those of now that beat before this slot of it
    eventually_async("they beat before this slot", async || {
        clock.now() > slot_is_over
    })
    .await;
    for pulse in &mut pulses {
        pulse.beat().await;
    }
    let [one, two, _three] = pulses;
    let two = tokio::sync::Mutex::new(two);
    assert_eq!(two.lock().await.beat().await, Some(3));
    drop(one);
    eventually_async("one is gone", async || {
        two.lock().await.beat().await == Some(2)
    })
    .await;
}
