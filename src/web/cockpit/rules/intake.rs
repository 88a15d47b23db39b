//! Texts that wait for a person: the queue, one text, and deciding about it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use studio_cockpit::model::acts::ActProblem;
use studio_cockpit::model::facts::May;
use studio_cockpit::model::intake::{
    Intake, IntakeCategory, IntakeDecision, IntakeDetail, IntakeFilter, IntakeRow, IntakeStanding, ReviewChoice,
    ReviewForm, Subject,
};
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::audit::Target;
use crate::domain::intake::{self as domain, Category, ReviewCode, Ruling, Text, may_review};
use crate::domain::reason::Reason;
use crate::gate::{GateError, NewReview};
use crate::store::{self, IntakeItem, IntakeQuery};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, fresh_key, show, show_as};
use crate::web::cockpit::rules::once::Outcome;
use crate::web::cockpit::rules::told::{Ruled, lead};
use crate::web::cockpit::rules::typed::refused;
use crate::web::denial::kind_of;
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How many texts one page shows.
const PAGE: u16 = 50;

impl Cockpit {
    pub(in crate::web::cockpit) async fn intake_page(&self, filter: &IntakeFilter) -> Intake {
        let query = IntakeQuery {
            decided: filter.decided,
            category: filter.category.map(of_category),
            from: filter.from.and_then(|from| i64::try_from(from).ok()),
        };
        let found = self.panel("The texts", self.store().intake_items(&query, PAGE + 1).await);
        let mut rows = found.map(|all| all.iter().map(row).collect::<Vec<_>>());
        let next = rows.as_mut().ok().and_then(|rows| {
            let next = rows.get(usize::from(PAGE)).map(|next| next.id);
            rows.truncate(usize::from(PAGE));
            next
        });
        let counts = self.panel("How many texts there are", self.store().intake_counts().await);
        Intake { rows, next, counts: counts.ok() }
    }

    pub(in crate::web::cockpit) async fn intake_item_page(&self, id: &str) -> Result<IntakeDetail, Unanswered> {
        let missing = || Unanswered::Missing { what: format!("Text {id}") };
        let viewer = self.viewer()?;
        let id: i64 = id.parse().map_err(|_| missing())?;
        let item = self.panel("The text", self.store().intake_item(id).await)?.ok_or_else(missing)?;
        let decisions = self.panel("The decisions", self.store().intake_decisions(&[id]).await)?;
        let (before, after) = self.panel("What waits beside it", self.store().intake_beside(id).await)?;
        let is_outdated = self.panel("The document", self.says_otherwise(&item).await)?;
        let may = |choice| {
            let asked = may_review(viewer, &item.requester, item.category, code(choice));
            (choice, may_decide(asked))
        };
        Ok(IntakeDetail {
            row: row(&item),
            text_hash: item.hash.to_string(),
            is_outdated,
            rules: item.rules.clone(),
            rules_version: item.version.clone(),
            decisions: decisions.iter().map(decision).collect(),
            choices: ReviewChoice::ALL.map(may).into(),
            neighbours: (before.map(i64::unsigned_abs), after.map(i64::unsigned_abs)),
        })
    }

    /// Has the document another text now than the one that was stopped?
    async fn says_otherwise(&self, item: &IntakeItem) -> store::Result<bool> {
        let Target::Document(path) = &item.subject else { return Ok(false) };
        let held = self.store().document(path).await?;
        Ok(held.is_some_and(|held| Text::of_fields(&held.document.fields).hash() != item.hash))
    }
}

/// What the rule about texts answers, in its own words: the reasons' sentences are about proposals and fields.
fn may_decide(asked: Result<(), Reason>) -> May {
    match asked {
        Err(Reason::SelfApproval) => May::No { why: "Nobody lets their own text pass.".to_owned() },
        Err(Reason::InputInvalid) => May::No { why: "Rights cure a borrowed design, and nothing else.".to_owned() },
        other => facts::may(other),
    }
}

fn row(item: &IntakeItem) -> IntakeRow {
    IntakeRow {
        id: item.id.unsigned_abs(),
        subject: match &item.subject {
            Target::Proposal(id) => Subject::Proposal(id.to_string()),
            Target::Document(path) => Subject::Document(path.to_string()),
            other @ (Target::Service | Target::Session(_) | Target::Write(_) | Target::Other(_)) => {
                Subject::Other(other.to_string())
            }
        },
        requester: facts::actor(&item.requester),
        category: category(item.category),
        score: item.score,
        excerpt: item.excerpt.clone(),
        since: item.at.to_jiff(),
        standing: match item.ruling {
            None => IntakeStanding::Waiting,
            Some(Ruling::Grant) => IntakeStanding::Granted,
            Some(Ruling::Deny) => IntakeStanding::Denied,
        },
    }
}

fn decision(decision: &store::IntakeDecision) -> IntakeDecision {
    IntakeDecision {
        choice: choice(decision.code),
        reason: decision.reason.clone(),
        by: facts::actor(&decision.by),
        at: decision.at.to_jiff(),
    }
}

const fn category(category: Category) -> IntakeCategory {
    match category {
        Category::Weaponization => IntakeCategory::Weapons,
        Category::IllegalContent => IntakeCategory::Illegal,
        Category::FraudRisk => IntakeCategory::Fraud,
        Category::IpInfringement => IntakeCategory::Designs,
        Category::Unknown => IntakeCategory::Unreadable,
    }
}

const fn of_category(category: IntakeCategory) -> Category {
    match category {
        IntakeCategory::Weapons => Category::Weaponization,
        IntakeCategory::Illegal => Category::IllegalContent,
        IntakeCategory::Fraud => Category::FraudRisk,
        IntakeCategory::Designs => Category::IpInfringement,
        IntakeCategory::Unreadable => Category::Unknown,
    }
}

const fn choice(code: ReviewCode) -> ReviewChoice {
    match code {
        ReviewCode::ContextVerified => ReviewChoice::Harmless,
        ReviewCode::RightsAttested => ReviewChoice::RightsProved,
        ReviewCode::ConfirmedBlock => ReviewChoice::Confirmed,
        ReviewCode::ConfirmedIllegal => ReviewChoice::Unlawful,
    }
}

const fn code(choice: ReviewChoice) -> ReviewCode {
    match choice {
        ReviewChoice::Harmless => ReviewCode::ContextVerified,
        ReviewChoice::RightsProved => ReviewCode::RightsAttested,
        ReviewChoice::Confirmed => ReviewCode::ConfirmedBlock,
        ReviewChoice::Unlawful => ReviewCode::ConfirmedIllegal,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct ReviewFields {
    code: String,
    reason: String,
    text_hash: String,
    seen: String,
    idempotency_key: String,
}

/// `GET /intake`
pub(in crate::web) async fn list(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = IntakeFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::Intake(filter))).await
}

/// `GET /intake/{id}`
pub(in crate::web) async fn one(State(state): State<DeskState>, Path(id): Path<String>, asked: Asked) -> Response {
    let form = ReviewForm { idempotency_key: fresh_key(), ..ReviewForm::default() };
    show(&state, &asked, Page::Rules(RulesPage::IntakeItem { id, form })).await
}

/// `POST /intake/{id}/decision`
pub(in crate::web) async fn decide(
    State(state): State<DeskState>,
    Path(id): Path<String>,
    mut asked: Asked,
    FormBody(fields): FormBody<ReviewFields>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("There is no such text to review.");
    let number: i64 = id.parse().map_err(|_| missing())?;
    asked.here = paths::intake_item(number.unsigned_abs());
    let now = state.desk.now();
    let act = async {
        let Some(code) = domain::ReviewCode::parse(&fields.code) else { return Err(Refused::NothingChosen) };
        let item = state.desk.store().intake_item(number).await.map_err(GateError::Store)?;
        let item = item.ok_or(GateError::Missing { what: "text to review" })?;
        if item.hash.to_string() != fields.text_hash {
            return Err(Refused::AnotherText);
        }
        let seen = fields.seen.parse().map_err(|_| Refused::AnotherText)?;
        let new = NewReview { item: number, code, reason: fields.reason.clone(), seen: Some(seen) };
        let told = match state.desk.gate().review_intake(&asked.actor, new, now).await? {
            Ruling::Grant => Ruled::TextGranted,
            Ruling::Deny => Ruled::TextDenied,
        };
        Ok(Outcome { told, to: paths::intake_item(number.unsigned_abs()) })
    };
    let once = state.desk.once().run((&asked.session.key, &fields.idempotency_key), now, act);
    let (problem, status) = match once.await {
        Ok(outcome) => return lead(&state, &asked, outcome).await,
        Err(Refused::NothingChosen) => {
            (ActProblem::Word("Choose what you have checked.".to_owned()), StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Refused::AnotherText) => {
            let said = "This is not the text that you looked at: look at it again.";
            (ActProblem::Whole(said.to_owned()), kind_of(Reason::ContentChanged).status())
        }
        Err(Refused::Gate(error)) => refused(error)?,
    };
    let form = ReviewForm {
        code: fields.code,
        reason: fields.reason,
        idempotency_key: fields.idempotency_key,
        problem: Some(problem),
    };
    Ok(show_as(&state, &asked, Page::Rules(RulesPage::IntakeItem { id, form }), status).await)
}

/// Why nothing was decided.
enum Refused {
    NothingChosen,
    AnotherText,
    Gate(GateError),
}

impl From<GateError> for Refused {
    fn from(error: GateError) -> Self {
        Self::Gate(error)
    }
}
