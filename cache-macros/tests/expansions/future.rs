#[cached(skip(db), companion = none, near_only)]
fn user(Path(id): Path<u64>, State(db): State<Db>) -> impl Future<Output = Option<User>> + Send {
    async move { db.get(id).await }
}
