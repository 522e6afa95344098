//! A handler is cached by what its extractors hold.
use axum_like::{Json, Path, State};
use tower_redis::cached;

mod axum_like {
    pub struct Path<T>(pub T);
    pub struct State<T>(pub T);
    #[derive(Clone)]
    pub struct Json<T>(#[allow(dead_code)] pub T);
}

#[derive(Clone)]
struct Db;

#[cached(ttl = 60, skip(db), near_only)]
async fn user(Path(id): Path<u64>, State(db): State<Db>) -> Result<Json<u64>, u16> {
    let _db: Db = db;
    Ok(Json(id))
}

#[cached(key = "{org}/{id}", near_only)]
async fn member(Path((org, id)): Path<(String, u64)>, _: State<Db>) -> Json<String> {
    Json(format!("{org}{id}"))
}

fn handles<F, A, B, Fut>(_: F)
where
    F: Fn(A, B) -> Fut,
    Fut: Future + Send + 'static,
{
}

#[test]
fn is_accepted() {
    handles(user);
    handles(member);
    drop(user::invalidate(Path(1)));
    drop(member::peek(Path((String::new(), 1))));
}
