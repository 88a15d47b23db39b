//! Who is signed in where, who may sign in, and forms that waited for their person.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use studio_cockpit::model::sessions::{self as model, SessionFilter, SessionRow, StaffForm, StaffWord};
use studio_cockpit::model::trouble::{Panel, Unanswered};
use studio_cockpit::paths;
use studio_cockpit::render::Page;

use crate::domain::actor::{ActorKind, Person};
use crate::domain::ids::{Hash, Uid};
use crate::domain::reason::Reason;
use crate::domain::session::Session;
use crate::domain::staff::{StaffRole, StaffRule};
use crate::gate::GateError;
use crate::store::{self, KnownIdentity, StaffRow};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::forms::{NoFields, told_at};
use crate::web::cockpit::pages::{Asked, show, show_as};
use crate::web::cockpit::plain_pages;
use crate::web::cockpit::viewer::Told;
use crate::web::cookie::{self, Cookie};
use crate::web::denial::{denied, is_about_reason, kind_of};
use crate::web::desk::DeskState;
use crate::web::kept;
use crate::web::problem::Problem;
use crate::web::state::KeptPage;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct SessionFields {
    session: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct StaffFields {
    person: String,
    rule: String,
    reason: String,
}

/// `GET /sessions`
pub(in crate::web) async fn page(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = SessionFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Sessions(filter)).await
}

/// `POST /sessions/end`: one's own, or as an administrator anybody's.
pub(in crate::web) async fn end(
    State(state): State<DeskState>,
    asked: Asked,
    FormBody(fields): FormBody<SessionFields>,
) -> Result<Response, Problem> {
    let here = paths::SESSIONS.to_owned();
    let Ok(key) = fields.session.parse::<Hash>() else { return told_at(&state, &asked, Told::SessionGone, here).await };
    let mut tx = state.web.store().begin().await?;
    let known = tx.session(&key).await?;
    let is_own = known.as_ref().is_some_and(|session| session.uid == *asked.actor.uid());
    // Whether there is such a session of somebody else is no business of theirs.
    let ended = match known {
        Some(_) if is_own || asked.actor.kind() == ActorKind::Admin => {
            state.web.sessions().revoke(&mut tx, &asked.actor, &key, state.desk.now()).await?
        }
        Some(_) | None => false,
    };
    tx.commit().await?;
    if ended && key == asked.session.key {
        let cookie = cookie::clear(&state.web.settings().origin);
        return Ok(([(header::SET_COOKIE, cookie)], Redirect::to(paths::SIGN_IN)).into_response());
    }
    told_at(&state, &asked, if ended { Told::SessionEnded } else { Told::SessionGone }, here).await
}

/// `POST /sessions/end-others`: every session of one's own but this one.
pub(in crate::web) async fn end_others(
    State(state): State<DeskState>,
    asked: Asked,
    FormBody(NoFields {}): FormBody<NoFields>,
) -> Result<Response, Problem> {
    let mut tx = state.web.store().begin().await?;
    for session in tx.sessions_of(asked.actor.uid()).await? {
        if session.key != asked.session.key {
            state.web.sessions().revoke(&mut tx, &asked.actor, &session.key, state.desk.now()).await?;
        }
    }
    tx.commit().await?;
    told_at(&state, &asked, Told::OthersEnded, paths::SESSIONS.to_owned()).await
}

/// `GET /sessions/staff`
pub(in crate::web) async fn staff(State(state): State<DeskState>, asked: Asked) -> Response {
    let person = asked.pairs().find(|(name, _)| *name == "person").map(|(_, value)| value.to_owned());
    let form = StaffForm { person: person.unwrap_or_default(), ..StaffForm::default() };
    show(&state, &asked, Page::Staff(form)).await
}

/// `POST /sessions/staff`
pub(in crate::web) async fn set_staff(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<StaffFields>,
) -> Result<Response, Problem> {
    let (gate, now) = (state.desk.gate(), state.desk.now());
    let mut form =
        StaffForm { person: fields.person, rule: fields.rule, reason: fields.reason, ..StaffForm::default() };
    paths::STAFF.clone_into(&mut asked.here);
    let Ok(uid) = Uid::parse(form.person.trim()) else {
        form.person_problem = Some("Name a person as the table does.".to_owned());
        return Ok(show_as(&state, &asked, Page::Staff(form), StatusCode::UNPROCESSABLE_ENTITY).await);
    };
    let done = match model::StaffRule::parse(&form.rule) {
        Some(rule) => gate.set_staff_rule(&asked.actor, &uid, rule_of(rule), &form.reason, now).await,
        None if form.rule == "none" => gate.clear_staff_rule(&asked.actor, &uid, &form.reason, now).await,
        None => Err(GateError::Denied(Reason::InputInvalid)),
    };
    let reason = match done {
        Ok(()) => return told_at(&state, &asked, Told::StaffChanged, paths::STAFF.to_owned()).await,
        Err(GateError::Missing { .. }) => {
            form.person_problem =
                Some("The studio says nothing on this person, so there is nothing to take back.".to_owned());
            return Ok(show_as(&state, &asked, Page::Staff(form), StatusCode::NOT_FOUND).await);
        }
        Err(error) => denied(error)?,
    };
    let sentence = Some(reason.sentence().to_owned());
    if is_about_reason(reason) {
        form.reason_problem = sentence
    } else {
        form.problem = sentence
    }
    Ok(show_as(&state, &asked, Page::Staff(form), kind_of(reason).status()).await)
}

/// `GET /kept`: the form that this browser sent too late, if it is this person's.
pub(in crate::web) async fn kept_page(State(state): State<DeskState>, asked: Asked) -> Result<Response, Problem> {
    let secret = cookie::secret(asked.headers(), &state.web.settings().origin, Cookie::Kept);
    let form = match secret {
        Some(secret) => state.web.store().kept_form(&secret.hash(), asked.actor.uid()).await?,
        None => None,
    };
    let form = form.filter(|form| !form.is_over(state.desk.now()));
    let page = form.map_or(KeptPage::Nothing, |form| KeptPage::Ready(kept::fields(&form)));
    Ok(show(&state, &asked, Page::Kept(plain_pages::kept(page))).await)
}

/// `POST /kept/discard`
pub(in crate::web) async fn discard(
    State(state): State<DeskState>,
    asked: Asked,
    FormBody(NoFields {}): FormBody<NoFields>,
) -> Result<Response, Problem> {
    let origin = &state.web.settings().origin;
    if let Some(secret) = cookie::secret(asked.headers(), origin, Cookie::Kept) {
        kept::forget(&state.web, &secret, None).await?;
    }
    let mut response = told_at(&state, &asked, Told::FormForgotten, paths::OVERVIEW.to_owned()).await?;
    response.headers_mut().append(header::SET_COOKIE, Cookie::Kept.clear(origin));
    Ok(response)
}

const fn rule_of(rule: model::StaffRule) -> StaffRule {
    match rule {
        model::StaffRule::Staff => StaffRule::Allow(StaffRole::Staff),
        model::StaffRule::Admin => StaffRule::Allow(StaffRole::Admin),
        model::StaffRule::Deny => StaffRule::Deny,
    }
}

const fn shown_rule(rule: StaffRule) -> model::StaffRule {
    match rule {
        StaffRule::Allow(StaffRole::Staff) => model::StaffRule::Staff,
        StaffRule::Allow(StaffRole::Admin) => model::StaffRule::Admin,
        StaffRule::Deny => model::StaffRule::Deny,
    }
}

impl Cockpit {
    /// Who is signed in where: one's own, and for administrators everybody's.
    pub(super) async fn sessions_page(&self, filter: &SessionFilter) -> Result<model::Sessions, Unanswered> {
        let viewer = self.viewer()?;
        let open = self.open_sessions().await;
        let rows = |mine: bool| -> Panel<Vec<SessionRow>> {
            let open = open.as_ref().map_err(|trouble| trouble.clone())?;
            let mut rows: Vec<&Session> =
                open.iter().filter(|session| (session.uid == *viewer.uid()) == mine).collect();
            if !mine {
                rows.retain(|session| filter.person.as_ref().is_none_or(|person| person == session.uid.as_str()));
                rows.sort_by(|one, other| one.uid.cmp(&other.uid));
            }
            Ok(rows.into_iter().map(|session| self.session_row(session)).collect())
        };
        let others = (viewer.kind() == ActorKind::Admin).then(|| rows(false));
        Ok(model::Sessions { mine: rows(true), others })
    }

    /// Who may sign in.
    pub(super) async fn staff_page(&self) -> Result<model::Staff, Unanswered> {
        if self.viewer()?.kind() != ActorKind::Admin {
            return Err(Unanswered::Forbidden { why: Reason::RoleMissing.sentence().to_owned() });
        }
        let people = self.panel("Who may sign in", self.people().await);
        Ok(model::Staff { people })
    }

    async fn open_sessions(&self) -> Panel<Vec<Session>> {
        let Some((sessions, _)) = self.door() else { return Ok(Vec::new()) };
        self.panel("The sessions", sessions.open(self.store(), self.now()).await)
    }

    fn session_row(&self, session: &Session) -> SessionRow {
        let person = Person {
            uid: session.uid.clone(),
            kind: session.role.kind(),
            name: session.name.clone(),
            issuer: session.issuer,
        };
        let (ends, is_this) = match self.door() {
            Some((sessions, this)) => (sessions.ends(session), this.key == session.key),
            None => (session.seen, false),
        };
        SessionRow {
            id: session.key.to_string(),
            person: facts::actor(&person),
            browser: session.browser.clone(),
            began: session.began.to_jiff(),
            seen: session.seen.to_jiff(),
            ends: ends.to_jiff(),
            is_this,
        }
    }

    async fn people(&self) -> store::Result<Vec<model::StaffRow>> {
        let (words, known) = (self.store().staff_table().await?, self.store().identities().await?);
        let open = match self.door() {
            Some((sessions, _)) => sessions.open(self.store(), self.now()).await?,
            None => Vec::new(),
        };
        let mut uids: Vec<&Uid> =
            words.iter().map(|word| &word.uid).chain(known.iter().map(|known| &known.uid)).collect();
        uids.sort();
        uids.dedup();
        Ok(uids.into_iter().map(|uid| person_row(uid, &words, &known, &open)).collect())
    }
}

fn person_row(uid: &Uid, words: &[StaffRow], known: &[KnownIdentity], open: &[Session]) -> model::StaffRow {
    let word = words.iter().find(|word| word.uid == *uid).map(|word| StaffWord {
        rule: shown_rule(word.rule),
        reason: word.reason.clone(),
        by: word.by.clone(),
        at: word.at.to_jiff(),
    });
    model::StaffRow {
        uid: uid.to_string(),
        emails: known.iter().filter(|known| known.uid == *uid).map(|known| known.email.clone()).collect(),
        word,
        sessions: open.iter().filter(|session| session.uid == *uid).count() as u64,
    }
}
