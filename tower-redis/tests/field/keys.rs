//! Calls that other keys mix up.

use tests::RedisServer;
use tower_redis::cached;
use tower_redis::testing::ManualClock;

use super::support::{Runs, process, turned_by_hand};

#[cached]
fn by_arguments(a: &str, b: &str) -> String {
    format!("{a}+{b}")
}

#[cached(key = "{a}-{b}")]
fn by_template(a: &str, b: &str) -> String {
    format!("{a}+{b}")
}

/// Elsewhere: the second call gets the answer of the first. A template without anything between two
/// placeholders, `"{a}{b}"`, is refused by the compiler.
#[test]
fn x6_arguments_that_read_alike_side_by_side_are_told_apart() {
    let pairs = [
        ("a", "bc"),
        ("ab", "c"),
        ("", "abc"),
        ("abc", ""),
        ("a-b", "c"),
        ("a", "b-c"),
        ("a:b", "c"),
        ("a", "b:c"),
        ("a%2Db", "c"),
    ];
    for _ in 0..2 {
        for (a, b) in pairs {
            assert_eq!(by_arguments(a, b), format!("{a}+{b}"));
            assert_eq!(by_template(a, b), format!("{a}+{b}"));
        }
    }
}

struct S(u64);

impl S {
    #[cached(key = "{self.0}:{i}")]
    fn m(&self, i: u64) -> u64 {
        self.0 * 1_000 + i
    }
}

/// Elsewhere: the answer of the other object. A method that does not say what of `self` is in its key is
/// refused by the compiler.
#[test]
fn x7_two_objects_have_their_own_answers() {
    for _ in 0..2 {
        assert_eq!(S(1).m(5), 1_005);
        assert_eq!(S(2).m(5), 2_005);
    }
}

mod x {
    #[tower_redis::cached(ttl = 60)]
    pub(super) async fn get(id: u64) -> String {
        super::X.count();
        format!("x{id}")
    }
}

mod y {
    #[tower_redis::cached(ttl = 60)]
    pub(super) async fn get(id: u64) -> String {
        super::Y.count();
        format!("y{id}")
    }
}

static X: Runs = Runs::new();
static Y: Runs = Runs::new();

/// Elsewhere: both get the answer of the first.
#[tokio::test]
async fn x13_functions_of_one_name_in_two_modules_share_nothing() {
    let server = RedisServer::start();
    let both = || async {
        assert_eq!(
            (x::get(1).await, y::get(1).await),
            ("x1".to_owned(), "y1".to_owned())
        );
    };
    let (_, in_memory) = turned_by_hand();
    for _ in 0..2 {
        in_memory.scope(both()).await;
    }
    assert_eq!((X.begun(), Y.begun()), (1, 1));
    // the first of these fills Redis, the second finds what is there
    for _ in 0..2 {
        process(&server.url(), &ManualClock::new())
            .scope(both())
            .await;
    }
    assert_eq!((X.begun(), Y.begun()), (2, 2));
    assert_eq!(server.cli(&["KEYS", "tr:c:*:1"]).texts().len(), 2);
}

static TWO: Runs = Runs::new();

#[cached(ttl = 60)]
async fn two(a: u64, b: String) -> String {
    TWO.count();
    format!("{a} {b}")
}

/// Elsewhere: it does not compile.
#[tokio::test]
async fn x14_two_arguments_make_a_key_in_redis_without_a_word() {
    let server = RedisServer::start();
    for _ in 0..2 {
        let calls = async {
            assert_eq!(two(1, "b".to_owned()).await, "1 b");
            assert_eq!(two(1, "c".to_owned()).await, "1 c");
        };
        process(&server.url(), &ManualClock::new())
            .scope(calls)
            .await;
    }
    assert_eq!(TWO.begun(), 2);
}
