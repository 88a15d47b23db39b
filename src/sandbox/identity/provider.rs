//! A stand-in OpenID Connect provider on this machine, speaking the real protocol: discovery, keys, a page on which one
//! picks who to be, and a token for whoever brings the code and its verifier. It can be told to fail.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::time::Timestamp;
use crate::sandbox::identity::SandboxIdentity;

/// What the provider calls the studio's cockpit.
pub const CLIENT: &str = "studio-brain-sandbox";

/// How long a code is good.
const CODE_LASTS: Duration = Duration::from_secs(60);

/// How long an open connection may keep the provider from stopping.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells the time.
pub type ProviderClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the provider is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It says nothing about itself, and gives no keys and no tokens.
    Down,
    /// It sends people back without a code.
    Denied,
    /// Its tokens answer somebody else's question.
    OtherNonce,
    /// Its tokens are made for somebody else.
    OtherAudience,
    /// Its people have not verified their addresses.
    Unverified,
    /// It does not ask anew who one is, and says so.
    OldProof,
}

/// The provider, serving.
pub struct OpenIdProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

struct Shared {
    identity: SandboxIdentity,
    issuer: String,
    now: ProviderClock,
    codes: Mutex<HashMap<String, Grant>>,
    failure: Mutex<Option<Failure>>,
}

/// What a code is good for.
struct Grant {
    question: Question,
    persona: String,
    at: Timestamp,
}

/// What a browser asks in somebody's name.
#[derive(Clone, Debug, Deserialize)]
struct Question {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
}

#[derive(Deserialize)]
struct Choice {
    persona: String,
    #[serde(flatten)]
    question: Question,
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    client_id: String,
    code_verifier: String,
}

impl OpenIdProvider {
    /// Serves these people at a free port of this machine.
    ///
    /// # Errors
    /// No port could be had.
    pub async fn start(identity: SandboxIdentity, now: ProviderClock) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            identity,
            issuer: format!("http://{address}"),
            now,
            codes: Mutex::default(),
            failure: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route("/keys", get(keys))
            .route("/authorize", get(ask).post(choose))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let stopped = stop.clone();
        tasks.spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(stopped.cancelled_owned());
            if let Err(error) = serving.await {
                tracing::error!("The sandbox's identity provider ended: {error}");
            }
        });
        tasks.close();
        Ok(Self { address, shared, stop, tasks })
    }

    /// What it calls itself.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes it fail, or work again.
    pub fn fail(&self, failure: Option<Failure>) {
        *locked(&self.shared.failure) = failure;
    }

    /// Ends it.
    pub async fn stop(self) {
        self.stop.cancel();
        let _ = tokio::time::timeout(PATIENCE, self.tasks.wait()).await;
    }
}

impl Shared {
    fn fails(&self, failure: Failure) -> bool {
        *locked(&self.failure) == Some(failure)
    }

    /// Is it a question of ours that may be answered at that address?
    fn check(&self, question: &Question) -> Result<(), &'static str> {
        let back = question.redirect_uri.parse::<axum::http::Uri>().ok();
        let here = back.is_some_and(|back| matches!(back.host(), Some("127.0.0.1" | "localhost" | "[::1]")));
        if question.client_id != CLIENT {
            return Err("This provider knows no such client.");
        }
        if !here {
            return Err("This provider only sends people back to this machine.");
        }
        if question.response_type != "code" || question.code_challenge_method != "S256" {
            return Err("This provider only gives codes, against an S256 challenge.");
        }
        let asks_who = question.scope.split(' ').any(|scope| scope == "openid");
        if asks_who { Ok(()) } else { Err("The scope openid is missing.") }
    }

    fn claims(&self, grant: &Grant, now: Timestamp) -> Option<Value> {
        let mut claims = self.identity.claims_of(&grant.persona, now)?;
        let fields = claims.as_object_mut()?;
        fields.remove("firebase");
        fields.remove("user_id");
        let audience = if self.fails(Failure::OtherAudience) { "somebody-else" } else { CLIENT };
        let nonce = if self.fails(Failure::OtherNonce) { "another question" } else { grant.question.nonce.as_str() };
        fields.insert("iss".to_owned(), json!(self.issuer));
        fields.insert("aud".to_owned(), json!(audience));
        // A provider's own name for its account, which is nobody's id in the studio.
        fields.insert("sub".to_owned(), json!(format!("account-{}", grant.persona)));
        fields.insert("nonce".to_owned(), json!(nonce));
        fields.insert("email_verified".to_owned(), json!(!self.fails(Failure::Unverified)));
        if self.fails(Failure::OldProof) {
            fields.insert("auth_time".to_owned(), json!(now.minus(Duration::from_secs(86_400)).parts().0));
        }
        Some(claims)
    }
}

async fn about(State(shared): State<Arc<Shared>>) -> Response {
    if shared.fails(Failure::Down) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let at = |path: &str| format!("{}{path}", shared.issuer);
    Json(json!({
        "issuer": shared.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }))
    .into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    if shared.fails(Failure::Down) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(shared.identity.jwks()).into_response()
}

/// The page on which one picks who to be.
async fn ask(State(shared): State<Arc<Shared>>, Query(question): Query<Question>) -> Response {
    if let Err(why) = shared.check(&question) {
        return (StatusCode::BAD_REQUEST, why).into_response();
    }
    let fields = [
        ("response_type", &question.response_type),
        ("client_id", &question.client_id),
        ("redirect_uri", &question.redirect_uri),
        ("scope", &question.scope),
        ("state", &question.state),
        ("nonce", &question.nonce),
        ("code_challenge", &question.code_challenge),
        ("code_challenge_method", &question.code_challenge_method),
    ];
    let hidden: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value)))
        .collect();
    let people: String = shared
        .identity
        .personas()
        .list
        .iter()
        .map(|persona| {
            let (id, name, role) = (escaped(&persona.id), escaped(&persona.name), escaped(&persona.role));
            format!("<p><button name=\"persona\" value=\"{id}\">{name} ({role})</button></p>")
        })
        .collect();
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sandbox identity provider</title></head>\
         <body><main><h1>Sandbox identity provider</h1><p>Who are you today? No password is asked.</p>\
         <form method=\"post\" action=\"/authorize\">{hidden}{people}</form></main></body></html>"
    ))
    .into_response()
}

async fn choose(State(shared): State<Arc<Shared>>, Form(choice): Form<Choice>) -> Response {
    if let Err(why) = shared.check(&choice.question) {
        return (StatusCode::BAD_REQUEST, why).into_response();
    }
    let Choice { persona, question } = choice;
    let mut back = form_urlencoded::Serializer::new(String::new());
    back.append_pair("state", &question.state).append_pair("iss", &shared.issuer);
    if shared.fails(Failure::Denied) {
        back.append_pair("error", "access_denied");
    } else {
        let code = hex::encode(rand::random::<[u8; 16]>());
        back.append_pair("code", &code);
        let grant = Grant { question: question.clone(), persona, at: (shared.now)() };
        locked(&shared.codes).insert(code, grant);
    }
    Redirect::to(&format!("{}?{}", question.redirect_uri, back.finish())).into_response()
}

/// A token for whoever brings a code, once, with the verifier of its challenge.
async fn token(State(shared): State<Arc<Shared>>, Form(exchange): Form<Exchange>) -> Response {
    if shared.fails(Failure::Down) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    if exchange.grant_type != "authorization_code" {
        return refused("unsupported_grant_type");
    }
    let Some(grant) = locked(&shared.codes).remove(&exchange.code) else { return refused("invalid_grant") };
    let now = (shared.now)();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&exchange.code_verifier));
    let same = challenge == grant.question.code_challenge
        && exchange.redirect_uri == grant.question.redirect_uri
        && exchange.client_id == grant.question.client_id;
    if !same || now.since(grant.at) > CODE_LASTS {
        return refused("invalid_grant");
    }
    let Some(claims) = shared.claims(&grant, now) else { return refused("invalid_grant") };
    let id_token = shared.identity.sign(&claims);
    Json(json!({ "access_token": "unused", "token_type": "Bearer", "expires_in": 3_600, "id_token": id_token }))
        .into_response()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
