//! A server that dies with the test.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::config::{Address, RedisSettings, Server as Target};

pub(super) struct Server {
    folder: PathBuf,
    child: Child,
}

impl Server {
    pub(super) fn start() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("tr-wire-{}-{next}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let child = spawn(&folder);
        Self { folder, child }
    }

    pub(super) fn settings(&self) -> RedisSettings {
        RedisSettings::new(Target::at(Address::Unix(self.folder.join("redis.sock"))))
    }
}

fn spawn(folder: &PathBuf) -> Child {
    let child = Command::new("redis-server")
        .current_dir(folder)
        .args(["--port", "0", "--unixsocket", "redis.sock", "--save", ""])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while std::os::unix::net::UnixStream::connect(folder.join("redis.sock")).is_err() {
        std::thread::yield_now();
    }
    child
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
