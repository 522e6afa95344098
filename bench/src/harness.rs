//! Runs alternatives side by side: every round runs each of them once, in turning order, so that
//! whatever else the machine does falls on all of them alike.

use cpu_time::ThreadTime;

/// How long a measurement takes.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub operations: u64,
}

/// Alternatives that do the same thing.
pub struct Table {
    title: &'static str,
    peer: &'static str,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    run: Box<dyn FnMut(u64)>,
    nanos: Vec<f64>,
    allocations: f64,
}

impl Table {
    /// A table whose ratios are to the row named `peer`.
    pub fn new(title: &'static str, peer: &'static str) -> Self {
        Self {
            title,
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
            allocations: 0.0,
        });
    }

    /// Measures and prints.
    pub fn measure(mut self, effort: Effort) {
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
                let started = ThreadTime::now();
                (row.run)(effort.operations);
                let taken = started.elapsed().as_nanos() as f64;
                row.nanos.push(taken / effort.operations as f64);
            }
        }
        self.print(effort);
    }

    fn print(&mut self, effort: Effort) {
        for row in &mut self.rows {
            row.nanos.sort_by(f64::total_cmp);
        }
        let peer = self.rows.iter().find(|row| row.name == self.peer);
        let base = peer.expect("the peer is one of the rows").median();
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
}

impl Row {
    fn median(&self) -> f64 {
        self.nanos[self.nanos.len() / 2]
    }
}
