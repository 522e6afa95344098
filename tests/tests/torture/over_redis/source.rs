//! The source of truth, at a unix socket.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tests::torture::{Key, Version};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::keys::KEYS;

#[derive(Default)]
struct Versions {
    versions: Mutex<[Version; KEYS as usize]>,
    writing: [tokio::sync::Mutex<()>; KEYS as usize],
}

/// Answers until the runtime ends. A question is the letter `r` or `w` and a key, an answer a version. Nobody else
/// writes a key before whoever wrote it has gone away.
pub(super) fn serve(socket: &Path) {
    let listener = UnixListener::bind(socket).unwrap();
    let versions = Arc::<Versions>::default();
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            // a client that goes away half-way is one that was dropped
            tokio::spawn(answer(client, Arc::clone(&versions)));
        }
    });
}

async fn answer(mut client: UnixStream, versions: Arc<Versions>) -> io::Result<()> {
    let mut question = [0; 2];
    client.read_exact(&mut question).await?;
    let (writes, key) = (question[0] == b'w', usize::from(question[1]));
    let _writing = if writes {
        Some(versions.writing[key].lock().await)
    } else {
        None
    };
    let version = {
        let version = &mut versions.versions.lock().unwrap()[key];
        *version += u64::from(writes);
        *version
    };
    client.write_u64(version).await?;
    // nothing more comes
    client.read_u8().await.map(drop)
}

/// Nobody else writes the key as long as it lives.
#[derive(Debug)]
pub(super) struct Writing(#[expect(dead_code, reason = "it is there or it is not")] UnixStream);

/// The way to the source.
#[derive(Debug, Clone)]
pub(super) struct Source(pub(super) PathBuf);

impl Source {
    pub(super) async fn read(&self, key: Key) -> Version {
        self.ask(b'r', key).await.0
    }

    /// Writes the next version; nobody else writes the key as long as the second lives.
    pub(super) async fn write(&self, key: Key) -> (Version, Writing) {
        let (version, server) = self.ask(b'w', key).await;
        (version, Writing(server))
    }

    async fn ask(&self, what: u8, key: Key) -> (Version, UnixStream) {
        let mut server = UnixStream::connect(&self.0).await.unwrap();
        let key = u8::try_from(key).unwrap();
        server.write_all(&[what, key]).await.unwrap();
        (server.read_u64().await.unwrap(), server)
    }
}
