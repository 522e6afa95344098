//! RFC 9875: groups.

use crate::told::play;

#[tokio::test]
async fn groups() {
    let told = r#"
# 3: an answer to an unsafe request that names a group invalidates what is in it
< 200 | cache-control: max-age=60 | cache-groups: "scripts", "two" || x
> GET http://h/a
> GET http://h/b
< 200 | cache-group-invalidation: "two"
> POST http://h/c
< 200 || fresh
> GET http://h/a
= 200 fwd=uri-miss;
> GET http://h/b
= 200 fwd=uri-miss;

# 3: what is in no such group stays
< 200 | cache-control: max-age=60 | cache-groups: "one" || x
> GET http://h/a
< 200 | cache-group-invalidation: "two", "on", "ONE"
> POST http://h/c
> GET http://h/a
= 200 hit;

# 2.1: two responses are in one group if they are of one origin
< 200 | cache-control: max-age=60 | cache-groups: "one" || x
> GET http://h/a
< 200 | cache-group-invalidation: "one"
> POST http://other/c
> POST http://h:81/c
> GET http://h/a
= 200 hit;

# 3: the field MUST be ignored on answers to safe requests
< 200 | cache-control: max-age=60 | cache-groups: "one" || x
> GET http://h/a
< 200 | cache-group-invalidation: "one"
> GET http://h/c
> HEAD http://h/c
> OPTIONS http://h/c
> GET http://h/a
= 200 hit;

# 3 and RFC 9111 section 4.4: an error invalidates nothing
< 200 | cache-control: max-age=60 | cache-groups: "one" || x
> GET http://h/a
< 500 | cache-group-invalidation: "one"
> POST http://h/c
< 404 | cache-group-invalidation: "one"
> POST http://h/c
> GET http://h/a
= 200 hit;

# 2: it is a list of strings, over several lines; parameters do not count
< 200 | cache-control: max-age=60 | cache-groups: "one";x=1 | cache-groups: "two" || x
> GET http://h/a
< 200 | cache-group-invalidation: "two";y
> POST http://h/c
< 200
> GET http://h/a
= 200 fwd=uri-miss;

# 2: a member that is no string is no group, and one that cannot be read is none
< 200 | cache-control: max-age=60 | cache-groups: one, "two" || x
> GET http://h/a
< 200 | cache-group-invalidation: one
> POST http://h/c
< 200 | cache-group-invalidation: "two
> POST http://h/c
> GET http://h/a
= 200 hit;

# 2: names are compared as they are, character by character
< 200 | cache-control: max-age=60 | cache-groups: "a b" || x
> GET http://h/a
< 200 | cache-group-invalidation: "a  b"
> POST http://h/c
> GET http://h/a
= 200 hit;
< 200 | cache-group-invalidation: "a b"
> POST http://h/c
< 200
> GET http://h/a
= 200 fwd=uri-miss;
"#;
    assert_eq!(play("9875", told).await, 8);
}
