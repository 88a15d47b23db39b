use crate::domain::agent::AgentScope;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, Uid};
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};

use super::DELEGATIONS;

/// The most scopes, and the most resources, of one delegation.
const MOST: usize = 200;

/// What an owner lets an agent do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The document's id.
    pub id: String,
    /// Who delegates.
    pub owner: Uid,
    /// To which agent.
    pub agent: Uid,
    /// What.
    pub scopes: Vec<AgentScope>,
    /// The owners that it names. More than the one who delegates is a mistake, or an attempt.
    pub owners: Vec<Uid>,
    /// With which of the owner's documents; none: with all of them.
    pub resources: Vec<Resource>,
    /// Whether it was taken back.
    pub status: Status,
    /// From this moment it no longer holds.
    pub expires: Timestamp,
}

/// Whether a delegation was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It was not.
    Active,
    /// It was.
    Revoked,
}

/// Documents that a delegation is limited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// One document.
    Document(DocPath),
    /// The documents of one collection.
    Collection(CollectionId),
}

/// Why a document is no delegation that could permit anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the delegation `{id}` can't be understood: `{field}` {what}")]
pub struct BadDelegation {
    /// The document's id.
    pub id: String,
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Whose a document is, if it says so: `ownerUid`, or `uid` where that is what the studio's documents call it.
pub fn owner_of(document: &Document) -> Option<Uid> {
    let named = |field| document.fields.get(field).and_then(Value::as_text);
    Uid::parse(named("ownerUid").or_else(|| named("uid"))?).ok()
}

impl Resource {
    /// Is the document one of these?
    pub fn covers(&self, path: &DocPath) -> bool {
        match self {
            Self::Document(only) => only == path,
            Self::Collection(collection) => path.is_root() && path.collection() == *collection,
        }
    }
}

impl Delegation {
    /// Reads a mirrored document of the collection `delegations`.
    pub fn parse(document: &Document) -> Result<Self, BadDelegation> {
        let bad = |field, what| BadDelegation { id: document.path.id().to_owned(), field, what };
        if !document.path.is_root() || document.path.collection().as_str() != DELEGATIONS {
            return Err(bad("name", "is not in the collection of delegations"));
        }
        let fields = &document.fields;
        let uid = |field: &'static str| {
            let text = fields.get(field).and_then(Value::as_text);
            Uid::parse(text.ok_or_else(|| bad(field, "is no text"))?).map_err(|_| bad(field, "is no user id"))
        };
        let mut scopes = Vec::new();
        for text in texts(fields, "scopes").map_err(|what| bad("scopes", what))? {
            scopes.push(AgentScope::parse(text).map_err(|_| bad("scopes", "holds what is no scope"))?);
        }
        let (mut owners, mut resources, mut all) = (Vec::new(), Vec::new(), false);
        for text in texts(fields, "resources").map_err(|what| bad("resources", what))? {
            let what = "holds what is no resource";
            if text == "*" {
                all = true;
            } else if let Some(owner) = text.strip_prefix("owner:") {
                owners.push(Uid::parse(owner).map_err(|_| bad("resources", what))?);
            } else if let Some(collection) = text.strip_suffix("/*") {
                let collection = CollectionId::parse(collection).map_err(|_| bad("resources", what))?;
                resources.push(Resource::Collection(collection));
            } else {
                resources.push(Resource::Document(DocPath::parse(text).map_err(|_| bad("resources", what))?));
            }
        }
        if all {
            resources.clear();
        }
        let status = match fields.get("status").and_then(Value::as_text) {
            Some("active") => Status::Active,
            Some("revoked") => Status::Revoked,
            Some(_) | None => return Err(bad("status", "is neither `active` nor `revoked`")),
        };
        let revoked = match fields.get("revokedAt") {
            None | Some(Value::Null) => Status::Active,
            // Whatever else stands there, somebody wanted it to end.
            Some(_) => Status::Revoked,
        };
        let Some(Value::Timestamp(expires)) = fields.get("expiresAt") else {
            return Err(bad("expiresAt", "is no moment, and what never ends permits nothing"));
        };
        Ok(Self {
            id: document.path.id().to_owned(),
            owner: uid("ownerUid")?,
            agent: uid("agentClientId")?,
            scopes,
            owners,
            resources,
            status: if revoked == Status::Revoked { revoked } else { status },
            expires: *expires,
        })
    }
}

/// The texts of a list; a list that is missing is empty.
fn texts<'a>(fields: &'a Fields, field: &str) -> Result<Vec<&'a str>, &'static str> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) if values.len() > MOST => Err("is too long"),
        Some(Value::Array(values)) => {
            values.iter().map(|value| value.as_text().ok_or("holds what is no text")).collect()
        }
        Some(
            Value::Boolean(_)
            | Value::Integer(_)
            | Value::Double(_)
            | Value::Timestamp(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Reference(_)
            | Value::GeoPoint { .. }
            | Value::Map(_),
        ) => Err("is no list"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::canonical::tests::any_fields;

    pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    /// A document that `mara` delegates leaving notes with, to the sweeper, for another hour.
    pub(crate) fn document() -> Document {
        let texts = |texts: &[&str]| Value::Array(texts.iter().copied().map(Value::text).collect());
        Document {
            path: DocPath::parse("delegations/dlg-1").expect("a path"),
            fields: Fields::from([
                ("ownerUid".to_owned(), Value::text("mara")),
                ("agentClientId".to_owned(), Value::text("agent-ops-sweeper")),
                ("scopes".to_owned(), texts(&["capability:ops_note.append:execute", "batches:read"])),
                ("resources".to_owned(), texts(&["owner:mara"])),
                ("status".to_owned(), Value::text("active")),
                ("expiresAt".to_owned(), Value::Timestamp(NOW.plus(std::time::Duration::from_secs(3_600)))),
                ("revokedAt".to_owned(), Value::Null),
                ("note".to_owned(), Value::text("May leave notes.")),
            ]),
            create_time: NOW,
            update_time: NOW,
        }
    }

    pub(crate) fn with(mut document: Document, field: &str, value: Option<Value>) -> Document {
        match value {
            Some(value) => document.fields.insert(field.to_owned(), value),
            None => document.fields.remove(field),
        };
        document
    }

    #[test]
    fn a_document_is_read_as_it_was_meant() {
        let delegation = Delegation::parse(&document()).expect("a delegation");
        assert_eq!((delegation.owner.as_str(), delegation.agent.as_str()), ("mara", "agent-ops-sweeper"));
        assert_eq!((delegation.scopes.len(), delegation.resources.len()), (2, 0));
        assert_eq!(delegation.status, Status::Active);
    }

    #[test]
    fn what_can_not_be_understood_is_no_delegation() {
        let odd = |texts: &[&str]| Some(Value::Array(texts.iter().copied().map(Value::text).collect()));
        for (field, value) in [
            ("ownerUid", None),
            ("ownerUid", Some(Value::text(""))),
            ("agentClientId", Some(Value::Integer(1))),
            ("scopes", Some(Value::text("batches:read"))),
            ("scopes", odd(&["*"])),
            ("scopes", Some(Value::Array(vec![Value::Null]))),
            ("resources", odd(&["batches"])),
            ("resources", odd(&["owner:"])),
            ("resources", Some(Value::Array(vec![Value::text("*"); 201]))),
            ("status", None),
            ("status", Some(Value::text("Active"))),
            ("expiresAt", None),
            ("expiresAt", Some(Value::Null)),
            ("expiresAt", Some(Value::text("2027-01-01T00:00:00Z"))),
        ] {
            let bad = Delegation::parse(&with(document(), field, value.clone())).expect_err("is none");
            assert_eq!(bad.field, field, "{value:?}");
        }
        let elsewhere = Document { path: DocPath::parse("batches/dlg-1").expect("a path"), ..document() };
        assert!(Delegation::parse(&elsewhere).is_err());
        let below = Document { path: DocPath::parse("a/b/delegations/dlg-1").expect("a path"), ..document() };
        assert!(Delegation::parse(&below).is_err());
    }

    #[test]
    fn a_time_of_revocation_revokes_whatever_the_status_says() {
        for value in [Value::Timestamp(NOW), Value::text("yesterday"), Value::Boolean(true)] {
            let delegation = Delegation::parse(&with(document(), "revokedAt", Some(value))).expect("a delegation");
            assert_eq!(delegation.status, Status::Revoked);
        }
    }

    proptest! {
        #[test]
        fn any_document_is_read_without_a_panic(fields in any_fields(), field in 0_usize..7) {
            let names = ["ownerUid", "agentClientId", "scopes", "resources", "status", "expiresAt", "revokedAt"];
            for value in fields.into_values() {
                let _ = Delegation::parse(&with(document(), names[field], Some(value)));
            }
        }
    }
}
