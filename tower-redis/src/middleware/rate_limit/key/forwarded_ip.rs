//! By the address of the client behind proxies of yours.

use std::net::IpAddr;

use http::{HeaderMap, Request};
use ipnet::IpNet;

use crate::error::Error;
use crate::key::{CacheKey, KeyWriter};
use crate::middleware::peer::peer_of;

use super::chain::ForwardedField;
use super::contract::{RequestKey, Unidentified};
use super::peer_ip::{NO_PEER, PeerIp};

/// Each client address has a quota of its own, where proxies of yours stand in front: the nearest address that is
/// none of them.
///
/// The walk begins at the peer. Where that is one of the trusted proxies, it goes on with what that proxy wrote
/// down, and so on, from the right to the left over all lines of the field. It ends at the first address that is
/// not trusted, which is the client; what stands left of it was written by the client, and is not read. Where a
/// trusted proxy wrote nothing that can be read (`unknown`, a name that hides an address, garbage), its clients
/// share the quota of that proxy.
///
/// Only one of the two fields is read, the one that the proxies write: the other one comes from the client as it
/// is. A proxy has to add to the field, or to replace it.
///
/// ```
/// use tower_redis::limit::{Policy, Quota};
/// use tower_redis::middleware::rate_limit::{ForwardedField, ForwardedIp};
///
/// # fn main() -> Result<(), tower_redis::Error> {
/// let balancers = ForwardedIp::behind(["10.0.0.0/8", "2001:db8:1::/48"])?;
/// let policy = Policy::per_ip(Quota::per_minute(60)).key(balancers);
///
/// let mesh = ForwardedIp::behind(["127.0.0.1"])?.field(ForwardedField::Forwarded);
/// let policy = Policy::per_ip(Quota::per_minute(60)).key(mesh);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardedIp {
    trusted: Box<[IpNet]>,
    field: ForwardedField,
    client: PeerIp,
}

impl ForwardedIp {
    /// Behind the proxies in these networks (`10.0.0.0/8`) and at these addresses, which write `X-Forwarded-For`.
    ///
    /// # Errors
    ///
    /// A configuration error for what is no network, for one that holds every address there is, and where there are
    /// none at all.
    pub fn behind<N: AsRef<str>>(proxies: impl IntoIterator<Item = N>) -> Result<Self, Error> {
        let trusted: Vec<_> = proxies
            .into_iter()
            .map(|network| read(network.as_ref()))
            .collect::<Result<_, _>>()?;
        if trusted.is_empty() {
            return Err(Error::config(
                "no trusted proxies; expected their networks, such as \"10.0.0.0/8\". Without proxies in front \
                 use `PeerIp`",
            ));
        }
        Ok(Self {
            trusted: trusted.into(),
            field: ForwardedField::XForwardedFor,
            client: PeerIp::new(),
        })
    }

    /// The field that the proxies write.
    #[must_use]
    pub fn field(mut self, field: ForwardedField) -> Self {
        self.field = field;
        self
    }

    /// What counts as one client, for its IPv6 networks.
    #[must_use]
    pub fn client(mut self, client: PeerIp) -> Self {
        self.client = client;
        self
    }

    /// The address that a request from `peer` with these `headers` is counted as.
    #[must_use]
    pub fn subject(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if self.trusts(client) {
            for hop in self.field.hops(headers) {
                let Some(hop) = hop else { break };
                client = hop.to_canonical();
                if !self.trusts(client) {
                    break;
                }
            }
        }
        self.client.subject(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }
}

fn read(text: &str) -> Result<IpNet, Error> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse::<IpNet>().or_else(|_| address());
    match network {
        Ok(network) if network.prefix_len() > 0 => Ok(network),
        Ok(_) => Err(Error::config(format!(
            "{text} trusts every address, so that clients could say who they are; expected the networks of \
             your proxies, such as \"10.0.0.0/8\""
        ))),
        Err(_) => Err(Error::config(format!(
            "{text:?} is no network; expected one such as \"10.0.0.0/8\" or \"2001:db8::/32\", or an address"
        ))),
    }
}

impl RequestKey for ForwardedIp {
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let Some(peer) = peer_of(request.extensions()) else {
            None::<IpAddr>.write(key);
            return Err(NO_PEER);
        };
        self.subject(peer.ip(), request.headers()).write(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&'static str]) -> String {
        let behind = ForwardedIp::behind(["10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"]).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        behind.subject(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn who_is_not_trusted_is_the_client_whatever_it_says() {
        assert_eq!(client("198.51.100.1", &["203.0.113.9"]), "198.51.100.1");
        assert_eq!(client("198.51.100.1", &[]), "198.51.100.1");
    }

    #[test]
    fn the_client_is_the_nearest_that_is_no_proxy() {
        let chain = "203.0.113.9, 198.51.100.1, 10.0.0.2";
        assert_eq!(client("10.0.0.1", &[chain]), "198.51.100.1");
        assert_eq!(
            client(
                "10.0.0.1",
                &["203.0.113.9", "198.51.100.1", "2001:db8:1::5"]
            ),
            "198.51.100.1"
        );
        assert_eq!(
            client("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            client("192.0.2.7", &["2001:db8:2:3ff::1"]),
            "2001:db8:2:300::"
        );
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk_at_who_wrote_it() {
        assert_eq!(client("10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(
            client("10.0.0.1", &["198.51.100.1, , 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        // proxies alone: the farthest
        assert_eq!(client("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn one_field_is_read_and_not_the_other() {
        let behind = ForwardedIp::behind(["10.0.0.0/8"]).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("forwarded", HeaderValue::from_static("for=203.0.113.9"));
        headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.1"));
        let peer = IpAddr::from([10, 0, 0, 1]);
        assert_eq!(behind.subject(peer, &headers).to_string(), "198.51.100.1");
        let behind = behind.field(ForwardedField::Forwarded);
        assert_eq!(behind.subject(peer, &headers).to_string(), "203.0.113.9");
    }

    #[test]
    fn what_trusts_nobody_or_everybody_is_refused() {
        let refusal = |proxies: &[&str]| ForwardedIp::behind(proxies).unwrap_err().to_string();
        assert!(refusal(&[]).contains("use `PeerIp`"));
        for all in ["0.0.0.0/0", "::/0"] {
            assert!(
                refusal(&["10.0.0.1", all]).contains("trusts every address"),
                "{all}"
            );
        }
        for none in ["10.0.0.0/33", "proxy", "10.0.0.1:80", ""] {
            assert!(refusal(&[none]).contains("is no network"), "{none}");
        }
    }
}
