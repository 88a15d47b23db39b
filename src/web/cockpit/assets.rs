//! Files that pages ask for.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use studio_cockpit::assets::ASSETS;

use crate::web::problem::Problem;
use crate::web::security_headers::IMMUTABLE;

/// A file that pages ask for. Its name changes with its content, so a browser may keep it for ever.
pub(in crate::web) async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let path = format!("/assets/{name}");
    let asset = ASSETS.iter().find(|asset| asset.path() == path);
    let asset = asset.ok_or_else(|| Problem::not_found(format!("The file {path}")))?;
    let kind = HeaderValue::from_static(asset.content_type);
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, IMMUTABLE)], asset.text).into_response())
}
