#[cached(key = "user:{user.id}", tags("users"), capacity = 100, crate = kit::redis)]
async fn profile<S: Source>(source: &S, user: &User) -> Option<Profile> {
    source.get(user.id).await
}
