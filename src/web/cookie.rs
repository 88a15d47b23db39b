//! The cookie that holds a session's secret.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::identity::sessions::SessionSecret;
use crate::web::origin::PublicOrigin;

/// With TLS: the prefix makes browsers refuse it from anyone but this very host.
const SECURE: &str = "__Host-sb";

/// Without TLS, which is on this machine only: some browsers take no `Secure` cookie there.
const PLAIN: &str = "sb-session";

/// The secret that the browser sent, if it sent one.
pub(super) fn read(headers: &HeaderMap, origin: &PublicOrigin) -> Option<SessionSecret> {
    let name = name(origin);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .find_map(|(_, secret)| SessionSecret::parse(secret))
}

/// Gives the browser a secret.
pub(super) fn set(origin: &PublicOrigin, secret: &SessionSecret, lasts: Duration) -> HeaderValue {
    header_value(origin, &secret.expose(), lasts.as_secs())
}

/// Makes the browser forget its secret.
pub(super) fn clear(origin: &PublicOrigin) -> HeaderValue {
    header_value(origin, "", 0)
}

fn header_value(origin: &PublicOrigin, value: &str, seconds: u64) -> HeaderValue {
    let secure = if origin.is_https() { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(origin));
    let mut cookie = HeaderValue::from_str(&cookie).expect("BUG: the cookie is printable");
    cookie.set_sensitive(true);
    cookie
}

/// What the cookie is called.
pub(super) fn name(origin: &PublicOrigin) -> &'static str {
    if origin.is_https() { SECURE } else { PLAIN }
}
