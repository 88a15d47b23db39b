//! Copies of the audit log as files: what a filter shows, and what proves one entry.
//!
//! # Guarantees
//! * Nothing leaves before an entry of the log says who takes what: a copy that is not recorded is not made.
//! * A table can't make a spreadsheet run anything.
//! * However long the log, a copy takes the memory of one batch.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use serde::Deserialize;
use studio_cockpit::model::audit::AuditFilter;
use studio_cockpit::paths;
use studio_cockpit::render::Page;
use tracing::error;

use crate::domain::audit::{Action, Event, Target};
use crate::domain::time::Timestamp;
use crate::store::{self, Store};
use crate::web::api::audit::{AuditEntry, EntryProof};
use crate::web::body::FormBody;
use crate::web::cockpit::audit::query_of;
use crate::web::cockpit::pages::{Asked, show_as};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// The most entries of one copy.
const MOST: u32 = 50_000;

/// How many entries are read at once.
const BATCH: usize = 500;

/// The columns of a table.
const COLUMNS: &str = "sequence,at,studio,actor,name,action,target,reason,input,output,details,leaf\r\n";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct ExportFields {
    format: String,
    actor: String,
    action: String,
    target: String,
    verdict: String,
    reason: String,
    from: String,
    to: String,
}

impl ExportFields {
    fn filter(&self) -> AuditFilter {
        AuditFilter::from_pairs([
            ("actor", self.actor.as_str()),
            ("action", self.action.as_str()),
            ("target", self.target.as_str()),
            ("verdict", self.verdict.as_str()),
            ("reason", self.reason.as_str()),
            ("from", self.from.as_str()),
            ("to", self.to.as_str()),
        ])
    }
}

/// What a copy is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A table for spreadsheets.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    fn parse(word: &str) -> Option<Self> {
        [Self::Csv, Self::JsonLines].into_iter().find(|format| format.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    const fn media(self) -> HeaderValue {
        match self {
            Self::Csv => HeaderValue::from_static("text/csv; charset=utf-8"),
            Self::JsonLines => HeaderValue::from_static("application/jsonl; charset=utf-8"),
        }
    }

    const fn head(self) -> &'static str {
        match self {
            Self::Csv => COLUMNS,
            Self::JsonLines => "",
        }
    }

    fn line(self, entry: &AuditEntry, into: &mut String) {
        match self {
            Self::Csv => csv_line(entry, into),
            Self::JsonLines => {
                into.push_str(&serde_json::to_string(entry).expect("BUG: an entry is JSON"));
                into.push('\n');
            }
        }
    }
}

/// `POST /audit/export`
pub(in crate::web) async fn export(
    State(state): State<DeskState>,
    mut asked: Asked,
    FormBody(fields): FormBody<ExportFields>,
) -> Result<Response, Problem> {
    let filter = fields.filter();
    paths::AUDIT.clone_into(&mut asked.here);
    let Some(format) = Format::parse(&fields.format) else {
        return Ok(refused(&state, &asked, filter, "Choose CSV or JSON Lines.".to_owned()).await);
    };
    let Ok(query) = query_of(&filter, &state.desk.settings().zone) else {
        return Ok(refused(&state, &asked, filter, "The times can't be read.".to_owned()).await);
    };
    let store = state.desk.store();
    // What is found now is what the file has: entries that come while it is written are not in it.
    let places = store.audit_places(&query, MOST + 1).await?;
    if places.len() > MOST as usize {
        let problem = "This is more than 50,000 entries. Choose a shorter time, or take the whole log at the box.";
        return Ok(refused(&state, &asked, filter, problem.to_owned()).await);
    }
    if places.is_empty() {
        let problem = "No entry matches, so there is nothing to take a copy of.".to_owned();
        return Ok(refused(&state, &asked, filter, problem).await);
    }
    let first = batch(store, format, places.get(..BATCH.min(places.len())).unwrap_or_default()).await?;
    let now = state.desk.now();
    record(&state, &asked, &filter, format, places.len(), now).await?;
    let name = format!("audit-{}-{}.{}", file_part(store.studio().as_str()), stamp(now), format.word());
    let body = written(store.clone(), format, first, places, asked.request_id.clone());
    Ok(file(format.media(), &name, body))
}

async fn refused(state: &DeskState, asked: &Asked, filter: AuditFilter, problem: String) -> Response {
    show_as(state, asked, Page::AuditKept { filter, problem }, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Says in the log who takes what.
async fn record(
    state: &DeskState,
    asked: &Asked,
    filter: &AuditFilter,
    format: Format,
    entries: usize,
    now: Timestamp,
) -> store::Result<()> {
    let store = state.desk.store();
    let target = Target::Other("audit log".to_owned());
    let event = Event::new(now, asked.actor.person(), Action::AuditExported, target)
        .detail("format", format.word())
        .detail("entries", entries.to_string());
    let event = filter.narrowings().fold(event, |event, (name, value)| event.detail(&format!("filter_{name}"), value));
    let mut tx = store.begin().await?;
    tx.audit(store.studio(), event).await?;
    tx.commit().await
}

/// The file, batch by batch. What can't be read in the middle ends the answer before its end, so that nobody takes it
/// for whole.
fn written(store: Store, format: Format, first: String, places: Vec<u64>, request: String) -> Body {
    let start = (store, places, 0_usize, Some(format!("{}{first}", format.head())));
    let batches = stream::try_unfold(start, move |(store, places, at, ready)| {
        let request = request.clone();
        async move {
            if at >= places.len() {
                return Ok(None);
            }
            let end = (at + BATCH).min(places.len());
            let text = match ready {
                Some(text) => text,
                None => batch(&store, format, &places[at..end]).await.map_err(|cause| {
                    let cause = anyhow::Error::new(cause);
                    error!(error.id = request, "A copy of the audit log broke off: {cause:#}");
                    std::io::Error::other("the copy broke off")
                })?,
            };
            Ok::<_, std::io::Error>(Some((text, (store, places, end, None))))
        }
    });
    Body::from_stream(batches)
}

async fn batch(store: &Store, format: Format, places: &[u64]) -> store::Result<String> {
    let mut text = String::new();
    for entry in store.audit_at(places).await? {
        format.line(&AuditEntry::from(entry), &mut text);
    }
    Ok(text)
}

/// `GET /audit/{sequence}/proof`: what proves that an entry is in the log.
pub(in crate::web) async fn proof(
    State(state): State<DeskState>,
    Path(sequence): Path<String>,
    _: Asked,
) -> Result<Response, Problem> {
    let sequence: u64 = sequence.parse().map_err(|_| Problem::not_found("There is no such audit entry."))?;
    let found = state.desk.store().audit_proof(sequence).await?;
    let missing = || Problem::not_found("No signed head of the log covers that entry: one does within a minute.");
    let proof = EntryProof::of(sequence, found.ok_or_else(missing)?);
    let text = serde_json::to_string_pretty(&proof).expect("BUG: a proof is JSON");
    let name = format!("audit-entry-{sequence}-proof.json");
    Ok(file(HeaderValue::from_static("application/json"), &name, Body::from(format!("{text}\n"))))
}

fn file(media: HeaderValue, name: &str, body: Body) -> Response {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.expect("BUG: a file's name is of letters that headers may have");
    ([(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

/// Only what any file system takes.
fn file_part(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '-' }).collect()
}

/// A moment as a part of a file's name.
fn stamp(now: Timestamp) -> String {
    now.to_jiff().strftime("%Y-%m-%dT%H%M%SZ").to_string()
}

fn csv_line(entry: &AuditEntry, into: &mut String) {
    let text = |hash: Option<crate::domain::ids::Hash>| hash.map(|hash| hash.to_string()).unwrap_or_default();
    let details = serde_json::to_string(&entry.details).expect("BUG: texts are JSON");
    let cells = [
        entry.sequence.to_string(),
        entry.at.to_string(),
        entry.studio.to_string(),
        entry.actor.label.clone(),
        entry.actor.name.clone(),
        entry.action.clone(),
        entry.target.clone(),
        entry.reason.clone(),
        text(entry.input),
        text(entry.output),
        details,
        entry.hash.to_string(),
    ];
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            into.push(',');
        }
        csv_cell(cell, into);
    }
    into.push_str("\r\n");
}

/// A cell as RFC 4180 has it. What a spreadsheet would take for a formula begins with an apostrophe, and is text.
fn csv_cell(text: &str, into: &mut String) {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let guarded = if is_formula || text.starts_with(['\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\r', '\n', '\'', ';']) {
        into.push('"');
        into.push_str(&guarded.replace('"', "\"\""));
        into.push('"');
    } else {
        into.push_str(&guarded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let mut cell = String::new();
        csv_cell(text, &mut cell);
        assert_eq!(cell, expect);
    }

    #[test]
    fn no_cell_is_a_formula_and_every_cell_keeps_its_text() {
        check("staff:uid", "staff:uid");
        check("a, \"b\"\nc", "\"a, \"\"b\"\"\nc\"");
        for formula in ["=1+1", "+1", "-1", "@sum(a1)", " =1", "\t=1", "＝1"] {
            check(formula, &format!("\"'{formula}\""));
        }
        check("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
    }

    #[test]
    fn the_name_of_a_file_is_of_harmless_letters() {
        assert_eq!(file_part("monsoon-west"), "monsoon-west");
        assert_eq!(file_part("../a\"b\r\n"), "---a-b--");
        assert_eq!(stamp(Timestamp::from_parts(1_773_853_200, 0)), "2026-03-18T170000Z");
    }
}
