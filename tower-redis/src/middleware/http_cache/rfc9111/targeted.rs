//! RFC 9213: directives for one kind of cache only, as `CDN-Cache-Control`.
//!
//! Such a field is a Structured Field, a dictionary. The first of those in the list of targets that is
//! there, and can be read, takes the place of `Cache-Control` and `Expires` (section 2.2); one that is
//! empty or cannot be read counts as if it were not there (section 2.1).

use http::header::{HeaderMap, HeaderName};
use sfv::{BareItem, Dictionary, ListEntry, Parser};

use super::directives::ResponseDirectives;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// The field for content delivery networks (section 3.1).
pub(crate) const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

/// What a response says to this cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Control {
    pub(crate) directives: ResponseDirectives,
    /// A targeted field said it, so that `Expires` does not count.
    pub(crate) targeted: bool,
}

impl Control {
    /// What `fields` say to a cache that listens to `targets`, the first the most.
    pub(crate) fn of(fields: &HeaderMap, targets: &[HeaderName]) -> Self {
        for target in targets {
            if fields.contains_key(target)
                && let Some(directives) = targeted(fields, target)
            {
                return Self {
                    directives,
                    targeted: true,
                };
            }
        }
        Self {
            directives: ResponseDirectives::of(fields),
            targeted: false,
        }
    }
}

fn targeted(fields: &HeaderMap, target: &HeaderName) -> Option<ResponseDirectives> {
    // RFC 9651 section 4.2: several lines are one, with commas between them
    let lines: Vec<&[u8]> = fields
        .get_all(target)
        .iter()
        .map(|line| line.as_bytes())
        .collect();
    let dictionary = Parser::new(&lines.join(&b", "[..])).parse::<Dictionary>();
    #[cfg(any(test, feature = "testing"))]
    if dictionary.is_err() && HttpCacheFault::UnreadableTargetsCount.is_committed() {
        return Some(ResponseDirectives::default());
    }
    let dictionary = dictionary.ok()?;
    if dictionary.is_empty() {
        return None;
    }
    let mut read = ResponseDirectives::default();
    for (name, value) in &dictionary {
        let (plain, seconds) = match value {
            // it says that it is not there
            ListEntry::Item(item) if item.bare_item == BareItem::Boolean(false) => continue,
            ListEntry::Item(item) => match &item.bare_item {
                BareItem::Boolean(_) => (true, None),
                BareItem::Integer(seconds) => (false, u64::try_from(i64::from(*seconds)).ok()),
                _ => (false, None),
            },
            ListEntry::InnerList(_) => (false, None),
        };
        read.take(|known| name.as_str() == known, plain, seconds);
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::CACHE_CONTROL;
    use proptest::prelude::*;

    use super::*;

    fn control(lines: &[&str]) -> Control {
        let mut fields = HeaderMap::new();
        fields.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=1, public"));
        for line in lines {
            fields.append(CDN_CACHE_CONTROL, HeaderValue::from_str(line).unwrap());
        }
        Control::of(&fields, &[CDN_CACHE_CONTROL])
    }

    #[test]
    fn a_dictionary_takes_the_place_of_cache_control() {
        let read = control(&["max-age=60;x=1, must-revalidate, no-store=?0, unknown=(1 2)"]);
        let expected = ResponseDirectives {
            max_age: Some(60),
            must_revalidate: true,
            ..ResponseDirectives::default()
        };
        assert_eq!((read.directives, read.targeted), (expected, true));
        // of two the last counts, by the rules of a dictionary, in whatever line
        let read = control(&["max-age=60", "max-age=5, s-maxage=7"]);
        assert_eq!(
            (read.directives.max_age, read.directives.s_maxage),
            (Some(5), Some(7))
        );
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_were_not_there() {
        for line in [
            "",
            "  ",
            "max-age=",
            "MAX-AGE=60",
            "max-age =60",
            "max-age=60,",
            ",",
            "é",
            "max-age= 60",
            "a=\"b",
        ] {
            let read = control(&[line]);
            assert!(!read.targeted, "{line}");
            assert_eq!(read.directives.max_age, Some(1), "{line}");
        }
    }

    #[test]
    fn a_value_of_another_type_never_permits_more() {
        for line in [
            "max-age=\"60\"",
            "max-age=60.0",
            "max-age",
            "max-age=x",
            "max-age=-1",
            "max-age=(60)",
        ] {
            assert_eq!(control(&[line]).directives.max_age, Some(0), "{line}");
        }
        let read =
            control(&["private=\"set-cookie\", no-cache=(\"a\"), public=1, no-store=x"]).directives;
        assert!(read.private && read.no_cache && read.no_store && !read.public);
    }

    #[test]
    fn the_first_target_that_is_there_counts() {
        let ours = HeaderName::from_static("ours-cache-control");
        let mut fields = HeaderMap::new();
        fields.insert(CDN_CACHE_CONTROL, HeaderValue::from_static("max-age=2"));
        let of = |fields: &HeaderMap| {
            let targets = [ours.clone(), CDN_CACHE_CONTROL];
            Control::of(fields, &targets).directives.max_age
        };
        assert_eq!(of(&fields), Some(2));
        fields.insert(ours.clone(), HeaderValue::from_static("max-age=3"));
        assert_eq!(of(&fields), Some(3));
        fields.insert(ours.clone(), HeaderValue::from_static("?"));
        assert_eq!(of(&fields), Some(2));
        assert_eq!(Control::of(&fields, &[]), Control::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..4)) {
            let mut fields = HeaderMap::new();
            for line in lines {
                if let Ok(line) = HeaderValue::from_bytes(&line) {
                    fields.append(CDN_CACHE_CONTROL, line);
                }
            }
            let _ = Control::of(&fields, &[CDN_CACHE_CONTROL]);
        }
    }
}
