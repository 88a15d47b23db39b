//! May I? The API's own answer, as a page whose question is in its address.

use axum::extract::State;
use axum::response::Response;
use studio_cockpit::model::may_i::{ActChoice, Judged, MayAnswer, MayI, MayQuestion, Obstacle};
use studio_cockpit::model::trouble::{Panel, Unanswered};
use studio_cockpit::render::{Page, RulesPage};

use crate::domain::decision::{Act, Decision};
use crate::domain::reason::Reason;
use crate::gate::GateError;
use crate::web::api::may;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;
use crate::web::cockpit::pages::{Asked, show};
use crate::web::cockpit::rules::typed::sentence;
use crate::web::desk::DeskState;

impl Cockpit {
    pub(in crate::web::cockpit) async fn may_page(&self, question: &MayQuestion) -> Result<MayI, Unanswered> {
        self.viewer()?;
        let registry = self.gate().registry();
        let act = |act: Act| ActChoice { word: act.word().to_owned(), meaning: meaning(act).to_owned() };
        let answer = if question.is_asked() { Some(self.answered(question).await) } else { None };
        Ok(MayI {
            capabilities: registry.iter().map(|one| facts::capability(&one.id, registry)).collect(),
            // Carrying out is the push job's, whoever asks.
            acts: Act::ALL.into_iter().filter(|one| !matches!(one, Act::Apply | Act::Send)).map(act).collect(),
            answer,
        })
    }

    async fn answered(&self, question: &MayQuestion) -> Panel<MayAnswer> {
        let Ok(viewer) = self.viewer() else { return Ok(unclear("act", Reason::NotSignedIn.sentence())) };
        let given = |text: &'_ String| Some(text.clone()).filter(|text| !text.is_empty());
        let (capability, document) = (given(&question.capability), given(&question.document));
        let (act, proposal) = (given(&question.act), given(&question.proposal));
        if proposal.is_none() && capability.is_none() && act.as_deref().and_then(Act::parse).is_some_and(begins) {
            return Ok(unclear("capability", "Choose a capability, or name a proposal."));
        }
        let asked = may::Question {
            act: act.as_deref(),
            capability: capability.as_deref(),
            document: document.as_deref(),
            proposal: proposal.as_deref(),
        };
        match may::judge(self.desk(), viewer, asked).await {
            Ok(judged) => {
                let about = proposal.map_or_else(
                    || document.map_or_else(String::new, |path| format!(" with {path}")),
                    |id| format!(" about proposal {id}"),
                );
                let title = registry_title(self, &judged.capability);
                Ok(MayAnswer::Judged(shown(judged.decision, format!("{}: {title}{about}.", judged.act.word()))))
            }
            Err(GateError::Input(input)) => {
                let field = ["act", "capability", "document", "proposal"].into_iter().find(|name| *name == input.field);
                Ok(unclear(field.unwrap_or("act"), &sentence(&input)))
            }
            Err(GateError::Missing { .. }) => Ok(unclear("proposal", "There is no such proposal.")),
            Err(GateError::Denied(reason)) => Ok(unclear("capability", reason.sentence())),
            Err(error @ (GateError::Overwritten(_) | GateError::Limited(_) | GateError::Store(_))) => {
                Err(self.trouble("The answer", error))
            }
        }
    }
}

/// Is it something that is asked for before there is a proposal?
const fn begins(act: Act) -> bool {
    match act {
        Act::Read | Act::Propose => true,
        Act::Approve | Act::Reject | Act::Withdraw | Act::Reopen | Act::Stop | Act::Apply | Act::Send => false,
    }
}

fn registry_title(cockpit: &Cockpit, id: &str) -> String {
    cockpit.gate().registry().find(id).map_or_else(|| id.to_owned(), |one| format!("{} ({id})", one.title))
}

fn unclear(field: &'static str, why: &str) -> MayAnswer {
    MayAnswer::Unclear { field, why: why.to_owned() }
}

fn shown(decision: Decision, asked: String) -> Judged {
    let obstacle = |missing: crate::domain::decision::Missing| Obstacle {
        code: missing.reason.code().to_owned(),
        sentence: missing.reason.sentence().to_owned(),
        policies: missing.policies,
        passes: missing.reason.passes(),
    };
    let mut letters = asked.chars();
    let first = letters.next().map(char::to_uppercase);
    Judged {
        allowed: decision.asked().is_ok(),
        asked: first.into_iter().flatten().chain(letters).collect(),
        policies: decision.policies,
        obstacles: decision.missing.into_iter().map(obstacle).collect(),
    }
}

const fn meaning(act: Act) -> &'static str {
    match act {
        Act::Read => "Read what a connector says",
        Act::Propose => "Propose a change",
        Act::Approve => "Approve a proposal",
        Act::Reject => "Reject a proposal",
        Act::Withdraw => "Withdraw an own proposal",
        Act::Reopen => "Open a rejected proposal again",
        Act::Stop => "Stop an approved proposal",
        Act::Apply => "Claim an approved proposal",
        Act::Send => "Send a claimed write",
    }
}

/// `GET /policy/may-i`
pub(in crate::web) async fn page(State(state): State<DeskState>, asked: Asked) -> Response {
    let question = MayQuestion::from_pairs(asked.pairs());
    show(&state, &asked, Page::Rules(RulesPage::MayI(question))).await
}
