//! nginx with `proxy_cache`, as one process.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::Folder;

use crate::runner::now;

use super::server::CpuTime;

/// Ends when it is dropped.
pub struct Nginx {
    pub address: SocketAddr,
    process: Child,
    _folder: Folder,
}

impl Nginx {
    /// In front of `origin`.
    ///
    /// # Errors
    /// When there is no nginx to start.
    pub fn start(origin: SocketAddr) -> Result<(Self, CpuTime), String> {
        let folder = Folder::new();
        let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let address = free.expect("a free port");
        let path = folder.path().display();
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(&path.to_string(), address, origin)).expect("a file");
        let process = Command::new("nginx")
            .args(["-e", "stderr", "-p"])
            .arg(folder.path())
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("cannot run nginx: {error}; its row is missing (Debian: apt-get install nginx-light)")
            })?;
        let cpu = CpuTime::of_process(process.id());
        let nginx = Self {
            address,
            process,
            _folder: folder,
        };
        let began = now();
        while TcpStream::connect(address).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "nginx does not listen"
            );
            std::thread::yield_now();
        }
        Ok((nginx, cpu))
    }
}

fn configuration(folder: &str, address: SocketAddr, origin: SocketAddr) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {folder}/{what};\n"))
        .concat();
    format!(
        "daemon off;
        master_process off;
        pid {folder}/nginx.pid;
        error_log stderr crit;
        events {{ worker_connections 256; }}
        http {{
            access_log off;
            sendfile on;
            tcp_nopush on;
            keepalive_requests 1000000000;
            keepalive_timeout 1h;
            {temporary}
            proxy_cache_path {folder}/cache keys_zone=hits:1m;
            server {{
                listen {address};
                location / {{
                    proxy_pass http://{origin};
                    proxy_cache hits;
                    add_header cache-status \"nginx; $upstream_cache_status\";
                }}
            }}
        }}"
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // one that has ended by itself is none to end
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
