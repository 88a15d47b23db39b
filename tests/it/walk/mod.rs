//! Every route × every role × two studios: whom the table names is let in, and nobody else.

/// Agents' keys, in the hands of agents and of others.
mod keys;

/// Too many requests.
mod floods;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::Value as Json;
use tower::ServiceExt as _;

use studio_brain::domain::actor::ActorKind;
use studio_brain::telemetry::Metrics;
use studio_brain::web::route::{Route, Who};
use studio_brain::web::{self, Door, table};

use crate::cockpit_stage::{ENDS, INES, JUNO, Studio};

/// Who walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walker {
    /// Without any credential.
    Nobody,
    Staff,
    Admin,
    Operator,
    Agent,
    /// A member of staff of another studio, with their session there.
    OtherStaff,
    /// An agent of another studio, with its key there.
    OtherAgent,
}

const WALKERS: [Walker; 7] = [
    Walker::Nobody,
    Walker::Staff,
    Walker::Admin,
    Walker::Operator,
    Walker::Agent,
    Walker::OtherStaff,
    Walker::OtherAgent,
];

impl Walker {
    /// What the credential makes of them here.
    fn kind(self) -> Option<ActorKind> {
        match self {
            Self::Staff => Some(ActorKind::Staff),
            Self::Admin => Some(ActorKind::Admin),
            Self::Operator => Some(ActorKind::Operator),
            Self::Agent => Some(ActorKind::Agent),
            Self::Nobody | Self::OtherStaff | Self::OtherAgent => None,
        }
    }

    /// Why they are nobody here.
    fn refusal(self) -> &'static str {
        match self {
            Self::OtherStaff => "SESSION_UNKNOWN",
            Self::OtherAgent => "CREDENTIAL_REFUSED",
            Self::Nobody | Self::Staff | Self::Admin | Self::Operator | Self::Agent => "NOT_SIGNED_IN",
        }
    }
}

/// A studio with both its doors, as the service opens them, and another studio.
struct House {
    studio: Studio,
    other: Studio,
    browser: Router,
    socket: Router,
}

impl House {
    async fn open() -> Self {
        let (studio, other) = (Studio::open().await, Studio::called("monsoon-east").await);
        let door = |door| {
            let metrics = Metrics::install().expect("counts");
            web::at_door(door, &studio.stage.state, &studio.desk, metrics)
        };
        let (browser, socket) = (door(Door::Browser), door(Door::Socket));
        Self { studio, other, browser, socket }
    }

    /// What the walker shows at the door: a header's name and value.
    async fn credential(&self, walker: Walker, turn: usize) -> Option<(&'static str, String)> {
        let session = async |studio: &Studio, persona| {
            let cookie = studio.person(persona).await.cookie.expect("is signed in");
            Some(("cookie", cookie))
        };
        // A new agent each time: one that is denied too often has to pause.
        let key = async |studio: &Studio| {
            Some(("authorization", format!("Bearer {}", studio.key_of(&format!("agent-{turn}")).await.reveal())))
        };
        match walker {
            Walker::Nobody | Walker::Operator => None,
            Walker::Staff => session(&self.studio, INES).await,
            Walker::Admin => session(&self.studio, JUNO).await,
            Walker::OtherStaff => session(&self.other, INES).await,
            Walker::Agent => key(&self.studio).await,
            Walker::OtherAgent => key(&self.other).await,
        }
    }

    /// Asks, and returns the status and the code of the problem, if there is one.
    async fn ask(
        &self,
        method: &str,
        path: &str,
        walker: Walker,
        credential: Option<&(&str, String)>,
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8787");
        request = request.header("accept", "application/json").header("sec-fetch-site", "same-origin");
        if let Some((name, value)) = credential {
            request = request.header(*name, value);
        }
        let mut request = request.header("content-type", "application/json").body(Body::from("{}")).expect("a request");
        let router = match walker {
            Walker::Operator => {
                request.extensions_mut().insert(ConnectInfo(Some(ENDS)));
                &self.socket
            }
            Walker::Nobody
            | Walker::Staff
            | Walker::Admin
            | Walker::Agent
            | Walker::OtherStaff
            | Walker::OtherAgent => &self.browser,
        };
        let (parts, body) = router.clone().oneshot(request).await.expect("infallible").into_parts();
        // A stream of events has no end.
        let body = match parts.headers.get("content-type").map(|kind| kind.as_bytes()) {
            Some(b"text/event-stream") => Bytes::new(),
            Some(_) | None => axum::body::to_bytes(body, 1 << 20).await.expect("a body"),
        };
        let problem: Json = serde_json::from_slice(&body).unwrap_or_default();
        (parts.status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// The path of a route with something in its gaps.
fn filled(route: &Route) -> String {
    let path = route.path.replace("{*path}", "reservations/r-1").replace("{id}", "x");
    let path = path.replace("{sequence}", "1").replace("{name}", "nothing.css");
    path.replace("{uid}", "agent-x").replace("{prefix}", "0123456789abcdef")
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_names_and_nobody_else() {
    let house = House::open().await;
    let mut tried = 0;
    for (turn, route) in table::routes().enumerate() {
        for walker in WALKERS {
            for studio in [&house.studio, &house.other] {
                studio.stage.advance(Duration::from_secs(10));
                studio.freshen().await;
            }
            let credential = house.credential(walker, turn).await;
            let what = format!("{} {} for {walker:?}", route.method, route.path);
            let (status, code) = house.ask(route.method.as_str(), &filled(&route), walker, credential.as_ref()).await;
            let at_socket = walker == Walker::Operator;
            match (route.who, walker.kind()) {
                // The cockpit is for browsers: the socket does not have it.
                _ if at_socket && status == 404 && !route.path.starts_with("/api/") => {
                    assert!(route.path != "/session" && !route.path.starts_with("/session/"), "{what}");
                }
                (Who::Anyone, _) => assert!(status != 401 && code != "ROLE_MISSING", "{what}: {status} {code}"),
                (Who::Roles(_), None) => assert_eq!((status, code.as_str()), (401, walker.refusal()), "{what}"),
                (Who::Roles(_), Some(kind)) if route.who.admits(kind) => {
                    assert!(![401, 403].contains(&status), "{what}: {status} {code}");
                }
                (Who::Roles(_), Some(_)) => assert_eq!((status, code.as_str()), (403, "ROLE_MISSING"), "{what}"),
            }
            // One collection was never read, and `/readyz` says so.
            assert!(status < 500 || route.path == "/readyz", "{what}: {status} {code}");
            if route.method == "GET" {
                let (head, _) = house.ask("HEAD", &filled(&route), walker, credential.as_ref()).await;
                assert_eq!(head, status, "HEAD tells no more than GET: {what}");
            }
            tried += 1;
        }
    }
    assert_eq!(tried, table::routes().count() * WALKERS.len());
}

#[tokio::test]
async fn agents_reach_what_they_may_and_never_a_decision() {
    let for_agents: Vec<String> = table::routes()
        .filter(|route| route.who != Who::Anyone && route.who.admits(ActorKind::Agent))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let may = [
        "POST /api/v1/proposals",
        "GET /api/v1/proposals/{id}",
        "POST /api/v1/proposals/{id}/withdraw",
        "GET /api/v1/may-i",
        "GET /api/v1/capabilities",
    ];
    for route in for_agents {
        assert!(may.contains(&route.as_str()), "{route} is open to agents");
    }
}

#[tokio::test]
async fn no_route_is_for_the_service_itself_and_every_one_is_for_somebody() {
    for route in table::routes() {
        match route.who {
            Who::Anyone => {}
            Who::Roles(roles) => {
                assert!(!roles.is_empty() && !roles.contains(&ActorKind::System), "{}", route.path);
            }
        }
    }
}
