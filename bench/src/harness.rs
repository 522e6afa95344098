//! Runs alternatives side by side: every round runs each of them once, in turning order, so that
//! whatever else the machine does falls on all of them alike.

use std::time::Instant;

use cpu_time::ThreadTime;

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

struct Row {
    name: &'static str,
    run: Box<dyn FnMut(u64)>,
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
        self.rows.push(Row {
            name,
            run: Box::new(run),
            nanos: Vec::new(),
            waited: Vec::new(),
            allocations: 0.0,
        });
    }

    /// Measures and prints thread CPU time.
    pub fn measure(mut self, effort: Effort) {
        self.run(effort);
        self.print(effort);
    }

    /// Measures and prints real time, for what waits for another process; and thread CPU time beside it.
    /// Answers how much longer than its peer the first row took.
    pub fn measure_waiting(mut self, effort: Effort) -> f64 {
        self.run(effort);
        self.print_waiting(effort);
        let first = self.rows.first().unwrap_or_else(|| self.peer());
        middle(&first.waited) / middle(&self.peer().waited) - 1.0
    }

    fn run(&mut self, effort: Effort) {
        const COUNTED: u64 = 1_000;
        for row in &mut self.rows {
            (row.run)(effort.operations / 4);
            let counted = allocation_counter::measure(|| (row.run)(COUNTED));
            row.allocations = counted.count_total as f64 / COUNTED as f64;
        }
        for round in 0..effort.rounds {
            for turn in 0..self.rows.len() {
                let at = (round + turn) % self.rows.len();
                let row = &mut self.rows[at];
                let (began, started) = (now(), ThreadTime::now());
                (row.run)(effort.operations);
                let taken = started.elapsed().as_nanos() as f64;
                let waited = began.elapsed().as_nanos() as f64;
                row.nanos.push(taken / effort.operations as f64);
                row.waited.push(waited / effort.operations as f64);
            }
        }
        for row in &mut self.rows {
            row.nanos.sort_by(f64::total_cmp);
            row.waited.sort_by(f64::total_cmp);
        }
    }

    fn peer(&self) -> &Row {
        let peer = self.rows.iter().find(|row| row.name == self.peer);
        peer.expect("the peer is one of the rows")
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

    fn print_waiting(&self, effort: Effort) {
        let (waited, taken) = (middle(&self.peer().waited), self.peer().median());
        println!(
            "\n### {} (real time, {} rounds of {})\n",
            self.title, effort.rounds, effort.operations
        );
        println!(
            "| alternative | us median | min | max | ratio to {} | thread CPU us | its ratio | allocations |",
            self.peer
        );
        println!("|---|---:|---:|---:|---:|---:|---:|---:|");
        for row in &self.rows {
            let micros = |nanos: f64| nanos / 1_000.0;
            println!(
                "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
                row.name,
                micros(middle(&row.waited)),
                micros(row.waited[0]),
                micros(row.waited[row.waited.len() - 1]),
                middle(&row.waited) / waited,
                micros(row.median()),
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

#[expect(
    clippy::disallowed_methods,
    reason = "real time is what is measured, and no clock of ours turns it"
)]
fn now() -> Instant {
    Instant::now()
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}
