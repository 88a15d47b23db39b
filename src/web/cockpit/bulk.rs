//! Several proposals decided at once: only of low risk, only of one kind, and each decided by itself.
//!
//! # Guarantees
//! * Each decision goes through the gate as if it were made alone, for the content that was shown.
//! * One that can't be decided stays as it was, and the page says why; the others are decided all the same.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use studio_cockpit::model::bulk::{Bulk, BulkForm, BulkItem};
use studio_cockpit::model::facts::May;
use studio_cockpit::model::forms::FormProblem;
use studio_cockpit::model::proposals;
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::Page;

use crate::domain::capability::Risk;
use crate::domain::ids::{Hash, ProposalId};
use crate::domain::proposal::{Choice, GivenReason, Proposal};
use crate::gate::Decision;
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show, show_as};
use crate::web::denial::{denied, kind_of};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

impl Cockpit {
    pub(super) async fn bulk_page(&self, form: &BulkForm) -> Result<Bulk, Unanswered> {
        let viewer = self.viewer()?;
        let ids: Vec<ProposalId> = form.ids.iter().take(BulkForm::MOST).filter_map(|id| id.parse().ok()).collect();
        let found = self.panel("The proposals", self.store().proposals_of(&ids).await)?;
        let rows = self.panel("The proposals", self.proposal_rows(viewer, &found).await)?;
        let verdicts = self.panel("The decisions", self.store().verdicts_of(&ids).await)?;
        let items = found.iter().zip(rows).map(|(proposal, row)| {
            let given = verdicts.get(&proposal.id).map_or(&[][..], Vec::as_slice);
            let own =
                given.iter().find(|verdict| verdict.round == proposal.round && viewer.is_same_person(&verdict.by));
            BulkItem {
                row,
                content_hash: proposal.content_hash().to_string(),
                decided: own.map(|verdict| match verdict.choice {
                    Choice::Approve => proposals::Choice::Approve,
                    Choice::Reject => proposals::Choice::Reject,
                }),
            }
        });
        let capability = match found.as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other.capability == first.capability) => {
                Some(facts::capability(&first.capability, self.gate().registry()))
            }
            _ => None,
        };
        let may = match self.together(&found) {
            Ok(()) if form.ids.len() > BulkForm::MOST => May::No { why: too_many() },
            Ok(()) => May::Yes,
            Err(why) => May::No { why },
        };
        Ok(Bulk { items: items.collect(), capability, may })
    }

    /// May these be decided together? Else why not.
    fn together(&self, proposals: &[Proposal]) -> Result<(), String> {
        let Some(first) = proposals.first() else { return Err("Choose at least one proposal.".to_owned()) };
        if proposals.iter().any(|other| other.capability != first.capability) {
            return Err("They are of several kinds: only changes of one kind are decided together.".to_owned());
        }
        match self.gate().capability(&first.capability) {
            Ok(capability) if capability.risk == Risk::Low => Ok(()),
            Ok(_) | Err(_) => Err("Only changes of low risk are decided together: open each of these.".to_owned()),
        }
    }
}

fn too_many() -> String {
    format!("At most {} proposals are decided together.", BulkForm::MOST)
}

/// `GET /proposals/bulk`
pub(in crate::web) async fn page(State(state): State<DeskState>, asked: Asked) -> Response {
    let form = BulkForm::from_pairs(asked.pairs());
    show(&state, &asked, Page::Bulk(form)).await
}

/// `POST /proposals/bulk`
pub(in crate::web) async fn decide(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let text = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str());
    // What is no pair of an id and a hash was never shown, so it is decided about nothing.
    let shown: Vec<(ProposalId, Hash)> = fields
        .iter()
        .filter(|(name, _)| name == "item")
        .filter_map(|(_, value)| value.split_once(' '))
        .filter_map(|(id, hash)| Some((id.parse().ok()?, hash.parse().ok()?)))
        .collect();
    let ids: Vec<String> = shown.iter().map(|(id, _)| id.to_string()).collect();
    let reason = text("reason").to_owned();
    let cockpit = asked.cockpit(&state);
    let proposals = state.desk.store().proposals_of(&shown.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
    let wrong = match (Choice::parse(text("decision")), cockpit.together(&proposals)) {
        (_, Err(why)) => Err(FormProblem::Whole(why)),
        (_, Ok(())) if shown.len() > BulkForm::MOST => Err(FormProblem::Whole(too_many())),
        (None, Ok(())) => Err(FormProblem::Whole("Choose whether to approve or to reject them.".to_owned())),
        (Some(choice), Ok(())) => match GivenReason::parse(&reason) {
            Ok(_) => Ok(choice),
            Err(short) => Err(FormProblem::Reason(short.sentence().to_owned())),
        },
    };
    let choice = match wrong {
        Ok(choice) => choice,
        Err(problem) => {
            let form = BulkForm { ids: ids.clone(), reason, is_done: false, problem: Some(problem) };
            asked.here = paths::bulk_of(&ids, false);
            return Ok(show_as(&state, &asked, Page::Bulk(form), StatusCode::UNPROCESSABLE_ENTITY).await);
        }
    };
    for (proposal, content_hash) in shown {
        let decision = Decision { proposal, choice, code: None, reason: reason.clone(), content_hash };
        if let Err(error) = state.desk.gate().decide(&asked.actor, decision, state.desk.now()).await {
            // A denial is in the audit log and on the next page; only what is no denial ends it here.
            let reason = denied(error)?;
            tracing::info!(proposal.id = %proposal, reason = reason.code(), status = %kind_of(reason).status(),
                "Proposal {proposal} was not decided with the others");
        }
    }
    Ok(Redirect::to(&paths::bulk_of(&ids, true)).into_response())
}
