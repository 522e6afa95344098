//! Served on loopback by `axum::serve`, with the layer in front of the router, beside the router alone and nginx. Each
//! server has one thread. What counts is how long that one was on a CPU for a request, kernel included: requests per
//! core are as many as that fits into a second, whatever else the machine does.

use axum::response::IntoResponse;
use tower::{Layer, ServiceBuilder};
use tower_redis::Toolkit;

use crate::figure::figure;
use crate::harness::{Effort, middle};

use super::client::Client;
use super::nginx::Nginx;
use super::router;
use super::server::{CpuTime, Server};

/// How much of the other one's time a request may take: for 1.05 times the requests, and for 1.25 times.
const BOUNDS: [f64; 2] = [100.0 / 1.05, 100.0 / 1.25];

struct Served {
    name: &'static str,
    client: Client,
    cpu: CpuTime,
    /// Nanoseconds on a CPU of one request, of each round.
    nanos: Vec<f64>,
}

impl Served {
    fn new(name: &'static str, client: Client, cpu: CpuTime) -> Self {
        Self {
            name,
            client,
            cpu,
            nanos: Vec::new(),
        }
    }

    fn round(&mut self, requests: u64) {
        let before = self.cpu.nanos();
        let asked = self.client.run(requests);
        self.nanos.push((self.cpu.nanos() - before) / asked as f64);
    }
}

pub fn measure(effort: Effort) {
    let toolkit = Toolkit::in_memory();
    let cached = ServiceBuilder::new()
        // `axum::serve` wants a body of its own type
        .map_response(IntoResponse::into_response)
        .service(toolkit.cache_layer().layer(router()));
    let (ours, our_cpu) = Server::start(cached);
    let (bare, bare_cpu) = Server::start(router());
    let mut all = vec![
        Served::new(
            "tower-redis CacheLayer, in front of the router",
            Client::new(ours.address),
            our_cpu,
        ),
        Served::new("bare axum", Client::new(bare.address), bare_cpu),
    ];
    let nginx = Nginx::start(bare.address);
    match &nginx {
        Ok(_) => {}
        Err(missing) => println!("\n{missing}"),
    }
    let _nginx = nginx.ok().map(|(nginx, cpu)| {
        all.push(Served::new(
            "nginx proxy_cache",
            Client::new(nginx.address),
            cpu,
        ));
        nginx
    });
    for served in &mut all {
        served.client.run(effort.operations / 4);
    }
    hold_that_they_hit(&mut all);
    for round in 0..effort.rounds {
        for turn in 0..all.len() {
            let at = (round + turn) % all.len();
            all[at].round(effort.operations);
        }
    }
    print(&all, effort);
}

fn hold_that_they_hit(all: &mut [Served]) {
    for (served, says) in all.iter_mut().zip(["tower-redis; hit", "", "nginx; hit"]) {
        let head = served.client.head();
        assert!(head.contains(says), "{}: {head}", served.name);
    }
}

fn print(all: &[Served], effort: Effort) {
    println!(
        "\n### a hit of 1 KiB, served on loopback (CPU time of the server, {} rounds of {})\n",
        effort.rounds, effort.operations
    );
    println!("| server | us median | min | max | requests per core and second |");
    println!("|---|---:|---:|---:|---:|");
    for served in all {
        let mut nanos = served.nanos.clone();
        nanos.sort_by(f64::total_cmp);
        println!(
            "| {} | {:.2} | {:.2} | {:.2} | {:.0} |",
            served.name,
            middle(&nanos) / 1e3,
            nanos[0] / 1e3,
            nanos[nanos.len() - 1] / 1e3,
            1e9 / middle(&nanos),
        );
    }
    println!();
    for (other, bound) in all[1..].iter().zip(BOUNDS) {
        let pairs = all[0].nanos.iter().zip(&other.nanos);
        let mut ratios: Vec<f64> = pairs.map(|(ours, theirs)| ours / theirs).collect();
        ratios.sort_by(f64::total_cmp);
        let what = format!("http hit, served: CPU time of {}", other.name);
        figure(&what, 100.0 * middle(&ratios), "%", bound);
    }
}
