//! What the mirror holds.

use studio_cockpit::{
    model::{
        documents::{
            CollectionHeld, Compared, DocumentChoice, DocumentDetail, DocumentFilter, DocumentHistory, DocumentList,
            DocumentRow, Documents, Field, FindingLine, Holding, Restoring, VersionRow, VersionSeen,
        },
        drift::FindingKind,
        facts::{May, ValueKind},
        overview::Freshness,
    },
    paths,
};

use super::{Mood, changes, log, minutes_ago, text, trouble, value};

/// Every collection, and what was looked for in one.
pub(super) fn documents(mood: Mood, filter: &DocumentFilter) -> Documents {
    let list = filter.collection.as_ref().map(|_| match mood {
        Mood::Busy | Mood::Closed => Ok(list()),
        Mood::Empty => Ok(DocumentList::default()),
        Mood::Trouble => Err(trouble("The documents")),
    });
    Documents {
        collections: match mood {
            Mood::Busy | Mood::Closed => Ok(vec![
                held("batches", Some(180), Freshness::Fresh),
                held("communityReports", Some(45), Freshness::Stale),
                held("kilns", None, Freshness::Unknown),
            ]),
            Mood::Empty => Ok(Vec::new()),
            Mood::Trouble => Err(trouble("The collections")),
        },
        list,
    }
}

fn held(name: &str, documents: Option<u64>, freshness: Freshness) -> CollectionHeld {
    CollectionHeld {
        collection: name.to_owned(),
        documents,
        freshness,
        as_of: documents.map(|_| minutes_ago(1)),
        oldest_open: documents.map(|_| minutes_ago(60_000)),
        unreadable: 0,
    }
}

fn list() -> DocumentList {
    let row = |path: &str, title: Option<&str>| DocumentRow {
        path: path.to_owned(),
        href: title.map(|_| paths::document(path)),
        title: title.map(str::to_owned),
        state: Some("SHELVED".to_owned()),
        updated_at: minutes_ago(2_000),
    };
    DocumentList {
        rows: vec![
            row("batches/b-0031", Some("Speckled dinner set (12)")),
            row("batches/b-0032", Some("A very long title that goes on and on until nobody remembers how it began")),
            row("users/uid_th…", None),
        ],
        next: Some("batches/b-0032".to_owned()),
        looked_through: Some(4_000),
    }
}

/// One document.
pub(super) fn document(mood: Mood, path: &str, choice: &DocumentChoice) -> DocumentDetail {
    let changes = || vec![text("status", "REQUESTED", "CONFIRMED")];
    let version = |minutes, is_newest, seen| VersionRow {
        name: minutes_ago(minutes).to_string(),
        observed: minutes_ago(minutes),
        seen,
        is_newest,
        changes: (minutes < 4_000).then(changes),
    };
    let document = |minutes| VersionSeen::Document { updated_at: minutes_ago(minutes) };
    let is_lost = mood == Mood::Trouble;
    let panel = |what: &str| trouble(what);
    DocumentDetail {
        path: path.to_owned(),
        collection: "reservations".to_owned(),
        title: Some("glaze firing for Theo Marsh".to_owned()),
        freshness: if mood == Mood::Busy { Freshness::Fresh } else { Freshness::Stale },
        as_of: Some(minutes_ago(1)),
        held: match mood {
            Mood::Busy | Mood::Closed => Ok(Some(holding())),
            Mood::Empty => Ok(None),
            Mood::Trouble => Err(panel("The document")),
        },
        is_shortened: true,
        history: if is_lost {
            Err(panel("The versions"))
        } else {
            Ok(DocumentHistory {
                note: "Versions between two observations were never seen.".to_owned(),
                versions: vec![
                    version(20, mood == Mood::Busy, document(21)),
                    version(900, false, VersionSeen::Deleted),
                    version(2_000, false, VersionSeen::Unreadable { why: "`n` nests too deep".to_owned() }),
                    version(5_000, false, document(5_001)),
                ],
                older: Some(minutes_ago(5_000).to_string()),
            })
        },
        compared: choice
            .from
            .is_some()
            .then(|| Ok(Compared { from: minutes_ago(5_000), to: minutes_ago(20), changes: Some(changes()) })),
        restoring: choice.restore.is_some().then(|| {
            Ok(Restoring {
                at: minutes_ago(5_001).to_string(),
                observed: minutes_ago(5_000),
                changes: vec![text("status", "CONFIRMED", "REQUESTED")],
            })
        }),
        may_restore: May::Yes,
        proposals: match mood {
            Mood::Busy | Mood::Closed => Ok(changes::waiting()),
            Mood::Empty => Ok(Vec::new()),
            Mood::Trouble => Err(panel("The proposals about it")),
        },
        writes: match mood {
            Mood::Busy | Mood::Closed => Ok(log::rows()),
            Mood::Empty => Ok(Vec::new()),
            Mood::Trouble => Err(panel("The writes to it")),
        },
        findings: match mood {
            Mood::Busy | Mood::Closed => Ok(vec![FindingLine {
                id: "f1".to_owned(),
                kind: FindingKind::UnknownWord,
                summary: "`status` holds CANCELED, which the vocabulary does not know".to_owned(),
                since: minutes_ago(300),
            }]),
            Mood::Empty => Ok(Vec::new()),
            Mood::Trouble => Err(panel("The findings about it")),
        },
    }
}

fn holding() -> Holding {
    let field = |path: &str, kind, text: &str| Field { path: path.to_owned(), value: value(kind, text) };
    Holding {
        fields: vec![
            field("estimatedHalfShelves", ValueKind::Integer, "2"),
            field("ownerUid", ValueKind::Text, "uid_th…"),
            field("stageStatus.reason", ValueKind::Null, "null"),
            field("status", ValueKind::Text, "CONFIRMED"),
            field("notes", ValueKind::Text, &"a long note without an end ".repeat(11)),
        ],
        created_at: minutes_ago(9_000),
        updated_at: minutes_ago(21),
        read_at: minutes_ago(20),
        hash: "5be1f0c6a07bb8f84a3bd5d2d0e7f0d9c1f4b6a7e8d9c0b1a2f3e4d5c6b7a890".to_owned(),
    }
}
