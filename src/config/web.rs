//! Where the cockpit listens.

use std::{fmt, net::SocketAddr, time::Duration};

use hyper::Uri;

use super::{
    firestore::is_loopback,
    parse::{self, Wrong, quoted, shown_by_display},
    reader::Reader,
    source::{SettingDocs, Shape},
};
use crate::config::parse::Shown;

/// Where the cockpit listens.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The address and port. Loopback only, unless `public_origin` is https.
    /// Defaults to `127.0.0.1:8787`. Read from `STUDIO_BRAIN_WEB_LISTEN`.
    pub listen: SocketAddr,
    /// What browsers call it. Without one, the address it listens on, over http.
    /// Read from `STUDIO_BRAIN_WEB_PUBLIC_ORIGIN`.
    pub public_origin: Option<PublicOrigin>,
    /// A session ends this long after signing in. Defaults to 12 hours. Read from `STUDIO_BRAIN_WEB_SESSION_ABSOLUTE`.
    pub session_absolute: Duration,
    /// A session ends after this long without a request. Defaults to 1 hour. Read from `STUDIO_BRAIN_WEB_SESSION_IDLE`.
    pub session_idle: Duration,
    /// How recent a sign-in has to be for what is hard to take back. Defaults to 5 minutes.
    /// Read from `STUDIO_BRAIN_WEB_STEP_UP_WITHIN`.
    pub step_up_within: Duration,
    /// Largest request body, in bytes. Defaults to 65,536. Read from `STUDIO_BRAIN_WEB_MAX_BODY`.
    pub max_body: u64,
    /// Requests a minute from one address. Defaults to 600. Read from `STUDIO_BRAIN_WEB_ADDRESS_PER_MINUTE`.
    pub address_per_minute: u64,
    /// Requests from one address at once. Defaults to 200. Read from `STUDIO_BRAIN_WEB_ADDRESS_BURST`.
    pub address_burst: u64,
    /// Requests a minute with one session or key. Defaults to 300. Read from `STUDIO_BRAIN_WEB_SESSION_PER_MINUTE`.
    pub session_per_minute: u64,
    /// Requests with one session or key at once. Defaults to 100. Read from `STUDIO_BRAIN_WEB_SESSION_BURST`.
    pub session_burst: u64,
}

/// Scheme, host and port under which browsers reach the cockpit.
///
/// Invariant: https, or http on this machine; no path, query or trailing slash; lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicOrigin(String);

impl PublicOrigin {
    /// Parses `https://brain.studio.org` or `http://127.0.0.1:8787`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let uri = web_address(text)?;
        match uri.path_and_query().map(|path| path.as_str()) {
            None | Some("/" | "") if !text.ends_with('/') => Ok(Self(text.to_lowercase())),
            _ => Err(format!("{} has a path, a query or a slash at the end", quoted(text))),
        }
    }

    /// The origin as a browser sends it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether cookies may be, and must be, `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for PublicOrigin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

shown_by_display!(PublicOrigin);

/// An https address, or an http address on this machine.
pub(super) fn web_address(text: &str) -> Result<Uri, Wrong> {
    let uri: Uri = text.parse().map_err(|_| format!("{} is not a web address", quoted(text)))?;
    let host = uri.host().unwrap_or_default();
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("contains a user name".to_owned());
    }
    match uri.scheme_str() {
        Some("https") if !host.is_empty() => Ok(uri),
        Some("http") if is_loopback(host) => Ok(uri),
        Some("http") => Err(format!("{} is plain http to another machine", quoted(text))),
        Some(_) | None => Err(format!("{} is neither https nor http", quoted(text))),
    }
}

impl WebConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let listen = from.take(
            SettingDocs::new("web.listen", Shape::Text, "The address and port the cockpit listens on.")
                .rule("an address and port, such as 127.0.0.1:8787; loopback unless web.public_origin is https")
                .default("127.0.0.1:8787"),
            parse::socket_address,
        );
        let public_origin = from.take_optional(
            SettingDocs::new(
                "web.public_origin",
                Shape::Text,
                "What browsers call the cockpit when a proxy with TLS stands in front of it.",
            )
            .rule("https://host[:port], or http:// on this machine; no path, no slash at the end")
            .unset("http:// and the address of web.listen"),
            PublicOrigin::parse,
        );
        let session_absolute = from.take_duration(
            SettingDocs::new("web.session_absolute", Shape::Text, "A session ends this long after signing in.")
                .default("12h"),
            300..=2_592_000,
        );
        let session_idle = from.take_duration(
            SettingDocs::new("web.session_idle", Shape::Text, "A session ends after this long without a request.")
                .default("1h"),
            60..=86_400,
        );
        let step_up_within = from.take_duration(
            SettingDocs::new(
                "web.step_up_within",
                Shape::Text,
                "How recent a sign-in has to be to resume after a stop, give a second approval, issue an agent's key or \
                 let somebody in.",
            )
            .default("5m"),
            60..=3_600,
        );
        let max_body = from.take_whole(
            SettingDocs::new("web.max_body", Shape::Whole, "Largest request body.").default("65536"),
            "bytes",
            1_024..=10_485_760,
        );
        let mut requests = |key, default, what| {
            from.take_whole(SettingDocs::new(key, Shape::Whole, what).default(default), "requests", 10..=1_000_000)
        };
        let address_per_minute = requests(
            "web.address_per_minute",
            "600",
            "Requests a minute from one address (IPv6: one /64); behind a proxy everyone has the proxy's.",
        );
        let address_burst = requests("web.address_burst", "200", "Requests from one address at once.");
        let session_per_minute =
            requests("web.session_per_minute", "300", "Requests a minute with one session or one agent's key.");
        let session_burst = requests("web.session_burst", "100", "Requests with one session or key at once.");
        let (listen, public_origin) = (listen?, public_origin?);
        if !listen.ip().is_loopback() && !public_origin.as_ref().is_some_and(PublicOrigin::is_https) {
            let what = format!("{listen} can be reached from other machines without TLS");
            let rule = "loopback, unless web.public_origin is https";
            from.problem(
                "web.listen",
                what,
                rule,
                "listen on 127.0.0.1, or put a proxy with TLS in front and set web.public_origin",
            );
            return None;
        }
        let (session_absolute, session_idle) = (session_absolute?, session_idle?);
        if session_idle > session_absolute {
            let what = "is longer than web.session_absolute";
            from.problem(
                "web.session_idle",
                what,
                "at most web.session_absolute",
                "shorten it, or lengthen web.session_absolute",
            );
            return None;
        }
        Some(Self {
            listen,
            public_origin,
            session_absolute,
            session_idle,
            step_up_within: step_up_within?,
            max_body: max_body?,
            address_per_minute: address_per_minute?,
            address_burst: address_burst?,
            session_per_minute: session_per_minute?,
            session_burst: session_burst?,
        })
    }
}
