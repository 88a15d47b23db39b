//! What the tests of the web share: one studio's web, with a clock to turn and a browser to hold.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use studio_brain::domain::ids::StudioId;
use studio_brain::domain::time::Timestamp;
use studio_brain::identity::Verifier;
use studio_brain::identity::operator::Operators;
use studio_brain::identity::sessions::{SessionAudit, SessionEvent, SessionRules, Sessions};
use studio_brain::identity::sources::{FirebaseTokens, IdentitySource, MadeUp, Offer, Sources};
use studio_brain::identity::staff::StaffList;
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::store::{self, Store, Tx};
use studio_brain::web::body::JsonBody;
use studio_brain::web::caller::{Caller, MaybeSignedIn, SignedIn};
use studio_brain::web::origin::PublicOrigin;
use studio_brain::web::problem::Problem;
use studio_brain::web::state::{KeptPage, Now, PageRequest, Pages, SignInPage, WebParts, WebSettings, WebState};
use studio_brain::web::{self, Door};

/// One studio's web.
pub(crate) struct Stage {
    pub(crate) state: WebState,
    pub(crate) router: Router,
    pub(crate) provider: SandboxIdentity,
    pub(crate) store: Store,
    /// What the audit log was told.
    pub(crate) told: Arc<Mutex<Vec<String>>>,
    pub(crate) directory: tempfile::TempDir,
    clock: Arc<AtomicI64>,
}

/// A browser: it keeps its cookie.
pub(crate) struct Browser<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) cookie: Option<String>,
    /// Whatever else it keeps for us, by name.
    pub(crate) jar: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What a stage is furnished with.
pub(crate) struct Furniture {
    pub(crate) pages: Arc<dyn Pages>,
    pub(crate) audit: Arc<dyn SessionAudit>,
    pub(crate) rooms: Box<dyn FnOnce(&WebState) -> Router>,
    /// Where one can sign in beside the made-up people.
    pub(crate) provider: Option<Arc<dyn IdentitySource>>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn code(&self) -> String {
        let problem: Value = serde_json::from_str(&self.body).expect("a problem in JSON");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], self.status.as_u16());
        problem["code"].as_str().expect("a code").to_owned()
    }
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::at("http://127.0.0.1:8787", Operators::ServiceUser).await
    }

    pub(crate) async fn at(origin: &str, operators: Operators) -> Self {
        Self::beside(origin, operators, |_| None).await
    }

    /// A stage at which one can also sign in at a provider.
    pub(crate) async fn beside(
        origin: &str,
        operators: Operators,
        provider: impl FnOnce(&Now) -> Option<Arc<dyn IdentitySource>>,
    ) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let furniture = |_: &Store, now: &Now| Furniture {
            pages: Arc::new(PlainPages),
            audit: Arc::new(Ear(told.clone())),
            rooms: Box::new(rooms),
            provider: provider(now),
        };
        Self { told: told.clone(), ..Self::furnished(origin, operators, furniture).await }
    }

    /// A stage with other pages and rooms.
    pub(crate) async fn furnished(
        origin: &str,
        operators: Operators,
        furniture: impl FnOnce(&Store, &Now) -> Furniture,
    ) -> Self {
        Self::of("monsoon-west", origin, operators, furniture).await
    }

    /// The stage of one studio.
    pub(crate) async fn of(
        studio: &str,
        origin: &str,
        operators: Operators,
        furniture: impl FnOnce(&Store, &Now) -> Furniture,
    ) -> Self {
        let start: Timestamp = "2026-03-18T17:00:00Z".parse().expect("a moment");
        let clock = Arc::new(AtomicI64::new(start.micros()));
        let studio = StudioId::parse(studio).expect("a studio");
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path(), &studio, start).await.expect("a store");
        let provider = SandboxIdentity::start("demo-studio").expect("a provider");
        let now: Now = Arc::new({
            let clock = clock.clone();
            move || Timestamp::from_micros(clock.load(Ordering::Relaxed))
        });
        let Furniture { pages, audit, rooms, provider: at } = furniture(&store, &now);
        let verifier = Verifier::new(vec![provider.trusted()]);
        let mut sources: Vec<Arc<dyn IdentitySource>> = at.into_iter().collect();
        sources.push(Arc::new(FirebaseTokens::new(verifier.clone(), None)));
        sources.push(Arc::new(MadeUp::new(provider.personas(), verifier)));
        let state = WebState::new(WebParts {
            store: store.clone(),
            now,
            sources: Sources::new(sources),
            sessions: Sessions::new(studio, SessionRules::default(), StaffList::default(), audit),
            operators,
            pages,
            telemetry: Default::default(),
            settings: WebSettings::new(PublicOrigin::parse(origin).expect("an origin")),
        });
        let router = web::with_layers(web::routes(&state).merge(rooms(&state)), &state, Door::Browser);
        Self { state, router, provider, store, told: Default::default(), directory, clock }
    }

    /// The same rooms behind the operators' door.
    pub(crate) fn behind_socket(&self) -> Router {
        web::with_layers(rooms(&self.state), &self.state, Door::Socket)
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::Relaxed))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.store(self.now().plus(by).micros(), Ordering::Relaxed);
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { stage: self, cookie: None, jar: BTreeMap::new() }
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// What the audit log was told since the last time.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().expect("no panic"))
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).header("accept", "text/html"), Body::empty()).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request, form.into()).await
    }

    pub(crate) async fn post_json(&mut self, path: &str, body: &Value) -> Answer {
        let request =
            Request::post(path).header("sec-fetch-site", "same-origin").header("content-type", "application/json");
        self.send(request, body.to_string().into()).await
    }

    pub(crate) async fn sign_in(&mut self, persona: &str) -> Answer {
        self.post("/session/persona", &[("persona", persona)]).await
    }

    pub(crate) async fn send(&mut self, mut request: axum::http::request::Builder, body: Body) -> Answer {
        let names_host = request.headers_ref().is_some_and(|headers| headers.contains_key(header::HOST));
        if !names_host {
            request = request.header("host", "127.0.0.1:8787");
        }
        let kept: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let pairs = self.cookie.iter().chain(&kept).map(String::as_str).collect::<Vec<_>>().join("; ");
        if !pairs.is_empty() {
            request = request.header("cookie", format!("theme=dark; {pairs}; other=1"));
        }
        let answer = self.stage.ask(request.body(body).expect("a request")).await;
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("text");
            let pair = set.split(';').next().expect("a pair").to_owned();
            let (name, value) = pair.split_once('=').expect("a pair");
            let is_over = set.contains("Max-Age=0");
            if matches!(name, "sb-session" | "__Host-sb") {
                self.cookie = (!is_over).then_some(pair);
            } else if is_over {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// Routes with one of everything that handlers do.
fn rooms(state: &WebState) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/open", get(async |MaybeSignedIn(who): MaybeSignedIn| format!("signed in: {}", who.is_some())))
        .route("/api/me", get(me))
        .route("/api/notes", post(note))
        .route("/api/parameter/{number}", get(async |path: axum::extract::Path<u8>| path.0.to_string()))
        .route("/explode", get(explode))
        .route("/api/explode", get(explode))
        .route("/api/broken", get(broken))
        .with_state(state.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    #[serde(default)]
    priority: u8,
}

async fn home(SignedIn(actor, session): SignedIn, State(state): State<WebState>) -> Result<String, Problem> {
    let flashes = state.take_flashes(&session).await?;
    Ok(format!("Hello {} {flashes:?}", actor.name()))
}

async fn me(Caller(actor): Caller) -> Json<Value> {
    Json(json!({ "person": actor.person().to_string(), "name": actor.name(), "studio": actor.studio() }))
}

async fn note(Caller(_): Caller, JsonBody(note): JsonBody<Note>) -> Json<Value> {
    Json(json!({ "length": note.text.len(), "priority": note.priority }))
}

async fn explode() -> String {
    panic!("the secret of the kiln")
}

async fn broken() -> Problem {
    Problem::internal(anyhow::anyhow!("the secret of the glaze").context("could not mix"))
}

struct PlainPages;

#[async_trait]
impl Pages for PlainPages {
    async fn sign_in(&self, _: &PageRequest, page: SignInPage) -> String {
        let offered = page.offers.iter().filter_map(|offer| match offer {
            Offer::Personas(personas) => Some(personas.iter().map(|persona| persona.name.as_str())),
            Offer::Provider { .. } | Offer::Firebase(_) => None,
        });
        let names: Vec<_> = offered.flatten().collect();
        let why = page.refusal.map_or("", |refusal| refusal.code());
        let next = page.next.map_or_else(String::new, |next| next.to_string());
        format!("<h1>Sign in</h1> next={next} why={why} {names:?}")
    }

    async fn kept(&self, _: &PageRequest, page: KeptPage) -> String {
        match page {
            KeptPage::SignedOut(form) => format!("<h1>Signed out</h1> {:?}", form.fields),
            KeptPage::Ready(_) | KeptPage::Nothing => String::new(),
        }
    }

    async fn problem(&self, request: &PageRequest, problem: &Problem) -> String {
        assert!(!request.here.contains("no-page"), "the page of the problem explodes too");
        let viewer = request.viewer.as_ref().map_or("nobody", |viewer| viewer.name());
        format!("<h1>{}</h1> {} for {viewer}, see {}", problem.code(), problem.detail(), problem.error_id())
    }
}

/// Listens to what the audit log is told.
struct Ear(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl SessionAudit for Ear {
    async fn record(&self, _: &mut Tx, _: &StudioId, event: SessionEvent<'_>, _: Timestamp) -> store::Result<()> {
        let line = match event {
            SessionEvent::Started { actor, .. } => format!("started {}", actor.person()),
            SessionEvent::Ended { by, session, why } => {
                format!("ended {} by {} {}", session.uid, by.person(), why.code())
            }
            SessionEvent::Refused { refusal, identity } => {
                format!("refused {} {}", identity.map_or("?", |identity| identity.uid().as_str()), refusal.code())
            }
        };
        self.0.lock().expect("no panic").push(line);
        Ok(())
    }
}
