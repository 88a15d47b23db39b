//! Files that pages ask for.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use studio_cockpit::assets::{Asset, assets};

use crate::web::problem::Problem;
use crate::web::security_headers::IMMUTABLE;

const ENCODING_MATTERS: (HeaderName, HeaderValue) = (header::VARY, HeaderValue::from_static("accept-encoding"));

/// A file that pages ask for. Its name changes with its content, so a browser may keep it for ever.
pub(in crate::web) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let path = format!("/assets/{name}");
    let asset = assets().find(|asset| asset.path() == path);
    let asset = asset.ok_or_else(|| Problem::not_found(format!("The file {path}")))?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    let all = [kind, (header::CACHE_CONTROL, IMMUTABLE), ENCODING_MATTERS];
    let (bytes, encoding) = encoded(asset, &headers);
    let encoding = encoding.map(|word| [(header::CONTENT_ENCODING, HeaderValue::from_static(word))]);
    Ok((all, encoding, bytes).into_response())
}

/// The smallest form of it that the browser reads.
fn encoded(asset: &Asset, headers: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
    match (asset.brotli, asset.gzip) {
        (Some(brotli), _) if reads(headers, "br") => (brotli, Some("br")),
        (_, Some(gzip)) if reads(headers, "gzip") => (gzip, Some("gzip")),
        (_, _) => (asset.bytes, None),
    }
}

/// Does the browser say that it reads this encoding, and does not refuse it with `q=0`?
fn reads(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|wish| {
        let (name, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_some_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_what_it_reads() {
        let check = |accepts: &[&str], encoding: &str| {
            let mut headers = HeaderMap::new();
            for value in accepts {
                headers.append(header::ACCEPT_ENCODING, value.parse().expect("a value"));
            }
            reads(&headers, encoding)
        };
        assert!(check(&["gzip, deflate, br, zstd"], "br"));
        assert!(check(&["gzip", "BR;q=0.5"], "br"));
        assert!(!check(&["gzip, br;q=0"], "br"));
        assert!(!check(&["gzip, br;q=x"], "br"));
        assert!(!check(&["brotli"], "br"));
        assert!(!check(&[], "gzip"));
    }

    #[test]
    fn what_has_one_form_is_sent_in_it() {
        let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"))]);
        let (bytes, encoding) = encoded(&studio_cockpit::assets::STYLESHEET, &headers);
        assert_eq!((bytes.len() > 1_000, encoding), (true, None));
    }
}
