//! Runs one alternative, on this thread or on several at once, and tells what it took.

use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use cpu_time::ThreadTime;

/// How one alternative runs.
pub enum Runner {
    Here(Box<dyn FnMut(u64)>),
    /// Each on a thread of its own, all at once.
    OnThreads(Vec<Box<dyn FnMut(u64) + Send>>),
}

/// What a run took, in nanoseconds; of several threads, what each took on average.
#[derive(Debug, Clone, Copy, Default)]
pub struct Taken {
    pub cpu: f64,
    pub real: f64,
}

impl Runner {
    /// Does it `n` times, on each thread.
    pub fn run(&mut self, n: u64) -> Taken {
        match self {
            Self::Here(run) => timed(run, n),
            Self::OnThreads(runs) => {
                let ready = Barrier::new(runs.len());
                let taken: Vec<Taken> = thread::scope(|scope| {
                    let start = |run| {
                        let ready = &ready;
                        scope.spawn(move || {
                            ready.wait();
                            timed(run, n)
                        })
                    };
                    let threads: Vec<_> = runs.iter_mut().map(start).collect();
                    let ends = threads.into_iter().map(|thread| thread.join());
                    ends.map(|end| end.expect("a run that ends")).collect()
                });
                let of = |part: fn(&Taken) -> f64| {
                    taken.iter().map(part).sum::<f64>() / taken.len() as f64
                };
                Taken {
                    cpu: of(|taken| taken.cpu),
                    real: of(|taken| taken.real),
                }
            }
        }
    }

    /// Does it `n` times on this thread alone.
    pub fn run_here(&mut self, n: u64) {
        match self {
            Self::Here(run) => run(n),
            Self::OnThreads(runs) => {
                if let Some(run) = runs.first_mut() {
                    run(n);
                }
            }
        }
    }
}

fn timed(run: &mut (impl FnMut(u64) + ?Sized), n: u64) -> Taken {
    let (began, started) = (now(), ThreadTime::now());
    run(n);
    let cpu = started.elapsed().as_nanos() as f64;
    Taken {
        cpu,
        real: began.elapsed().as_nanos() as f64,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "real time is what is measured, and no clock of ours turns it"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
