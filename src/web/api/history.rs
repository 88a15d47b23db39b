//! Every version of a document that was observed.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::capability::BadInput;
use crate::domain::diff;
use crate::domain::history::{self, Seen};
use crate::domain::ids::{DocPath, Hash};
use crate::domain::reason::Reason;
use crate::domain::time::{BadTimestamp, Timestamp};
use crate::domain::{canonical, value};
use crate::store::Store;
use crate::web::api::Query;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Moment, Sha256};
use crate::web::problem::Problem;

/// How many versions an answer has at most, and without being asked.
const MOST: u32 = 200;
const USUAL: u32 = 50;

/// The answer to `GET /api/v1/history/{path}`: `limit` versions (at most 200), those observed before `before`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct History {
    /// The document.
    #[schema(value_type = DocumentPath)]
    pub path: DocPath,
    /// What it is not: a log of writes.
    pub note: String,
    /// The versions that were observed, newest first.
    pub versions: Vec<Version>,
    /// Give it as `before` for the next page; null when there is none.
    #[schema(value_type = Option<Moment>)]
    pub next: Option<Timestamp>,
}

/// One version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// What was seen.
    pub state: VersionState,
    /// Its revision; null when the document was deleted, of which Firestore does not tell the time.
    #[schema(value_type = Option<Moment>)]
    pub update_time: Option<Timestamp>,
    /// When the document was created; null when it is not known.
    #[schema(value_type = Option<Moment>)]
    pub create_time: Option<Timestamp>,
    /// The cloud's time at which it was taken in.
    #[schema(value_type = Moment)]
    pub observed: Timestamp,
    /// The cloud's last time at which it was known to stand.
    #[schema(value_type = Moment)]
    pub confirmed: Timestamp,
    /// Is it what stands now?
    pub newest: bool,
    /// What it held, in Firestore's JSON form; null when there was nothing, or nothing that could be kept.
    pub fields: Option<serde_json::Value>,
    /// The SHA-256 of the fields' canonical text.
    #[schema(value_type = Option<Sha256>)]
    pub hash: Option<Hash>,
    /// What about it can't be kept.
    pub unreadable: Option<String>,
    /// What differs from the version observed before; null when there is none, or it can't be compared.
    pub changes: Option<Vec<FieldChange>>,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// The document.
    Document,
    /// It existed, but could not be kept.
    Unreadable,
    /// It existed no more.
    Deleted,
}

/// One field that differs. A member that is missing is a field that is missing, which is not null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// The field.
    pub path: String,
    /// What it was, in Firestore's JSON form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// What it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

impl History {
    /// Reads a page of a document's versions: none when the mirror never had the document, or keeps nothing of it.
    pub(crate) async fn of(
        store: &Store,
        path: &DocPath,
        before: Option<Timestamp>,
        limit: u32,
    ) -> crate::store::Result<Self> {
        let limit = limit.clamp(1, MOST);
        let found = store.versions(path, before, limit + 1).await?;
        let wanted = limit as usize;
        let older = (1..).map(|next| found.get(next));
        let versions: Vec<Version> =
            found.iter().zip(older).take(wanted).map(|(version, older)| Version::of(version, older)).collect();
        let next = (found.len() > wanted).then(|| found[wanted - 1].observed);
        Ok(Self { path: path.clone(), note: history::COALESCED.to_owned(), versions, next })
    }
}

impl Version {
    /// A version, compared with the one observed before it.
    pub(crate) fn of(version: &history::Version, older: Option<&history::Version>) -> Self {
        let (state, why) = match &version.seen {
            Seen::Document(_) => (VersionState::Document, None),
            Seen::Unreadable(unreadable) => (VersionState::Unreadable, Some(unreadable.why.clone())),
            Seen::Deleted => (VersionState::Deleted, None),
        };
        let document = version.document();
        Self {
            state,
            update_time: (state != VersionState::Deleted).then(|| version.began()),
            create_time: document.map(|document| document.create_time),
            observed: version.observed,
            confirmed: version.confirmed,
            newest: version.newest,
            fields: document.map(|document| canonical::to_json(&document.fields)),
            hash: document.map(crate::domain::document::Document::hash),
            unreadable: why,
            changes: older
                .and_then(|older| version.changes_since(older))
                .map(|changes| changes.iter().map(FieldChange::from).collect()),
        }
    }
}

impl From<&diff::FieldChange> for FieldChange {
    fn from(change: &diff::FieldChange) -> Self {
        let json = |value: &Option<value::Value>| {
            let text = canonical::encode_value(value.as_ref()?);
            Some(serde_json::from_str(&text).expect("BUG: canonical text is JSON"))
        };
        Self { path: change.path.to_string(), before: json(&change.before), after: json(&change.after) }
    }
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    Caller(_): Caller,
) -> Result<Json<History>, Problem> {
    let query = Query::parse(query.as_deref(), &["before", "limit"])?;
    let wrong = |error: BadTimestamp| Problem::from(BadInput { field: "before".to_owned(), rule: error.to_string() });
    let before = query.text("before").map(str::parse).transpose().map_err(wrong)?;
    let limit = query.whole("limit")?.map_or(USUAL, |limit| u32::try_from(limit).unwrap_or(MOST));
    let missing = || Problem::from(Reason::DocumentMissing);
    let path = DocPath::parse(path).map_err(|_| missing())?;
    let history = History::of(desk.store(), &path, before, limit).await?;
    if history.versions.is_empty() && before.is_none() {
        return Err(missing());
    }
    Ok(Json(history))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Document;
    use crate::domain::ids::StudioId;
    use crate::domain::value::{Fields, Value};

    #[tokio::test]
    async fn a_page_compares_each_version_with_the_one_before_and_says_where_the_next_page_starts() {
        let directory = tempfile::tempdir().expect("a directory");
        let at = Timestamp::from_micros;
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, at(1)).await.expect("opens");
        let path = DocPath::parse("batches/b-1").expect("legal");
        let mut tx = store.begin().await.expect("begins");
        for revision in [2, 3] {
            let fields = Fields::from([("n".to_owned(), Value::Integer(revision))]);
            let document = Document { path: path.clone(), fields, create_time: at(2), update_time: at(revision) };
            tx.document_put(&document, at(10 * revision)).await.expect("put");
        }
        tx.document_delete(&path, at(40)).await.expect("deleted");
        tx.commit().await.expect("commits");

        let first = History::of(&store, &path, None, 2).await.expect("readable");
        let states: Vec<_> = first.versions.iter().map(|version| (version.state, version.newest)).collect();
        assert_eq!(states, [(VersionState::Deleted, true), (VersionState::Document, false)]);
        let integer = |number: &str| Some(serde_json::json!({ "integerValue": number }));
        let change = FieldChange { path: "n".to_owned(), before: integer("2"), after: integer("3") };
        assert_eq!(first.versions[1].changes, Some(vec![change]), "the one before is on the next page");
        assert_eq!(first.next, Some(at(30)));
        let rest = History::of(&store, &path, first.next, 2).await.expect("readable");
        assert_eq!((rest.versions.len(), rest.next), (1, None));
        assert_eq!(rest.versions[0].changes, None, "nothing was observed before it");
        assert_eq!(rest.versions[0].update_time, Some(at(2)));
    }
}
