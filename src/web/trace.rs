//! Names every request and says how it was answered.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument as _, Span, info, info_span};

use crate::web::state::WebState;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: in the log, in the answer's header, and on the page of a problem. Never the client's choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A request that has a name.
pub struct Named {
    /// The request's id: printable ASCII.
    pub id: String,
    /// The span in which it is answered.
    pub span: Span,
}

/// A request that has been answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The route that matched, such as `/proposals/{id}`; `None` when none did.
    pub route: Option<&'a str>,
    /// The path as asked for, without its query.
    pub path: &'a str,
    /// The status answered with.
    pub status: u16,
    /// What the client calls itself.
    pub user_agent: Option<&'a str>,
    /// How long it took.
    pub took: Duration,
}

/// Names a request, given its `traceparent` header.
pub type Name = Arc<dyn Fn(Option<&str>) -> Named + Send + Sync>;

/// Is told of every request that was answered, within its span.
pub type Tell = Arc<dyn Fn(&Answered<'_>) + Send + Sync>;

/// Names requests and logs how they were answered.
#[derive(Clone)]
pub struct Telemetry {
    /// Names a request.
    pub name: Name,
    /// Is told of every request that was answered.
    pub tell: Tell,
}

impl Default for Telemetry {
    /// A random id, a plain span, and one line.
    fn default() -> Self {
        let name = |_: Option<&str>| {
            let id = uuid::Uuid::new_v4().simple().to_string();
            Named { span: info_span!("request", request.id = id), id }
        };
        let tell = |answered: &Answered<'_>| {
            let Answered { method, path, status, .. } = answered;
            info!(event = "request.answered", "{method} {path} {status} in {} ms", answered.took.as_millis());
        };
        Self { name: Arc::new(name), tell: Arc::new(tell) }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Telemetry")
    }
}

/// Names the request, and tells how it was answered.
pub(super) async fn trace(State(state): State<WebState>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let user_agent = text(&request, header::USER_AGENT).map(str::to_owned);
    let Named { id, span } = (state.telemetry().name)(text(&request, TRACEPARENT));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(RequestId(id.as_str().into()));
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let answered = Answered {
        method: method.as_str(),
        route: route.as_ref().map(MatchedPath::as_str),
        path: &path,
        status: response.status().as_u16(),
        user_agent: user_agent.as_deref(),
        took: began.elapsed(),
    };
    span.in_scope(|| (state.telemetry().tell)(&answered));
    response
}

fn text(request: &Request, name: HeaderName) -> Option<&str> {
    request.headers().get(name)?.to_str().ok()
}
