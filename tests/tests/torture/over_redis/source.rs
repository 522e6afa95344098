//! The source of truth, at a unix socket.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tests::torture::{Key, Version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::keys::KEYS;

type Versions = Arc<Mutex<[Version; KEYS as usize]>>;

/// Answers until the runtime ends. A question is the letter `r` or `w` and a key, an answer a version.
pub(super) fn serve(socket: &Path) {
    let listener = UnixListener::bind(socket).unwrap();
    let versions = Versions::default();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            // a client that goes away half-way is one that was dropped
            tokio::spawn(answer(client, Arc::clone(&versions)));
        }
    });
}

async fn answer(mut client: UnixStream, versions: Versions) -> io::Result<()> {
    let mut question = [0; 2];
    client.read_exact(&mut question).await?;
    let version = {
        let mut versions = versions.lock().unwrap();
        let version = &mut versions[usize::from(question[1])];
        *version += u64::from(question[0] == b'w');
        *version
    };
    client.write_u64(version).await
}

/// The way to the source.
#[derive(Debug, Clone)]
pub(super) struct Source(pub(super) PathBuf);

impl Source {
    pub(super) async fn read(&self, key: Key) -> Version {
        self.ask(b'r', key).await
    }

    pub(super) async fn write(&self, key: Key) -> Version {
        self.ask(b'w', key).await
    }

    async fn ask(&self, what: u8, key: Key) -> Version {
        let mut server = UnixStream::connect(&self.0).await.unwrap();
        let key = u8::try_from(key).unwrap();
        server.write_all(&[what, key]).await.unwrap();
        server.read_u64().await.unwrap()
    }
}
