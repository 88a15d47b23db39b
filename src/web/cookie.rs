//! Our cookies: with TLS each has the `__Host-` prefix, which makes browsers refuse it from anyone but this very host.
//!
//! Without TLS, which is on this machine only, the names are plain: some browsers take no `Secure` cookie there.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::identity::secret::BrowserSecret;
use crate::identity::sessions::SessionSecret;
use crate::web::origin::PublicOrigin;

/// A preference lasts a year.
const YEAR: u64 = 31_536_000;

/// What a browser keeps for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The secret of a session.
    Session,
    /// The secret of an attempt to sign in at a provider.
    Attempt,
    /// The secret of a form that waits for its person.
    Kept,
    /// The chosen colours: a preference, and no secret.
    Theme,
    /// When somebody was here before: a preference, and no secret.
    Visit,
}

impl Cookie {
    /// What it is called where TLS protects it, and where it does not.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Session => ("__Host-sb", "sb-session"),
            Self::Attempt => ("__Host-sb-attempt", "sb-attempt"),
            Self::Kept => ("__Host-sb-kept", "sb-kept"),
            Self::Theme => ("__Host-sb-theme", "sb-theme"),
            Self::Visit => ("__Host-sb-visit", "sb-visit"),
        }
    }

    /// What it is called here.
    pub(super) fn name(self, origin: &PublicOrigin) -> &'static str {
        let (secure, plain) = self.names();
        if origin.is_https() { secure } else { plain }
    }

    /// What the browser sent, where it does not matter who set it.
    pub(super) fn preference(self, headers: &HeaderMap) -> Option<&str> {
        let (secure, plain) = self.names();
        values(headers, secure).chain(values(headers, plain)).next()
    }

    /// Gives the browser something to keep.
    pub(super) fn set(self, origin: &PublicOrigin, value: &str, lasts: Duration) -> HeaderValue {
        self.header_value(origin, value, lasts.as_secs())
    }

    /// Gives the browser a preference to keep.
    pub(super) fn prefer(self, origin: &PublicOrigin, value: &str) -> HeaderValue {
        self.header_value(origin, value, YEAR)
    }

    /// Makes the browser forget.
    pub(super) fn clear(self, origin: &PublicOrigin) -> HeaderValue {
        self.header_value(origin, "", 0)
    }

    fn header_value(self, origin: &PublicOrigin, value: &str, seconds: u64) -> HeaderValue {
        let secure = if origin.is_https() { "; Secure" } else { "" };
        let name = self.name(origin);
        let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        let mut cookie = HeaderValue::from_str(&cookie).expect("BUG: the cookie is printable");
        cookie.set_sensitive(matches!(self, Self::Session | Self::Attempt | Self::Kept));
        cookie
    }
}

fn values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The session's secret that the browser sent, if it sent one.
pub(super) fn read(headers: &HeaderMap, origin: &PublicOrigin) -> Option<SessionSecret> {
    values(headers, Cookie::Session.name(origin)).find_map(SessionSecret::parse)
}

/// Another secret that the browser sent, if it sent one.
pub(super) fn secret(headers: &HeaderMap, origin: &PublicOrigin, of: Cookie) -> Option<BrowserSecret> {
    values(headers, of.name(origin)).find_map(BrowserSecret::parse)
}

/// Gives the browser a session's secret.
pub(super) fn set(origin: &PublicOrigin, secret: &SessionSecret, lasts: Duration) -> HeaderValue {
    Cookie::Session.set(origin, &secret.expose(), lasts)
}

/// Makes the browser forget its session's secret.
pub(super) fn clear(origin: &PublicOrigin) -> HeaderValue {
    Cookie::Session.clear(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cookie_is_as_strict_as_the_origin_allows() {
        let secure = PublicOrigin::parse("https://brain.studio.org").expect("an origin");
        let plain = PublicOrigin::parse("http://127.0.0.1:8787").expect("an origin");
        for cookie in [Cookie::Session, Cookie::Attempt, Cookie::Kept, Cookie::Theme, Cookie::Visit] {
            let text = |origin| cookie.set(origin, "x", Duration::from_secs(9)).to_str().expect("text").to_owned();
            let (strict, here) = (text(&secure), text(&plain));
            assert!(
                strict.starts_with("__Host-") && strict.ends_with("Path=/; Max-Age=9; HttpOnly; SameSite=Lax; Secure")
            );
            assert!(!strict.contains("Domain"), "the prefix forbids it");
            assert!(here.starts_with("sb-") && here.ends_with("HttpOnly; SameSite=Lax"), "{here}");
        }
    }

    #[test]
    fn a_plain_cookie_is_no_secret_where_tls_protects() {
        let secure = PublicOrigin::parse("https://brain.studio.org").expect("an origin");
        let mut headers = HeaderMap::new();
        let secret = "A".repeat(43);
        headers.insert(header::COOKIE, format!("sb-kept={secret}; sb-theme=dark").parse().expect("a value"));
        assert!(super::secret(&headers, &secure, Cookie::Kept).is_none());
        assert_eq!(Cookie::Theme.preference(&headers), Some("dark"));
    }
}
