//! May I? The gate's decision without anything being done, with everything that stands in the way.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::capability::BadInput;
use crate::domain::decision::{self, Act, Base};
use crate::domain::ids::ProposalId;
use crate::domain::reason::Reason;
use crate::gate::facts::Facts;
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

/// Who asks is who is answered about: nobody asks for others.
pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<MayI>, Problem> {
    let query = Query::parse(query.as_deref(), &["act", "capability", "proposal"])?;
    let act = query.text("act").and_then(Act::parse).ok_or_else(|| {
        let words = Act::ALL.map(Act::word).join(", ");
        BadInput { field: "act".to_owned(), rule: format!("choose one of: {words}") }
    })?;
    let (gate, around) = (desk.gate(), desk.gate().around(desk.now()).await?);
    if let Some(id) = query.text("proposal") {
        let missing = || Problem::not_found("There is no such proposal.");
        let id: ProposalId = id.parse().map_err(|_| missing())?;
        let proposal = desk.store().proposal(id).await?.ok_or_else(missing)?;
        if !proposals::may_see(&caller, &proposal) {
            return Err(missing());
        }
        let verdicts = desk.store().verdicts(id).await?;
        let decision = gate.may(&caller, act, (&proposal, &verdicts), (Base::Unknown, None), &around).await?;
        return Ok(Json(MayI::of(act, proposal.capability.as_str(), decision)));
    }
    match act {
        Act::Read | Act::Propose => {}
        Act::Approve | Act::Reject | Act::Withdraw | Act::Reopen | Act::Stop | Act::Apply | Act::Send => {
            let rule = "say about which proposal".to_owned();
            return Err(BadInput { field: "proposal".to_owned(), rule }.into());
        }
    }
    let wanted = query.text("capability").unwrap_or_default();
    let capability = gate.registry().find(wanted).ok_or(Reason::CapabilityUnknown)?;
    let decision = gate.policy().judge(&Facts::asking(&caller, act, capability, &around));
    Ok(Json(MayI::of(act, wanted, decision)))
}
