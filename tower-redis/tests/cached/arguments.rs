//! Which calls are the same call.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tower_redis::cached;
use tower_redis::key::{CacheKey, KeyWriter};

use super::support::Runs;

#[cached]
async fn pair(a: &str, b: &str) -> String {
    format!("{a}|{b}")
}

#[tokio::test]
async fn arguments_do_not_run_together() {
    assert_eq!(pair("a", "bc").await, "a|bc");
    assert_eq!(pair("ab", "c").await, "ab|c");
    assert_eq!(pair("a:b", "c").await, "a:b|c");
    assert_eq!(pair("a", "b:c").await, "a|b:c");
}

struct Handle;

static SKIPPED: Runs = Runs::new();

#[cached(skip(_handle, trace))]
async fn skipped(_handle: Handle, id: u64, trace: &str) -> String {
    SKIPPED.count();
    format!("{id} {trace}")
}

#[tokio::test]
async fn skipped_arguments_do_not_count() {
    assert_eq!(skipped(Handle, 1, "first").await, "1 first");
    assert_eq!(skipped(Handle, 1, "second").await, "1 first");
    assert_eq!(skipped(Handle, 2, "third").await, "2 third");
    assert_eq!(SKIPPED.so_far(), 2);
    assert_eq!(skipped::peek(1).await.as_deref(), Some("1 first"));
}

#[derive(Clone)]
struct User {
    id: u64,
    org: String,
}

static EXACT: Runs = Runs::new();

#[cached(key = "user:{user.id}:{user.org}", skip(_locale))]
async fn exact(user: &User, _locale: &str) -> usize {
    EXACT.count()
}

#[tokio::test]
async fn a_template_says_what_counts() {
    let user = |id, org: &str| User {
        id,
        org: org.to_owned(),
    };
    assert_eq!(exact(&user(1, "a"), "de").await, 1);
    assert_eq!(exact(&user(1, "a"), "en").await, 1);
    assert_eq!(exact(&user(1, "b"), "en").await, 2);
    assert_eq!(exact::peek(&user(1, "a")).await, Some(1));
}

/// Prints, and is no key of its own.
struct Code(u16);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "E{}", self.0)
    }
}

/// Prints one thing and is another as a key.
struct Ticket(u16);

impl std::fmt::Display for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a ticket")
    }
}

impl CacheKey for Ticket {
    fn write(&self, key: &mut KeyWriter) {
        self.0.write(key);
    }
}

#[cached(key = "{code}/{ticket}")]
fn placeholders(code: &Code, ticket: &Ticket) -> (u16, u16) {
    (code.0, ticket.0)
}

#[test]
fn a_placeholder_is_a_key_or_else_prints() {
    for call in [(1, 1), (2, 1), (1, 2)] {
        assert_eq!(placeholders(&Code(call.0), &Ticket(call.1)), call);
    }
}

#[cached]
#[expect(clippy::too_many_arguments, reason = "to see many types")]
async fn many(
    text: String,
    cow: Cow<'_, str>,
    ids: &[u64],
    owned: Vec<u8>,
    maybe: Option<&str>,
    number: Option<&u64>,
    shared: Arc<str>,
    fixed: [u8; 2],
    mut count: i8,
) -> String {
    count += 1;
    format!("{text}{cow}{ids:?}{owned:?}{maybe:?}{number:?}{shared}{fixed:?}{count}")
}

#[tokio::test]
async fn arguments_of_many_types() {
    let call = |count| {
        many(
            "t".to_owned(),
            Cow::Borrowed("c"),
            &[1],
            vec![2],
            Some("m"),
            Some(&3),
            Arc::from("s"),
            [4, 5],
            count,
        )
    };
    let expected = "tc[1][2]Some(\"m\")Some(3)s[4, 5]7";
    assert_eq!(call(6).await, expected);
    assert_eq!(call(6).await, expected);
    assert_ne!(call(7).await, expected);
}

static PATTERN: Runs = Runs::new();

struct Path<T>(T);

struct State<T>(T);

#[cached(skip(db), tags("user:{id}"), ttl = minutes(*id))]
async fn handler(Path(id): Path<u64>, State(db): State<u8>, _: u8) -> (u64, u8) {
    PATTERN.count();
    (id, db)
}

fn minutes(id: u64) -> Duration {
    Duration::from_secs(60 * id)
}

#[tokio::test]
async fn what_a_pattern_binds_is_the_key() {
    assert_eq!(handler(Path(1), State(1), 0).await, (1, 1));
    assert_eq!(handler(Path(1), State(2), 1).await, (1, 1));
    assert_eq!(handler(Path(2), State(2), 1).await, (2, 2));
    assert_eq!(PATTERN.so_far(), 2);
    assert_eq!(handler::peek(Path(2)).await, Some((2, 2)));
    handler::put(Path(3), (3, 3)).await;
    assert_eq!(handler(Path(3), State(4), 0).await, (3, 3));
    assert_eq!(PATTERN.so_far(), 2);
}

#[cached(key = "{last}/{mut_first}")]
fn apart((mut mut_first, (_, ref last)): (u8, (u8, String)), [head, ..]: [u8; 2]) -> String {
    mut_first += head;
    format!("{mut_first}{last}")
}

#[test]
fn a_template_names_what_a_pattern_binds() {
    let call = |first, last: &str| apart((first, (0, last.to_owned())), [1, 2]);
    assert_eq!(call(1, "a"), "2a");
    assert_eq!(call(2, "a"), "3a");
    assert_eq!(call(2, "b"), "3b");
    assert_eq!(apart::key((2, (0, "b".to_owned()))), "b/2");
}

static FIXED: Runs = Runs::new();

#[cached(key = "whole", skip(_id))]
async fn all_alike(_id: u64) -> usize {
    FIXED.count()
}

#[tokio::test]
async fn a_template_may_name_nothing_where_nothing_counts() {
    assert_eq!((all_alike(1).await, all_alike(2).await), (1, 1));
}

static NONE: Runs = Runs::new();

#[cached]
async fn no_arguments() -> usize {
    NONE.count()
}

#[tokio::test]
async fn without_arguments_there_is_one_call() {
    assert_eq!(no_arguments().await, 1);
    assert_eq!(no_arguments().await, 1);
}

#[cached]
#[expect(clippy::ptr_arg, reason = "to see that it works")]
async fn references(
    text: &String,
    list: &Vec<u8>,
    texts: &[String],
    pair: (u8, &str),
    some: Option<&String>,
    cow: &Cow<'_, str>,
    boxed: Box<str>,
) -> String {
    format!("{text}{list:?}{texts:?}{pair:?}{some:?}{cow}{boxed}")
}

#[tokio::test]
async fn references_to_owners_are_keys_too() {
    let (text, list) = ("t".to_owned(), vec![1]);
    let call = |number| {
        let texts = [text.clone()];
        let (text, list) = (&text, &list);
        async move {
            let cow = Cow::Borrowed("c");
            references(
                text,
                list,
                &texts,
                (number, "p"),
                Some(text),
                &cow,
                "b".into(),
            )
            .await
        }
    };
    assert_eq!(call(1).await, "t[1][\"t\"](1, \"p\")Some(\"t\")cb");
    assert_eq!(call(2).await, "t[1][\"t\"](2, \"p\")Some(\"t\")cb");
}

trait Source {
    const NAME: &'static str;
}

struct Paper;
impl Source for Paper {
    const NAME: &'static str = "paper";
}

static GENERIC: Runs = Runs::new();

#[cached(key = "{what}")]
async fn generic<'a, S, const N: usize>(_source: &'a S, what: &'a [u8; N]) -> String
where
    S: Source + Sync,
{
    GENERIC.count();
    format!("{}{what:?}{N}", S::NAME)
}

#[tokio::test]
async fn generic_where_the_key_is_spelled_out() {
    assert_eq!(generic(&Paper, b"ab").await, "paper[97, 98]2");
    assert_eq!(generic(&Paper, b"ab").await, "paper[97, 98]2");
    assert_eq!(GENERIC.so_far(), 1);
    generic::invalidate(b"ab").await;
    assert_eq!(generic(&Paper, b"ab").await, "paper[97, 98]2");
    assert_eq!(GENERIC.so_far(), 2);
}

#[cached(key = "{found}:{key}:{terms}:{load}")]
async fn names_of_ours(found: u8, key: u8, terms: u8, load: u8, hit: u8, miss: u8) -> [u8; 6] {
    [found, key, terms, load, hit, miss]
}

#[tokio::test]
async fn arguments_may_have_the_names_of_generated_variables() {
    assert_eq!(names_of_ours(1, 2, 3, 4, 5, 6).await, [1, 2, 3, 4, 5, 6]);
    names_of_ours::put(1, 2, 3, 4, [0; 6]).await;
    assert_eq!(names_of_ours(1, 2, 3, 4, 5, 6).await, [0; 6]);
}

#[cached]
async fn r#type(r#match: u8) -> u8 {
    r#match
}

#[tokio::test]
async fn names_may_be_raw() {
    assert_eq!(r#type(3).await, 3);
    assert_eq!(r#type::peek(3).await, Some(3));
}

struct Labelled {
    r#type: u8,
}

#[cached(key = "{match}:{of.type}", tags("type:{of.type}"))]
fn by_keywords(r#match: &str, of: &Labelled) -> String {
    format!("{}{}", r#match, of.r#type)
}

#[test]
fn a_placeholder_may_be_a_keyword() {
    let of = |r#type| Labelled { r#type };
    assert_eq!(by_keywords("a", &of(1)), "a1");
    assert_eq!(by_keywords("a", &of(2)), "a2");
    assert_eq!(by_keywords::peek("a", &of(1)).as_deref(), Some("a1"));
}

#[cached]
fn of_the_standard_library(
    root: std::path::PathBuf,
    path: &std::path::Path,
    time: Duration,
    names: &std::collections::BTreeSet<String>,
) -> usize {
    root.join(path).as_os_str().len() + names.len() + time.subsec_millis() as usize
}

#[test]
fn paths_times_and_sorted_sets_are_keys() {
    let names = std::collections::BTreeSet::from(["a".to_owned()]);
    let time = Duration::from_millis(2);
    let path = std::path::Path::new("b");
    assert_eq!(of_the_standard_library("/a".into(), path, time, &names), 7);
    assert_eq!(
        of_the_standard_library::key("/a".into(), path, time, &names),
        "/a:b:2000000:[a,]"
    );
}
