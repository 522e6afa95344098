//! RFC 9211: what `Cache-Status` says.

use crate::told::{play, play_with};

#[tokio::test]
async fn parameters() {
    let told = r#"
# 2: a cache appends its member at the end, behind those of the caches nearer to the origin
< 200 | cache-status: origin-cache; hit || x
> GET /
= 200 fwd=uri-miss; | cache-status: origin-cache; hit, tower-redis; fwd=uri-miss; fwd-status=200; detail="no-freshness"

# 2: the members that are stored stay
< 200 | cache-control: max-age=60 | cache-status: origin-cache; hit || x
> GET /
> GET /
= 200 hit; | cache-status: origin-cache; hit, tower-redis; hit; ttl=60

# 2.1: hit says that the request was satisfied by the cache; it is exclusive with fwd
< 200 | cache-control: max-age=60 || x
> GET /
> GET /
= 200 hit; | cache-status: tower-redis; hit; ttl=60

# 2.2: fwd=uri-miss, where nothing is stored for the URI
< 200 | cache-control: max-age=60 || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; stored
> GET /other
= 200 fwd=uri-miss;

# 2.2: fwd=vary-miss, where something is stored for the URI and none of it is selected
< 200 | cache-control: max-age=60 | vary: x || x
> GET / | x: 1
> GET / | x: 2
= 200 fwd=vary-miss; fwd-status=200; stored

# 2.2: fwd=stale, where what is selected is stale
< 200 | cache-control: max-age=10 | etag: "1" || x
<? 304
> GET /
wait 10
> GET /
= 200 fwd=stale; fwd-status=304; stored

# 2.2: fwd=request, where the request's directives do not allow what is stored
< 200 | cache-control: max-age=60 || x
> GET /
> GET / | cache-control: no-cache
= 200 fwd=request; fwd-status=200; stored

# 2.2: fwd=partial, where what is selected is partial and has not all of the range, or all was asked for
< 206 | cache-control: max-age=60 | etag: W/"1" | content-range: bytes 0-1/4 || te
> GET / | range: bytes=0-1
< 200 | cache-control: max-age=60 || text
> GET /
= 200 fwd=partial;

# 2.2: fwd=method, where the method requires it
< 200 || x
> DELETE /
= 200 fwd=method; fwd-status=200 | cache-status: tower-redis; fwd=method; fwd-status=200

# 2.2: fwd=bypass, where the cache was told not to handle it
< 200 || x
> GET / | content-length: 3
= 200 fwd=bypass; fwd-status=200; detail="content"

# 2.2: fwd=request is for a fresh response; one that is stale and unwanted too is told as stale
< 200 | cache-control: max-age=10 | etag: "1" || x
> GET /
wait 10
> GET / | cache-control: no-cache
= 200 fwd=stale;

# 2.3: fwd-status is what the next hop answered, even where the client gets something else
< 200 | cache-control: max-age=10, stale-if-error=60 || x
> GET /
< 503
wait 11
> GET /
= 200 fwd=stale; ttl=-1; fwd-status=503; detail="stale-if-error" || x

# 2.4: ttl is what is left of the freshness lifetime, and negative for what is stale
< 200 | cache-control: max-age=10 | age: 3 || x
> GET /
> GET /
= 200 hit; ttl=7
wait 9
> GET / | cache-control: max-stale
= 200 hit; ttl=-2; detail="max-stale"

# 2.5: stored says that the cache stored the response; nothing is said where it did not
< 200 | cache-control: no-store || x
> GET /
= 200 fwd=uri-miss; | cache-status: tower-redis; fwd=uri-miss; fwd-status=200; detail="no-store"

# 2.1: a 304 or 206 made of what is stored is a hit, and what was validated is none
< 200 | cache-control: max-age=10 | etag: "1" || text
<? 304
> GET /
> GET / | if-none-match: "1"
= 304 hit; ttl=10
wait 10
> GET / | if-none-match: "1"
= 304 fwd=stale; fwd-status=304; stored

# 2.1: hit and fwd are exclusive
< 200 | cache-control: max-age=10, stale-while-revalidate=60 || x
> GET /
wait 11
> GET /
= 200 hit; | cache-status: tower-redis; hit; ttl=-1; detail="stale-while-revalidate"

# 2.4: ttl is of the freshness that the cache goes by: of a targeted field, s-maxage, Expires
< 200 | cache-control: max-age=10, s-maxage=20 | cdn-cache-control: max-age=30 || x
> GET /
> GET /
= 200 hit; ttl=30
< 200 | cache-control: s-maxage=20 | expires: Thu, 01 Jan 2026 01:00:00 GMT || x
> GET /b
> GET /b
= 200 hit; ttl=20

# 2.8: detail is a token or a string of the implementation
< 200 | cache-control: private || x
> GET /
= 200 fwd=uri-miss; | cache-status: tower-redis; fwd=uri-miss; fwd-status=200; detail="private"

# 2: a cache SHOULD NOT append a member to what it makes itself, unless that is based on a stored response
< 200 | cache-control: max-age=60 | etag: "1" || text
> GET / | cache-control: only-if-cached
= 504 | -cache-status
> GET /
> GET / | if-none-match: "1"
= 304 hit; ttl=60
> GET / | range: bytes=0-1
= 206 hit; ttl=60
> GET / | range: bytes=9-
= 416 hit; ttl=60
"#;
    assert_eq!(play("9211", told).await, 19);
}

#[tokio::test]
async fn names() {
    let told = r#"
# 2: each member is a String or a Token that identifies the cache
< 200 || x
> GET /
= 200 fwd
"#;
    assert_eq!(play_with("9211", told, |layer| layer).await, 1);
    let site = crate::origin::Site::new(|_| crate::origin::respond(200, &[], "x"));
    for (name, written) in [
        ("a.b:80", "a.b:80"),
        ("9lives", "\"9lives\""),
        ("a \"b\"", "\"a \\\"b\\\"\""),
        ("é", "\"_\""),
    ] {
        let named = site.clone().with(|layer| layer.name(name));
        let answer = named.get("/").await;
        let status = answer.field("cache-status").unwrap();
        assert!(status.starts_with(&format!("{written}; fwd=")), "{status}");
    }
}
