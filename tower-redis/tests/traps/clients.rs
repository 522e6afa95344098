//! Who a client is.

use std::net::IpAddr;

use http::HeaderMap;
use tower_redis::middleware::rate_limit::{ForwardedIp, PeerIp};

use crate::support::{Verdict, only_naive, unless};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The client of a request that came from `peer` with these lines of `X-Forwarded-For`.
type Client<'a> = &'a dyn Fn(IpAddr, &HeaderMap) -> IpAddr;

/// Proxies are 10.0.0.0/8; whoever is left of 198.51.100.1 was made up by it.
fn nobody_says_who_he_is(client: Client<'_>) -> Verdict {
    let cases: [(&str, &[&str], &str); 6] = [
        ("10.0.0.1", &["198.51.100.1"], "one proxy"),
        ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "made up"),
        (
            "10.0.0.1",
            &["203.0.113.9", "198.51.100.1"],
            "made up, in a line of its own",
        ),
        ("10.0.0.1", &["198.51.100.1, 10.0.0.2"], "two proxies"),
        (
            "10.0.0.1",
            &["203.0.113.9, 198.51.100.1", "10.0.0.2"],
            "two, and made up",
        ),
        ("198.51.100.1", &["203.0.113.9"], "no proxy at all"),
    ];
    for (peer, lines, what) in cases {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let found = client(address(peer), &headers);
        unless(
            found == address("198.51.100.1"),
            format!("{what}: the client is {found}"),
        )?;
    }
    Ok(())
}

/// `tower_governor` takes the leftmost of the first line, others the rightmost whoever wrote it.
#[test]
fn trap_2_the_client_says_which_address_it_has() {
    let behind = ForwardedIp::behind(["10.0.0.0/8"]).unwrap();
    let listed = |headers: &HeaderMap, leftmost: bool| {
        let line = headers.get("x-forwarded-for")?.to_str().ok()?;
        let mut hops = line.split(',').map(|hop| address(hop.trim()));
        if leftmost {
            hops.next()
        } else {
            hops.next_back()
        }
    };
    for leftmost in [true, false] {
        only_naive(
            nobody_says_who_he_is(&|peer, headers| behind.subject(peer, headers)),
            nobody_says_who_he_is(&|peer, headers| listed(headers, leftmost).unwrap_or(peer)),
        );
    }
}

/// A home has 2^72 IPv6 addresses, and an IPv4 address may be written as one of IPv6.
fn one_client_has_one_key(key: &dyn Fn(IpAddr) -> IpAddr) -> Verdict {
    for (one, other) in [
        ("2001:db8:0:42::1", "2001:db8:0:42:ffff::2"),
        ("2001:db8:0:4200::1", "2001:db8:0:42ff::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ] {
        let (one, other) = (address(one), address(other));
        unless(
            key(one) == key(other),
            format!("{one} and {other} have a quota each"),
        )?;
    }
    let (one, other) = (address("2001:db8:0:42::1"), address("2001:db8:1:42::1"));
    unless(key(one) != key(other), "two networks share a quota")
}

/// arc-1#330: forgotten in every extractor but one. Here both ways to an address go through one type.
#[test]
fn trap_3_each_ipv6_address_is_another_client() {
    let peer = PeerIp::new();
    let behind = ForwardedIp::behind(["10.0.0.0/8"]).unwrap();
    let forwarded = |client: IpAddr| {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", client.to_string().parse().unwrap());
        behind.subject(address("10.0.0.1"), &headers)
    };
    let ours: [&dyn Fn(IpAddr) -> IpAddr; 2] = [&|client| peer.subject(client), &forwarded];
    for ours in ours {
        only_naive(
            one_client_has_one_key(ours),
            one_client_has_one_key(&|client| client),
        );
    }
}
