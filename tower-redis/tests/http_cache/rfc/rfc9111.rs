//! RFC 9111: storing, constructing answers, and directives. `sections.rs` has the rows that need two requests alone.

use crate::told::play;

#[tokio::test]
async fn storing() {
    let told = r#"
# 3: the request method is understood by the cache; an answer to another one is not stored
< 200 | cache-control: max-age=60 || x
> OPTIONS /
> PUT /
> GET / | cache-control: only-if-cached
= 504

# 3: the response status code is final
< 200 | cache-control: max-age=60 || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; stored

# 3: the response contains a public directive; a status that allows no guess needs a time all the same
< 302 | cache-control: public || x
> GET /
= 302 fwd=uri-miss; fwd-status=302; detail="no-freshness"

# 3: the response contains Expires, whatever its status
< 302 | expires: Thu, 01 Jan 2026 00:01:00 GMT | location: /b || x
> GET /
> GET /
= 302 hit; ttl=60 | location: /b

# 3: a cache MUST NOT store a response with no-store, whatever else it says
< 200 | cache-control: public, max-age=60, s-maxage=60, no-store || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="no-store"

# 3: the same in a line of its own
< 200 | cache-control: max-age=60 | cache-control: NO-STORE || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="no-store"

# 3: who is refused (401, 403) is told so, and others get what is stored: the answer is about the one who asked
< 200 | cache-control: max-age=60, public | etag: "1" || text
> GET /
< 403 || no
> GET / | authorization: bad | cache-control: no-cache
= 403 fwd=request; fwd-status=403;
> GET /
= 200 hit; || text

# 3: a 304 is an answer to a condition, and not stored
< 304 | cache-control: max-age=60 | etag: "1"
> GET / | if-none-match: "1"
= 304 fwd=uri-miss; fwd-status=304;
> GET / | cache-control: only-if-cached
= 504

# 3: an interim answer is not stored; from a service it has to be the last one, and passes
< 103 | cache-control: max-age=60
> GET /
= 103 fwd=uri-miss; fwd-status=103; detail="status"

# 5.2: what is no directive by the grammar says nothing; here it forbids what it names all the same
< 200 | cache-control: private; max-age=60 || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="private"

# 3.1: all fields are stored but those of the connection, and those that Connection names
< 200 | cache-control: max-age=60 | x-kept: 1 | connection: x-hop, close | x-hop: 1 | keep-alive: timeout=5 | te: trailers | upgrade: h2c | proxy-authenticate: Basic | proxy-authentication-info: x | set-cookie: a=1 || x
> GET /
> GET /
= 200 hit; | x-kept: 1 | set-cookie: a=1 | -connection | -x-hop | -keep-alive | -te | -upgrade | -proxy-authenticate | -proxy-authentication-info

# 3.1: fields that are not known are stored, every line of them, in their order
< 200 | cache-control: max-age=60 | x: b | x: a | x: b || x
> GET /
> GET /
= 200 hit; | x: b, a, b

# 3.2: a 304 replaces the fields that it has, all lines of each, and leaves the others
< 200 | cache-control: max-age=10 | etag: "1" | x: 1 | y: 1 | y: 2 || text
<? 304 | cache-control: max-age=20 | y: 3 | z: 4
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; stored | x: 1 | y: 3 | z: 4 | cache-control: max-age=20 || text
> GET /
= 200 hit; ttl=20 | x: 1 | y: 3 | z: 4 || text

# 3.2: but for Content-Length
< 200 | cache-control: max-age=10 | etag: "1" || text
<? 304 | content-length: 99
> GET /
wait 10
> GET /
= 200 fwd=stale; | content-length: 4 || text

# 3.2: nor Content-Range, which "implementations MAY automatically omit": what is stored is whole
< 200 | cache-control: max-age=10 | etag: "1" || text
<? 304 | content-range: bytes 0-1/4
> GET /
wait 10
> GET /
= 200 fwd=stale; | content-length: 4 | -content-range || text

# 3.2: nor what the stored bytes depend upon: how they are coded, and their digest. Content-Type is no such field
< 200 | cache-control: max-age=10 | etag: "1" | content-encoding: br | content-md5: a | content-type: a/b || text
<? 304 | content-encoding: gzip | content-md5: b | content-digest: c | content-type: c/d | repr-digest: e
> GET /
wait 10
> GET /
= 200 fwd=stale; | content-encoding: br | content-md5: a | -content-digest | content-type: c/d | repr-digest: e || text

# 3.2: what a 304's Connection names is not taken over
< 200 | cache-control: max-age=10 | etag: "1" | x: 1 || text
<? 304 | connection: x | x: 2
> GET /
wait 10
> GET /
= 200 fwd=stale; | x: 1

# 3.5: a response to Authorization is shared if it says must-revalidate, public or s-maxage
< 200 | cache-control: s-maxage=60 || x
> GET / | authorization: a
= 200 fwd=uri-miss; fwd-status=200; stored
> GET / | authorization: b
= 200 hit;

# 3.5: an s-maxage that cannot be read permits nothing (the RFC does not say)
< 200 | cache-control: max-age=60, s-maxage=x | etag: "1" || x
> GET / | authorization: a
= 200 fwd=uri-miss; fwd-status=200; detail="authorization"

# 3.5: no-cache alone permits nothing, and neither does private
< 200 | cache-control: max-age=60, no-cache | etag: "1" || x
> GET / | authorization: a
= 200 fwd=uri-miss; fwd-status=200; detail="authorization"
< 200 | cache-control: max-age=60, private || x
> GET / | authorization: a
= 200 fwd=uri-miss; fwd-status=200; detail="private"
"#;
    assert_eq!(play("9111", told).await, 20);
}

#[tokio::test]
async fn constructing_answers() {
    let told = r#"
# 4: the target URIs match: path and query as they are, the host without case
< 200 | cache-control: max-age=60 || x
> GET http://h/a?b=1
> GET http://H:80/a?b=1
= 200 hit;
> GET http://h/a?b=2
= 200 fwd=uri-miss;
> GET http://h/A?b=1
= 200 fwd=uri-miss;
> GET https://h/a?b=1
= 200 fwd=uri-miss;
> GET http://h/a?
= 200 fwd=uri-miss;

# 4: HEAD is answered from what a GET has brought
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
> HEAD /
= 200 hit; | content-length: 4 | etag: "1" ||
calls 1

# 4: a cache MUST generate an Age in a response that it did not validate
< 200 | cache-control: max-age=60 | age: 5 || x
> GET /
= 200 fwd | age: 5
wait 7
> GET /
= 200 hit; ttl=48 | age: 12

# 4: a cache MUST write through unsafe methods
< 200 | cache-control: max-age=60 || x
> GET /
> PUT /
= 200 fwd=method
calls 2

# 4.1: every field that Vary names has to match
< 200 | cache-control: max-age=60 | vary: a, B | vary: c || x
> GET / | a: 1 | b: 2 | c: 3
> GET / | a: 1 | b: 2 | c: 3 | d: 4
= 200 hit;
> GET / | a: 1 | b: 2
= 200 fwd=vary-miss;
> GET / | a: 1 | b: 0 | c: 3
= 200 fwd=vary-miss;

# 4.1: if a field is absent from a request, it can only match another request if it is absent there too
< 200 | cache-control: max-age=60 | vary: a || x
> GET /
> GET / | a:
= 200 fwd=vary-miss;
> GET /
= 200 hit;

# 4.1: fields match by combining lines, and by white space that does not count
< 200 | cache-control: max-age=60 | vary: a || x
> GET / | a: 1,2
> GET / | a: 1 | a: 2
= 200 hit;
> GET / | a: 1 ,  2
= 200 hit;
> GET / | a: 2, 1
= 200 fwd=vary-miss;

# 4.1: a Vary with a member * always fails to match
< 200 | cache-control: max-age=60 | vary: a, * || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="vary-star"
> GET /
= 200 fwd=uri-miss;

# 4.1: where one omits Vary, the most recent with a Vary SHOULD be chosen
< 200 | cache-control: max-age=60 | vary: a | date: Wed, 31 Dec 2025 23:59:50 GMT || of 1
> GET / | a: 1
< 200 | cache-control: max-age=60 | date: Thu, 01 Jan 2026 00:00:00 GMT || of all
> GET / | a: 2
> GET / | a: 1
= 200 hit; || of 1
> GET / | a: 3
= 200 hit; || of all
calls 2
< 200 | cache-control: max-age=60 | vary: a | date: Wed, 31 Dec 2025 23:59:50 GMT || of 1
> GET /b | a: 1 | x-forwarded-host: h
< 200 | cache-control: max-age=60 | vary: | date: Thu, 01 Jan 2026 00:00:00 GMT || of all
> GET /b | a: 2 | x-forwarded-host: h
> GET /b | a: 1 | x-forwarded-host: h
= 200 hit; || of 1

# 4: of several that match the most recent, by Date, is used
< 200 | cache-control: max-age=60 | vary: a | date: Thu, 01 Jan 2026 00:00:00 GMT || new
> GET / | a: 1 | b: 1
< 200 | cache-control: max-age=600 | vary: b | date: Wed, 31 Dec 2025 23:59:50 GMT || old
> GET / | a: 2 | b: 1
> GET / | a: 1 | b: 1
= 200 hit; || new

# 4.2.1: s-maxage before max-age before Expires
< 200 | cache-control: max-age=5, s-maxage=60 | expires: 0 || x
> GET /
> GET /
= 200 hit; ttl=60

# 4.2: dates SHOULD be read whatever the case of their letters is, and one of another zone than GMT is invalid
< 200 | date: THU, 01 JAN 2026 00:00:00 GMT | expires: thu, 01 jan 2026 00:01:00 gmt || x
> GET /
> GET /
= 200 hit; ttl=60
< 200 | expires: Thu, 01 Jan 2026 01:00:00 UTC | etag: "1" || x
> GET /b
> GET /b
= 200 fwd=stale;

# 4.2.2: a heuristic is not used where the response has explicit expiration
< 200 | expires: 0 | last-modified: Wed, 31 Dec 2025 00:00:00 GMT | etag: "1" || x
> GET /
> GET /
= 200 fwd=stale;

# 4.2.3: the apparent age counts, where Date tells more than Age
< 200 | cache-control: max-age=60 | date: Wed, 31 Dec 2025 23:59:40 GMT | age: 5 || x
> GET /
> GET /
= 200 hit; ttl=40 | age: 20

# 4.2.3: a Date in the future is no age
< 200 | cache-control: max-age=60 | date: Thu, 01 Jan 2026 00:10:00 GMT || x
> GET /
> GET /
= 200 hit; ttl=60 | age: 0

# 4.2.4: a cache MUST NOT generate a stale response where a directive forbids it, not even for max-stale
< 200 | cache-control: max-age=10, proxy-revalidate | etag: "1" || x
> GET /
wait 11
> GET / | cache-control: max-stale
= 200 fwd=stale;
> GET / | cache-control: max-stale, only-if-cached
= 200 hit;

# 4.3.1: a validator that was received is sent: the tag in If-None-Match, the date in If-Modified-Since
< 200 | cache-control: max-age=10 | etag: W/"1" | last-modified: Wed, 31 Dec 2025 00:00:00 GMT || x
<? 304
> GET /
wait 10
> GET / | accept: a/b
? if-none-match: W/"1" | if-modified-since: Wed, 31 Dec 2025 00:00:00 GMT | accept: a/b

# 4.3.2: without Last-Modified, If-Modified-Since SHOULD be compared with Date
< 200 | cache-control: max-age=60 | date: Thu, 01 Jan 2026 00:00:00 GMT || text
> GET /
> GET / | if-modified-since: Thu, 01 Jan 2026 00:00:00 GMT
= 304 hit;
> GET / | if-modified-since: Wed, 31 Dec 2025 23:59:59 GMT
= 200 hit; || text

# 4.3.2: a condition of the client's MUST NOT be evaluated where nothing is stored for it, but goes to the origin
< 200 | cache-control: max-age=60 | etag: "1" || text
<? 304 | etag: "9"
> GET / | if-none-match: "9"
= 304 fwd=uri-miss; fwd-status=304;
? if-none-match: "9"

# 4.3.2: a 304 to us with a tag that is not in the client's list makes a 200 for the client
< 200 | cache-control: max-age=10 | etag: "1" || text
<? 304 | etag: "1"
> GET /
wait 10
> GET / | if-none-match: "0"
= 200 fwd=stale; fwd-status=304; stored | etag: "1" || text

# 4.3.1: the client's own condition is not sent in its place, and is answered from the result
< 200 | cache-control: max-age=10 | etag: "1" || text
<? 304
> GET /
wait 10
> GET / | if-none-match: "0"
= 200 fwd=stale; fwd-status=304; stored || text
? if-none-match: "1"

# 4.3.1: with several that might be the one, their tags are asked about together
< 200 | cache-control: max-age=60 | vary: a | etag: "1" || one
> GET / | a: 1
< 200 | cache-control: max-age=60 | vary: a | etag: "2" || two
<? 304 | etag: "1" | vary: a | cache-control: max-age=60
> GET / | a: 2
= 200 fwd=vary-miss; fwd-status=304; stored || one
? if-none-match: "1"
> GET / | a: 2
= 200 hit; || one

# 4.3.3: a full response satisfies the request, and takes the place of the one that was validated
< 200 | cache-control: max-age=10 | etag: "1" || old
> GET /
< 200 | cache-control: max-age=10 | etag: "2" || new
wait 10
> GET /
= 200 fwd=stale; fwd-status=200; stored || new
> GET /
= 200 hit; || new

# 4.3.3: the one that was validated is not suitable any more, even if the full response is not stored; here it goes
< 200 | cache-control: max-age=10 | etag: "1" || old
> GET /
< 404
wait 10
> GET /
= 404 fwd=stale;
> GET / | cache-control: only-if-cached, max-stale
= 504

# 4.3.3: a 5xx can be forwarded, and what is stored stays
< 200 | cache-control: max-age=10 | etag: "1" || old
> GET /
< 500
wait 10
> GET /
= 500 fwd=stale;
> GET / | cache-control: max-stale
= 200 hit; || old

# 4.3.4: a strong validator in a 304 that none of the stored responses has updates none of them
< 200 | cache-control: max-age=10 | etag: "1" || old
<? 304 | etag: "2" | cache-control: max-age=60
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; detail="other-validator"
> GET /
= 200 fwd=stale

# 4.3.4: weak validators have to correspond
< 200 | cache-control: max-age=10 | etag: W/"1" || old
<? 304 | etag: W/"1" | cache-control: max-age=60
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; stored
> GET /
= 200 hit; ttl=60 || old
< 200 | cache-control: max-age=10 | etag: W/"1" || old
<? 304 | etag: W/"2" | cache-control: max-age=60
> GET /b
wait 10
> GET /b
= 200 fwd=stale; fwd-status=304; detail="other-validator"

# 4.3.4: without a validator the one that was asked about is meant (by the RFC only if it has none either)
< 200 | cache-control: max-age=10 | etag: "1" || old
<? 304 | cache-control: max-age=60
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; stored
> GET /
= 200 hit; ttl=60 || old

# 4.3.5: an answer to HEAD with the same validators freshens what is stored
< 200 | cache-control: max-age=10 | etag: "1" || text
> GET /
wait 10
< 200 | cache-control: max-age=30 | etag: "1" | content-length: 4 | x: 2
> HEAD /
= 200 fwd=stale; fwd-status=200; detail="method"
> GET /
= 200 hit; ttl=30 | x: 2 || text

# 4.3.5: with others, or another length, it makes that stale
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /
< 200 | etag: "2"
> HEAD / | cache-control: no-cache
> GET / | cache-control: only-if-cached
= 504
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET /b
< 200 | cache-control: max-age=60 | etag: "1" | content-length: 5
> HEAD /b | cache-control: no-cache
> GET /b | cache-control: only-if-cached
= 504

# 4.4: a non-error answer to an unsafe method invalidates the target URI, and what Location and Content-Location name
< 200 | cache-control: max-age=60 || x
> GET http://h/a
> GET http://h/b
> GET http://h/c
< 201 | location: http://h:80/b | content-location: c
> POST http://h/a
< 200
> GET http://h/a
= 200 fwd=uri-miss;
> GET http://h/b
= 200 fwd=uri-miss;
> GET http://h/c
= 200 fwd=uri-miss;

# 4.4: so does a method whose safety is not known, and a redirection
< 200 | cache-control: max-age=60 || x
> GET http://h/a
< 303 | location: /b
> FROB http://h/a
< 200
> GET http://h/a
= 200 fwd=uri-miss;

# 4.4: what is safe invalidates nothing
< 200 | cache-control: max-age=60 || x
> GET /
> OPTIONS /
> TRACE /
> GET /
= 200 hit;

# 4.4: but MUST NOT invalidate those of another origin
< 200 | cache-control: max-age=60 || x
> GET http://other/b
< 201 | location: http://other/b
> POST http://h/a
> GET http://other/b
= 200 hit;

# 4.4: nor after an error
< 200 | cache-control: max-age=60 || x
> GET http://h/a
< 503
> DELETE http://h/a
< 409
> DELETE http://h/a
> GET http://h/a
= 200 hit;
"#;
    assert_eq!(play("9111", told).await, 35);
}

#[tokio::test]
async fn directives_of_requests() {
    let told = r#"
# 5.2.1.1: max-age: nothing older, and nothing stale unless max-stale is there too
< 200 | cache-control: max-age=10 || x
> GET /
wait 12
> GET / | cache-control: max-age=60
= 200 fwd=stale;
wait 12
> GET / | cache-control: max-age=60, max-stale=5
= 200 hit; ttl=-2

# 5.2.1.2: max-stale with a value: no staler than that
< 200 | cache-control: max-age=10 || x
> GET /
wait 15
> GET / | cache-control: max-stale=5
= 200 hit; ttl=-5
wait 1
> GET / | cache-control: max-stale=5
= 200 fwd=stale;

# 5.2.1.3: min-fresh: fresh for so many seconds more
< 200 | cache-control: max-age=10 || x
> GET /
wait 5
> GET / | cache-control: min-fresh=5
= 200 hit; ttl=5
> GET / | cache-control: min-fresh=6
= 200 fwd=request;

# 5.2.1.4: no-cache: validated, and what the origin confirms is fresh for all
< 200 | cache-control: max-age=10 | etag: "1" || x
<? 304
> GET /
wait 5
> GET / | cache-control: no-cache
= 200 fwd=request; fwd-status=304; stored
? if-none-match: "1"
> GET /
= 200 hit; ttl=10

# 5.2.1.5: no-store: a cache MUST NOT store any part of this request or any response to it
< 200 | cache-control: max-age=10 || x
> GET / | cache-control: no-store
= 200 fwd=uri-miss; fwd-status=200; detail="request-no-store"
> GET /
= 200 fwd=uri-miss;

# 5.2.1.5: it says nothing against an answer from what is stored
< 200 | cache-control: max-age=10 || x
> GET /
> GET / | cache-control: no-store
= 200 hit;

# 5.2: cache directives MUST be passed through, also those that are honoured here and those that are not known
< 200 | cache-control: max-age=10, x=1 || x
> GET / | cache-control: max-age=0, y="2"
= 200 fwd=uri-miss; | cache-control: max-age=10, x=1
? cache-control: max-age=0, y="2"
> GET /
= 200 hit; | cache-control: max-age=10, x=1

# 5.2.1.6: no-transform: this cache transforms nothing
< 200 | cache-control: max-age=10 | content-encoding: gzip || x
> GET /
> GET / | cache-control: no-transform
= 200 hit; | content-encoding: gzip || x

# 5.2.1.7: only-if-cached: from what is stored, or 504
< 200 | cache-control: max-age=10 || x
> GET / | cache-control: only-if-cached
= 504 | -age ||
> GET /
> GET / | cache-control: only-if-cached
= 200 hit;
wait 10
> GET / | cache-control: only-if-cached
= 504
calls 1

# 5.2: a directive's name has no case, and its argument may be quoted
< 200 | cache-control: MAX-AGE="60" || x
> GET /
wait 12
> GET / | cache-control: Max-Age="12"
= 200 hit;
> GET / | cache-control: Max-Age="11"
= 200 fwd=request;
"#;
    assert_eq!(play("9111", told).await, 10);
}

#[tokio::test]
async fn directives_of_responses() {
    let told = r#"
# 5.2.2.1: max-age: stale after its age is greater than so many seconds; at the last of them it is stale by 4.2
< 200 | cache-control: max-age=10 || x
> GET /
wait 9
> GET /
= 200 hit; ttl=1
wait 1
> GET /
= 200 fwd=stale;

# 5.2.2.2: must-revalidate: once stale, not without validation; a cache that cannot reach the origin MUST say so by an error
< 200 | cache-control: max-age=10, must-revalidate | etag: "1" || x
> GET /
< 504
wait 10
> GET /
= 504 fwd=stale;

# 5.2.2.3: must-understand: stored only if the status code is understood; then no-store is to be ignored
< 200 | cache-control: max-age=10, must-understand, no-store || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; stored
< 299 | cache-control: max-age=10, must-understand, no-store || x
> GET /b
= 299 fwd=uri-miss; fwd-status=299; detail="not-understood"
< 226 | cache-control: max-age=10, must-understand || x
> GET /c
= 226 fwd=uri-miss; fwd-status=226; detail="not-understood"

# 5.2.2.4: no-cache: not without validation, fresh or not
< 200 | cache-control: max-age=60, no-cache | etag: "1" || x
<? 304
> GET /
> GET /
= 200 fwd=stale; fwd-status=304; stored || x
calls 2

# 5.2.2.4: with field names it may be treated as without
< 200 | cache-control: max-age=60, no-cache="set-cookie" | etag: "1" || x
<? 304
> GET /
> GET /
= 200 fwd=stale;

# 5.2.2.5: no-store: MUST NOT be stored; here what was there goes, too (4.3.3)
< 200 | cache-control: max-age=10 | etag: "1" || x
> GET /
< 200 | cache-control: no-store || y
> GET / | cache-control: no-cache
= 200 fwd=request; fwd-status=200; detail="no-store"
> GET / | cache-control: only-if-cached
= 504

# 5.2.2.6: no-transform: content and its fields as they came
< 200 | cache-control: max-age=10, no-transform | content-encoding: br | content-type: a/b || x
> GET /
> GET / | accept-encoding: identity
= 200 hit; | content-encoding: br | content-type: a/b || x

# 5.2.2.7: private: a shared cache MUST NOT store it; with field names it may be treated as without
< 200 | cache-control: max-age=60, private="x" || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="private"

# 5.2.2.8: proxy-revalidate: as must-revalidate, for shared caches, and it does not permit to share (3.5)
< 200 | cache-control: max-age=10, proxy-revalidate | etag: "1" || x
> GET / | authorization: a
= 200 fwd=uri-miss; fwd-status=200; detail="authorization"
> GET /
< 500
wait 10
> GET / | cache-control: stale-if-error=60
= 500 fwd=stale;

# 5.2.2.9: public: may be stored although it was asked for with credentials
< 200 | cache-control: max-age=10, public || x
> GET / | authorization: a
= 200 fwd=uri-miss; fwd-status=200; stored

# 5.2.2.10: s-maxage: in place of max-age and Expires, and with the meaning of proxy-revalidate
< 200 | cache-control: s-maxage=10, max-age=60, stale-if-error=60 | etag: "1" || x
> GET /
< 500
wait 10
> GET /
= 500 fwd=stale;

# 5.2.3: directives that are not known MUST be ignored
< 200 | cache-control: max-age=60, community="UCI", x=no-store || x
> GET /
> GET /
= 200 hit;

# 5.3: an invalid date in Expires, 0 above all, means that it is in the past
< 200 | expires: 0 | etag: "1" || x
> GET /
> GET /
= 200 fwd=stale;
"#;
    assert_eq!(play("9111", told).await, 13);
}

#[tokio::test]
async fn fields() {
    let told = r#"
# 5.1: Age is a number of seconds, and a list counts by its first member
< 200 | cache-control: max-age=60 | age: 5,90 || x
> GET /
> GET /
= 200 hit; ttl=55 | age: 5

# 5.1: what is no number is ignored
< 200 | cache-control: max-age=60 | age: 5;x=1 || x
> GET /
> GET /
= 200 hit; ttl=60 | age: 0

# 5.1: of several lines the first counts, as of a list
< 200 | cache-control: max-age=60 | age: 5 | age: 7200 || x
> GET /
> GET /
= 200 hit; ttl=55 | age: 5
< 200 | cache-control: max-age=60 | age: 7200, 0 || x
> GET /2
= 200 fwd=uri-miss; fwd-status=200; detail="no-validator"

# 5.1, the same for what a 304 says
< 200 | cache-control: max-age=10 | etag: "1" || x
<? 304 | age: old
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; stored | age: 0
> GET /
= 200 hit; ttl=10

# 1.2.2: what does not fit is the greatest number, and overflows nothing
< 200 | cache-control: max-age=99999999999999999999 | age: 99999999999999999999 | etag: "1" || x
> GET /
wait 10
> GET / | cache-control: max-stale
= 200 hit; | age: 18446744073709551615

# 5.3: max-age and s-maxage stand before Expires, whatever that says
< 200 | cache-control: max-age=60 | expires: 0 || x
> GET /
> GET /
= 200 hit; ttl=60

# 5.4: Pragma says nothing in a response; in a request it is for caches that know no Cache-Control, and counts without one
< 200 | cache-control: max-age=60 | pragma: no-cache || x
> GET /
> GET /
= 200 hit;
> GET / | pragma: no-cache | cache-control: max-age=60
= 200 hit;
> GET / | pragma: no-cache
= 200 fwd=request;
"#;
    assert_eq!(play("9111", told).await, 7);
}
