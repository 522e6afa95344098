impl Shop {
    #[cached(cache = self.prices, companion = price)]
    async fn price(&self, item: &str) -> Option<u64> {
        self.ask(item).await
    }
}
