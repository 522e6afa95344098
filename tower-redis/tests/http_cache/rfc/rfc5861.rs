//! RFC 5861: what is stale while it is validated, and when the origin fails.

use crate::told::play;

#[tokio::test]
async fn windows() {
    let told = r#"
# 3: a cache MAY serve it up to so many seconds after it becomes stale, while it revalidates
< 200 | cache-control: max-age=10, stale-while-revalidate=5 | etag: "1" || old
> GET /
< 200 | cache-control: max-age=10 || new
wait 15
> GET /
= 200 hit; ttl=-5; detail="stale-while-revalidate" | age: 15 || old
> GET /
= 200 hit; ttl=10 || new
calls 2

# 3: past that time it SHOULD NOT be served without validation
< 200 | cache-control: max-age=10, stale-while-revalidate=5 || old
> GET /
< 200 | cache-control: max-age=10 || new
wait 16
> GET /
= 200 fwd=stale; || new

# 3 and RFC 9111 section 4.3.1: the validation starts with the request that was answered
< 200 | cache-control: max-age=10, stale-while-revalidate=5 | etag: "1" || old
> GET /
wait 11
> GET / | x-trace: 7 | cookie: a
= 200 hit;
? x-trace: 7 | cookie: a | if-none-match: "1"

# 3: it is answered in full if the answer is not 304, and with what the origin says from then on
< 200 | cache-control: max-age=10, stale-while-revalidate=50 | etag: "1" || old
<? 304 | cache-control: max-age=20
> GET /
wait 11
> GET /
> GET /
= 200 hit; ttl=20 | cache-control: max-age=20 || old

# 3 and RFC 9111 section 4.3.3: what the origin says is gone is not served once that is known
< 200 | cache-control: max-age=10, stale-while-revalidate=50 || old
> GET /
< 410 || gone
wait 11
> GET /
= 200 hit; || old
> GET /
= 410 fwd=uri-miss; || gone

# 3: and so what it does not want to be stored any more
< 200 | cache-control: max-age=10, stale-while-revalidate=50 || old
> GET /
< 200 | cache-control: no-store || new
wait 11
> GET /
= 200 hit; || old
> GET /
= 200 fwd=uri-miss; || new

# 3: a failure behind the answer changes nothing within the window
< 200 | cache-control: max-age=10, stale-while-revalidate=50 || old
> GET /
< 503 || down
wait 11
> GET /
= 200 hit; || old
> GET /
= 200 hit; || old
calls 3

# 3: max-age of a client that wants nothing stale counts for more (RFC 9111 section 5.2.1.1)
< 200 | cache-control: max-age=10, stale-while-revalidate=50 || old
> GET /
wait 11
> GET / | cache-control: max-age=60
= 200 fwd=stale;

# 4: when an error is encountered, a stale response MAY be used, up to so many seconds after it becomes stale
< 200 | cache-control: max-age=10, stale-if-error=5 || old
> GET /
< 500 || down
wait 15
> GET /
= 200 fwd=stale; ttl=-5; fwd-status=500; detail="stale-if-error" | age: 15 || old
wait 1
> GET /
= 500 fwd=stale; || down

# 4: an error is any situation that would result in a 500, 502, 503, or 504
< 200 | cache-control: max-age=10, stale-if-error=60 || old
> GET /
wait 11
< 502
> GET /
= 200 fwd=stale; || old
< 504
> GET /
= 200 fwd=stale; || old
< 501
> GET /
= 501 fwd=stale;
< 404
> GET /
= 404 fwd=stale;

# 4: of HEAD as of GET, and where the origin cannot be reached (RFC 9111 section 4.2.4)
< 200 | cache-control: max-age=10, stale-if-error=60 | etag: "1" || text
> GET /
< 503
wait 11
> HEAD /
= 200 fwd=stale; ttl=-1; fwd-status=503; detail="stale-if-error" | etag: "1" | content-length: 4 | age: 11 ||
> HEAD / | if-none-match: "1"
= 304 fwd=stale; ttl=-1; fwd-status=503; detail="stale-if-error" ||
> HEAD / | cache-control: no-cache
= 503 fwd=stale; fwd-status=503; detail="method"

# 4: it may be said by a request, too
< 200 | cache-control: max-age=10 || old
> GET /
< 500
wait 11
> GET /
= 500 fwd=stale;
> GET / | cache-control: stale-if-error=5
= 200 fwd=stale; ttl=-1; fwd-status=500; detail="stale-if-error" || old

# 4: what must be revalidated is not used (RFC 9111 section 4.2.4)
< 200 | cache-control: max-age=10, stale-if-error=60, must-revalidate | etag: "1" || old
> GET /
< 500
wait 11
> GET /
= 500 fwd=stale;
"#;
    assert_eq!(play("5861", told).await, 13);
}
