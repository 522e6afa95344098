//! One end of a connection, in bytes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tests::DEADLINE;

/// One end of a connection, held by a test.
pub(crate) struct Wire {
    stream: TcpStream,
    /// What has come and was not looked at.
    unread: Vec<u8>,
}

/// The head of a message.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) start: String,
    fields: Vec<(String, String)>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    /// Sends as much of it as the other side takes.
    pub(crate) fn send_all_it_takes(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    /// The next head.
    #[track_caller]
    pub(crate) fn head(&mut self) -> Head {
        let text = self.until("\r\n\r\n");
        let mut lines = text.trim_end().split("\r\n");
        let start = lines.next().unwrap().to_owned();
        let fields = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        Head {
            start,
            fields: fields.collect(),
        }
    }

    /// What comes, up to and with `end`.
    #[track_caller]
    pub(crate) fn until(&mut self, end: &str) -> String {
        if end.is_empty() {
            return String::new();
        }
        loop {
            let found = self
                .unread
                .windows(end.len())
                .position(|w| w == end.as_bytes());
            if let Some(at) = found {
                let text = self.unread.drain(..at + end.len()).collect();
                return String::from_utf8(text).unwrap();
            }
            assert!(
                self.more(),
                "it ended before {end:?}: {}",
                self.unread.escape_ascii()
            );
        }
    }

    /// Whether anything has come that was not looked at.
    pub(crate) fn has_more(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let come = self.stream.peek(&mut [0]).is_ok_and(|length| length > 0);
        self.stream.set_nonblocking(false).unwrap();
        come || !self.unread.is_empty()
    }

    /// What comes before the other side ends it.
    pub(crate) fn rest(mut self) -> String {
        while self.more() {}
        String::from_utf8(self.unread).unwrap()
    }

    fn more(&mut self) -> bool {
        let mut piece = [0; 4096];
        let length = self.stream.read(&mut piece).unwrap();
        self.unread.extend_from_slice(&piece[..length]);
        length > 0
    }
}

impl Head {
    /// The one field of that name; empty when there is none.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> &str {
        let mut fields = self.fields.iter().filter(|(found, _)| found == name);
        let field = fields.next().map_or("", |(_, value)| value);
        assert!(fields.next().is_none(), "more than one {name}: {self:?}");
        field
    }

    #[track_caller]
    pub(crate) fn has_none_of(&self, names: &[&str]) {
        for name in names {
            let found = self.fields.iter().any(|(found, _)| found == name);
            assert!(!found, "{name} is there: {self:?}");
        }
    }
}
