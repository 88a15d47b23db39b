//! `POST`: forms. Each is answered with a redirect, or comes back with what was typed and what is wrong with it.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use studio_cockpit::model::forms::{DecisionForm, DraftField, DraftForm, DraftProblem, FormProblem, UndoForm};
use studio_cockpit::model::queue::ProposalFilter;
use studio_cockpit::model::viewer::Theme;
use studio_cockpit::paths;
use studio_cockpit::render::Page;
use tracing::error;

use crate::domain::capability::{BadInput, Inputs, Request};
use crate::domain::ids::{Hash, ProposalId, WriteId};
use crate::domain::proposal::{Choice, ProposalState};
use crate::domain::reason::Reason;
use crate::domain::session::Flash;
use crate::domain::value::Value;
use crate::gate::{Decision, GateError, NewProposal, NewUndo, Proposed, Undone};
use crate::web::body::FormBody;
use crate::web::cockpit::pages::{Asked, show_as};
use crate::web::cockpit::viewer::{Told, theme_cookie};
use crate::web::denial::{conflicts, denied, is_about_reason, kind_of};
use crate::web::desk::DeskState;
use crate::web::local_path::LocalPath;
use crate::web::problem::Problem;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct DraftFields {
    finding: String,
    capability: String,
    document: String,
    status: String,
    note: String,
    reason: String,
    idempotency_key: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct DecisionFields {
    decision: String,
    reason: String,
    content_hash: String,
    idempotency_key: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct UndoFields {
    reason: String,
    idempotency_key: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct NoFields {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct PreferenceFields {
    theme: String,
    #[serde(default)]
    return_to: String,
}

/// `POST /proposals`
pub(in crate::web) async fn propose(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<DraftFields>,
) -> Result<Response, Problem> {
    let refused = match submit(&state, &asked, &fields).await {
        Ok(proposed) => {
            let told = if proposed.replayed { Told::ProposedBefore } else { Told::Proposed };
            return told_at(&state, &asked, told, paths::proposal(&proposed.id.to_string())).await;
        }
        Err(refused) => refused,
    };
    let (problem, status) = match &refused {
        GateError::Input(input) => (draft_problem(input), kind_of(Reason::InputInvalid).status()),
        GateError::Denied(reason) => (denied_draft(*reason), kind_of(*reason).status()),
        GateError::Limited(_) => (denied_draft(Reason::RateLimited), kind_of(Reason::RateLimited).status()),
        GateError::Overwritten(_) | GateError::Missing { .. } | GateError::Store(_) => return Err(refused.into()),
    };
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let form = DraftForm {
        finding: given(fields.finding),
        capability: given(fields.capability),
        document: given(fields.document),
        status: given(fields.status),
        note: fields.note,
        reason: fields.reason,
        idempotency_key: fields.idempotency_key,
        problems: vec![problem],
    };
    paths::NEW_PROPOSAL.clone_into(&mut asked.here);
    Ok(show_as(&state, &asked, Page::NewProposal(form), status).await)
}

async fn submit(state: &DeskState, asked: &Asked, fields: &DraftFields) -> Result<Proposed, GateError> {
    let gate = state.desk.gate();
    let capability = gate.registry().find(&fields.capability).ok_or(GateError::Denied(Reason::CapabilityUnknown))?;
    // The form has a field for each capability; what another one's holds is not meant.
    let inputs: Inputs = [("status", &fields.status), ("note", &fields.note)]
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(name, text)| (name.to_owned(), Value::text(text)))
        .collect();
    let request = Request::parse(capability, &fields.document, &inputs)?;
    let new = NewProposal {
        requests: request.into(),
        reason: fields.reason.clone(),
        finding: key(&fields.finding),
        request_key: key(&fields.idempotency_key),
        agent: None,
    };
    gate.propose(&asked.actor, new, state.desk.now()).await
}

/// `POST /proposals/{id}/decision`
pub(in crate::web) async fn decide(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    asked: Asked,
    FormBody(fields): FormBody<DecisionFields>,
) -> Result<Response, Problem> {
    let proposal: ProposalId = id.parse().map_err(|_| no_proposal())?;
    let here = page_of(&asked, &id);
    let Some(choice) = Choice::parse(&fields.decision) else {
        let problem = FormProblem::Whole("Choose whether to approve or to reject.".to_owned());
        return Ok(decision_again(&state, asked, id, fields, problem, Reason::InputInvalid).await);
    };
    let reason = fields.reason.clone();
    let content_hash = shown_hash(&fields.content_hash);
    let decision = Decision { proposal, choice, code: None, reason, content_hash };
    match state.desk.gate().decide(&asked.actor, decision.clone(), state.desk.now()).await {
        Ok(after) => {
            let told = match after {
                ProposalState::Approved => Told::Approved,
                ProposalState::Rejected => Told::Rejected,
                ProposalState::Waiting
                | ProposalState::Sent
                | ProposalState::Withdrawn
                | ProposalState::Expired
                | ProposalState::Stale
                | ProposalState::Denied(_) => Told::ApprovedInPart,
            };
            told_at(&state, &asked, told, here).await
        }
        Err(error) => {
            let reason = denied(error)?;
            if reason == Reason::AlreadyDecided && same_decision(&state, &asked, &decision).await? {
                return told_at(&state, &asked, Told::DecidedBefore, here).await;
            }
            Ok(decision_again(&state, asked, id, fields, form_problem(reason), reason).await)
        }
    }
}

/// The hash that the form showed. What is no hash was never shown, so it stands for other content.
fn shown_hash(text: &str) -> Hash {
    text.parse().unwrap_or_else(|_| Hash::of(text))
}

/// The proposal's page, in the queue that the reader comes from.
fn page_of(asked: &Asked, id: &str) -> String {
    match ProposalFilter::of_queue(asked.pairs()) {
        Some(queue) => paths::proposal_in(id, &queue),
        None => paths::proposal(id),
    }
}

/// Has this person decided exactly this before, as after a second click?
async fn same_decision(state: &DeskState, asked: &Asked, decision: &Decision) -> Result<bool, Problem> {
    let verdicts = state.desk.store().verdicts(decision.proposal).await?;
    Ok(verdicts.iter().any(|verdict| {
        asked.actor.is_same_person(&verdict.by)
            && verdict.choice == decision.choice
            && verdict.content_hash == decision.content_hash
    }))
}

async fn decision_again(
    state: &DeskState,
    mut asked: Asked,
    id: String,
    fields: DecisionFields,
    problem: FormProblem,
    reason: Reason,
) -> Response {
    let form = DecisionForm { reason: fields.reason, idempotency_key: fields.idempotency_key, problem: Some(problem) };
    asked.here = page_of(&asked, &id);
    let queue = ProposalFilter::of_queue(asked.pairs());
    show_as(state, &asked, Page::Proposal { id, form, queue }, kind_of(reason).status()).await
}

/// `POST /proposals/{id}/withdraw`
pub(in crate::web) async fn withdraw(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    asked: Asked,
    FormBody(NoFields {}): FormBody<NoFields>,
) -> Result<Response, Problem> {
    let proposal: ProposalId = id.parse().map_err(|_| no_proposal())?;
    match state.desk.gate().withdraw(&asked.actor, proposal, state.desk.now()).await {
        Ok(()) => told_at(&state, &asked, Told::Withdrawn, paths::proposal(&id)).await,
        Err(error) => {
            let reason = denied(error)?;
            let problem = FormProblem::Whole(reason.sentence().to_owned());
            Ok(decision_again(&state, asked, id, DecisionFields::default(), problem, reason).await)
        }
    }
}

/// `POST /writes/{id}/undo`
pub(in crate::web) async fn undo(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    asked: Asked,
    FormBody(fields): FormBody<UndoFields>,
) -> Result<Response, Problem> {
    let write: WriteId = id.parse().map_err(|_| Problem::not_found("There is no such write."))?;
    let undone = Undone::Write(write);
    let new = NewUndo { undone, reason: fields.reason.clone(), request_key: key(&fields.idempotency_key) };
    match state.desk.gate().undo(&asked.actor, new, state.desk.now()).await {
        Ok(proposed) => {
            let told = if proposed.replayed { Told::ProposedBefore } else { Told::UndoProposed };
            told_at(&state, &asked, told, paths::proposal(&proposed.id.to_string())).await
        }
        Err(GateError::Denied(reason)) => Ok(undo_again(&state, asked, id, fields, form_problem(reason), reason).await),
        Err(GateError::Overwritten(overwritten)) => {
            let problem = FormProblem::Whole(conflicts(&overwritten));
            Ok(undo_again(&state, asked, id, fields, problem, Reason::OverwrittenSince).await)
        }
        Err(
            error @ (GateError::Limited(_) | GateError::Input(_) | GateError::Missing { .. } | GateError::Store(_)),
        ) => Err(error.into()),
    }
}

async fn undo_again(
    state: &DeskState,
    mut asked: Asked,
    id: String,
    fields: UndoFields,
    problem: FormProblem,
    reason: Reason,
) -> Response {
    let form = UndoForm { reason: fields.reason, idempotency_key: fields.idempotency_key, problem: Some(problem) };
    asked.here = paths::write(&id);
    show_as(state, &asked, Page::Write { id, form }, kind_of(reason).status()).await
}

/// `POST /drift/check`
pub(in crate::web) async fn check_drift(
    State(state): State<DeskState>,
    asked: Asked,
    FormBody(NoFields {}): FormBody<NoFields>,
) -> Result<Response, Problem> {
    state.desk.request_check(&asked.actor).await?;
    told_at(&state, &asked, Told::CheckAsked, paths::DRIFT.to_owned()).await
}

/// `POST /preferences`: for everyone, signed in or not.
pub(in crate::web) async fn preferences(
    State(state): State<DeskState>,
    FormBody(fields): FormBody<PreferenceFields>,
) -> Result<Response, Problem> {
    let theme = Theme::parse(&fields.theme).ok_or_else(|| {
        Problem::from(BadInput { field: "theme".to_owned(), rule: "choose system, light or dark".to_owned() })
    })?;
    let back = LocalPath::parse(&fields.return_to).map_or_else(|| paths::OVERVIEW.to_owned(), |path| path.to_string());
    Ok(([(header::SET_COOKIE, theme_cookie(&state.web.settings().origin, theme))], Redirect::to(&back)).into_response())
}

/// Leaves a message for the next page, and leads there. What was done is done, also when that can't be told.
pub(super) async fn told_at(state: &DeskState, asked: &Asked, told: Told, to: String) -> Result<Response, Problem> {
    if let Err(cause) = state.web.leave_flash(&asked.session, &Flash::ok(told.code())).await {
        let cause = anyhow::Error::new(cause);
        error!(error.id = asked.request_id, "A message for the next page could not be left: {cause:#}");
    }
    Ok(Redirect::to(&to).into_response())
}

fn no_proposal() -> Problem {
    Problem::not_found("There is no such proposal.")
}

fn key(text: &str) -> Option<String> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn form_problem(reason: Reason) -> FormProblem {
    let sentence = reason.sentence().to_owned();
    if is_about_reason(reason) { FormProblem::Reason(sentence) } else { FormProblem::Whole(sentence) }
}

fn draft_problem(input: &BadInput) -> DraftProblem {
    let field = match input.field.as_str() {
        "document" => DraftField::Document,
        "status" => DraftField::Status,
        "note" => DraftField::Note,
        _ => DraftField::Whole,
    };
    let mut rule = input.rule.chars();
    let first = rule.next().map(char::to_uppercase);
    let message = first.into_iter().flatten().chain(rule).chain(['.']).collect();
    DraftProblem { field, message }
}

fn denied_draft(reason: Reason) -> DraftProblem {
    let field = if is_about_reason(reason) {
        DraftField::Reason
    } else if [Reason::TransitionNotAllowed, Reason::AlreadySo, Reason::RequirementNotMet].contains(&reason) {
        DraftField::Status
    } else if reason == Reason::DocumentMissing {
        DraftField::Document
    } else {
        DraftField::Whole
    };
    DraftProblem { field, message: reason.sentence().to_owned() }
}
