//! What the API is, for programs that write programs: an OpenAPI 3.1 document, made from the route table, from the
//! types that handlers read and answer with, and from one line about each operation.

/// One line about each operation.
mod operations;

/// What can be said about an operation.
mod operation;

/// How the domain's words look in JSON.
pub mod words;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, RefOr, Schema};
use utoipa::{PartialSchema as _, ToSchema};

use crate::web::cookie;
use crate::web::origin::PublicOrigin;
use crate::web::route::Route;
use crate::web::state::WebState;
use crate::web::table;

/// Where the API is.
const API: &str = "/api/v1/";

/// The names of the credentials.
const SESSION: &str = "session";
const AGENT_KEY: &str = "agentKey";

/// What every answer that tells of a problem holds (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename = "Problem")]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// `about:blank`: the code says more.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// The stable code, such as `ROLE_MISSING`: rely on it, and not on the texts.
    pub code: String,
    /// One sentence for people: what is wrong and what to do.
    pub detail: String,
    /// The id under which the log tells more.
    pub error_id: String,
}

/// `GET /api/v1/openapi.json`
pub(super) async fn read(State(state): State<WebState>) -> Json<OpenApi> {
    Json(document(&state.settings().origin))
}

/// The document, for a service that browsers call by this origin.
pub fn document(origin: &PublicOrigin) -> OpenApi {
    let mut schemas: Vec<(String, RefOr<Schema>)> =
        vec![(ProblemDocument::name().into_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    let mut described: BTreeMap<_, _> =
        operations::all().into_iter().map(|operation| (operation.address(), operation)).collect();
    let mut paths = PathsBuilder::new();
    for route in table::routes().filter(|route| route.path.starts_with(API)) {
        // A route without its line is missing here, which a test finds.
        let Some(operation) = described.remove(&(route.method.to_string(), template(&route))) else { continue };
        schemas.extend(operation.schemas());
        paths = paths.path(template(&route), PathItem::new(operation.http_method(), operation.describe(&route)));
    }
    let components = schemas
        .into_iter()
        .fold(ComponentsBuilder::new(), |components, (name, schema)| components.schema(name, schema));
    let session = ApiKey::Cookie(ApiKeyValue::with_description(
        cookie::Cookie::Session.name(origin),
        "The session of somebody who signed in at `/session`. A request that changes something has to come from our \
         own pages: send `Origin` as well.",
    ));
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The key of an agent."));
    let components = components
        .security_scheme(SESSION, SecurityScheme::ApiKey(session))
        .security_scheme(AGENT_KEY, SecurityScheme::Http(key.build()));
    let what = "Proposals, decisions and everything that they rest on. Nothing here writes to Firestore: an approved \
                proposal is pushed by a job. `x-who` says who may call an operation; operators call it at the socket \
                of their machine, without a credential. No refusal changes anything, but it may be audited.";
    let info = InfoBuilder::new().title("Studio Brain").version(env!("CARGO_PKG_VERSION")).description(Some(what));
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

/// The path as OpenAPI writes it.
fn template(route: &Route) -> String {
    route.path.replace("{*", "{")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn text() -> Value {
        let origin = PublicOrigin::parse("https://brain.studio.org").expect("an origin");
        serde_json::to_value(document(&origin)).expect("is JSON")
    }

    #[test]
    fn every_route_of_the_api_is_described_and_nothing_else() {
        let document = text();
        assert!(document["openapi"].as_str().expect("a version").starts_with("3.1"));
        let of_table: BTreeSet<(String, String, Vec<&str>)> = table::routes()
            .filter(|route| route.path.starts_with(API))
            .map(|route| (route.method.to_string(), template(&route), route.who.words()))
            .collect();
        let mut of_document = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                let who =
                    operation["x-who"].as_array().expect("says who").iter().map(|who| who.as_str().expect("text"));
                of_document.insert((method.to_uppercase(), path.clone(), who.collect()));
            }
        }
        assert_eq!(of_document, of_table);
        assert_eq!(operations::all().len(), of_table.len(), "a line about a route that is gone, or two about one");
    }

    #[test]
    fn whatever_is_referred_to_is_there_and_no_two_types_share_a_name() {
        let document = text();
        let held = document["components"]["schemas"].as_object().expect("schemas");
        let all = document.to_string();
        for part in all.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().expect("a name");
            assert!(held.contains_key(name), "{name}");
        }
        let mut seen: BTreeMap<String, Value> = BTreeMap::new();
        for operation in operations::all() {
            for (name, schema) in operation.schemas() {
                let schema = serde_json::to_value(schema).expect("is JSON");
                let before = seen.insert(name.clone(), schema.clone());
                assert!(before.is_none_or(|before| before == schema), "two types are called {name}");
            }
        }
    }

    #[test]
    fn every_operation_says_what_can_go_wrong() {
        for (path, methods) in text()["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                let answers = operation["responses"].as_object().expect("answers");
                assert!(answers.keys().any(|status| status.starts_with('2')), "{method} {path}");
                for status in ["429", "500", "503"] {
                    let content = &answers[status]["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(content, "#/components/schemas/Problem", "{method} {path} {status}");
                }
                let is_open = operation["x-who"][0] == "anyone";
                assert_eq!(answers.contains_key("401"), !is_open, "{method} {path}");
                assert_eq!(operation["security"].as_array().is_none_or(Vec::is_empty), is_open, "{method} {path}");
                assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{method} {path}");
            }
        }
    }
}
