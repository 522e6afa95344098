//! The addresses that a request has passed, as proxies wrote them down: the nearest first.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

/// Which field the proxies write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedField {
    /// `X-Forwarded-For`: addresses in a list, the last written by the nearest proxy.
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the `for` of each element.
    Forwarded,
}

/// Who sent a request to a proxy; `None` where the proxy did not know, or did not tell, or wrote nothing that can
/// be read.
type Hop = Option<IpAddr>;

impl ForwardedField {
    const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    /// All hops of a request, over all lines, the nearest first.
    ///
    /// Lines are joined in their order (RFC 9110, section 5.3), so the nearest is the last of the last line.
    pub(super) fn hops(self, headers: &HeaderMap) -> impl Iterator<Item = Hop> {
        let lines = headers.get_all(self.name()).iter().rev();
        // what stands left of the client is not even read
        lines.flat_map(move |line| {
            let line = line.as_bytes();
            let (plain, quoted) = match self {
                Self::XForwardedFor => (Some(line.split(|byte| *byte == b',').rev()), None),
                Self::Forwarded => (None, Some(pieces(line, b',').into_iter().rev())),
            };
            let plain = plain.into_iter().flatten().map(node);
            plain.chain(quoted.into_iter().flatten().map(sender))
        })
    }
}

/// An address as proxies write it: alone, with a port, an IPv6 one in brackets or not. `unknown` and names that
/// hide one (RFC 7239, sections 6.2 and 6.3) are none.
fn node(text: &[u8]) -> Hop {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    let (address, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        // a port may be a name that hides one (RFC 7239, section 6.3)
        None => text.split_at_checked(text.find(':')?)?,
    };
    let is_port = |port: &str| port.strip_prefix(':').is_some_and(|port| !port.is_empty());
    let address: IpAddr = address.parse().ok()?;
    (address.is_ipv6() == text.starts_with('[') && (port.is_empty() || is_port(port)))
        .then_some(address)
}

/// The `for` of an element of `Forwarded`, if it has one and only one.
fn sender(element: &[u8]) -> Hop {
    let mut senders = pieces(element, b';').into_iter().filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = pair.split_at_checked(at)?;
        name.trim_ascii()
            .eq_ignore_ascii_case(b"for")
            .then(|| value.get(1..).unwrap_or_default())
    });
    match (senders.next(), senders.next()) {
        (Some(value), None) => node(&unquoted(value.trim_ascii())?),
        (None | Some(_), _) => None,
    }
}

/// What a value says, quoted or not (RFC 9110, section 5.6.4).
fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let Some(rest) = value.strip_prefix(b"\"") else {
        return Some(value.to_vec());
    };
    let mut text = Vec::with_capacity(rest.len());
    let mut bytes = rest.iter();
    loop {
        match bytes.next()? {
            b'"' => return bytes.as_slice().is_empty().then_some(text),
            b'\\' => text.push(*bytes.next()?),
            byte => text.push(*byte),
        }
    }
}

/// The pieces of `text` between the `separator`s outside of quotes.
fn pieces(text: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(|byte| {
        let escaped = std::mem::take(&mut is_escaped);
        match byte {
            b'\\' if is_quoted && !escaped => is_escaped = true,
            b'"' if !escaped => is_quoted = !is_quoted,
            byte => return *byte == separator && !is_quoted,
        }
        false
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn hops(field: ForwardedField, lines: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let name = HeaderName::from_bytes(field.name().as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let hops = field.hops(&headers);
        hops.map(|hop| hop.map_or("?".to_owned(), |hop| hop.to_string()))
            .collect()
    }

    #[test]
    fn the_nearest_is_the_last_of_the_last_line() {
        let told = hops(
            ForwardedField::XForwardedFor,
            &["192.0.2.1, 192.0.2.2", "2001:db8::3"],
        );
        assert_eq!(told, ["2001:db8::3", "192.0.2.2", "192.0.2.1"]);
        let told = hops(
            ForwardedField::Forwarded,
            &[
                "for=192.0.2.1;proto=https, for=\"[2001:db8::2]:4711\"",
                "By=a;FOR=192.0.2.3",
            ],
        );
        assert_eq!(told, ["192.0.2.3", "2001:db8::2", "192.0.2.1"]);
    }

    #[test]
    fn addresses_are_read_with_and_without_ports() {
        for (text, address) in [
            ("192.0.2.1", "192.0.2.1"),
            (" 192.0.2.1:80 ", "192.0.2.1"),
            ("192.0.2.1:_hidden", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:80", "2001:db8::1"),
            ("[2001:db8::1]:_hidden", "2001:db8::1"),
        ] {
            let read = node(text.as_bytes()).map(|read| read.to_string());
            assert_eq!(read.as_deref(), Some(address), "{text}");
        }
        for text in [
            "",
            "unknown",
            "_hidden",
            "192.0.2",
            "[192.0.2.1]",
            "192.0.2.1:",
            "[2001:db8::1]80",
            "[2001:db8::1",
            "example.org",
            "192.0.2.1 192.0.2.2",
        ] {
            assert_eq!(node(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn an_element_without_one_sender_tells_none() {
        for element in [
            "",
            "proto=https",
            "for=192.0.2.1;for=192.0.2.2",
            "for=\"192.0.2.1",
            "for=\"192.0.2.1\"x",
            "for",
        ] {
            assert_eq!(sender(element.as_bytes()), None, "{element}");
        }
        let quoted = hops(
            ForwardedField::Forwarded,
            &[r#"for="a\",192.0.2.9", for=192.0.2.1"#],
        );
        assert_eq!(quoted, ["192.0.2.1", "?"]);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_and_every_comma_is_a_hop(line in "[ -~]{0,60}") {
            let told = hops(ForwardedField::XForwardedFor, &[&line]);
            prop_assert_eq!(told.len(), 1 + line.matches(',').count());
            hops(ForwardedField::Forwarded, &[&line]);
        }
    }
}
