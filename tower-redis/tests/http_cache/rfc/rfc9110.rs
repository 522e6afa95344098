//! RFC 9110: conditional requests and ranges, as far as they are a cache's.

use crate::told::play;

#[tokio::test]
async fn conditions() {
    let told = r#"
# 13.1.1: a cache MAY ignore If-Match, which is not for it to evaluate (RFC 9111 section 4.3.2); here the origin is asked
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-match: "1"
= 200 fwd=bypass; fwd-status=200; detail="precondition"
? if-match: "1"
calls 2

# 13.1.1: and its 412 is nobody else's answer
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
< 412
> GET / | if-match: "2"
= 412 fwd=bypass
> GET /
= 200 hit; || text

# 13.1.2: if the field value is *, the condition is false if there is a current representation
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-none-match: *
= 304 hit; | etag: "1" || 

# 13.1.2: * holds against a response without a tag, too
< 200 | cache-control: max-age=60 || text
> GET /
> GET / | if-none-match: *
= 304 hit;

# 13.1.2: a list of tags, one of which matches, makes it false
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-none-match: "0", "1", W/"2"
= 304 hit;

# 13.1.2: a list of tags over several lines is one list (section 5.3)
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-none-match: "0" | if-none-match: "1"
= 304 hit;

# 13.1.2: a recipient MUST use the weak comparison function
< 200 | cache-control: max-age=60 | etag: W/"1" || text
> GET /
> GET / | if-none-match: "1"
= 304 hit; | etag: W/"1"
> GET / | if-none-match: W/"1"
= 304 hit;

# 8.8.3.2: of the weak comparison the opaque tags have to be the same, character by character
< 200 | cache-control: max-age=60 | etag: "a" || text
> GET /
> GET / | if-none-match: "A"
= 200 hit; || text
> GET / | if-none-match: a
= 200 hit; || text

# 13.1.2: tags of which none matches make it true, and the method is performed
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-none-match: "0"
= 200 hit; || text

# 13.1.2: for HEAD as for GET the answer is 304
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> HEAD / | if-none-match: "1"
= 304 hit;

# 13.1.3: a date not before the last modification makes it false
< 200 | cache-control: max-age=60 | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || text
> GET /
> GET / | if-modified-since: Wed, 31 Dec 2025 00:00:00 GMT
= 304 hit;
> GET / | if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT
= 304 hit;
> GET / | if-modified-since: Tue, 30 Dec 2025 23:59:59 GMT
= 200 hit; || text

# 13.1.3: a recipient MUST ignore it if the request has If-None-Match
< 200 | cache-control: max-age=60 | etag: "1" | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || text
> GET /
> GET / | if-none-match: "0" | if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT
= 200 hit; || text
> GET / | if-none-match: "1" | if-modified-since: Tue, 30 Dec 2025 00:00:00 GMT
= 304 hit;

# 13.1.3: a recipient MUST ignore one that is no valid HTTP-date, or has more than one member
< 200 | cache-control: max-age=60 | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || text
> GET /
> GET / | if-modified-since: yesterday
= 200 hit; || text
> GET / | if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT | if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT
= 200 hit; || text

# 5.6.7: a recipient MUST accept all three forms of a date
< 200 | cache-control: max-age=60 | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || text
> GET /
> GET / | if-modified-since: Wednesday, 31-Dec-25 00:00:00 GMT
= 304 hit;
> GET / | if-modified-since: Wed Dec 31 00:00:00 2025
= 304 hit;

# 13.1.4: the same of If-Unmodified-Since
< 200 | cache-control: max-age=60 | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || text
> GET /
> GET / | if-unmodified-since: Tue, 30 Dec 2025 00:00:00 GMT
= 200 fwd=bypass; fwd-status=200; detail="precondition"

# 13.1.5: If-Range with a tag that matches strongly lets the range count
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | range: bytes=0-1 | if-range: "1"
= 206 hit; | content-range: bytes 0-1/4 || te

# 13.1.5: a tag that does not match, or matches weakly alone, leaves the Range out
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | range: bytes=0-1 | if-range: "2"
= 200 hit; || text
> GET / | range: bytes=0-1 | if-range: W/"1"
= 200 hit; || text

# 13.1.5: a weak tag that is stored does not match strongly
< 200 | cache-control: max-age=60 | etag: W/"1" || text
> GET /
> GET / | range: bytes=0-1 | if-range: W/"1"
= 200 hit; || text

# 13.1.5: a date matches if it is exactly that of the response, and strong
< 200 | cache-control: max-age=60 | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || text
> GET /
> GET / | range: bytes=0-1 | if-range: Wed, 31 Dec 2025 00:00:00 GMT
= 206 hit; || te
> GET / | range: bytes=0-1 | if-range: Thu, 01 Jan 2026 00:00:00 GMT
= 200 hit; || text

# 8.8.2.2: a date is strong at least a second before that of the response, by so much that clocks do not matter: here a minute
< 200 | cache-control: max-age=60 | last-modified: Wed, 31 Dec 2025 23:59:30 GMT || text
> GET /
> GET / | range: bytes=0-1 | if-range: Wed, 31 Dec 2025 23:59:30 GMT
= 200 hit; || text

# 13.1.5: a recipient MUST ignore If-Range in a request without Range
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-range: "2"
= 200 hit; || text

# 13.2.1: preconditions are not evaluated where the response without them would be other than 2xx
< 404 | cache-control: max-age=60 | etag: "1" || none
> GET /
> GET / | if-none-match: "1"
= 404 hit; || none

# 13.2.2: If-None-Match comes before Range and If-Range
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-none-match: "1" | range: bytes=0-1 | if-range: "2"
= 304 hit;
> GET / | if-none-match: "0" | range: bytes=0-1 | if-range: "1"
= 206 hit; || te

# 13.2.2: when the method is GET and both If-Range and Range are there, a Range that does not count gives a 200
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> GET / | if-none-match: "0" | range: bytes=9-10 | if-range: "2"
= 200 hit; || text

# 15.4.5: a 304 MUST have the fields that a 200 would have had: Content-Location, Date, ETag, Vary, Cache-Control, Expires
< 200 | cache-control: max-age=60 | etag: "1" | vary: x | content-location: /b | expires: Thu, 01 Jan 2026 01:00:00 GMT | content-type: a/b || text
> GET /
> GET / | if-none-match: "1"
= 304 hit; | cache-control: max-age=60 | etag: "1" | vary: x | content-location: /b | expires: Thu, 01 Jan 2026 01:00:00 GMT | date: Thu, 01 Jan 2026 00:00:00 GMT | -content-type | -content-length ||

# 15.4.5: a 304 has no content, and a stale response that is confirmed answers the one who had no condition in full
< 200 | cache-control: max-age=10 | etag: "1" || text
<? 304 | etag: "1"
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; stored || text
wait 10
> GET / | if-none-match: "1"
= 304 fwd=stale; fwd-status=304; stored ||

# 9.3.3: a response to POST can be stored for GET with explicit freshness and a Content-Location that is its own URL
< 200 | cache-control: max-age=60 | content-location: /a || made
> POST /a
= 200 fwd=method; fwd-status=200; stored || made
> GET /a
= 200 hit; | content-location: /a || made
> HEAD /a
= 200 hit;
calls 1

# 9.3.3: and is then what a condition and a range are about
< 200 | cache-control: max-age=60 | content-location: http://h/a?b | etag: "1" || made
> POST http://h/a?b | if-none-match: "1" | range: bytes=0-1
= 200 fwd=method; fwd-status=200; stored || made
> GET http://h/a?b | if-none-match: "1"
= 304 hit;
> GET http://h/a?b | range: bytes=0-1
= 206 hit; || ma

# 9.3.3: not without explicit freshness, nor with another Content-Location, nor with none
< 200 | content-location: /a || made
> POST /a
= 200 fwd=method; fwd-status=200
> GET /a | cache-control: only-if-cached
= 504
< 200 | cache-control: max-age=60 | content-location: /b || made
> POST /a
> GET /a | cache-control: only-if-cached
= 504
< 200 | cache-control: max-age=60 || made
> POST /a
> GET /a | cache-control: only-if-cached
= 504

# 8.7: of a status that does not say that the content is what the URL is, it is not one
< 201 | cache-control: max-age=60 | content-location: /a || made
> POST /a
> GET /a | cache-control: only-if-cached
= 504

# 9.3.3: what else forbids to store a response forbids it here
< 200 | cache-control: max-age=60, private | content-location: /a || made
> POST /a
= 200 fwd=method; fwd-status=200; detail="private"
< 200 | cache-control: max-age=60 | content-location: /a || made
> POST /a | authorization: Basic Og==
= 200 fwd=method; fwd-status=200; detail="authorization"
> POST /a | cache-control: no-store
= 200 fwd=method; fwd-status=200
> POST /a | x-http-method-override: DELETE
> GET /a | cache-control: only-if-cached
= 504

# 9.3.3 and RFC 9111 section 4.4: it takes the place of what it invalidates
< 200 | cache-control: max-age=60 || old
> GET /a
< 200 | cache-control: max-age=60 | content-location: /a || new
> POST /a
> GET /a
= 200 hit; || new

# 9.3.3: a POST itself is never answered from what is stored
< 200 | cache-control: max-age=60 | content-location: /a || made
> POST /a
> POST /a
= 200 fwd=method
calls 2
"#;
    assert_eq!(play("9110", told).await, 33);
}

#[tokio::test]
async fn ranges() {
    let told = r#"
# 14.1.1: the first byte is at 0, and both ends are part of the range
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=0-0
= 206 hit; | content-range: bytes 0-0/10 | content-length: 1 || 0
> GET / | range: bytes=3-5
= 206 hit; | content-range: bytes 3-5/10 || 345

# 14.1.2: without a last position, or with one beyond the end, it goes to the end
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=7-
= 206 hit; | content-range: bytes 7-9/10 || 789
> GET / | range: bytes=7-99
= 206 hit; | content-range: bytes 7-9/10 || 789

# 14.1.2: a suffix is so many bytes of the end; of one that is too long all of the representation
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=-3
= 206 hit; | content-range: bytes 7-9/10 || 789
> GET / | range: bytes=-99
= 206 hit; | content-range: bytes 0-9/10 || 0123456789

# 14.1.1: an int-range is invalid if the last position is before the first; a server MAY ignore it (14.2), as here
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=5-3
= 200 hit; || 0123456789

# 14.2: an origin server MUST ignore a Range with a range unit that it does not understand, and others MAY
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: lines=1-2
= 200 hit; | -content-range || 0123456789

# 14.2: and MUST ignore it for a method other than GET
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> HEAD / | range: bytes=0-1
= 200 hit; | content-length: 10 | -content-range

# 14.2: a Range is evaluated after the preconditions, and only if the answer without it would be a 200
< 404 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=0-1
= 404 hit; || 0123456789

# 14.2: a server MAY ignore a Range; here several that are not one
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=0-1, 8-9
= 200 hit; || 0123456789

# 15.3.7.2: a server MAY coalesce ranges that overlap, or between which nothing is
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=0-3, 2-5
= 206 hit; | content-range: bytes 0-5/10 || 012345
> GET / | range: bytes=0-1, 2-3
= 206 hit; | content-range: bytes 0-3/10 || 0123

# 14.2: of several ranges those that cannot be satisfied do not count
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=99-, 2-3
= 206 hit; | content-range: bytes 2-3/10 || 23

# 14.3: Accept-Ranges tells a client what an origin can do; it is passed on, and what is stored can be cut all the same
< 200 | cache-control: max-age=60 | accept-ranges: none || 0123456789
> GET /
> GET / | range: bytes=0-1
= 206 hit; | accept-ranges: none || 01

# 14.4: Content-Range in an answer other than 206 and 416 has no meaning
< 200 | cache-control: max-age=60 | content-range: bytes 0-3/10 || 0123
> GET /
= 200 fwd=uri-miss; fwd-status=200; stored
> GET /
= 200 hit; || 0123

# 14.2: with If-Range as well, which holds, a range that is not there is a 416
< 200 | cache-control: max-age=60 | etag: "1" || 0123456789
> GET /
> GET / | range: bytes=10- | if-range: "1"
= 416 hit; | content-range: bytes */10

# 15.5.17: a range none of which is there is answered 416, which SHOULD have the length in Content-Range
< 200 | cache-control: max-age=60 || 0123456789
> GET /
> GET / | range: bytes=10-
= 416 hit; | content-range: bytes */10 ||
> GET / | range: bytes=-0
= 416 hit; | content-range: bytes */10

# 15.5.17: of a representation of no length no range is there
< 200 | cache-control: max-age=60 ||
> GET /
> GET / | range: bytes=0-
= 416 hit; | content-range: bytes */0

# 15.3.7: a 206 MUST have Content-Range, and the fields that a 200 would have had: Date, Cache-Control, ETag, Expires, Vary
< 200 | cache-control: max-age=60 | etag: "1" | vary: x | content-location: /b | expires: Thu, 01 Jan 2026 01:00:00 GMT || text
> GET /
> GET / | range: bytes=0-1
= 206 hit; | content-range: bytes 0-1/4 | content-length: 2 | etag: "1" | vary: x | content-location: /b | expires: Thu, 01 Jan 2026 01:00:00 GMT | cache-control: max-age=60 | date: Thu, 01 Jan 2026 00:00:00 GMT || te

# RFC 9530 section 2: Content-Digest is of what one message carries, and so of no part of it, and of no 304; Repr-Digest is of all
< 200 | cache-control: max-age=60 | etag: "1" | content-digest: a | content-md5: b | repr-digest: c || text
> GET /
> GET /
= 200 hit; | content-digest: a | content-md5: b | repr-digest: c
> GET / | range: bytes=0-1
= 206 hit; | -content-digest | -content-md5 | repr-digest: c
> GET / | if-none-match: "1"
= 304 hit; | -content-digest | -content-md5 | repr-digest: c

# RFC 9530 section 2: nor is that of a part one of the whole that it is joined to
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 0-4/10 | content-digest: a || 01234
> GET / | range: bytes=0-4
= 206 fwd=uri-miss; | content-digest: a
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 5-9/10 | content-digest: b || 56789
> GET /
= 200 fwd=partial; | -content-digest || 0123456789
> GET /
= 200 hit; | -content-digest || 0123456789

# RFC 9111 section 3.4: of parts that are combined, the fields are updated from the new response
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 0-4/10 | x: 1 | y: 1 || 01234
> GET / | range: bytes=0-4
< 206 | cache-control: max-age=90 | etag: "1" | content-range: bytes 5-9/10 | x: 2 || 56789
> GET / | range: bytes=5-9
> GET /
= 200 hit; ttl=90 | x: 2 | y: 1 || 0123456789

# RFC 9111 section 3.3: what is within a part, and that alone, is sent of it, as a 206
< 206 | cache-control: max-age=60 | content-range: bytes 2-5/10 || 2345
> GET / | range: bytes=2-5
> GET / | range: bytes=2-6 | cache-control: only-if-cached
= 504
> GET / | cache-control: only-if-cached
= 504
> HEAD / | cache-control: only-if-cached
= 504

# 15.3.7 and RFC 9111 section 3.3: a 206 may be stored, and answers what is within it
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 2-5/10 || 2345
> GET / | range: bytes=2-5
= 206 fwd=uri-miss; fwd-status=206; stored || 2345
> GET / | range: bytes=3-4
= 206 hit; | content-range: bytes 3-4/10 || 34
calls 1

# RFC 9111 section 3.3: a cache MUST NOT use an incomplete response to answer a request for all without completing it
< 206 | cache-control: max-age=60 | content-range: bytes 2-5/10 || 2345
> GET / | range: bytes=2-5
< 200 | cache-control: max-age=60 || 0123456789
> GET /
= 200 fwd=partial; fwd-status=200; stored || 0123456789

# 15.3.7: a 206 without Content-Range, or with one that does not fit what comes, is not stored
< 206 | cache-control: max-age=60 || 2345
> GET / | range: bytes=2-5
= 206 fwd=uri-miss; fwd-status=206; detail="range"
< 206 | cache-control: max-age=60 | content-range: bytes 2-9/10 || 2345
> GET / | range: bytes=2-9
= 206 fwd=uri-miss; fwd-status=206; detail="range"
< 206 | cache-control: max-age=60 | content-range: bytes 5-2/10 || 2345
> GET / | range: bytes=2-5
= 206 fwd=uri-miss; fwd-status=206; detail="range"

# RFC 9111 section 3.3: a cache MUST NOT store a part in units that it does not understand
< 206 | cache-control: max-age=60 | content-range: lines 2-5/10 || 2345
> GET / | range: lines=2-5
= 206 fwd=uri-miss; fwd-status=206; detail="range"

# 15.3.7: one that was not asked for is a response of its own status, and not stored as anything else
< 206 | cache-control: max-age=60 | content-range: bytes 2-5/10 || 2345
> GET /
= 206 fwd=uri-miss; fwd-status=206; detail="status"

# 15.3.7.3: parts with the same strong validator are combined
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 0-4/10 || 01234
> GET / | range: bytes=0-4
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 5-9/10 || 56789
> GET / | range: bytes=5-9
> GET /
= 200 hit; | content-length: 10 | -content-range || 0123456789
> GET / | range: bytes=3-7
= 206 hit; | content-range: bytes 3-7/10 || 34567

# 15.3.7.3: parts with weak validators, or of different ones, are not
< 206 | cache-control: max-age=60 | etag: W/"1" | content-range: bytes 0-4/10 || 01234
> GET / | range: bytes=0-4
< 206 | cache-control: max-age=60 | etag: W/"1" | content-range: bytes 5-9/10 || 56789
> GET / | range: bytes=5-9
< 200 || fresh
> GET /
= 200 fwd=partial; fwd-status=200 || fresh

# 15.3.7.3 and 13.1.5: what is missing is asked for with If-Range, so that it is of the same representation
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 0-4/10 || 01234
> GET / | range: bytes=0-4
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 5-9/10 || 56789
> GET /
= 200 fwd=partial; fwd-status=206; stored || 0123456789
? range: bytes=5- | if-range: "1"
> GET /
= 200 hit; || 0123456789

# 13.1.5: where it has changed meanwhile the origin sends all of it, and that is the answer
< 206 | cache-control: max-age=60 | etag: "1" | content-range: bytes 0-4/10 || 01234
> GET / | range: bytes=0-4
< 200 | cache-control: max-age=60 | etag: "2" || abcdefghij
> GET /
= 200 fwd=partial; fwd-status=200; stored || abcdefghij

# 15.3.7.1: the length of all may be unknown, and a part is reused all the same
< 206 | cache-control: max-age=60 | content-range: bytes 2-5/* || 2345
> GET / | range: bytes=2-5
> GET / | range: bytes=3-4
= 206 hit; | content-range: bytes 3-4/* || 34

# 14.2: an origin may ignore a Range; the 200 is stored as any other
< 200 | cache-control: max-age=60 || 0123456789
> GET / | range: bytes=2-5
= 200 fwd=uri-miss; fwd-status=200; stored || 0123456789
> GET / | range: bytes=2-5
= 206 hit; || 2345

# 15.5.17: a 416 of the origin is nobody else's answer
< 416 | cache-control: max-age=60 | content-range: bytes */10
> GET / | range: bytes=99-
= 416 fwd=uri-miss; fwd-status=416; detail="range"
< 200 | cache-control: max-age=60 || 0123456789
> GET /
= 200 fwd=uri-miss; fwd-status=200; stored
"#;
    assert_eq!(play("9110", told).await, 32);
}
