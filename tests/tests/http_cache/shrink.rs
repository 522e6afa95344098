//! Makes a history that shows a difference as short as it gets.

use crate::history::{History, Options, Says, Step};
use crate::message::{Coming, Fields};

/// `history` with one thing less, in every way.
fn smaller(history: &History) -> Vec<History> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut History)| {
        let mut changed = history.clone();
        change(&mut changed);
        if changed != *history {
            all.push(changed);
        }
    };
    for at in (0..history.steps.len()).rev() {
        with(&|history| {
            history.steps.remove(at);
        });
    }
    let option: [&dyn Fn(&mut Options); 6] = [
        &|options| options.default_ttl = None,
        &|options| options.status_ttl = None,
        &|options| options.heuristic = None,
        &|options| options.targets = None,
        &|options| options.max_body = None,
        &|options| options.ignored.clear(),
    ];
    for change in option {
        with(&|history| change(&mut history.options));
    }
    for (at, step) in history.steps.iter().enumerate() {
        let Step::Ask(asked, script) = step else {
            continue;
        };
        with(&|history| ask(history, at, |asked, _| asked.method = "GET".to_owned()));
        for line in 0..asked.fields.0.len() {
            with(&|history| ask(history, at, |asked, _| drop(asked.fields.0.remove(line))));
            for value in shorter(&asked.fields.0[line].1) {
                with(&|history| {
                    ask(history, at, |asked, _| {
                        asked.fields.0[line].1.clone_from(&value);
                    });
                });
            }
        }
        with(&|history| ask(history, at, |_, script| script.delay = 0));
        let Says::This {
            fields, unchanged, ..
        } = &script.says
        else {
            continue;
        };
        with(&|history| {
            says(history, at, |says| {
                if let Says::This { unchanged, .. } = says {
                    *unchanged = None;
                }
            });
        });
        with(&|history| {
            says(history, at, |says| {
                if let Says::This {
                    status,
                    length,
                    coming,
                    ..
                } = says
                {
                    (*status, *length, *coming) = (200, 0, Coming::Whole);
                }
            });
        });
        let both = [Some(fields), unchanged.as_ref()];
        for (which, fields) in both.into_iter().enumerate() {
            let lines = fields.map_or(&[][..], |fields| &fields.0);
            for (line, (_, value)) in lines.iter().enumerate() {
                with(&|history| {
                    says(history, at, |says| {
                        drop(fields_of(says, which).0.remove(line));
                    });
                });
                for value in shorter(value) {
                    with(&|history| {
                        says(history, at, |says| {
                            fields_of(says, which).0[line].1.clone_from(&value);
                        });
                    });
                }
            }
        }
    }
    all
}

/// A list with one element less.
fn shorter(value: &str) -> Vec<String> {
    let elements: Vec<_> = value.split(',').map(str::trim).collect();
    if elements.len() < 2 || elements[0].len() == 3 {
        return Vec::new();
    }
    let without = |at: usize| {
        let mut left = elements.clone();
        left.remove(at);
        left.join(", ")
    };
    (0..elements.len()).map(without).collect()
}

fn ask(
    history: &mut History,
    at: usize,
    change: impl FnOnce(&mut crate::message::Asked, &mut crate::history::Script),
) {
    if let Step::Ask(asked, script) = &mut history.steps[at] {
        change(asked, script);
    }
}

fn says(history: &mut History, at: usize, change: impl FnOnce(&mut Says)) {
    ask(history, at, |_, script| change(&mut script.says));
}

fn fields_of(says: &mut Says, which: usize) -> &mut Fields {
    match (says, which) {
        (Says::This { fields, .. }, 0) => fields,
        (
            Says::This {
                unchanged: Some(fields),
                ..
            },
            _,
        ) => fields,
        _ => unreachable!("a script that has no such fields"),
    }
}

/// The smallest that still `differs`.
pub(crate) fn shrunk(mut history: History, differs: impl Fn(&History) -> bool) -> History {
    while let Some(smaller) = smaller(&history)
        .into_iter()
        .find(|smaller| differs(smaller))
    {
        history = smaller;
    }
    history
}
