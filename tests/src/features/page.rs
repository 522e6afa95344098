//! A page as it is written.

/// The lines of its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// From the first to the last.
    pub lines: Vec<Line>,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which line of the file it is, from 1.
    pub number: usize,
    /// The heading it stands under.
    pub section: String,
    /// Its first cell.
    pub feature: String,
    /// Its last cell.
    pub shown: Shown,
}

/// What a line says of how its feature is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// By these tests.
    By(Vec<String>),
    /// Not at all, for this reason.
    LeftOut(String),
    /// Something that is neither.
    Unsaid(String),
}

const LEFT_OUT: &str = "left out:";

impl Page {
    /// The lines of the tables in `text`, without those that head them.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (mut section, mut lines) = (String::new(), Vec::new());
        // how many lines of the table have been seen: the first two are its head
        let (mut seen, mut last) = (0, 0);
        for (line, number) in text.lines().zip(1..) {
            if let Some(heading) = line.strip_prefix("## ") {
                heading.trim().clone_into(&mut section);
            }
            if !line.starts_with('|') {
                seen = 0;
                continue;
            }
            seen += 1;
            let cells = cells(line);
            if seen == 1 {
                last = cells.len() - 1;
            }
            if seen > 2 {
                lines.push(Line {
                    number,
                    section: section.clone(),
                    feature: cells.first().cloned().unwrap_or_default(),
                    shown: Shown::read(cells.get(last).map_or("", String::as_str)),
                });
            }
        }
        Self { lines }
    }
}

impl Shown {
    fn read(cell: &str) -> Self {
        if let Some(reason) = cell.strip_prefix(LEFT_OUT) {
            return Self::LeftOut(reason.trim().to_owned());
        }
        let (mut tests, mut between) = (Vec::new(), String::new());
        for (part, n) in cell.split('`').zip(0..) {
            if n % 2 == 1 {
                tests.push(part.to_owned());
            } else {
                between.push_str(part);
            }
        }
        let only_commas = between.chars().all(|other| matches!(other, ',' | ' '));
        if only_commas && !tests.is_empty() {
            Self::By(tests)
        } else {
            Self::Unsaid(cell.to_owned())
        }
    }
}

/// The cells of a line; `\|` is a part of one.
fn cells(line: &str) -> Vec<String> {
    const BAR: char = '\u{0}';
    let bar = BAR.to_string();
    let line = line.replace(r"\|", &bar);
    let inside = line.trim().trim_start_matches('|').trim_end_matches('|');
    let cells = inside.split('|');
    cells.map(|cell| cell.trim().replace(BAR, "|")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_and_nothing_else() {
        let page = Page::read(
            "# Title\n| not | under a heading | of ours |\n\n## One\n\n| a | b | c |\n|---|---|---|\n\
             | f `x` | `\\|v\\| v` | `t::a`, `t::b` |\n| g | | left out: too dear |\ntext\n\n## Two\n\
             | a | b | c |\n|---|---|---|\n| h | how | some day |\n| i | no third |\n",
        );
        let line = |number, section: &str, feature: &str, shown| Line {
            number,
            section: section.to_owned(),
            feature: feature.to_owned(),
            shown,
        };
        let tests = vec!["t::a".to_owned(), "t::b".to_owned()];
        assert_eq!(
            page.lines,
            [
                line(8, "One", "f `x`", Shown::By(tests)),
                line(9, "One", "g", Shown::LeftOut("too dear".to_owned())),
                line(15, "Two", "h", Shown::Unsaid("some day".to_owned())),
                line(16, "Two", "i", Shown::Unsaid(String::new())),
            ]
        );
    }
}
