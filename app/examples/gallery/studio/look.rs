//! What the mirror and the drift check say.

use std::time::Duration;

use studio_cockpit::model::{
    drift::{
        Check, CheckOutcome, Confidence, Drift, Finding, FindingDetail, FindingKind, FindingState, Fix, Ignored,
        Question, QuestionState,
    },
    facts::{FieldChange, FieldValue, ValueKind},
    overview::{
        Backfill, CollectionMirror, FindingCounts, Freshness, KeyFigure, Mirror, Moved, MovedNumber, Overview, Proof,
        Reads, Stream, ToDecide,
    },
};

use super::{Mood, changes, log, minutes_ago, seconds_ago, text, trouble, value};

/// The start page.
pub(super) fn overview(mood: Mood) -> Overview {
    match mood {
        Mood::Busy | Mood::Closed => Overview {
            mirror: Ok(Mirror {
                stream: Stream::Listening { heard: seconds_ago(8) },
                collections: collections(),
                unreadable: vec![("firings/f-0117".to_owned(), "`log.peak` nests deeper than 20 levels".to_owned())],
                unreadable_count: 1,
                not_mirrored: vec!["kilnLogs".to_owned()],
            }),
            reads: Ok(Reads {
                spent: 50_210,
                budget: Some(50_000),
                is_paused: true,
                by_cause: vec![
                    ("Reading collections again".to_owned(), 48_000),
                    ("Following changes".to_owned(), 2_210),
                ],
            }),
            to_decide: Ok(ToDecide { rows: changes::waiting().into_iter().take(2).collect(), is_more: true }),
            figures: Ok(vec![
                figure("batchesActive", "Batches that are not over", Some(103), &[Some(97), None, Some(101)]),
                figure("pendingOrders", "Orders that are not paid", Some(4), &[Some(7), Some(5), Some(4)]),
                figure("kilnsOutOfUse", "Kilns that can't be used", None, &[]),
            ]),
            changes: Ok(Moved::Since {
                at: minutes_ago(900),
                numbers: vec![
                    moved("figures/batchesActive", "Batches that are not over", Some(101), Some(103)),
                    moved("words/batches/state/ON_HOLD", "words/batches/state/ON_HOLD", Some(3), None),
                ],
                more: 12,
            }),
            findings: Ok(FindingCounts {
                by_kind: vec![
                    (FindingKind::FlagsDisagree, 4),
                    (FindingKind::UnknownWord, 3),
                    (FindingKind::MirrorDiffers, 1),
                    (FindingKind::WriteOverwritten, 1),
                ],
                could_not_tell: 1,
                compared_at: Some(minutes_ago(3)),
            }),
            stuck_writes: Ok(log::rows().into_iter().skip(1).take(1).collect()),
            recent_writes: Ok(log::rows()),
        },
        Mood::Empty => Overview {
            mirror: Ok(Mirror {
                stream: Stream::Unknown,
                collections: Vec::new(),
                unreadable: Vec::new(),
                unreadable_count: 0,
                not_mirrored: Vec::new(),
            }),
            reads: Ok(Reads { spent: 0, budget: None, is_paused: false, by_cause: Vec::new() }),
            to_decide: Ok(ToDecide::default()),
            figures: Ok(Vec::new()),
            changes: Ok(Moved::Nothing { why: "No snapshot of a day before this one is kept.".to_owned() }),
            findings: Ok(FindingCounts::default()),
            stuck_writes: Ok(Vec::new()),
            recent_writes: Ok(Vec::new()),
        },
        Mood::Trouble => Overview {
            mirror: Err(trouble("The mirror's state")),
            reads: Err(trouble("Today's reads")),
            to_decide: Err(trouble("Your proposals")),
            figures: Err(trouble("The numbers")),
            changes: Err(trouble("What changed")),
            findings: Err(trouble("The findings")),
            stuck_writes: Err(trouble("The writes")),
            recent_writes: Err(trouble("The latest writes")),
        },
    }
}

fn figure(name: &str, meaning: &str, value: Option<i64>, days: &[Option<i64>]) -> KeyFigure {
    KeyFigure { number: format!("figures/{name}"), meaning: meaning.to_owned(), value, days: days.to_vec() }
}

fn moved(number: &str, meaning: &str, before: Option<i64>, after: Option<i64>) -> MovedNumber {
    MovedNumber { number: number.to_owned(), meaning: meaning.to_owned(), before, after }
}

fn collections() -> Vec<CollectionMirror> {
    [
        ("batches", Some(180), Some(seconds_ago(8)), Freshness::Fresh, Backfill::Done, Some(5)),
        ("reservations", Some(240), Some(seconds_ago(8)), Freshness::Fresh, Backfill::Done, Some(3)),
        ("kilnFirings", Some(70), Some(minutes_ago(6)), Freshness::Aging, Backfill::Done, Some(0)),
        ("communityReports", Some(45), Some(minutes_ago(190)), Freshness::Stale, Backfill::Done, Some(1)),
        (
            "stripeWebhookEvents",
            Some(1_288),
            Some(seconds_ago(8)),
            Freshness::Fresh,
            Backfill::Running {
                done: 1_288,
                total: Some(8_400),
                per_second: Some(2_150),
                left: Some(Duration::from_secs(4)),
            },
            None,
        ),
        ("notificationJobs", None, None, Freshness::Unknown, Backfill::Waiting, None),
    ]
    .into_iter()
    .map(|(name, documents, as_of, freshness, backfill, open_findings)| CollectionMirror {
        collection: name.to_owned(),
        documents,
        as_of,
        freshness,
        proof: match freshness {
            Freshness::Fresh | Freshness::Aging => {
                Proof::Proved { as_of: seconds_ago(5_400), hash: "3b0c44298fc1".to_owned() }
            }
            Freshness::Stale => Proof::Unknown {
                why: "that is too long ago to ask the server about".to_owned(),
                proved: Some(seconds_ago(90_000)),
            },
            Freshness::Unknown => Proof::Never,
        },
        backfill,
        open_findings,
    })
    .collect()
}

/// The drift page.
pub(super) fn drift(mood: Mood) -> Drift {
    let names = || vec!["batches".to_owned(), "reservations".to_owned(), "kilnFirings".to_owned()];
    match mood {
        Mood::Busy | Mood::Closed => Drift {
            findings: Ok(findings()),
            matching: Some(29),
            unfiltered: Some(9),
            last_check: Ok(Some(Check {
                outcome: CheckOutcome::Drift { findings: 9 },
                at: minutes_ago(3),
                documents_read: 2_512,
            })),
            asked: Some(seconds_ago(12)),
            collections: names(),
            questions: Ok(questions()),
            stale: vec!["`kilnFirings` is older than 15 min: nothing is proposed on what it says".to_owned()],
        },
        Mood::Empty => Drift {
            findings: Ok(Vec::new()),
            matching: Some(0),
            unfiltered: Some(9),
            last_check: Ok(None),
            asked: None,
            collections: names(),
            questions: Ok(Vec::new()),
            stale: Vec::new(),
        },
        Mood::Trouble => Drift {
            findings: Err(trouble("The findings")),
            matching: None,
            unfiltered: None,
            last_check: Err(trouble("The last check")),
            asked: None,
            collections: Vec::new(),
            questions: Err(trouble("What the last look said")),
            stale: Vec::new(),
        },
    }
}

fn findings() -> Vec<Finding> {
    vec![
        Finding {
            id: "f1".to_owned(),
            kind: FindingKind::WriteOverwritten,
            title: Some("Theo Marsh, glaze, half shelf".to_owned()),
            summary: "Somebody changed the status 12 minutes after the approved write.".to_owned(),
            changes: vec![text("status", "CONFIRMED", "WAITLISTED")],
            fix: Fix::Propose,
            write_id: Some("0195a6f2-90aa-7c3e-9f10-2b8f6f0b7a01".to_owned()),
            ..finding("reservations", Some("reservations/r-0042"))
        },
        Finding {
            id: "f2".to_owned(),
            kind: FindingKind::UnknownWord,
            title: Some("Porcelain bells for spring fair".to_owned()),
            summary: "The field state holds ON_HOLD, a word the vocabulary does not know.".to_owned(),
            changes: Vec::new(),
            ..finding("batches", Some("batches/b-0117"))
        },
        Finding {
            id: "f3".to_owned(),
            kind: FindingKind::MirrorDiffers,
            title: Some("Speckled dinner set (12)".to_owned()),
            summary: "Two fields of the mirrored document differ from the cloud's.".to_owned(),
            changes: vec![
                FieldChange {
                    path: "estimatedCostCents".to_owned(),
                    before: value(ValueKind::Integer, "4500"),
                    after: value(ValueKind::Double, "4500.0"),
                },
                FieldChange {
                    path: "currentKilnId".to_owned(),
                    before: value(ValueKind::Text, "kiln-ll-eq2827-3"),
                    after: FieldValue::Missing,
                },
            ],
            ..finding("batches", Some("batches/b-0031"))
        },
        Finding {
            id: "f4".to_owned(),
            kind: FindingKind::CountDiffers,
            title: None,
            summary: "The cloud counts 71 documents, the mirror holds 70.".to_owned(),
            state: FindingState::CouldNotTell { why: "The count was taken while a change was on its way.".to_owned() },
            ..finding("kilnFirings", None)
        },
        Finding {
            id: "f5".to_owned(),
            kind: FindingKind::MirrorDiffers,
            title: Some("Raku test tiles".to_owned()),
            summary: "Eight fields differ.".to_owned(),
            state: FindingState::Resolved { at: minutes_ago(95) },
            changes: (1..=8).map(|n| text(&format!("notes.line{n}"), "old words", "new words")).collect(),
            fix: Fix::Proposed { proposal_id: "own".to_owned() },
            ..finding("batches", Some("batches/b-0008"))
        },
    ]
}

fn finding(collection: &str, document: Option<&str>) -> Finding {
    Finding {
        id: String::new(),
        kind: FindingKind::FlagsDisagree,
        collection: collection.to_owned(),
        document: document.map(str::to_owned),
        title: None,
        summary: String::new(),
        since: minutes_ago(610),
        looked_at: minutes_ago(3),
        state: FindingState::Open,
        changes: Vec::new(),
        fix: Fix::None,
        write_id: None,
        rule: None,
        facts: Vec::new(),
        evidence: Vec::new(),
        confidence: Confidence::High,
        as_of: None,
    }
}

/// One finding on a page of its own.
pub(super) fn finding_alone(id: &str) -> Option<FindingDetail> {
    let ignored = Finding {
        id: "f6".to_owned(),
        kind: FindingKind::RuleBroken,
        summary: "the same order was paid more than once (2 documents)".to_owned(),
        rule: Some("order-paid-twice".to_owned()),
        evidence: vec!["payments/cs_live_2".to_owned(), "materialsOrders/order-paid-twice".to_owned()],
        confidence: Confidence::Medium,
        as_of: Some(minutes_ago(3)),
        state: FindingState::Ignored(Ignored {
            rule_id: "0195a6f2-90aa-7c3e-9f10-2b8f6f0b7a02".to_owned(),
            by: "Priya Raman".to_owned(),
            reason: "The second payment is being refunded.".to_owned(),
            until: minutes_ago(-2_880),
        }),
        ..finding("payments", Some("payments/cs_live_1"))
    };
    let finding = findings().into_iter().chain([ignored]).find(|finding| finding.id == id)?;
    Some(FindingDetail { finding })
}

fn questions() -> Vec<Question> {
    let question = |name, state| Question { name, state, looked_at: Some(minutes_ago(3)) };
    vec![
        question("Mirror and cloud", QuestionState::Drifted(2)),
        question("Key numbers", QuestionState::InSync),
        question("Our writes", QuestionState::Drifted(1)),
        question("Fields and words", QuestionState::Drifted(6)),
        question("Between documents", QuestionState::Stale),
        Question {
            name: "Clock and configuration",
            state: QuestionState::Unknown { why: "nobody has looked yet".to_owned() },
            looked_at: None,
        },
    ]
}
