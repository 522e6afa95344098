#[rate_limited(limit = 100, per = "1m", key = "login:{user}")]
async fn login(user: &str) -> Result<(), Refused> {
    let _ = user;
    Ok(())
}

#[rate_limited(limiter = logins, on_limited = |_| 0)]
fn count(logins: &Limiter) -> u64 {
    1
}

impl Shop {
    #[rate_limited(limit = 3, per = 60, burst = 2, skip(self), ban(after = 20, within = "1m"))]
    fn price(&self) -> impl Future<Output = Result<u64, Refused>> {
        async { Ok(1) }
    }
}
