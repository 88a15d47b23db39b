//! What the made-up studio's box is connected to, what it does by itself, and what that costs.

use std::time::Duration;

use jiff::ToSpan;
use studio_cockpit::model::{
    connectors::{Connectors, Failure, Firestore, Following, Health, Source, Stream},
    facts::May,
    jobs::{Asked, Ending, Errand, Job, Jobs, Now, Progress, Run, Wish},
    overview::Freshness,
    reads::{DayCauses, DayCost, ReadCosts, ReadsChoice},
    recommendations::{Fixable, Recommendations},
    scorecard::{Bound, Measure, Measured, Scorecard},
    studios::{Held, Studios},
};

use super::{Mood, ines, minutes_ago, now, trouble};

/// What it is connected to.
pub(super) fn connectors(mood: Mood) -> Connectors {
    let source = |name: &str, following, freshness, minutes: Option<i64>| Source {
        collection: name.to_owned(),
        following,
        freshness,
        read: minutes.map(minutes_ago),
        heard: minutes.map(minutes_ago),
        bound: 900,
        failure: None,
    };
    let empty = Firestore {
        health: Health::Unknown,
        project: None,
        database: None,
        stream: Stream::Unknown,
        failure: None,
        sources: Vec::new(),
        not_mirrored: Vec::new(),
        looked: None,
    };
    Connectors {
        firestore: match mood {
            Mood::Trouble => Err(trouble("The connection to Firestore")),
            Mood::Empty => Ok(empty),
            Mood::Busy | Mood::Closed => Ok(Firestore {
                health: Health::Degraded,
                project: Some("monsoon-west".to_owned()),
                database: Some("(default)".to_owned()),
                stream: Stream::Waiting { until: now() + 40.seconds(), failures: 3 },
                failure: Some(Failure {
                    at: minutes_ago(1),
                    class: "unavailable".to_owned(),
                    meaning: "The cloud did not answer, or hung up. That passes by itself; it is tried again."
                        .to_owned(),
                    what: "the mirror lost Firestore: could not listen: Unavailable".to_owned(),
                }),
                sources: vec![
                    source("batches", Following::Listening, Freshness::Fresh, Some(0)),
                    source("notificationJobs", Following::Reading, Freshness::Unknown, None),
                    Source {
                        failure: Some((
                            minutes_ago(4),
                            "PERMISSION_DENIED: missing or insufficient permissions".to_owned(),
                        )),
                        ..source("orders", Following::Refused, Freshness::Unknown, Some(3_000))
                    },
                    source("reservations", Following::CatchingUp, Freshness::Stale, Some(40)),
                ],
                not_mirrored: vec!["kilnFirings".to_owned(), "supportRequests".to_owned()],
                looked: Some(minutes_ago(20)),
            }),
        },
    }
}

/// What it does by itself.
pub(super) fn jobs(mood: Mood) -> Jobs {
    let last = |errand| match mood {
        Mood::Trouble => Err(trouble("What was asked for last")),
        Mood::Empty => Ok(None),
        Mood::Busy | Mood::Closed => Ok(Some(match errand {
            Errand::Check => Asked {
                by: None,
                at: minutes_ago(3),
                progress: Progress::Untold { at: minutes_ago(3), why: "`orders` can't be read".to_owned() },
            },
            Errand::Verification => Asked {
                by: Some(ines()),
                at: minutes_ago(1),
                progress: Progress::Running { done: 4, of: 11, unit: "collections" },
            },
            Errand::Snapshot => Asked {
                by: Some(ines()),
                at: minutes_ago(200),
                progress: Progress::Well { at: minutes_ago(200), what: "Kept as snapshot 41.".to_owned() },
            },
            Errand::Rebuild => Asked { by: Some(ines()), at: minutes_ago(0), progress: Progress::Waiting },
        })),
    };
    let may = |errand| match errand {
        Errand::Rebuild => May::No { why: "Only administrators may ask for it.".to_owned() },
        Errand::Check | Errand::Verification | Errand::Snapshot => May::Yes,
    };
    let wishes = Errand::ALL.into_iter().map(|errand| Wish { errand, may: may(errand), last: last(errand) }).collect();
    Jobs {
        since: (mood != Mood::Empty).then(|| minutes_ago(1_500)),
        jobs: if mood == Mood::Empty { Vec::new() } else { every_job() },
        wishes,
    }
}

fn every_job() -> Vec<Job> {
    let job = |name: &str, about: &str, now, looked: Option<i64>, last, failures| Job {
        name: name.to_owned(),
        about: about.to_owned(),
        now,
        looked: looked.map(minutes_ago),
        last,
        failures,
    };
    let run = |minutes, millis, ending| {
        let id = Some("0195a6f2-3c1e-7b7a-8d34-6d1f2f0a9b11".to_owned());
        Some(Run { at: minutes_ago(minutes), took: Duration::from_millis(millis), ending, id })
    };
    let worked = |code: &str| Ending::Worked { code: code.to_owned() };
    let failed =
        Ending::Failed { code: "pass_failed".to_owned(), why: "could not ask how many documents there are".to_owned() };
    vec![
        job(
            "drift",
            "Compares the mirror with the cloud.",
            Now::Waiting { until: now() + 4.minutes() },
            Some(1),
            run(1, 10_240, failed),
            2,
        ),
        job("prune", "Forgets what is old enough.", Now::NotBegun, None, None, 0),
        job(
            "push",
            "Sends approved proposals.",
            Now::Resting { until: now() + 3.seconds() },
            Some(0),
            run(30, 212, worked("landed")),
            0,
        ),
        job(
            "seal",
            "Signs the head of the audit log.",
            Now::Ended { at: Some(minutes_ago(9)) },
            Some(10),
            run(10, 31, worked("sealed")),
            0,
        ),
        job("verify", "Proves the mirror.", Now::Running { since: minutes_ago(1) }, Some(1), None, 0),
    ]
}

/// What Firestore bills.
pub(super) fn reads(mood: Mood, choice: &ReadsChoice) -> ReadCosts {
    let day = |at: u64| DayCost {
        day: format!("2026-03-{:02}", at + 1),
        reads: (at != 6 && mood != Mood::Empty).then_some(11_000 + at * 2_750),
        writes: (mood != Mood::Empty).then_some(at * 12),
        budget: (at != 6 && mood != Mood::Empty).then_some(50_000),
    };
    let day_of = |day: &str| DayCauses {
        day: day.to_owned(),
        spent: 57_750,
        budget: Some(50_000),
        is_paused: true,
        by_cause: vec![("Following changes".to_owned(), 41_000), ("Comparing with the cloud".to_owned(), 16_750)],
        by_collection: vec![("batches".to_owned(), 40_000), ("reservations".to_owned(), 17_750)],
    };
    match mood {
        Mood::Trouble => {
            ReadCosts { days: Err(trouble("What the days have cost")), chosen: Err(trouble("What the day has cost")) }
        }
        Mood::Empty => ReadCosts { days: Ok((0..7).map(day).collect()), chosen: Ok(None) },
        Mood::Busy | Mood::Closed => ReadCosts {
            days: Ok((0..18).map(day).collect()),
            chosen: Ok(Some(day_of(choice.day.as_deref().unwrap_or("2026-03-18")))),
        },
    }
}

/// What it measures of itself.
pub(super) fn scorecard(mood: Mood) -> Scorecard {
    let known =
        |value: &str, bound| Ok(Measured::Known { value: value.to_owned(), rests_on: "As of now.".to_owned(), bound });
    let unknown = || Ok(Measured::Unknown { why: "Nobody has looked yet.".to_owned() });
    let measured = |busy: Result<Measured, _>| match mood {
        Mood::Trouble => Err(trouble("A measure")),
        Mood::Empty => unknown(),
        Mood::Busy | Mood::Closed => busy,
    };
    let measure =
        |name, href, busy| Measure { name, about: "What is measured, and from what.", href, measured: measured(busy) };
    Scorecard {
        measures: vec![
            measure("Freshness", "/connectors", known("9 of 11", Bound::Beyond("2 are stale or unknown.".to_owned()))),
            measure("Time to the cloud", "/writes", known("64 ms · 812 ms", Bound::None)),
            measure("Unsettled writes", "/writes", known("0", Bound::Within("Each is known.".to_owned()))),
            measure("Drift", "/drift", unknown()),
        ],
    }
}

/// What might be done.
pub(super) fn recommendations(mood: Mood) -> Recommendations {
    let fixable = Fixable {
        id: "f1".to_owned(),
        summary: "`status` is CANCELED, a word that nobody knows".to_owned(),
        document: "reservations/r-0042".to_owned(),
    };
    Recommendations {
        fixable: match mood {
            Mood::Trouble => Err(trouble("The findings")),
            Mood::Empty => Ok(Vec::new()),
            Mood::Busy | Mood::Closed => Ok(vec![fixable]),
        },
    }
}

/// Which studio this is.
pub(super) fn studios(mood: Mood) -> Studios {
    let is_told = mood != Mood::Empty;
    Studios {
        id: "monsoon-west".to_owned(),
        project: is_told.then(|| "monsoon-west".to_owned()),
        database: is_told.then(|| "(default)".to_owned()),
        since: is_told.then(|| minutes_ago(1_500)),
        held: match mood {
            Mood::Trouble => Err(trouble("What this box holds")),
            Mood::Busy | Mood::Empty | Mood::Closed => {
                Ok(Held { collections: 11, audit_entries: 1_042, lease: "This box writes.".to_owned() })
            }
        },
    }
}
