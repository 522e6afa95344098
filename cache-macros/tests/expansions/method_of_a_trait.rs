impl Load for Db {
    #[cached(key = "{self.id}:{id}", toolkit = self.toolkit)]
    async fn load(&self, id: u64) -> Option<u64> {
        self.get(id).await
    }
}
