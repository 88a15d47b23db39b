//! How the studio stands, in several moods.

use studio_cockpit::model::{
    overview::Freshness,
    state::{
        Behind, Changes, CollectionStanding, Completeness, Counted, Figure, FigureBlock, NumberChange, StateChoice,
        StudioState, Trend, Trends,
    },
};

use super::{Mood, minutes_ago, trouble};

pub(super) fn state(mood: Mood, choice: &StateChoice) -> StudioState {
    match mood {
        Mood::Busy | Mood::Closed => busy(choice),
        Mood::Empty => StudioState {
            now: Ok(None),
            behind: None,
            changes: Ok(Changes::Nothing { why: "No snapshot of a day before this one is kept.".to_owned() }),
            trends: Ok(Trends::default()),
        },
        Mood::Trouble => StudioState {
            now: Err(trouble("The studio's state")),
            behind: None,
            changes: Err(trouble("What changed")),
            trends: Err(trouble("The last days")),
        },
    }
}

fn busy(choice: &StateChoice) -> StudioState {
    let figure = |name: &str, meaning: &str, value, worth: &[&str]| Figure {
        number: format!("figures/{name}"),
        meaning: meaning.to_owned(),
        value,
        worth: worth.iter().map(|&worth| worth.to_owned()).collect(),
    };
    let block = |title: &str, figures| FigureBlock { title: title.to_owned(), figures };
    let counted = Counted {
        at: minutes_ago(0),
        day: "2026-03-18".to_owned(),
        completeness: Completeness::Partial,
        warnings: vec!["`kilns` is unknown: it was not read yet".to_owned()],
        blocks: vec![
            block("What there is", vec![figure("batchesActive", "Batches that are not over", Some(103), &[])]),
            block("What is owed", vec![figure("pendingOrders", "Orders that are not paid", Some(4), &["123.50 USD"])]),
            block("People", vec![figure("kilnsOutOfUse", "Kilns that can't be used", None, &[])]),
        ],
        collections: vec![collection("batches", Some(183)), collection("kilns", None)],
    };
    let line = |name: &str, values: &[Option<i64>]| Trend { name: name.to_owned(), values: values.to_vec() };
    StudioState {
        now: Ok(Some(counted)),
        behind: choice.number.as_ref().map(|number| {
            Ok(Behind {
                number: number.clone(),
                value: Some(2),
                documents: vec![
                    ("batches/b-on-hold".to_owned(), None),
                    ("batches/b-stalled".to_owned(), Some(minutes_ago(900))),
                ],
                next: Some("batches/b-stalled".to_owned()),
            })
        }),
        changes: Ok(Changes::Compared {
            since: minutes_ago(900),
            numbers: vec![
                NumberChange {
                    number: "figures/batchesActive".to_owned(),
                    before: Some(101),
                    after: Some(103),
                    documents: vec!["batches/b-0007".to_owned()],
                    more: 1,
                    untold: None,
                },
                NumberChange {
                    number: "figures/kilnsOutOfUse".to_owned(),
                    before: Some(1),
                    after: None,
                    documents: Vec::new(),
                    more: 0,
                    untold: Some("`kilns` was counted from nothing since then".to_owned()),
                },
            ],
        }),
        trends: Ok(Trends {
            days: ["2026-03-15", "2026-03-16", "2026-03-17", "2026-03-18"].map(str::to_owned).to_vec(),
            lines: vec![
                line("Batches that are not over", &[Some(97), Some(99), Some(101), Some(103)]),
                line("Orders that are not paid", &[Some(7), None, Some(5), Some(4)]),
            ],
        }),
    }
}

fn collection(name: &str, documents: Option<i64>) -> CollectionStanding {
    let word = |word: &str, count| (format!("words/{name}/state/{word}"), word.to_owned(), count);
    CollectionStanding {
        collection: name.to_owned(),
        freshness: if documents.is_some() { Freshness::Fresh } else { Freshness::Unknown },
        as_of: documents.map(|_| minutes_ago(1)),
        documents,
        open: documents.map(|_| 103),
        overdue: documents.map(|_| 2),
        oldest_open: documents.map(|_| minutes_ago(60_000)),
        words: documents.map_or_else(Vec::new, |_| vec![word("SHELVED", 40), word("ON_HOLD", 1)]),
    }
}
