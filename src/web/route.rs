//! A route, and who may call it. There is no way to add one without saying so.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::domain::actor::ActorKind;
use crate::web::admission::{Guard, admit};
use crate::web::state::WebState;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everyone, also without a credential.
    Anyone,
    /// Whoever proves to be one of these.
    Roles(&'static [ActorKind]),
}

/// Everyone, also without a credential.
pub(super) const ANYONE: Who = Who::Anyone;

/// People in a browser.
pub(super) const STAFF: Who = Who::Roles(&[ActorKind::Staff, ActorKind::Admin]);

/// People in a browser who administer the service.
pub(super) const BROWSING_ADMINS: Who = Who::Roles(&[ActorKind::Admin]);

/// People who administer the service.
pub(super) const ADMINS: Who = Who::Roles(&[ActorKind::Admin, ActorKind::Operator]);

/// People on the box.
pub(super) const OPERATORS: Who = Who::Roles(&[ActorKind::Operator]);

/// People, wherever they are.
pub(super) const PEOPLE: Who = Who::Roles(&[ActorKind::Staff, ActorKind::Admin, ActorKind::Operator]);

/// People, and programs with a key.
pub(super) const PEOPLE_AND_AGENTS: Who =
    Who::Roles(&[ActorKind::Staff, ActorKind::Admin, ActorKind::Operator, ActorKind::Agent]);

impl Who {
    /// May somebody of this kind call it?
    pub fn admits(self, kind: ActorKind) -> bool {
        match self {
            Self::Anyone => true,
            Self::Roles(roles) => roles.contains(&kind),
        }
    }

    /// The words for it, such as `staff`; `anyone` for everyone.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Anyone => vec!["anyone"],
            Self::Roles(roles) => roles.iter().map(|role| role.as_str()).collect(),
        }
    }
}

/// One address, one method, and who may use them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, such as `/api/v1/proposals/{id}`.
    pub path: String,
    /// Who may call it.
    pub who: Who,
    /// Whose pages may ask for it.
    pub asked_by: AskedBy,
}

/// Whose pages may ask for something that changes nothing. What changes something is always for our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// Whoever leads to it: a link of another site may.
    Anyone,
    /// Our own pages only, such as a stream that stays open.
    OwnPages,
}

/// Routes with their handlers.
pub(super) struct Table<S> {
    below: &'static str,
    routes: Vec<(Route, MethodRouter<S>)>,
}

impl<S: Clone + Send + Sync + 'static> Table<S> {
    /// An empty table of routes below this path.
    pub(super) const fn below(path: &'static str) -> Self {
        Self { below: path, routes: Vec::new() }
    }

    /// Answers `GET`, and `HEAD` with it.
    pub(super) fn get<H: Handler<T, S>, T: 'static>(self, path: &str, who: Who, handler: H) -> Self {
        self.add(Method::GET, path, (who, AskedBy::Anyone), on(MethodFilter::GET, handler))
    }

    /// Answers `GET` of our own pages, and refuses those of other sites like a change.
    pub(super) fn get_by_own_pages<H: Handler<T, S>, T: 'static>(self, path: &str, who: Who, handler: H) -> Self {
        self.add(Method::GET, path, (who, AskedBy::OwnPages), on(MethodFilter::GET, handler))
    }

    /// Answers `POST`.
    pub(super) fn post<H: Handler<T, S>, T: 'static>(self, path: &str, who: Who, handler: H) -> Self {
        self.add(Method::POST, path, (who, AskedBy::OwnPages), on(MethodFilter::POST, handler))
    }

    fn add(mut self, method: Method, path: &str, (who, asked_by): (Who, AskedBy), handler: MethodRouter<S>) -> Self {
        self.routes.push((Route { method, path: format!("{}{path}", self.below), who, asked_by }, handler));
        self
    }

    /// The routes without their handlers.
    pub(super) fn routes(self) -> impl Iterator<Item = Route> {
        self.routes.into_iter().map(|(route, _)| route)
    }

    /// The routes, each behind its guard.
    pub(super) fn guarded(self, state: S, web: &WebState) -> Router {
        let guarded = self.routes.into_iter().fold(Router::new(), |router, (route, handler)| {
            let path = route.path.clone();
            router.route(&path, handler.route_layer(from_fn_with_state(Guard::new(web, route), admit)))
        });
        guarded.with_state(state)
    }
}
