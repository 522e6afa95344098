//! `ban(after = 20, within = "1m", lasts = "1h")`

use syn::Expr;

use crate::plan::forms;
use crate::plan::lasting::Lasting;
use crate::plan::table::{Read, Table};
use crate::problems::Problems;
use crate::syntax::{Opt, Value, options};

const EXAMPLE: &str = "ban(after = 20, within = \"1m\", lasts = \"1h\")";

/// After how many denials a key is kept out, and for how long.
pub(crate) struct Ban {
    pub(crate) after: Expr,
    pub(crate) within: Lasting,
    pub(crate) lasts: Option<Lasting>,
}

#[derive(Default)]
struct Said {
    after: Option<Expr>,
    within: Option<Lasting>,
    lasts: Option<Lasting>,
}

const OPTIONS: &[(&str, Read<Said>)] = &[
    ("after", |said, option, problems| {
        said.after = forms::amount(option, "after = 20", "1 denial", problems);
    }),
    ("within", |said, option, problems| {
        said.within = forms::time(option, "within = \"1m\"", problems);
    }),
    ("lasts", |said, option, problems| {
        said.lasts = forms::time(option, "lasts = \"1h\"", problems);
    }),
];

/// Reads the option.
pub(super) fn ban(option: &Opt, problems: &mut Problems) -> Option<Ban> {
    const TABLE: Table<Said> = Table {
        options: OPTIONS,
        elsewhere: &[
            ("denials", "after"),
            ("duration", "lasts"),
            ("lasting", "lasts"),
            ("per", "within"),
        ],
        excluding: &[],
    };
    let Value::List(_, tokens) = &option.value else {
        problems.at(
            option.name.span(),
            format!("`ban` takes a list: `{EXAMPLE}`"),
        );
        return None;
    };
    let mut said = Said::default();
    let given = problems.keep(options(tokens.clone()))?;
    let names: Vec<_> = given.iter().map(|option| option.name.to_string()).collect();
    TABLE.read(given, &mut said, problems);
    for needed in ["after", "within"] {
        if !names.iter().any(|name| name == needed) {
            problems.at(
                option.name.span(),
                format!("`ban` does not say `{needed}`; write `{EXAMPLE}`"),
            );
        }
    }
    Some(Ban {
        after: said.after?,
        within: said.within?,
        lasts: said.lasts,
    })
}
