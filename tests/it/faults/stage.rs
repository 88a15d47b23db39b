//! A studio with something on every page, and a hand on its database.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode, request};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use studio_brain::store::Store;
use studio_brain::telemetry::Metrics;
use studio_brain::web::{self, Door, table};
use studio_cockpit::paths;
use tower::ServiceExt as _;

use super::judging::telling;
use crate::cockpit_stage::{DOV, INES, Studio, page, send};
use crate::web_stage::{Answer, Browser};

const WHY: &str = "So that every page has something to show.";

/// A studio with something on every page, and a hand on its database.
pub(super) struct Stage {
    pub(super) studio: Studio,
    router: axum::Router,
    intruder: SqlitePool,
    /// What stands in the gaps of addresses: a route and the name of what is there.
    named: Vec<(&'static str, String)>,
}

/// Somebody signed in, from an address of their own: who asks for much at once has to wait.
pub(super) struct Visitor {
    address: SocketAddr,
    cookie: String,
}

/// A page as it is while nothing is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WholePage {
    pub(super) route: String,
    pub(super) address: String,
    pub(super) status: StatusCode,
    pub(super) tells: String,
}

impl Stage {
    pub(super) async fn open() -> Self {
        let studio = Studio::open().await;
        let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
        let sent = propose(&mut ines, "r-1", "CONFIRMED").await;
        let shown = page(&mut dov, &format!("/proposals/{sent}")).await;
        let typed = [("decision", "approve"), ("reason", WHY)];
        let approved = send(&mut dov, &shown, &format!("/proposals/{sent}/decision"), &typed).await;
        assert_eq!(approved.status, 303, "{}", approved.body);
        let write = studio.push(sent.parse().expect("an id")).await;
        let waiting = propose(&mut ines, "r-2", "CANCELLED").await;
        studio.freshen().await;
        let finding = studio.stage.store.findings(false, 1).await.expect("reads").remove(0).finding.id();
        let named = vec![
            ("/drift/{id}", finding.to_string()),
            ("/proposals/{id}", waiting),
            ("/writes/{id}", write.to_string()),
            ("/audit/{sequence}", "1".to_owned()),
            ("/documents/{*path}", "reservations/r-1".to_owned()),
        ];
        // Connections of an intruder: names in triggers and keys stay as they are when a table is renamed.
        let options = SqliteConnectOptions::new()
            .filename(Store::file_in(studio.stage.directory.path()))
            .foreign_keys(false)
            .pragma("legacy_alter_table", "on");
        let intruder = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("comes in");
        let metrics = Metrics::install().expect("counts");
        let router = web::at_door(Door::Browser, &studio.stage.state, &studio.desk, metrics);
        Self { router, intruder, named, studio }
    }

    /// The proposal that waits.
    pub(super) fn waiting(&self) -> &str {
        let (_, id) = self.named.iter().find(|(route, _)| route.starts_with("/proposals")).expect("it is named");
        id
    }

    /// Every table of the database.
    pub(super) async fn tables(&self) -> Vec<String> {
        let sql = "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'
                   and name not like '\\_sqlx%' escape '\\' order by name";
        sqlx::query_scalar(sql).fetch_all(&self.intruder).await.expect("lists")
    }

    /// Whatever reads or writes this table fails from now on.
    pub(super) async fn take_away(&self, table: &str) {
        self.rename(table, &format!("{table}_taken_away")).await;
    }

    pub(super) async fn bring_back(&self, table: &str) {
        self.rename(&format!("{table}_taken_away"), table).await;
    }

    async fn rename(&self, from: &str, to: &str) {
        let sql = format!("alter table \"{from}\" rename to \"{to}\"");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&self.intruder).await.expect("renames");
    }

    /// Ines, in her so many-th browser.
    pub(super) async fn visitor(&self, turn: usize) -> Visitor {
        let last = u8::try_from(turn).expect("a few visitors");
        let mut visitor = Visitor { address: SocketAddr::from(([10, 0, 0, last], 5_000)), cookie: String::new() };
        let form = Body::from(format!("persona={INES}"));
        let request = Request::post("/session/persona").header("content-type", "application/x-www-form-urlencoded");
        let (parts, _) = self.send(&visitor, request.header("sec-fetch-site", "same-origin"), form).await.into_parts();
        let set = parts.headers["set-cookie"].to_str().expect("text");
        visitor.cookie = set.split(';').next().expect("a pair").to_owned();
        visitor
    }

    async fn send(&self, visitor: &Visitor, request: request::Builder, body: Body) -> Response<Body> {
        let request = request.header("accept", "text/html").header("host", "127.0.0.1:8787");
        let mut request = request.header("cookie", &visitor.cookie).body(body).expect("a request");
        request.extensions_mut().insert(ConnectInfo(visitor.address));
        self.router.clone().oneshot(request).await.expect("infallible")
    }

    /// The page at this address; `None` for what is no page.
    pub(super) async fn ask(&self, visitor: &Visitor, address: &str) -> Option<Answer> {
        let (parts, body) = self.send(visitor, Request::get(address), Body::empty()).await.into_parts();
        let kind = parts.headers.get("content-type").map_or("", |kind| kind.to_str().expect("text"));
        // Files and what machines ask for are no pages, and a stream of events never ends.
        if !kind.starts_with("text/html") {
            return None;
        }
        let body = axum::body::to_bytes(body, 4 << 20).await.expect("a body");
        let body = String::from_utf8_lossy(&body).into_owned();
        Some(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// Every page of the table of routes, as it is while nothing is broken.
    pub(super) async fn whole_pages(&self, visitor: &Visitor) -> Vec<WholePage> {
        let mut pages = Vec::new();
        for route in pages_asked_for() {
            let address = self.filled(&route);
            let Some(answer) = self.ask(visitor, &address).await else { continue };
            let tells = telling(&answer);
            pages.push(WholePage { route, address, status: answer.status, tells });
        }
        pages
    }

    /// A route's address with something in its gaps: what the stage has, or else what nobody has.
    fn filled(&self, route: &str) -> String {
        let Some((before, rest)) = route.split_once('{') else { return route.to_owned() };
        let (_, after) = rest.split_once('}').expect("a gap ends");
        let known = |known: &&(&str, String)| route.starts_with(known.0);
        let name = self.named.iter().find(known).map_or("x", |(_, name)| name.as_str());
        format!("{before}{name}{}", after.replace(['{', '}'], ""))
    }
}

/// The routes at which a browser asks for a page.
pub(super) fn pages_asked_for() -> impl Iterator<Item = String> {
    let routes = table::routes().filter(|route| route.method == Method::GET).map(|route| route.path);
    // The page of components shows what a failure looks like, and is never one.
    routes.filter(|path| !path.starts_with("/api/") && path != paths::DESIGN)
}

/// Proposes another status of a reservation; the proposal's id.
async fn propose(browser: &mut Browser<'_>, reservation: &str, status: &str) -> String {
    let address = format!("/proposals/new?capability=reservation.status.set&document={reservation}");
    let form = page(browser, &address).await;
    let answer = send(browser, &form, "/proposals", &[("status", status), ("reason", WHY)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").strip_prefix("/proposals/").expect("a proposal").to_owned()
}
