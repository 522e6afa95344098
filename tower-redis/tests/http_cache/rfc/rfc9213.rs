//! RFC 9213: fields for one kind of cache.

use crate::told::{play, play_with};

#[tokio::test]
async fn targeted_fields() {
    let told = r#"
# 2.1: a targeted field is a dictionary; a directive that needs no value is a Boolean true
< 200 | cache-control: max-age=60 | cdn-cache-control: no-store || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="no-store"
> GET /
= 200 fwd=uri-miss

# 2.1: of a directive that is there twice the last counts, as in any dictionary
< 200 | cdn-cache-control: max-age=5, max-age=60 || x
> GET /
wait 59
> GET /
= 200 hit;

# 2.1: several lines are one dictionary
< 200 | cdn-cache-control: max-age=5 | cdn-cache-control: max-age=60 || x
> GET /
wait 59
> GET /
= 200 hit;

# 2.1: parameters that are not known are ignored
< 200 | cdn-cache-control: max-age=60;x=1 || x
> GET /
> GET /
= 200 hit;

# 2.1: directives that are not known are ignored
< 200 | cdn-cache-control: max-age=60, ours=(1 2) || x
> GET /
> GET /
= 200 hit;

# 2.1: one that is empty is ignored
< 200 | cache-control: max-age=60 | cdn-cache-control: || x
> GET /
> GET /
= 200 hit;

# 2.1: one that cannot be parsed is ignored, all of it
< 200 | cache-control: max-age=60 | cdn-cache-control: no-store, & || x
> GET /
> GET /
= 200 hit;

# 2.1: names of a dictionary are in lower case; others cannot be parsed
< 200 | cache-control: max-age=60 | cdn-cache-control: No-Store || x
> GET /
> GET /
= 200 hit;

# 2.2: if one is there, Cache-Control and Expires MUST be ignored
< 200 | cache-control: no-store, private | expires: 0 | cdn-cache-control: max-age=60 || x
> GET /
> GET /
= 200 hit;
< 200 | expires: Thu, 01 Jan 2026 01:00:00 GMT | cdn-cache-control: must-revalidate || x
> GET /b
= 200 fwd=uri-miss; fwd-status=200; detail="no-freshness"

# 2.2: all of it counts as Cache-Control does: windows, and what forbids what is stale
< 200 | cdn-cache-control: max-age=10, stale-if-error=60 || x
> GET /
< 500
wait 11
> GET /
= 200 fwd=stale; || x
< 200 | cdn-cache-control: max-age=10, must-revalidate | etag: "1" || x
> GET /b
< 500
wait 11
> GET /b
= 500 fwd=stale;

# 2.2: a cache that keeps what credentials asked for goes by it, too (RFC 9111 section 3.5)
< 200 | cache-control: public | cdn-cache-control: max-age=60 || x
> GET / | authorization: Basic Og==
= 200 fwd=uri-miss; fwd-status=200; detail="authorization"
< 200 | cdn-cache-control: max-age=60, public || x
> GET / | authorization: Basic Og==
= 200 fwd=uri-miss; fwd-status=200; stored

# 2.1: a cache SHOULD NOT consume values of another type: seconds are an Integer; what is none makes it stale
< 200 | cdn-cache-control: max-age=60.5 | etag: "1" || x
> GET /
> GET /
= 200 fwd=stale;
< 200 | cdn-cache-control: max-age="60" | etag: "1" || x
> GET /b
> GET /b
= 200 fwd=stale;

# 2.2: no-store and no-cache make max-age inoperative; private MUST be implemented, too
< 200 | cdn-cache-control: max-age=60, no-cache | etag: "1" || x
> GET /
> GET /
= 200 fwd=stale;
< 200 | cdn-cache-control: max-age=60, no-store || x
> GET /b
= 200 fwd=uri-miss; fwd-status=200; detail="no-store"
< 200 | cdn-cache-control: max-age=60, private || x
> GET /c
= 200 fwd=uri-miss; fwd-status=200; detail="private"

# 3.1: a directive that is not known will do to take the place of Cache-Control
< 200 | cache-control: no-store | cdn-cache-control: none | expires: Thu, 01 Jan 2026 01:00:00 GMT || x
> GET /
= 200 fwd=uri-miss; fwd-status=200; detail="no-freshness"

# 3: a cache will typically forward CDN-Cache-Control, and this one does
< 200 | cdn-cache-control: max-age=60 || x
> GET /
= 200 fwd=uri-miss; | cdn-cache-control: max-age=60
> GET /
= 200 hit; | cdn-cache-control: max-age=60
"#;
    assert_eq!(play("9213", told).await, 15);
    let told = r#"
# 2.2: the first of the target list that is there, valid and not empty is used
< 200 | cdn-cache-control: no-store | ours-cache-control: max-age=60 || x
> GET /
> GET /
= 200 hit;
< 200 | cdn-cache-control: max-age=60 | ours-cache-control: no-store & || x
> GET /b
> GET /b
= 200 hit;

# 2.2: one that is not in the list MUST NOT change what the cache does, and MUST be passed through
< 200 | cache-control: max-age=60 | theirs-cache-control: no-store || x
> GET /
= 200 fwd=uri-miss; | theirs-cache-control: no-store
> GET /
= 200 hit; | theirs-cache-control: no-store
"#;
    let ours = |layer: tower_redis::middleware::http_cache::CacheLayer| {
        let names = ["ours-cache-control", "cdn-cache-control"];
        layer.targets(names.map(http::HeaderName::from_static))
    };
    assert_eq!(play_with("9213", told, ours).await, 2);
}
