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

# 2 and 3: at least 32 groups with at least 32 characters each MUST be supported, in both fields
< 200 | cache-control: max-age=60 | cache-groups: "00000000000000000000000000000000", "00000000000000000000000000000001", "00000000000000000000000000000002", "00000000000000000000000000000003", "00000000000000000000000000000004", "00000000000000000000000000000005", "00000000000000000000000000000006", "00000000000000000000000000000007", "00000000000000000000000000000008", "00000000000000000000000000000009", "00000000000000000000000000000010", "00000000000000000000000000000011", "00000000000000000000000000000012", "00000000000000000000000000000013", "00000000000000000000000000000014", "00000000000000000000000000000015", "00000000000000000000000000000016", "00000000000000000000000000000017", "00000000000000000000000000000018", "00000000000000000000000000000019", "00000000000000000000000000000020", "00000000000000000000000000000021", "00000000000000000000000000000022", "00000000000000000000000000000023", "00000000000000000000000000000024", "00000000000000000000000000000025", "00000000000000000000000000000026", "00000000000000000000000000000027", "00000000000000000000000000000028", "00000000000000000000000000000029", "00000000000000000000000000000030", "00000000000000000000000000000031" || x
> GET http://h/a
> GET http://h/b
< 200 | cache-groups: "a" | cache-control: max-age=60 || x
> GET http://h/d
< 200 | cache-group-invalidation: "00000000000000000000000000000000", "00000000000000000000000000000001", "00000000000000000000000000000002", "00000000000000000000000000000003", "00000000000000000000000000000004", "00000000000000000000000000000005", "00000000000000000000000000000006", "00000000000000000000000000000007", "00000000000000000000000000000008", "00000000000000000000000000000009", "00000000000000000000000000000010", "00000000000000000000000000000011", "00000000000000000000000000000012", "00000000000000000000000000000013", "00000000000000000000000000000014", "00000000000000000000000000000015", "00000000000000000000000000000016", "00000000000000000000000000000017", "00000000000000000000000000000018", "00000000000000000000000000000019", "00000000000000000000000000000020", "00000000000000000000000000000021", "00000000000000000000000000000022", "00000000000000000000000000000023", "00000000000000000000000000000024", "00000000000000000000000000000025", "00000000000000000000000000000026", "00000000000000000000000000000027", "00000000000000000000000000000028", "00000000000000000000000000000029", "00000000000000000000000000000030", "00000000000000000000000000000031"
> POST http://h/c
< 200 || fresh
> GET http://h/a
= 200 fwd=uri-miss;
> GET http://h/b
= 200 fwd=uri-miss;
> GET http://h/d
= 200 hit;

# 2.2.1: what is invalidated with a group does not invalidate the other groups it is in
< 200 | cache-control: max-age=60 | cache-groups: "one", "two" || x
> GET http://h/a
< 200 | cache-control: max-age=60 | cache-groups: "two" || x
> GET http://h/b
< 200 | cache-group-invalidation: "one"
> POST http://h/c
> GET http://h/b
= 200 hit;
< 200 || fresh
> GET http://h/a
= 200 fwd=uri-miss;

# 3, which leaves it to a cache, with RFC 9111 section 4.4: an error invalidates nothing
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

# 2: it is a list of strings: here a member that is none is no group, and what is no list has none
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
    assert_eq!(play("9875", told).await, 10);
}
