//! May I? The gate's decision without anything being done, with everything that stands in the way.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::actor::Actor;
use crate::domain::capability::BadInput;
use crate::domain::decision::{self, Act, Base};
use crate::domain::ids::{DocPath, ProposalId};
use crate::domain::reason::Reason;
use crate::gate::GateError;
use crate::web::api::{Query, proposals};
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::problem::Problem;

/// The gate's decision: the answer of `GET /api/v1/may-i`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MayI {
    /// Such as `approve`.
    pub act: String,
    /// Such as `reservation.status.set`.
    pub capability: String,
    /// Would it be allowed now?
    pub allowed: bool,
    /// `OK`, or the first reason against it.
    pub code: String,
    /// The policies that decided.
    pub policies: Vec<String>,
    /// Everything that stands in the way.
    pub missing: Vec<Missing>,
}

/// One thing that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// Such as `SELF_APPROVAL`.
    pub code: String,
    /// What it means and what to do.
    pub sentence: String,
    /// The policies that say so; none when no policy permits it.
    pub policies: Vec<String>,
    /// Does it pass by itself?
    pub passes: bool,
}

impl MayI {
    fn of(act: Act, capability: &str, decision: decision::Decision) -> Self {
        let missing = |missing: decision::Missing| Missing {
            code: missing.reason.code().to_owned(),
            sentence: missing.reason.sentence().to_owned(),
            policies: missing.policies,
            passes: missing.reason.passes(),
        };
        Self {
            act: act.word().to_owned(),
            capability: capability.to_owned(),
            allowed: decision.asked().is_ok(),
            code: decision.reason.code().to_owned(),
            policies: decision.policies,
            missing: decision.missing.into_iter().map(missing).collect(),
        }
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Question<'a> {
    pub(in crate::web) act: Option<&'a str>,
    pub(in crate::web) capability: Option<&'a str>,
    pub(in crate::web) document: Option<&'a str>,
    pub(in crate::web) proposal: Option<&'a str>,
}

/// A question that was judged.
#[derive(Clone, Debug)]
pub(in crate::web) struct Judged {
    pub(in crate::web) act: Act,
    pub(in crate::web) capability: String,
    pub(in crate::web) decision: decision::Decision,
}

/// The gate's answer; pages ask here, too. Who asks is who is answered about: nobody asks for others.
///
/// # Errors
/// [`GateError::Input`] with the field that makes no sense; [`GateError::Missing`] for a proposal that the caller can't
/// see; the database could not be read.
pub(in crate::web) async fn judge(desk: &Desk, caller: &Actor, question: Question<'_>) -> Result<Judged, GateError> {
    let bad = |field: &str, rule: String| GateError::Input(BadInput { field: field.to_owned(), rule });
    let act = question.act.and_then(Act::parse).ok_or_else(|| {
        let words = Act::ALL.map(Act::word).join(", ");
        bad("act", format!("choose one of: {words}"))
    })?;
    let (gate, around) = (desk.gate(), desk.gate().around(desk.now()).await?);
    if let Some(id) = question.proposal {
        let missing = || GateError::Missing { what: "proposal" };
        let id: ProposalId = id.parse().map_err(|_| missing())?;
        let proposal = desk.store().proposal(id).await?.ok_or_else(missing)?;
        if !proposals::may_see(caller, &proposal) {
            return Err(missing());
        }
        let verdicts = desk.store().verdicts(id).await?;
        let decision = gate.may(caller, act, (&proposal, &verdicts), (Base::Unknown, None), &around).await?;
        return Ok(Judged { act, capability: proposal.capability.to_string(), decision });
    }
    match act {
        Act::Read | Act::Propose => {}
        Act::Approve | Act::Reject | Act::Withdraw | Act::Reopen | Act::Stop | Act::Apply | Act::Send => {
            return Err(bad("proposal", "say about which proposal".to_owned()));
        }
    }
    let wanted = question.capability.unwrap_or_default();
    let capability = gate.registry().find(wanted).ok_or(GateError::Denied(Reason::CapabilityUnknown))?;
    let document = question.document.map(DocPath::parse).transpose();
    let document = document.map_err(|error| bad("document", error.to_string()))?;
    let decision = gate.may_begin(caller, (act, capability), document.as_ref(), &around).await?;
    Ok(Judged { act, capability: wanted.to_owned(), decision })
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<MayI>, Problem> {
    let query = Query::parse(query.as_deref(), &["act", "capability", "document", "proposal"])?;
    let question = Question {
        act: query.text("act"),
        capability: query.text("capability"),
        document: query.text("document"),
        proposal: query.text("proposal"),
    };
    let judged = judge(&desk, &caller, question).await?;
    Ok(Json(MayI::of(judged.act, &judged.capability, judged.decision)))
}
