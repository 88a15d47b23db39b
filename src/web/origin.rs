//! What browsers call us.

use std::fmt;
use std::net::Ipv6Addr;

/// Scheme, host and port under which browsers reach us.
///
/// Invariant: https, or http on this machine; no path; lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin {
    scheme: Scheme,
    host: String,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// The text is not an origin that we can be reached under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an origin such as https://brain.studio.org, or http:// on this machine")]
pub struct BadOrigin {
    text: String,
}

impl PublicOrigin {
    /// Parses `https://brain.studio.org` or `http://127.0.0.1:8787`.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        let bad = || BadOrigin { text: text.chars().take(120).collect() };
        let lower = text.to_ascii_lowercase();
        let (scheme, authority) = match lower.split_once("://") {
            Some(("http", authority)) => (Scheme::Http, authority),
            Some(("https", authority)) => (Scheme::Https, authority),
            Some(_) | None => return Err(bad()),
        };
        let (host, port) = authority_parts(authority, scheme).ok_or_else(bad)?;
        match scheme {
            Scheme::Http if !is_loopback(&host) => Err(bad()),
            Scheme::Http | Scheme::Https => Ok(Self { scheme, host, port }),
        }
    }

    /// May, and must, cookies be `Secure`?
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Is this `Origin` header ours? On this machine, each of its names is as good as the others.
    pub(super) fn is_ours(&self, origin: &str) -> bool {
        Self::parse(origin)
            .is_ok_and(|other| other.scheme == self.scheme && other.port == self.port && self.is_same_host(&other.host))
    }

    /// Is this `Host` header ours? Another name for our address may be another site's trick.
    pub(super) fn is_our_host(&self, host: &str) -> bool {
        let parts = authority_parts(&host.to_ascii_lowercase(), self.scheme);
        parts.is_some_and(|(host, port)| port == self.port && self.is_same_host(&host))
    }

    fn is_same_host(&self, host: &str) -> bool {
        self.host == host || (is_loopback(&self.host) && is_loopback(host))
    }
}

impl fmt::Display for PublicOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = match self.scheme {
            Scheme::Http => ("http", 80),
            Scheme::Https => ("https", 443),
        };
        write!(out, "{scheme}://{}", self.host)?;
        if self.port == usual { Ok(()) } else { write!(out, ":{}", self.port) }
    }
}

fn authority_parts(authority: &str, scheme: Scheme) -> Option<(String, u16)> {
    let usual = match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        Some(_) | None => (authority, usual),
    };
    let legal = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(legal),
    };
    is_host.then(|| (host.to_owned(), port))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_on_this_machine() {
        for (text, shown) in [
            ("https://Brain.Studio.org", "https://brain.studio.org"),
            ("https://brain.studio.org:443", "https://brain.studio.org"),
            ("https://brain.studio.org:8443", "https://brain.studio.org:8443"),
            ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("http://[::1]:8787", "http://[::1]:8787"),
        ] {
            assert_eq!(PublicOrigin::parse(text).expect(text).to_string(), shown);
        }
        for bad in [
            "http://brain.studio.org",
            "ftp://x",
            "https://",
            "https://a/b",
            "https://a@b",
            "null",
            "http://127.0.0.1:x",
        ] {
            assert!(PublicOrigin::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_our_own_names_are_ours() {
        let ours = PublicOrigin::parse("http://127.0.0.1:8787").expect("an origin");
        for (origin, expect) in [
            ("http://127.0.0.1:8787", true),
            ("http://localhost:8787", true),
            ("http://localhost:8788", false),
            ("https://localhost:8787", false),
            ("http://evil.example:8787", false),
            ("null", false),
        ] {
            assert_eq!(ours.is_ours(origin), expect, "{origin}");
        }
        let public = PublicOrigin::parse("https://brain.studio.org").expect("an origin");
        for (host, expect) in [
            ("brain.studio.org", true),
            ("Brain.Studio.org:443", true),
            ("127.0.0.1", false),
            ("evil.example", false),
            ("", false),
        ] {
            assert_eq!(public.is_our_host(host), expect, "{host}");
        }
    }
}
