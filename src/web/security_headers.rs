//! What every answer tells the browser about itself.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use studio_cockpit::assets::BUNDLE;

use crate::web::state::WebState;

/// For files whose names change with their content: `Cache-Control` of their answers.
pub const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Nothing from elsewhere, no frames around us, forms only to ourselves; scripts only where the bundle was built in, and
/// then only its files: no page has a script of its own.
const POLICY: &str = if BUNDLE.is_some() { WITH_SCRIPTS } else { WITHOUT_SCRIPTS };

const WITH_SCRIPTS: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
                            font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const WITHOUT_SCRIPTS: &str = "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self' data:; \
                               font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What one page may do beside what every page may. Put it among the extensions of its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowance {
    /// Where else its forms may lead.
    pub(super) form_action: Vec<String>,
    /// From where it may run scripts.
    pub(super) scripts: Vec<String>,
    /// With whom else they may talk.
    pub(super) connects: Vec<String>,
    /// What it may show in a frame.
    pub(super) frames: Vec<String>,
    /// May it talk with windows that it opens?
    pub(super) opens_windows: bool,
}

impl Allowance {
    /// The policy of a page with it.
    fn policy(&self) -> String {
        let mut policy = POLICY.to_owned();
        if !self.scripts.is_empty() {
            let before = if BUNDLE.is_some() { "script-src 'self'" } else { "script-src 'none'" };
            policy = policy.replace(before, &format!("script-src {}", self.scripts.join(" ")));
        }
        for (directive, more) in [("connect-src 'self'", &self.connects), ("form-action 'self'", &self.form_action)] {
            if !more.is_empty() {
                policy = policy.replace(directive, &format!("{directive} {}", more.join(" ")));
            }
        }
        if !self.frames.is_empty() {
            policy = format!("{policy}; frame-src {}", self.frames.join(" "));
        }
        policy
    }
}

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds the headers. An answer that says nothing about caching is not kept.
pub(super) async fn add(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let allowance = response.extensions_mut().remove::<Allowance>();
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(allowance) = allowance {
        let policy = HeaderValue::from_str(&allowance.policy()).expect("BUG: origins are printable");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        if allowance.opens_windows {
            let popups = HeaderValue::from_static("same-origin-allow-popups");
            headers.insert(HeaderName::from_static("cross-origin-opener-policy"), popups);
        }
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if state.settings().origin.is_https() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}
