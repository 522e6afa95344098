//! By the address of the peer.

use std::net::{IpAddr, Ipv6Addr};

use http::Request;
use http::header::FORWARDED;

use crate::error::Error;
use crate::key::{CacheKey, KeyWriter};
use crate::limit::{Policy, Quota};
use crate::middleware::peer::peer_of;

use super::contract::{RequestKey, Unidentified};

/// The smallest network that RIPE-690 recommends for a home; some get a /48, and then they have 256
/// of these.
const DEFAULT_IPV6_PREFIX: u8 = 56;

/// Each peer address has a quota of its own: an IPv4 address, or an IPv6 network, by default a /56,
/// because a single subscriber has at least 2^64 addresses. IPv4 in IPv6 (`::ffff:192.0.2.1`) is the
/// IPv4 address.
///
/// The peer is who opened the connection: [`PeerAddr`](crate::middleware::PeerAddr), or axum's
/// `ConnectInfo<SocketAddr>`. Behind a proxy that is the proxy, and all clients share one quota:
/// use [`ForwardedIp`](super::ForwardedIp) there. Fields that say otherwise can be written by anybody and are not
/// read; that one of the first requests carries one is warned of once.
///
/// Requests without a peer address share one quota, and a warning says once what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerIp {
    ipv6_prefix: u8,
}

impl PeerIp {
    /// With IPv6 networks of /56.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ipv6_prefix: DEFAULT_IPV6_PREFIX,
        }
    }

    /// With IPv6 networks of `bits` bits.
    ///
    /// ```
    /// use tower_redis::limit::{Policy, Quota};
    /// use tower_redis::middleware::rate_limit::PeerIp;
    ///
    /// # fn main() -> Result<(), tower_redis::Error> {
    /// let policy = Policy::per_ip(Quota::per_minute(60)).key(PeerIp::with_ipv6_prefix(64)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A configuration error for a prefix of 0 or of more than 128 bits.
    pub fn with_ipv6_prefix(bits: u8) -> Result<Self, Error> {
        match bits {
            1..=128 => Ok(Self { ipv6_prefix: bits }),
            0 | 129.. => Err(Error::config(format!(
                "an IPv6 prefix of {bits} bits; expected 1 to 128, usually 48 to 64"
            ))),
        }
    }

    /// The address that `peer` is counted as. `limiter.check(&key.subject(peer))` asks about the same
    /// key as a layer with this key does.
    #[must_use]
    pub fn subject(self, peer: IpAddr) -> IpAddr {
        match peer.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.ipv6_prefix))
                    .unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
            }
        }
    }
}

impl Default for PeerIp {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy<PeerIp> {
    /// One quota for each peer address, under the name `per-ip`.
    pub fn per_ip(quota: Quota) -> Self {
        Policy::new("per-ip", quota).key(PeerIp::new())
    }
}

/// What to do where nobody tells who the peer is.
pub(super) const NO_PEER: Unidentified = Unidentified::new(
    "requests carry no peer address, so all of them share one quota; insert \
     `tower_redis::middleware::PeerAddr(peer)` into the extensions of each request, or with axum serve \
     `router.into_make_service_with_connect_info::<SocketAddr>()` and enable the feature `axum` of tower-redis",
);

/// What to do where a proxy seems to stand in front.
const PROXY: Unidentified = Unidentified::new(
    "a request carries a field that proxies write (`X-Forwarded-For` or `Forwarded`), and its peer is counted. If \
     the proxy is yours, all its clients share one quota: use `ForwardedIp::behind([\"10.0.0.0/8\"])` with the \
     networks of your proxies. If it is not, nothing has to be done",
);

impl RequestKey for PeerIp {
    fn write<B>(&self, request: &Request<B>, key: &mut KeyWriter) -> Result<(), Unidentified> {
        let Some(peer) = peer_of(request.extensions()) else {
            None::<IpAddr>.write(key);
            return Err(NO_PEER);
        };
        self.subject(peer.ip()).write(key);
        Ok(())
    }

    fn doubt<B>(&self, request: &Request<B>) -> Option<Unidentified> {
        let headers = request.headers();
        let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(FORWARDED);
        forwarded.then_some(PROXY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(bits: u8, peer: &str) -> String {
        let key = PeerIp::with_ipv6_prefix(bits).unwrap();
        key.subject(peer.parse().unwrap()).to_string()
    }

    #[test]
    fn ipv4_is_itself_however_it_is_written() {
        assert_eq!(subject(56, "192.0.2.1"), "192.0.2.1");
        assert_eq!(subject(56, "::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(subject(56, "::ffff:c000:0201"), "192.0.2.1");
    }

    #[test]
    fn ipv6_is_its_network() {
        assert_eq!(subject(56, "2001:db8:1:2ff:3:4:5:6"), "2001:db8:1:200::");
        assert_eq!(subject(64, "2001:db8:1:2ff:3:4:5:6"), "2001:db8:1:2ff::");
        assert_eq!(subject(128, "2001:db8::1"), "2001:db8::1");
        assert_eq!(subject(1, "ffff::"), "8000::");
        // compatible and translated addresses are not mapped ones
        assert_eq!(subject(56, "::192.0.2.1"), "::");
    }

    #[test]
    fn a_prefix_that_is_none_is_refused() {
        for bits in [0, 129, 255] {
            let refusal = PeerIp::with_ipv6_prefix(bits).unwrap_err();
            let expected =
                format!("an IPv6 prefix of {bits} bits; expected 1 to 128, usually 48 to 64");
            assert_eq!(refusal.to_string(), expected);
        }
    }
}
