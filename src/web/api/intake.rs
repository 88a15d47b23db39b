//! Texts that the intake rules have stopped, and what people decide about them.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::capability::BadInput;
use crate::domain::ids::Hash;
use crate::domain::intake;
use crate::domain::time::Timestamp;
use crate::gate::NewReview;
use crate::store::{IntakeDecision, IntakeItem};
use crate::web::api::{Person, Query};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{Moment, Sha256};
use crate::web::problem::Problem;

/// How many texts one answer has at most.
const PAGE: u16 = 200;

/// Texts: the answer to `GET /api/v1/intake`, or with `?reviewed=true`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Intake {
    /// What waits, oldest first; or what was reviewed, newest first.
    pub items: Vec<Item>,
}

/// A text that was stopped. The text itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    /// Its number.
    pub id: i64,
    /// What it belongs to, such as `proposal:…`.
    pub subject: String,
    /// Who wrote it.
    pub requester: Person,
    /// The hash of the text.
    #[schema(value_type = Sha256)]
    pub text_hash: Hash,
    /// What it is about, such as `weaponization`.
    pub category: String,
    /// How sure the rules are, 0 to 100.
    pub score: u8,
    /// The rules that matched.
    pub rules: Vec<String>,
    /// The version of the rules.
    pub rules_version: String,
    /// A few harmless words around the first find.
    pub excerpt: String,
    /// Since when it is known.
    #[schema(value_type = Moment)]
    pub since: Timestamp,
    /// May it go on? Null while nobody has decided.
    pub granted: Option<bool>,
    /// What was decided, oldest first; the newest counts.
    pub decisions: Vec<Decision>,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = IntakeDecision)]
pub struct Decision {
    /// What was checked, and with it what was decided.
    pub code: ReviewCode,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: Person,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
}

/// What was checked, and with it what is decided: `staff_override_…` lets it go on, `policy_…` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ReviewCode {
    /// The words mean something harmless here.
    #[serde(rename = "staff_override_context_verified")]
    ContextVerified,
    /// The requester has proved their rights; only about other people's designs.
    #[serde(rename = "staff_override_rights_attested")]
    RightsAttested,
    /// It is what it seems to be.
    #[serde(rename = "policy_confirmed_block")]
    ConfirmedBlock,
    /// It is against the law.
    #[serde(rename = "policy_confirmed_illegal")]
    ConfirmedIllegal,
}

/// Decides about a text: the body of `POST /api/v1/intake/{id}/review`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// What was checked.
    pub code: ReviewCode,
    /// Why: 10 to 1,000 characters.
    pub reason: String,
}

/// What was decided: the answer to `POST /api/v1/intake/{id}/review`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reviewed {
    /// The text's number.
    pub id: i64,
    /// May it go on?
    pub granted: bool,
}

impl From<ReviewCode> for intake::ReviewCode {
    fn from(code: ReviewCode) -> Self {
        match code {
            ReviewCode::ContextVerified => Self::ContextVerified,
            ReviewCode::RightsAttested => Self::RightsAttested,
            ReviewCode::ConfirmedBlock => Self::ConfirmedBlock,
            ReviewCode::ConfirmedIllegal => Self::ConfirmedIllegal,
        }
    }
}

impl From<intake::ReviewCode> for ReviewCode {
    fn from(code: intake::ReviewCode) -> Self {
        match code {
            intake::ReviewCode::ContextVerified => Self::ContextVerified,
            intake::ReviewCode::RightsAttested => Self::RightsAttested,
            intake::ReviewCode::ConfirmedBlock => Self::ConfirmedBlock,
            intake::ReviewCode::ConfirmedIllegal => Self::ConfirmedIllegal,
        }
    }
}

const fn grants(ruling: intake::Ruling) -> bool {
    match ruling {
        intake::Ruling::Grant => true,
        intake::Ruling::Deny => false,
    }
}

impl Item {
    fn of(item: IntakeItem, decisions: &[IntakeDecision]) -> Self {
        let own = decisions.iter().filter(|decision| decision.item == item.id);
        let shown = |decision: &IntakeDecision| Decision {
            code: decision.code.into(),
            reason: decision.reason.clone(),
            by: Person::from(&decision.by),
            at: decision.at,
        };
        Self {
            id: item.id,
            subject: item.subject.to_string(),
            requester: Person::from(&item.requester),
            text_hash: item.hash,
            category: item.category.word().to_owned(),
            score: item.score,
            rules: item.rules,
            rules_version: item.version,
            excerpt: item.excerpt,
            since: item.at,
            granted: item.ruling.map(grants),
            decisions: own.map(shown).collect(),
        }
    }
}

pub(in crate::web) async fn list(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Intake>, Problem> {
    let query = Query::parse(query.as_deref(), &["reviewed"])?;
    let items = match query.text("reviewed") {
        None | Some("false") => desk.store().intake_queue(PAGE).await?,
        Some("true" | "") => desk.store().intake_reviewed(PAGE).await?,
        Some(_) => return Err(BadInput { field: "reviewed".to_owned(), rule: "say true or false".to_owned() }.into()),
    };
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let decisions = desk.store().intake_decisions(&ids).await?;
    Ok(Json(Intake { items: items.into_iter().map(|item| Item::of(item, &decisions)).collect() }))
}

pub(in crate::web) async fn review(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<ReviewRequest>,
) -> Result<Json<Reviewed>, Problem> {
    let id = id.parse().map_err(|_| Problem::not_found("There is no such text to review."))?;
    let new = NewReview { item: id, code: body.code.into(), reason: body.reason, seen: None };
    let ruling = desk.gate().review_intake(&caller, new, desk.now()).await?;
    Ok(Json(Reviewed { id, granted: grants(ruling) }))
}
