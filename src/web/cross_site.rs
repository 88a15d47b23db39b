//! Keeps other sites from acting in a person's name.
//!
//! A request that may change something must come from our own pages: the browser says so in `Sec-Fetch-Site`, or, where
//! it does not, in `Origin`. It must also be addressed to us by a name of ours, or a site that points its own name at
//! our address would pass for us. A program that sends its key, and no cookie, uses nobody's browser: no site can make a
//! browser add a key.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::web::caller::has_key;
use crate::web::origin::PublicOrigin;
use crate::web::problem::{Problem, ProblemKind};
use crate::web::state::WebState;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another site, or nobody we can tell, wants done.
pub(super) async fn refuse_other_sites(State(state): State<WebState>, request: Request, next: Next) -> Response {
    match check(request.method(), request.uri(), request.headers(), &state.settings().origin) {
        Ok(()) => next.run(request).await,
        Err(why) => Problem::new(ProblemKind::CrossSite, "CROSS_SITE", why).into_response(),
    }
}

/// Refuses a `GET` that another site's page makes, or nobody we can tell: for what stays open, or costs much.
pub(super) fn check_asker(uri: &Uri, headers: &HeaderMap, origin: &PublicOrigin) -> Result<(), Problem> {
    let checked = check(&Method::POST, uri, headers, origin);
    checked.map_err(|why| Problem::new(ProblemKind::CrossSite, "CROSS_SITE", why))
}

fn check(method: &Method, uri: &Uri, headers: &HeaderMap, origin: &PublicOrigin) -> Result<(), &'static str> {
    let keyed = has_key(headers) && !headers.contains_key(header::COOKIE);
    if keyed || [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) {
        return Ok(());
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let host = uri.authority().map(|authority| authority.as_str()).or_else(|| text(header::HOST));
    if !host.is_some_and(|host| origin.is_our_host(host)) {
        return Err("This request was sent to a name that is not ours.");
    }
    match (text(SEC_FETCH_SITE), text(header::ORIGIN)) {
        (Some("same-origin"), _) => Ok(()),
        (Some(_), _) => Err("This request was made by another site."),
        (None, Some(sender)) if origin.is_ours(sender) => Ok(()),
        (None, Some(_)) => Err("This request was made by another site."),
        (None, None) => Err("This request does not say which site made it."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_change_anything() {
        let ours = PublicOrigin::parse("https://brain.studio.org").expect("an origin");
        let check = |method: Method, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, value.parse().expect("a value"));
            }
            check(&method, &Uri::from_static("/x"), &headers, &ours).is_ok()
        };
        let host = ("host", "brain.studio.org");
        let from = |site| ("sec-fetch-site", site);
        let origin = |origin| ("origin", origin);
        assert!(check(Method::GET, &[from("cross-site")]));
        assert!(check(Method::POST, &[host, from("same-origin")]));
        assert!(check(Method::POST, &[host, origin("https://brain.studio.org")]));
        for site in ["cross-site", "same-site", "none", "", "Same-Origin"] {
            assert!(!check(Method::POST, &[host, from(site), origin("https://brain.studio.org")]), "{site}");
        }
        for sender in ["https://evil.example", "null", "", "https://brain.studio.org.evil.example"] {
            assert!(!check(Method::POST, &[host, origin(sender)]), "{sender}");
        }
        assert!(!check(Method::POST, &[host]), "neither header");
        let key = ("authorization", "Bearer x");
        assert!(check(Method::POST, &[key]), "a program");
        assert!(!check(Method::POST, &[host, key, ("cookie", "a=b")]), "a browser with cookies");
        assert!(!check(Method::POST, &[from("same-origin")]), "no host");
        assert!(!check(Method::POST, &[("host", "evil.example"), from("same-origin")]), "a foreign name");
        let stream = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, value.parse().expect("a value"));
            }
            check_asker(&Uri::from_static("/live"), &headers, &ours).is_ok()
        };
        assert!(stream(&[host, from("same-origin")]), "a stream of our own page");
        assert!(!stream(&[host, from("cross-site")]) && !stream(&[host]), "and nobody else's");
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::CONNECT] {
            assert!(!check(method.clone(), &[host, from("cross-site")]), "{method}");
        }
    }
}
