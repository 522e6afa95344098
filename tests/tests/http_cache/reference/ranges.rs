//! Ranges and parts: RFC 9110 sections 13.1.5, 14 and 15.3.7, RFC 9111 sections 3.3 and 3.4.

use super::conditions::{is_strong, updated};
use super::date;
use super::directives::delta;
use super::freshness::Stored;
use crate::message::Fields;

/// The bytes from `first` to before `end`, of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) first: u64,
    pub(crate) end: u64,
    pub(crate) complete: Option<u64>,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    Bytes(u64, u64),
    /// No byte of it is there.
    Nothing,
}

impl Part {
    /// What a response says it has. `None` when it does not, or what it says makes no sense (section 14.4).
    pub(crate) fn said(fields: &Fields) -> Option<Self> {
        let [line] = fields.lines("content-range")[..] else {
            return None;
        };
        let (bytes, complete) = line.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = bytes.split_once('-')?;
        let (first, end) = (delta(first)?, delta(last)?.checked_add(1)?);
        let complete = match complete {
            "*" => None,
            complete => Some(delta(complete)?),
        };
        let makes_sense = first < end && complete.is_none_or(|complete| end <= complete);
        makes_sense.then_some(Self {
            first,
            end,
            complete,
        })
    }

    pub(crate) fn length(&self) -> u64 {
        self.end - self.first
    }

    pub(crate) fn value(&self) -> String {
        let complete = self.complete.map_or("*".to_owned(), |n| n.to_string());
        format!("bytes {}-{}/{complete}", self.first, self.end - 1)
    }

    fn has(&self, first: u64, end: u64) -> bool {
        self.first <= first && end <= self.end
    }
}

/// The ranges in a Range field, as first and last position, or as a length at the end. `None` when it has to be ignored.
fn specs(fields: &Fields) -> Option<Vec<(Option<u64>, Option<u64>)>> {
    let [line] = fields.lines("range")[..] else {
        return None;
    };
    let (unit, set) = line.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut all = Vec::new();
    for member in set
        .split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
    {
        let (first, last) = member.split_once('-')?;
        let number = |text: &str| match text {
            "" => Some(None),
            text => delta(text).map(Some),
        };
        let spec = (number(first)?, number(last)?);
        match spec {
            (None, None) => return None,
            (Some(first), Some(last)) if first > last => return None,
            spec => all.push(spec),
        }
    }
    (!all.is_empty()).then_some(all)
}

/// Whether a Range of a GET is there that can be read.
pub(crate) fn has_ranges(fields: &Fields) -> bool {
    specs(fields).is_some()
}

/// What a GET with these fields is for, of so many bytes, without a look at `If-Range`.
pub(crate) fn wanted(fields: &Fields, complete: u64) -> Wanted {
    let Some(specs) = specs(fields) else {
        return Wanted::All;
    };
    let mut spans: Vec<(u64, u64)> = Vec::new();
    for spec in specs {
        match spec {
            (Some(first), last) if first < complete => {
                let end = last.map_or(complete, |last| last.saturating_add(1).min(complete));
                spans.push((first, end));
            }
            // a suffix of what is empty has no byte that a Content-Range could name
            (None, Some(1..)) if complete == 0 => return Wanted::All,
            (None, Some(length @ 1..)) => spans.push((complete.saturating_sub(length), complete)),
            _ => {}
        }
    }
    spans.sort_unstable();
    let Some(mut one) = spans.first().copied() else {
        return Wanted::Nothing;
    };
    for (first, end) in spans {
        if first > one.1 {
            // several are sent as all (section 14.2)
            return Wanted::All;
        }
        one.1 = one.1.max(end);
    }
    Wanted::Bytes(one.0, one.1)
}

/// Section 8.8.2.2: the date of the last change, where it tells the response from all others.
fn strong_date(fields: &Fields) -> Option<u64> {
    let changed = fields.first("last-modified").and_then(date::read)?;
    let made = fields.first("date").and_then(date::read)?;
    (changed + 60 <= made).then_some(changed)
}

/// Section 13.1.5.
pub(crate) fn if_range_holds(asked: &Fields, response: &Fields) -> bool {
    let Some(said) = asked.first("if-range") else {
        return true;
    };
    if said.contains('"') {
        return is_strong(said) && response.first("etag") == Some(said);
    }
    let changed = strong_date(response);
    changed.is_some() && date::read(said) == changed
}

/// The validator by which parts are known to be of one (section 15.3.7.3).
pub(crate) fn strong_validator(fields: &Fields) -> Option<(&'static str, String)> {
    if let Some(tag) = fields.first("etag") {
        return is_strong(tag).then(|| ("etag", tag.to_owned()));
    }
    strong_date(fields)?;
    let changed = fields.first("last-modified")?;
    Some(("last-modified", changed.to_owned()))
}

/// Whether two responses share a strong validator.
pub(crate) fn are_of_one(one: &Fields, other: &Fields) -> bool {
    match (one.first("etag"), other.first("etag")) {
        (Some(one), Some(other)) => is_strong(one) && one == other,
        (None, None) => strong_date(one).is_some() && strong_date(one) == strong_date(other),
        _ => false,
    }
}

/// Whether nothing says that two responses are of different representations.
fn are_alike(one: &Fields, other: &Fields) -> bool {
    let same = |name: &&str| one.first(name) == other.first(name);
    ["etag", "last-modified"].iter().all(same)
}

impl Stored {
    /// The bytes it has.
    pub(crate) fn bytes(&self) -> Part {
        let length = self.text.len() as u64;
        self.part.unwrap_or(Part {
            first: 0,
            end: length,
            complete: Some(length),
        })
    }

    /// The text between two positions.
    pub(crate) fn between(&self, first: u64, end: u64) -> String {
        if first >= end {
            return String::new();
        }
        let at = |position: u64| usize::try_from(position - self.bytes().first).unwrap();
        self.text[at(first)..at(end)].to_owned()
    }

    /// What of a part such a request is for, if it is all there. A part never answers a request for all.
    pub(crate) fn cut(&self, asked: &Fields) -> Option<(u64, u64)> {
        let part = self.bytes();
        let (first, end) = match (part.complete, &specs(asked)?[..]) {
            (Some(complete), _) => match wanted(asked, complete) {
                Wanted::Bytes(first, end) => (first, end),
                Wanted::All | Wanted::Nothing => return None,
            },
            (None, [(Some(first), Some(last))]) => (*first, last.saturating_add(1)),
            _ => return None,
        };
        (part.has(first, end) && if_range_holds(asked, &self.fields)).then_some((first, end))
    }

    pub(crate) fn has_all_for(&self, asked: &Fields, head: bool) -> bool {
        self.part.is_none() || !head && self.cut(asked).is_some()
    }

    /// This with a part's own fields left out.
    pub(crate) fn of_part(mut self, part: Part) -> Self {
        for name in [
            "content-range",
            "content-length",
            "content-digest",
            "content-md5",
        ] {
            self.fields.remove(name);
        }
        self.part = (part.complete != Some(part.length())).then_some(part);
        if self.part.is_none() && self.status != 204 {
            self.fields
                .set("content-length", self.text.len().to_string());
        }
        self
    }

    /// This, which has just come, with an `old` one of the same representation that it touches or overlaps.
    pub(crate) fn joined(&self, old: &Self, most: usize) -> Option<Self> {
        let (new, there) = (self.part?, old.bytes());
        if old.status != 200 || !are_of_one(&self.fields, &old.fields) {
            return None;
        }
        if let (Some(one), Some(other)) = (new.complete, there.complete)
            && one != other
        {
            return None;
        }
        let complete = new.complete.or(there.complete);
        if new.first > there.end || there.first > new.end {
            return None;
        }
        let (first, end) = (new.first.min(there.first), new.end.max(there.end));
        let is_more = (first, end) != (new.first, new.end);
        let fits = end - first <= most as u64 && complete.is_none_or(|complete| end <= complete);
        if !is_more || !fits {
            return None;
        }
        let text = if (first, end) == (there.first, there.end) {
            old.text.clone()
        } else {
            old.between(first, new.first) + &self.text + &old.between(new.end, end)
        };
        let all = Self {
            text,
            fields: updated(&old.fields, &self.fields),
            ..self.clone()
        };
        Some(all.of_part(Part {
            first,
            end,
            complete,
        }))
    }

    /// Whether this, which is newer, takes the place of `old`, which the same request selects.
    pub(crate) fn replaces(&self, old: &Self) -> bool {
        let has_all = match (self.part, old.part) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(new), Some(old)) => new.has(old.first, old.end),
        };
        has_all || !are_alike(&self.fields, &old.fields)
    }
}

/// What is missing of what a client wants, where a part of that is stored.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    parts: Vec<Stored>,
    wanted: (u64, u64),
    missing: (u64, u64),
    complete: u64,
    ranged: bool,
}

impl Gap {
    /// Of those `matching`, the newest first.
    pub(crate) fn of(matching: &[Stored], asked: &Fields) -> Option<Self> {
        let parts = matching.iter().filter(|stored| stored.part.is_some());
        let mut parts: Vec<_> = parts.cloned().collect();
        let newest = parts.first()?.clone();
        let complete = newest.bytes().complete?;
        strong_validator(&newest.fields)?;
        parts.retain(|part| are_of_one(&part.fields, &newest.fields));
        let all = ((0, complete), false);
        let (wanted, ranged) = match asked.has("range") {
            false => all,
            true if !has_ranges(asked) => return None,
            true if !if_range_holds(asked, &newest.fields) => all,
            true => match wanted(asked, complete) {
                Wanted::Bytes(first, end) => ((first, end), true),
                Wanted::All => all,
                Wanted::Nothing => return None,
            },
        };
        let mut missing = wanted;
        for part in parts.iter().map(Stored::bytes) {
            if part.first <= wanted.0 {
                missing.0 = missing.0.max(part.end);
            }
            if part.end >= wanted.1 {
                missing.1 = missing.1.min(part.first);
            }
        }
        (missing != wanted && missing.0 < missing.1).then_some(Self {
            parts,
            wanted,
            missing,
            complete,
            ranged,
        })
    }

    /// The request for it.
    pub(crate) fn question(&self, asked: &Fields) -> Fields {
        let (first, end) = self.missing;
        let mut fields = asked.clone();
        let last = if end == self.complete {
            String::new()
        } else {
            (end - 1).to_string()
        };
        fields.set("range", format!("bytes={first}-{last}"));
        let validator = strong_validator(&self.parts[0].fields);
        fields.set("if-range", validator.unwrap().1);
        fields
    }

    pub(crate) fn is_filled_by(&self, fields: &Fields) -> bool {
        are_of_one(&self.parts[0].fields, fields)
            && Part::said(fields).is_some_and(|part| {
                (part.first, part.end) == self.missing
                    && part
                        .complete
                        .is_none_or(|complete| complete == self.complete)
            })
    }

    /// What the client gets: status, fields, and what stands before and behind what comes.
    pub(crate) fn filled(&self, fields: &Fields) -> (u16, Fields, String, String) {
        let mut stored = self.parts[0].fields.clone();
        // that of this answer
        stored.remove("cache-status");
        let mut fields = updated(&stored, fields);
        fields.remove("content-range");
        let (first, end) = self.wanted;
        fields.set("content-length", (end - first).to_string());
        let status = if self.ranged {
            let part = Part {
                first,
                end,
                complete: Some(self.complete),
            };
            fields.set("content-range", part.value());
            206
        } else {
            200
        };
        let before = self.there(first, self.missing.0);
        let after = self.there(self.missing.1, end);
        (status, fields, before, after)
    }

    fn there(&self, first: u64, end: u64) -> String {
        let has = |part: &&Stored| part.bytes().has(first, end);
        let part = self.parts.iter().find(has);
        part.map_or_else(String::new, |part| part.between(first, end))
    }
}
