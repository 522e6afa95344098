//! A folder that goes with its owner.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

/// An empty folder of one's own, removed with all that is in it when this is dropped. Its path is short,
/// because that of a unix socket has at most some 100 bytes.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]
    pub fn new() -> Self {
        // seeds of hash maps are the randomness that is at hand
        let name = format!("tr-{:016x}", RandomState::new().hash_one(0));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // what cannot be removed is left to whoever empties the folder of temporary files
        let _ = fs::remove_dir_all(&self.0);
    }
}
