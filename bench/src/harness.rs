//! Runs alternatives side by side: every round runs each of them once, so that whatever else the machine
//! does falls on all of them alike. The order is another one in each round: what one leaves in the
//! processor's caches helps whoever comes next, where both use the same values, or hinders it.

use crate::runner::Runner;

/// How long a measurement takes.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub operations: u64,
}

/// Alternatives that do the same thing.
pub struct Table {
    title: String,
    peer: &'static str,
    rows: Vec<Row>,
}

/// How the first row compares with another one.
pub struct Compared {
    pub name: &'static str,
    /// Thread CPU time of one operation that it takes more, in nanoseconds.
    pub more: f64,
    /// How many times the other one's it takes.
    pub times: f64,
    /// Allocations that it makes more.
    pub allocations: f64,
}

struct Row {
    name: &'static str,
    runner: Runner,
    /// Thread CPU time of one operation, of each round.
    nanos: Vec<f64>,
    /// Real time of one operation, of each round.
    waited: Vec<f64>,
    allocations: f64,
}

impl Table {
    /// A table whose ratios are to the row named `peer`.
    pub fn new(title: impl Into<String>, peer: &'static str) -> Self {
        Self {
            title: title.into(),
            peer,
            rows: Vec::new(),
        }
    }

    /// Adds an alternative; `run(n)` does it `n` times.
    pub fn row(&mut self, name: &'static str, run: impl FnMut(u64) + 'static) {
        self.add(name, Runner::Here(Box::new(run)));
    }

    /// Adds an alternative that runs on several threads at once: each of `runs` on one of its own.
    pub fn row_on_threads(&mut self, name: &'static str, runs: Vec<Box<dyn FnMut(u64) + Send>>) {
        self.add(name, Runner::OnThreads(runs));
    }

    fn add(&mut self, name: &'static str, runner: Runner) {
        self.rows.push(Row {
            name,
            runner,
            nanos: Vec::new(),
            waited: Vec::new(),
            allocations: 0.0,
        });
    }

    /// Measures and prints thread CPU time.
    pub fn measure(mut self, effort: Effort) {
        self.run(effort);
        self.sort();
        self.print(effort);
    }

    /// Measures and prints real time, for what waits for another process; and thread CPU time beside it.
    /// Answers how much longer than its peer the first row took.
    pub fn measure_waiting(mut self, effort: Effort) -> f64 {
        self.run(effort);
        self.sort();
        self.print_waiting(effort, ("us", 1_000.0));
        let first = self.rows.first().unwrap_or_else(|| self.peer());
        middle(&first.waited) / middle(&self.peer().waited) - 1.0
    }

    /// Measures and prints the same for what takes nanoseconds. Answers how much longer than each of the
    /// others the first row took, in the middle of all rounds: what else the machine does changes from one
    /// round to the next, and not much within one.
    pub fn measure_together(self, effort: Effort) -> Vec<(&'static str, f64)> {
        self.measure_by_round(effort, ("ns", 1.0))
    }

    /// The same for what takes microseconds.
    pub fn measure_waiting_together(self, effort: Effort) -> Vec<(&'static str, f64)> {
        self.measure_by_round(effort, ("us", 1_000.0))
    }

    fn measure_by_round(mut self, effort: Effort, unit: (&str, f64)) -> Vec<(&'static str, f64)> {
        self.run(effort);
        let longer = |row: &Row| {
            let pairs = self.rows[0].waited.iter().zip(&row.waited);
            let mut ratios: Vec<f64> = pairs.map(|(first, other)| first / other).collect();
            ratios.sort_by(f64::total_cmp);
            (row.name, middle(&ratios))
        };
        let longer = self.rows.iter().skip(1).map(longer).collect();
        self.sort();
        self.print_waiting(effort, unit);
        longer
    }

    /// Measures and prints thread CPU time. Answers what the first row takes more than each of the others, in the
    /// middle of all rounds.
    pub fn measure_compared(mut self, effort: Effort) -> Vec<Compared> {
        self.run(effort);
        let first = &self.rows[0];
        let compared = |row: &Row| {
            let pairs = || first.nanos.iter().zip(&row.nanos);
            let mut more: Vec<f64> = pairs().map(|(first, other)| first - other).collect();
            let mut times: Vec<f64> = pairs().map(|(first, other)| first / other).collect();
            more.sort_by(f64::total_cmp);
            times.sort_by(f64::total_cmp);
            Compared {
                name: row.name,
                more: middle(&more),
                times: middle(&times),
                allocations: first.allocations - row.allocations,
            }
        };
        let compared = self.rows.iter().skip(1).map(compared).collect();
        self.sort();
        self.print(effort);
        compared
    }

    fn run(&mut self, effort: Effort) {
        const COUNTED: u64 = 1_000;
        for row in &mut self.rows {
            row.runner.run(effort.operations / 4);
            let counted = allocation_counter::measure(|| row.runner.run_here(COUNTED));
            row.allocations = counted.count_total as f64 / COUNTED as f64;
        }
        let mut random = fastrand::Rng::with_seed(7);
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        for _ in 0..effort.rounds {
            random.shuffle(&mut order);
            for at in &order {
                let row = &mut self.rows[*at];
                let taken = row.runner.run(effort.operations);
                row.nanos.push(taken.cpu / effort.operations as f64);
                row.waited.push(taken.real / effort.operations as f64);
            }
        }
    }

    fn peer(&self) -> &Row {
        let peer = self.rows.iter().find(|row| row.name == self.peer);
        peer.expect("the peer is one of the rows")
    }

    fn sort(&mut self) {
        for row in &mut self.rows {
            row.nanos.sort_by(f64::total_cmp);
            row.waited.sort_by(f64::total_cmp);
        }
    }

    fn print(&self, effort: Effort) {
        let base = self.peer().median();
        println!(
            "\n### {} (thread CPU time, {} rounds of {})\n",
            self.title, effort.rounds, effort.operations
        );
        println!(
            "| alternative | ns median | min | max | ratio to {} | allocations |",
            self.peer
        );
        println!("|---|---:|---:|---:|---:|---:|");
        for row in &self.rows {
            println!(
                "| {} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} |",
                row.name,
                row.median(),
                row.nanos[0],
                row.nanos[row.nanos.len() - 1],
                row.median() / base,
                row.allocations,
            );
        }
    }

    fn print_waiting(&self, effort: Effort, (unit, nanos): (&str, f64)) {
        let (waited, taken) = (middle(&self.peer().waited), self.peer().median());
        println!(
            "\n### {} (real time, {} rounds of {})\n",
            self.title, effort.rounds, effort.operations
        );
        println!(
            "| alternative | {unit} median | min | max | ratio to {} | thread CPU {unit} | its ratio | allocations |",
            self.peer
        );
        println!("|---|---:|---:|---:|---:|---:|---:|---:|");
        for row in &self.rows {
            let units = |taken: f64| taken / nanos;
            println!(
                "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
                row.name,
                units(middle(&row.waited)),
                units(row.waited[0]),
                units(row.waited[row.waited.len() - 1]),
                middle(&row.waited) / waited,
                units(row.median()),
                row.median() / taken,
                row.allocations,
            );
        }
    }
}

impl Row {
    fn median(&self) -> f64 {
        middle(&self.nanos)
    }
}

pub fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
