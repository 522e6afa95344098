//! A shared cache as the RFCs describe it, slow and plain, on strings and whole seconds.
//!
//! It has nothing of the library's. Where the RFCs let a cache choose, these are the choices; the library's
//! documentation states the first ones, and the others are what is free in the sentence that is named.
//!
//! What is stored (RFC 9111 section 3):
//! - answers to GET, of any final status but 206, 304 and those of RFC 6585; and a 200 to POST that names its own URL and
//!   has explicit freshness (RFC 9110 section 9.3.3), once that has invalidated what was there;
//! - none without explicit freshness, unless an option gives a time; `no-cache` alone will do where a cache might guess;
//! - `no-cache` and `private` with fields are as without (5.2.2.4, 5.2.2.7);
//! - what permits (`public`, `must-revalidate` for credentials) counts without an argument only, what restricts always;
//! - a `s-maxage` that is no number, or 0, permits nothing for credentials (3.5);
//! - `private`, `no-store` and `no-cache` count anywhere in what is no directive by the grammar of 5.2;
//! - the status codes of RFC 9110 are understood (5.2.2.3);
//! - `Vary: *` is not stored (4.1), nor is what is stale at once and can be neither validated nor served stale;
//! - a body that is there at once is read before the head is said, and one whose length is wrong is not stored;
//! - a body that is kept and ends before its length ends with an error for the client, too;
//! - a length is added to what is stored, except to a 204 (RFC 9110 section 8.6).
//!
//! How long (4.2):
//! - a number that is none, and numbers or two `Expires` that differ, are stale (4.2.1); such windows of RFC 5861
//!   permit nothing, and neither does a window of 0;
//! - in requests a number that is none is ignored, and of several the strictest counts;
//! - of `Age` the first member of the first line counts (5.1); a `Date` that cannot be read is when it was received,
//!   and the oldest of several;
//! - a quote that does not end quotes nothing, and each line of `Cache-Control` is read by itself;
//! - a targeted field's seconds are an Integer, and `?0` is as if it were not there (RFC 9213 section 2.1);
//! - a guess of less than a second is none (4.2.2);
//! - what is stale is kept for a day or as long as its windows, if it can be validated or served; the place of a URL
//!   lives as long as the longest of those that were ever in it, until none is left.
//!
//! What answers (4, 4.1, 4.2.4):
//! - lists compare by their members, and without case in `Accept` and its like;
//! - something stale answers as the table in the library's documentation says; a window counts beside `max-stale`;
//! - a failure behind the answer (500, 502, 503, 504, or none) leaves what is stored, while it may still be served.
//!
//! Conditions (4.3):
//! - a client's condition that finds nothing to validate goes to the origin as it is; after an answer that is stored it
//!   is evaluated once more;
//! - a request with `no-store` validates nothing; `Age` is on what was just validated, too;
//! - a request that selects no variant asks about those with a strong tag, unless it has conditions of its own; a 304
//!   that could mean several is none, and the request is sent once more;
//! - a 304 without a validator speaks of what was asked about (4.3.4); one with a tag speaks by its tag;
//! - a 304 made here has all fields but those of the content (RFC 9110 section 15.4.5); a digest of one message's
//!   content is not on another one with other bytes (RFC 9530 section 2);
//! - how the stored bytes are coded, and their digest, is not updated (3.2);
//! - a 200 to HEAD says nothing good of a stored response of another status (4.3.5 speaks of what "would have been" the
//!   answer to GET);
//! - a 304, or an answer to HEAD, after which a response may not be stored takes away what the request selects (4.3.5);
//! - a full answer that is not stored takes away what the request selects (4.3.3), unless it is a failure (5xx), a
//!   complaint about the request (most 4xx), incomplete, or not stored because of the request alone; neither does a
//!   304, nor an answer to HEAD, whose reasons lie in the request;
//!
//! Ranges and parts (3.3, 3.4, RFC 9110 sections 14 and 15.3.7):
//! - several ranges that are not one, and what cannot be read, are answered with all (14.2);
//! - what was asked for with a range is stored if it is a 200, or a 206 whose length is what it says; nothing else;
//! - a 206 to a request with `If-Range` may leave fields out, and is stored only beside others of the same strong
//!   validator, under their fields and its own;
//! - parts are joined as soon as they touch, up to `max_body`; one that has all there is is a 200;
//! - a part takes the place of what is within it, and of what another validator tells from it;
//! - where one range is missing of what is wanted, and the validator is strong, that is asked for with `If-Range`; if the
//!   answer is none of that, the request is sent once more as it came;
//! - a 304 freshens all parts that share the strong validator of the one that was asked about;
//! - a 416 has none of the fields of the representation; a part does not answer HEAD, nor does HEAD freshen it.
//!
//! What an answer leaves:
//! - behind an answer nothing is asked with a condition of the client's;
//! - an unsafe request that is not answered takes away what it may have changed (4.4).

mod cache;
mod conditions;
mod date;
mod dictionary;
mod directives;
mod exchange;
mod freshness;
mod ranges;
mod storing;
mod verdict;

pub(crate) use cache::Reference;
pub(crate) use date::{asctime, imf, rfc850};
pub(crate) use directives::Directives;
pub(crate) use verdict::Verdict;
