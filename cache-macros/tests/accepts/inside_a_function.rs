//! A cached function in another one's body uses the types there.
use tower_redis::cached;

#[test]
fn is_accepted() {
    #[derive(Clone, Debug, PartialEq)]
    struct Local(u64);

    #[cached(ttl = 60, near_only)]
    fn load(id: u64) -> Local {
        Local(id)
    }

    #[cached(companion = none, near_only)]
    async fn alone(id: u64) -> Option<Local> {
        Some(Local(id))
    }

    assert_eq!(load(1), Local(1));
    assert_eq!(load::peek(1), Some(Local(1)));
    drop(alone(1));
}
