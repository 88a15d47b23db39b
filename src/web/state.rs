//! What every handler may use.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::actor::Actor;
use crate::domain::time::Timestamp;
use crate::identity::operator::Operators;
use crate::identity::personas::{Persona, Personas};
use crate::identity::sessions::Sessions;
use crate::identity::{Refusal, Verifier};
use crate::store::Store;
use crate::web::limits::{HttpLimits, Limits};
use crate::web::live::Streams;
use crate::web::local_path::LocalPath;
use crate::web::origin::PublicOrigin;
use crate::web::problem::Problem;
use crate::web::trace::Telemetry;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the web is built from.
pub struct WebParts {
    /// The studio's database.
    pub store: Store,
    /// Tells the time.
    pub now: Now,
    /// Checks ID tokens.
    pub verifier: Verifier,
    /// Begins, resumes and ends sessions.
    pub sessions: Sessions,
    /// Who may use the socket.
    pub operators: Operators,
    /// Made-up people to sign in as. `None` outside the sandbox, and then there is no such sign-in.
    pub personas: Option<Personas>,
    /// Renders pages.
    pub pages: Arc<dyn Pages>,
    /// Names requests and logs how they were answered.
    pub telemetry: Telemetry,
    /// The settings.
    pub settings: WebSettings,
}

/// The settings of the web.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// What browsers call us.
    pub origin: PublicOrigin,
    /// The largest request body, in bytes.
    pub max_body: usize,
    /// How often somebody may knock.
    pub limits: HttpLimits,
}

impl WebSettings {
    /// The defaults: 64 KiB, and the usual limits.
    pub fn new(origin: PublicOrigin) -> Self {
        Self { origin, max_body: 64 * 1024, limits: HttpLimits::default() }
    }
}

/// What every handler may use. Clone it freely: clones share everything.
#[derive(Clone)]
pub struct WebState {
    parts: Arc<WebParts>,
    limits: Arc<Limits>,
    streams: Arc<Streams>,
}

/// The request that a page answers.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Who is signed in, if anyone.
    pub viewer: Option<Actor>,
    /// Path and query, for links that lead back.
    pub here: String,
    /// The request's id: it finds the log.
    pub request_id: String,
    /// The headers, for preferences kept in cookies.
    pub headers: axum::http::HeaderMap,
}

/// What the sign-in page shows.
#[derive(Clone, Debug, Default)]
pub struct SignInPage {
    /// Made-up people to choose from.
    pub personas: Vec<Persona>,
    /// Where to go afterwards.
    pub next: Option<LocalPath>,
    /// Why the last attempt failed, or the last session ended.
    pub refusal: Option<Refusal>,
}

/// Renders pages as HTML. The status and the headers are not its business.
#[async_trait]
pub trait Pages: Send + Sync {
    /// The sign-in page.
    async fn sign_in(&self, request: &PageRequest, page: SignInPage) -> String;

    /// The page that says what went wrong.
    async fn problem(&self, request: &PageRequest, problem: &Problem) -> String;
}

impl WebState {
    /// Puts the parts together.
    pub fn new(parts: WebParts) -> Self {
        let limits = Arc::new(Limits::new(&parts.settings.limits));
        let streams = Arc::new(Streams::of(parts.store.studio()));
        Self { parts: Arc::new(parts), limits, streams }
    }

    /// The studio's database.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.parts.now)()
    }

    /// Checks ID tokens.
    pub fn verifier(&self) -> &Verifier {
        &self.parts.verifier
    }

    /// Begins, resumes and ends sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.parts.sessions
    }

    /// Who may use the socket.
    pub fn operators(&self) -> &Operators {
        &self.parts.operators
    }

    /// Made-up people to sign in as.
    pub fn personas(&self) -> Option<&Personas> {
        self.parts.personas.as_ref()
    }

    /// Renders pages.
    pub fn pages(&self) -> &dyn Pages {
        &*self.parts.pages
    }

    /// Names requests and logs how they were answered.
    pub fn telemetry(&self) -> &Telemetry {
        &self.parts.telemetry
    }

    /// The settings.
    pub fn settings(&self) -> &WebSettings {
        &self.parts.settings
    }

    /// What is counted of everyone who knocks.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The open pages that are told of changes.
    pub(super) const fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }
}

impl fmt::Debug for WebState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WebState").field("settings", &self.parts.settings).finish_non_exhaustive()
    }
}
