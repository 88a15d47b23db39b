//! Every address of the cockpit.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use studio_cockpit::assets::ASSETS;
use studio_cockpit::paths;

use crate::web::cockpit::{forms, pages};
use crate::web::desk::{Desk, DeskState};
use crate::web::problem::Problem;
use crate::web::security_headers::IMMUTABLE;
use crate::web::state::WebState;

/// The cockpit's routes, without layers: merge them, then give them to [`with_layers`](crate::web::with_layers).
pub fn routes(web: &WebState, desk: &Desk) -> Router {
    Router::new()
        .route(paths::OVERVIEW, get(pages::overview))
        .route(paths::DRIFT, get(pages::drift))
        .route(paths::DRIFT_CHECK, post(forms::check_drift))
        .route(paths::PROPOSALS, get(pages::proposals).post(forms::propose))
        .route(paths::NEW_PROPOSAL, get(pages::new_proposal))
        .route("/proposals/{id}", get(pages::proposal))
        .route("/proposals/{id}/decision", post(forms::decide))
        .route("/proposals/{id}/withdraw", post(forms::withdraw))
        .route(paths::WRITES, get(pages::writes))
        .route("/writes/{id}", get(pages::write))
        .route("/writes/{id}/undo", post(forms::undo))
        .route(paths::AUDIT, get(pages::audit))
        .route("/audit/{sequence}", get(pages::audit_entry))
        .route(paths::PREFERENCES, post(forms::preferences))
        .route("/assets/{name}", get(asset))
        .with_state(DeskState { web: web.clone(), desk: desk.clone() })
}

/// A file that pages ask for. Its name changes with its content, so a browser may keep it for ever.
async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let path = format!("/assets/{name}");
    let asset = ASSETS.iter().find(|asset| asset.path() == path);
    let asset = asset.ok_or_else(|| Problem::not_found(format!("The file {path}")))?;
    let kind = HeaderValue::from_static(asset.content_type);
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, IMMUTABLE)], asset.text).into_response())
}
