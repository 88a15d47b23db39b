//! The same for programs: JSON under `/api/v1`.
//!
//! Who asks is known from the session's cookie, from an agent's key, or from the operating system at the operators'
//! socket; never from a body. Every answer's type can be read back, so that a client in Rust needs no types of its own.
//!
//! # Errors
//! `application/problem+json` with a stable `code` (a [`Reason`](crate::domain::reason::Reason)'s, where the gate said
//! no) and a `detail`: 403 when it is not for the caller, 404 when there is no such thing, 409 when something stands in
//! the way, 422 when a field is wrong, with its name.

/// How the studio stands.
pub mod status;

/// How many of what there is, and which documents these are.
pub mod state;

/// The state as it was, and what changed since.
pub mod snapshots;

/// Proposals: make.
pub mod propose;

/// Proposals: read, decide, withdraw.
pub mod proposals;

/// What an agent brings along with a proposal.
mod claim;

/// Stopping approved proposals, and opening rejected ones again.
pub mod review;

/// May I?
pub mod may;

/// Writes: read, undo.
pub mod writes;

/// Making the ledger again.
pub mod ledger;

/// Findings.
pub mod drift;

/// Looks at the cloud, and what they say about each question.
pub mod checks;

/// Rules by which findings are ignored.
pub mod ignores;

/// Proofs of the mirror.
pub mod verifications;

/// The audit log.
pub mod audit;

/// The mirror's documents.
pub mod documents;

/// Every version of a document that was observed.
pub mod history;

/// What Firestore bills.
pub mod reads;

/// Waiting for a change.
pub mod changes;

/// Drills: how they begin and end.
pub mod drills;

/// Taking everything back on paper.
pub mod rehearsals;

/// The kill switch.
pub mod kill_switch;

/// Which box writes.
pub mod lease;

/// What may be done without its approval, for a while.
pub mod exemptions;

/// How often things may be done.
pub mod quotas;

/// Texts that wait for a review.
pub mod intake;

/// Programs with a key of their own.
pub mod agents;

/// The registry.
pub mod capabilities;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::actor;
use crate::domain::capability::BadInput;
use crate::web::problem::Problem;

pub use crate::web::table::api as routes;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Such as `staff:uid_staff_ines`: stable, and what the audit log knows them by.
    pub label: String,
    /// The name to show.
    pub name: String,
}

impl From<&actor::Person> for Person {
    fn from(person: &actor::Person) -> Self {
        Self { label: person.to_string(), name: person.name.clone() }
    }
}

/// The parameters of a query, each known and given once.
#[derive(Debug)]
struct Query(HashMap<String, String>);

impl Query {
    fn parse(query: Option<&str>, known: &[&str]) -> Result<Self, Problem> {
        let mut given = HashMap::new();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let rule = if !known.contains(&&*name) {
                "there is no such parameter"
            } else if given.insert(name.to_string(), value.into_owned()).is_some() {
                "give it once"
            } else {
                continue;
            };
            let name: String = name.chars().filter(|letter| !letter.is_control()).take(60).collect();
            let rule = format!("`{name}`: {rule}");
            return Err(Problem::from(BadInput { field: "query".to_owned(), rule }));
        }
        Ok(Self(given))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn whole(&self, name: &'static str) -> Result<Option<u64>, Problem> {
        let number = |text: &String| {
            text.parse()
                .map_err(|_| Problem::from(BadInput { field: name.to_owned(), rule: "give a whole number".to_owned() }))
        };
        self.0.get(name).map(number).transpose()
    }
}
