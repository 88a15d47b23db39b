//! The form of a new proposal.

use studio_cockpit::model::drafting::{DraftChoice, Drafting, Subject, SubjectDocument, Transition};
use studio_cockpit::model::facts::May;
use studio_cockpit::model::forms::DraftForm;
use studio_cockpit::model::trouble::Unanswered;

use crate::domain::actor::Actor;
use crate::domain::capability::shipped;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::value::{Fields, Value};
use crate::domain::vocabulary::{BATCHES, Class, RESERVATIONS, ReservationStatus, is_closed_state};
use crate::store;
use crate::web::cockpit::backend::{Cockpit, title_of};
use crate::web::cockpit::facts;

/// The capabilities that have a form here.
pub(super) const FORMS: [&str; 2] = [shipped::RESERVATION_STATUS_SET, shipped::OPS_NOTE_APPEND];

/// How many documents a form suggests.
const SUGGESTIONS: usize = 30;

/// How many documents are read at once in search of suggestions, and how many pages of them at most.
const PAGE: u32 = 500;
const PAGES: usize = 4;

impl Cockpit {
    pub(super) async fn drafting_page(&self, form: &DraftForm) -> Result<Drafting, Unanswered> {
        let viewer = self.viewer()?;
        let subject = match (form.capability.as_deref(), form.document.as_deref()) {
            (Some(capability), Some(document)) => self.subject(capability, document).await?,
            (Some(_) | None, _) => None,
        };
        let found = match subject {
            Some(Subject::ReservationStatus { .. } | Subject::OpsNote { .. }) => Vec::new(),
            Some(Subject::Missing { .. }) | None => self.choices(viewer).await?,
        };
        Ok(Drafting { choices: found, subject })
    }

    async fn choices(&self, viewer: &Actor) -> Result<Vec<DraftChoice>, Unanswered> {
        let mut choices = Vec::new();
        let around = self.panel("The rules", self.gate().around(self.now()).await)?;
        for id in FORMS {
            let (Some(capability), Some((about, label, collection))) = (self.gate().registry().find(id), offered(id))
            else {
                continue;
            };
            let may = facts::may(self.gate().may_propose(viewer, capability, &around).asked());
            let suggestions = match may {
                May::Yes => self.suggestions(id, collection).await,
                May::No { .. } => Ok(Vec::new()),
            };
            choices.push(DraftChoice {
                capability: facts::capability(&capability.id, self.gate().registry()),
                about: about.to_owned(),
                document_label: label.to_owned(),
                suggestions: self.panel("What could be suggested", suggestions)?,
                may,
            });
        }
        Ok(choices)
    }

    async fn suggestions(&self, capability: &str, collection: &'static str) -> store::Result<Vec<(String, String)>> {
        let collection = CollectionId::parse(collection).expect("BUG: our collections have legal names");
        let mut found = Vec::new();
        let mut after: Option<DocPath> = None;
        for _ in 0..PAGES {
            let page = self.store().documents_page(&collection, after.as_ref(), PAGE).await?;
            after = page.last().map(|held| held.document.path.clone());
            for held in &page {
                let document = &held.document;
                if let Some(note) = worth_suggesting(capability, &document.fields) {
                    let title = title_of(&document.fields).map_or(note.clone(), |title| format!("{title} · {note}"));
                    found.push((document.path.to_string(), title));
                }
                if found.len() == SUGGESTIONS {
                    return Ok(found);
                }
            }
            if page.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    async fn subject(&self, capability: &str, document: &str) -> Result<Option<Subject>, Unanswered> {
        let Some((_, _, collection)) = offered(capability) else { return Ok(None) };
        let missing = || Some(Subject::Missing { document: document.to_owned() });
        let text = if document.contains('/') { document.to_owned() } else { format!("{collection}/{document}") };
        let path = DocPath::parse(text).ok().filter(|path| path.is_root() && path.collection().as_str() == collection);
        let Some(path) = path else { return Ok(missing()) };
        let Some(held) = self.panel("The document", self.store().document(&path).await)? else { return Ok(missing()) };
        let about = about(&held.document);
        Ok(match capability {
            shipped::RESERVATION_STATUS_SET => {
                let current =
                    held.document.fields.get("status").map_or_else(|| "without a status".to_owned(), facts::words);
                let allowed = ReservationStatus::allowed_from(&current);
                let transition = |status: &ReservationStatus| Transition {
                    status: status.word().to_owned(),
                    meaning: status.meaning().to_owned(),
                };
                Some(Subject::ReservationStatus { about, current, allowed: allowed.iter().map(transition).collect() })
            }
            shipped::OPS_NOTE_APPEND => Some(Subject::OpsNote { about }),
            _ => None,
        })
    }

    /// What a form made from a finding is filled with at first. What is in it already stays.
    pub(super) async fn prefill(&self, form: &mut DraftForm) -> Result<(), Unanswered> {
        let Some(id) = form.finding.as_deref() else { return Ok(()) };
        let missing = || Unanswered::Missing { what: format!("Finding {id}") };
        let id = uuid::Uuid::try_parse(id).map_err(|_| missing())?;
        let known = self.panel("The finding", self.store().finding(id).await)?.ok_or_else(missing)?;
        let plan = self.panel("The document", self.fix_plan(&known).await)?;
        if let Some(plan) = plan {
            form.capability.get_or_insert_with(|| plan.capability.to_owned());
            form.document.get_or_insert_with(|| plan.document.to_string());
            form.status.get_or_insert_with(|| plan.status.word().to_owned());
        }
        Ok(())
    }
}

/// What a capability's form says: what it does, what to type, and in which collection the document is.
fn offered(capability: &str) -> Option<(&'static str, &'static str, &'static str)> {
    match capability {
        shipped::RESERVATION_STATUS_SET => Some((
            "Moves a reservation one allowed step. Nothing else of it changes but the time of its last change.",
            "Reservation",
            RESERVATIONS,
        )),
        shipped::OPS_NOTE_APPEND => {
            Some(("Leaves a note for staff. The batch itself does not change.", "Batch", BATCHES))
        }
        // All others are asked for by programs and on the command line, and decided here.
        _ => None,
    }
}

/// Why a document is worth suggesting, if it is.
fn worth_suggesting(capability: &str, fields: &Fields) -> Option<String> {
    let text = |field: &str| fields.get(field).and_then(Value::as_text);
    match capability {
        shipped::RESERVATION_STATUS_SET => {
            let word = text("status")?;
            let status = ReservationStatus::read(word)?;
            let is_misspelled = ReservationStatus::parse(word).is_none();
            let waits = is_misspelled || status.class() == Some(Class::Waiting);
            waits.then(|| word.to_owned())
        }
        shipped::OPS_NOTE_APPEND => text("state").filter(|word| !is_closed_state(word)).map(str::to_owned),
        _ => None,
    }
}

fn about(document: &Document) -> SubjectDocument {
    const SHOWN: [(&str, &str); 8] = [
        ("status", "Status"),
        ("state", "State"),
        ("ownerDisplayName", "Owner"),
        ("ownerUid", "Owner id"),
        ("firingType", "Firing"),
        ("estimatedHalfShelves", "Half shelves"),
        ("intakeMode", "Intake"),
        ("currentKilnName", "Kiln"),
    ];
    let fact = |(field, name): (&str, &str)| Some((name.to_owned(), facts::words(document.fields.get(field)?)));
    SubjectDocument {
        path: document.path.to_string(),
        title: title_of(&document.fields),
        updated_at: document.update_time.to_jiff(),
        facts: SHOWN.into_iter().filter_map(fact).collect(),
    }
}
