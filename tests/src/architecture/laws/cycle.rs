//! No file needs itself, by whatever way round. Tests may look at anything.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::architecture::breach::Breach;
use crate::architecture::import::Import;
use crate::architecture::tree::Tree;

type Graph = BTreeMap<usize, BTreeMap<usize, usize>>;

pub(in crate::architecture) fn broken(tree: &Tree, imports: &[Import]) -> Vec<Breach> {
    let graph = graph(tree, imports);
    let mut told: BTreeSet<usize> = BTreeSet::new();
    let mut breaches = Vec::new();
    for &start in graph.keys() {
        if told.contains(&start) {
            continue;
        }
        let Some(round) = way_back(&graph, start) else {
            continue;
        };
        told.extend(&round);
        breaches.push(breach(tree, &graph, &round));
    }
    breaches
}

// from file to file, with the line of the first import; a facade passes on and needs nothing
fn graph(tree: &Tree, imports: &[Import]) -> Graph {
    let mut graph = Graph::new();
    for import in imports {
        let (from, to) = (import.from, import.origin_file);
        if from != to && !import.test && !tree.files[from].facade {
            graph
                .entry(from)
                .or_default()
                .entry(to)
                .and_modify(|line| *line = import.line.min(*line))
                .or_insert(import.line);
        }
    }
    graph
}

// the shortest way from `start` to itself
fn way_back(graph: &Graph, start: usize) -> Option<Vec<usize>> {
    let mut came_from = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(at) = next.pop_front() {
        for &to in graph.get(&at).into_iter().flat_map(BTreeMap::keys) {
            if to == start {
                let mut round = vec![at];
                while let Some(&before) = came_from.get(round.last()?) {
                    round.push(before);
                }
                round.reverse();
                return Some(round);
            }
            if let Entry::Vacant(unseen) = came_from.entry(to) {
                unseen.insert(at);
                next.push_back(to);
            }
        }
    }
    None
}

fn breach(tree: &Tree, graph: &Graph, round: &[usize]) -> Breach {
    let line = |from: usize, to: usize| graph[&from][&to];
    let afterwards = round.iter().cycle().skip(1);
    let steps: Vec<String> = round
        .iter()
        .zip(afterwards)
        .map(|(&from, &to)| {
            let (from_path, to_path) = (&tree.files[from].path, &tree.files[to].path);
            format!("`{from_path}` needs `{to_path}` (line {})", line(from, to))
        })
        .collect();
    Breach {
        file: tree.files[round[0]].shown.clone(),
        line: line(round[0], round[1 % round.len()]),
        what: format!(
            "imports go round in a circle: {}; move what both sides need to a file below them",
            steps.join(", ")
        ),
    }
}
