//! The switch: stopping in one step, and resuming by two people.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use studio_cockpit::model::acts::ActProblem;
use studio_cockpit::model::policy::{Position, Switch, SwitchForm, SwitchScope, SwitchStep, Switches};
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::actor::Actor;
use crate::domain::kill_switch::{self as domain, CONFIRM_WITHIN, SwitchState};
use crate::domain::reason::Reason;
use crate::gate::{GateError, Writes};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show, show_as};
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::{ActFields, fresh, refused};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How much of the history is shown.
const HISTORY: u16 = 30;

/// The word that has to be typed to resume.
const WORD: &str = "RESUME";

impl Cockpit {
    /// Both switches: what can't be read is shown as stopped.
    pub(in crate::web::cockpit) async fn switches_page(&self) -> Switches {
        let switch = self.store().kill_switch().await;
        let history = self.panel("The history of the switch", self.store().kill_switch_history(HISTORY).await);
        let viewer = self.viewer().ok();
        let stopped = match (switch.may_write(), self.gate().settings().writes) {
            (Err(reason), _) => Some(reason),
            (Ok(()), Writes::Off) => Some(Reason::WritesOff),
            (Ok(()), Writes::On) => None,
        };
        let asked = |rule: &dyn Fn(&Actor) -> Result<domain::SwitchStep, Reason>| {
            facts::may(viewer.map_or(Err(Reason::NotSignedIn), |viewer| rule(viewer).map(|_| ())))
        };
        let each = domain::SwitchScope::ALL.map(|scope| {
            let state = switch.of(scope);
            Switch {
                scope: scope_of(scope),
                position: position(state),
                mark: mark(state),
                may_ask: asked(&|viewer| state.request_resume(viewer)),
                may_confirm: asked(&|viewer| state.confirm_resume(viewer, self.now())),
            }
        });
        Switches {
            stopped: stopped.map(|reason| reason.sentence().to_owned()),
            each: each.into(),
            history: history.map(|records| records.into_iter().map(step).collect()),
            may_stop: asked(&SwitchState::stop),
        }
    }
}

const fn scope_of(scope: domain::SwitchScope) -> SwitchScope {
    match scope {
        domain::SwitchScope::Studio => SwitchScope::Studio,
        domain::SwitchScope::Global => SwitchScope::Box,
    }
}

const fn of_scope(scope: SwitchScope) -> domain::SwitchScope {
    match scope {
        SwitchScope::Studio => domain::SwitchScope::Studio,
        SwitchScope::Box => domain::SwitchScope::Global,
    }
}

fn position(state: &SwitchState) -> Position {
    match state {
        SwitchState::Running { since } => Position::Running { since: since.to_jiff() },
        SwitchState::Unreadable { why } => Position::Unreadable { why: why.clone() },
        SwitchState::Stopped { last } => {
            let (by, at, reason) = (facts::actor(&last.by), last.at.to_jiff(), last.reason.clone());
            match last.step {
                domain::SwitchStep::ResumeRequested => {
                    let until = last.at.plus(CONFIRM_WITHIN).to_jiff();
                    Position::ResumeRequested { by, at, reason, until }
                }
                domain::SwitchStep::Began | domain::SwitchStep::Stopped | domain::SwitchStep::Resumed => {
                    Position::Stopped { by, at, reason }
                }
            }
        }
    }
}

/// What tells one position from the next.
fn mark(state: &SwitchState) -> String {
    match state {
        SwitchState::Running { since } => format!("running {}", since.micros()),
        SwitchState::Stopped { last } => format!("{} {}", last.step.word(), last.at.micros()),
        SwitchState::Unreadable { .. } => "unreadable".to_owned(),
    }
}

fn step(record: domain::SwitchRecord) -> SwitchStep {
    let what = match record.step {
        domain::SwitchStep::Began => "Began to run",
        domain::SwitchStep::Stopped => "Stopped",
        domain::SwitchStep::ResumeRequested => "Asked to resume",
        domain::SwitchStep::Resumed => "Confirmed: writes go on",
    };
    SwitchStep {
        scope: scope_of(record.scope),
        what: what.to_owned(),
        by: facts::actor(&record.by),
        reason: record.reason,
        at: record.at.to_jiff(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct SwitchFields {
    scope: String,
    mark: String,
    confirm: String,
    reason: String,
    idempotency_key: String,
}

impl SwitchFields {
    fn split(self) -> (Option<SwitchScope>, String, ActFields) {
        let Self { scope, mark, confirm, reason, idempotency_key } = self;
        (SwitchScope::parse(&scope), mark, ActFields { confirm, reason, idempotency_key })
    }
}

/// `GET /policy/stop`
pub(in crate::web) async fn stop_page(State(state): State<DeskState>, asked: Asked) -> Response {
    show(&state, &asked, Page::Rules(RulesPage::Stop(SwitchForm { scope: None, act: fresh() }))).await
}

/// `GET /policy/resume`
pub(in crate::web) async fn resume_page(State(state): State<DeskState>, asked: Asked) -> Response {
    let scope = asked.pairs().find(|(name, _)| *name == "scope").and_then(|(_, word)| SwitchScope::parse(word));
    show(&state, &asked, Page::Rules(RulesPage::Resume(SwitchForm { scope, act: fresh() }))).await
}

/// `POST /policy/stop`
pub(in crate::web) async fn stop(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<SwitchFields>,
) -> Result<Response, Problem> {
    let (scope, _, typed) = fields.split();
    paths::STOP.clone_into(&mut asked.here);
    let scope = scope.unwrap_or_default();
    let (gate, now) = (state.desk.gate(), state.desk.now());
    let switch = state.desk.store().kill_switch().await;
    let current = switch.of(of_scope(scope));
    if is_stopped_so(current, &asked.actor, &typed.reason) {
        return lead(&state, &asked, Outcome { told: Ruled::SentBefore, to: paths::POLICY.to_owned() }).await;
    }
    let act = async {
        let stopped = gate.stop_all(&asked.actor, of_scope(scope), &typed.reason, now).await?;
        let told = if stopped.at_rest { Ruled::Stopped } else { Ruled::StoppedBusy };
        Ok::<_, GateError>(Outcome { told, to: paths::POLICY.to_owned() })
    };
    // A form of before that is sent again stops again, where writes go on by now: stopping is never taken for done.
    let key = format!("{} {}", typed.idempotency_key, mark(current));
    match state.desk.once().run((&asked.session.key, &key), now, act).await {
        Ok(outcome) => lead(&state, &asked, outcome).await,
        Err(error) => {
            let (problem, status) = refused(error)?;
            let form = SwitchForm { scope: Some(scope), act: typed.back(problem) };
            Ok(show_as(&state, &asked, Page::Rules(RulesPage::Stop(form)), status).await)
        }
    }
}

/// Has this person stopped it for this very reason, as after a second click?
fn is_stopped_so(state: &SwitchState, by: &Actor, reason: &str) -> bool {
    match state {
        SwitchState::Stopped { last } => {
            last.step == domain::SwitchStep::Stopped
                && by.is_same_person(&last.by)
                && last.reason == reason.trim().replace("\r\n", "\n")
        }
        SwitchState::Running { .. } | SwitchState::Unreadable { .. } => false,
    }
}

/// `POST /policy/resume`
pub(in crate::web) async fn ask(
    State(state): State<DeskState>,
    asked: Asked,
    FormBody(fields): FormBody<SwitchFields>,
) -> Result<Response, Problem> {
    resume(state, asked, fields, Half::Ask).await
}

/// `POST /policy/resume/confirm`
pub(in crate::web) async fn confirm(
    State(state): State<DeskState>,
    asked: Asked,
    FormBody(fields): FormBody<SwitchFields>,
) -> Result<Response, Problem> {
    resume(state, asked, fields, Half::Confirm).await
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Ask,
    Confirm,
}

async fn resume(state: DeskState, mut asked: Asked, fields: SwitchFields, half: Half) -> Result<Response, Problem> {
    let (scope, seen, typed) = fields.split();
    let scope = scope.unwrap_or_default();
    asked.here = paths::resume(scope);
    let (gate, now) = (state.desk.gate(), state.desk.now());
    // What was done before is told before anything is said about the form: the switch has moved since, by this very form.
    let act = async {
        if let Some(problem) = typed.word_missing(WORD) {
            return Err(Refused::Typed(problem));
        }
        let current = mark(state.desk.store().kill_switch().await.of(of_scope(scope)));
        if !seen.is_empty() && seen != current {
            return Err(Refused::Moved);
        }
        let told = match half {
            Half::Ask => {
                gate.request_resume(&asked.actor, of_scope(scope), &typed.reason, now).await?;
                Ruled::ResumeAsked
            }
            Half::Confirm => {
                gate.confirm_resume(&asked.actor, of_scope(scope), &typed.reason, now).await?;
                Ruled::Resumed
            }
        };
        Ok(Outcome { told, to: paths::POLICY.to_owned() })
    };
    let sent = (&asked.session.key, typed.idempotency_key.as_str());
    let (problem, status) = match state.desk.once().run(sent, now, act).await {
        Ok(outcome) => return lead(&state, &asked, outcome).await,
        Err(Refused::Typed(problem)) => (problem, StatusCode::UNPROCESSABLE_ENTITY),
        Err(Refused::Moved) => {
            let said = "The switch was moved since you opened this page: here is where it stands now.";
            (ActProblem::Whole(said.to_owned()), StatusCode::CONFLICT)
        }
        Err(Refused::Gate(error)) => refused(error)?,
    };
    let form = SwitchForm { scope: Some(scope), act: typed.back(problem) };
    Ok(show_as(&state, &asked, Page::Rules(RulesPage::Resume(form)), status).await)
}

/// Why resuming came to nothing.
enum Refused {
    Typed(ActProblem),
    Moved,
    Gate(GateError),
}

impl From<GateError> for Refused {
    fn from(error: GateError) -> Self {
        Self::Gate(error)
    }
}
