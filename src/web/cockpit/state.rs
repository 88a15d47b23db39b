//! How many of what there is, and what changed.

use studio_cockpit::model::overview::Freshness;
use studio_cockpit::model::state::{
    Behind, Changes, CollectionStanding, Completeness, Counted, Figure, FigureBlock, NumberChange, Since, StateChoice,
    StudioState, Trend, Trends,
};
use studio_cockpit::model::trouble::Panel;

use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::snapshot::{self, Number, Snapshot, StandingWord};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::{Block, CollectionVocabulary, Vocabulary};
use crate::store::{self, Target};
use crate::web::cockpit::backend::Cockpit;
use crate::web::comparison::{self, Comparison};
use crate::web::desk;

/// Most documents of a number on one page.
const DOCUMENTS: u32 = 50;

/// Most documents that are named for each number that changed.
const NAMED: usize = 5;

/// How many days the trends show.
const DAYS: u32 = 14;

/// The numbers whose trends are shown.
const TRENDS: [&str; 9] = [
    "batchesActive",
    "batchesReady",
    "reservationsOpen",
    "firingsScheduled",
    "reportsOpen",
    "highSeverityReports",
    "agentRequestsPending",
    "pendingOrders",
    "unsettledPayments",
];

impl Cockpit {
    pub(super) async fn state_page(&self, choice: &StateChoice) -> StudioState {
        let newest = self.panel("The studio's state", self.store().snapshot_newest().await);
        let targets = self.panel("The mirror's state", self.store().targets().await);
        let behind = match (&choice.number, &newest) {
            (Some(number), Ok(Some(newest))) => self.behind(number, choice, newest).await,
            (_, _) => None,
        };
        let changes = self.changes(choice).await;
        let kept = self.store().snapshots_daily(DAYS).await;
        StudioState {
            now: newest.and_then(|newest| {
                let targets = targets?;
                Ok(newest.map(|newest| self.counted(&newest, &targets)))
            }),
            behind,
            changes: self.panel("What changed", changes),
            trends: self
                .panel("The last days", kept)
                .map(|kept| trends(&kept.into_iter().map(|kept| kept.snapshot).collect::<Vec<_>>())),
        }
    }

    async fn behind(&self, name: &str, choice: &StateChoice, newest: &Snapshot) -> Option<Panel<Behind>> {
        let number: Number = name.parse().ok()?;
        let after = choice.after.as_deref().and_then(|after| DocPath::parse(after).ok());
        let value = newest.number(&number);
        let found = match value {
            Some(_) => self.store().documents_behind(&number, newest.generated_at, after.as_ref(), DOCUMENTS).await,
            None => Ok(Vec::new()),
        };
        let behind = self.panel("The documents behind the number", found).map(|found| Behind {
            number: number.to_string(),
            value,
            next: found.last().filter(|_| found.len() == DOCUMENTS as usize).map(|last| last.path.to_string()),
            documents: found.into_iter().map(|one| (one.path.to_string(), one.due.map(Timestamp::to_jiff))).collect(),
        });
        Some(behind)
    }

    async fn changes(&self, choice: &StateChoice) -> store::Result<Changes> {
        let nothing = |why: &str| Ok(Changes::Nothing { why: why.to_owned() });
        let (kept, missing) = match (choice.since, choice.last_visit) {
            (Since::Yesterday, _) => {
                (self.desk().snapshot_called("yesterday").await?, "No snapshot of a day before this one is kept.")
            }
            (Since::LastVisit, Some(visit)) => {
                (self.store().snapshot_at(visit.into()).await?, "No snapshot from before your last visit is kept.")
            }
            (Since::LastVisit, None) => return nothing("This browser does not remember an earlier visit of yours."),
        };
        let Some(kept) = kept else { return nothing(missing) };
        let Some(comparison) = Comparison::of(self.store(), kept, None).await? else {
            return nothing("Nothing was counted yet.");
        };
        let numbers = comparison.changes.iter().map(|change| number_change(change, comparison.behind(change)));
        let since = comparison.before.taken.to_jiff();
        Ok(Changes::Compared { since, numbers: numbers.collect() })
    }

    fn counted(&self, newest: &Snapshot, targets: &[Target]) -> Counted {
        let row = |(name, state): (&CollectionId, &snapshot::CollectionState)| {
            let target = targets.iter().find(|target| target.collection == *name);
            let freshness = target.map(|target| desk::judge(&self.settings().bounds, target, self.now()));
            let open = state.standing.as_ref().and_then(|standing| standing.get(&StandingWord::Open).copied());
            let words = state.states.iter().flat_map(|(field, words)| {
                words.iter().filter(|(_, count)| **count > 0).map(|(word, count)| {
                    let number = Number::Word(name.clone(), field.clone(), Some(word.clone()));
                    (number.to_string(), word.clone(), *count)
                })
            });
            CollectionStanding {
                collection: name.to_string(),
                freshness: match freshness {
                    Some(desk::Freshness::Fresh) => Freshness::Fresh,
                    Some(desk::Freshness::Aging) => Freshness::Aging,
                    Some(desk::Freshness::Stale) => Freshness::Stale,
                    Some(desk::Freshness::Unknown) | None => Freshness::Unknown,
                },
                as_of: state.read_time.map(Timestamp::to_jiff),
                documents: state.documents,
                open,
                overdue: state.over_deadline,
                oldest_open: state.oldest_open.map(Timestamp::to_jiff),
                words: words.collect(),
            }
        };
        Counted {
            at: newest.generated_at.to_jiff(),
            day: newest.snapshot_date.to_string(),
            completeness: match newest.diagnostics.completeness {
                snapshot::Completeness::Full => Completeness::Full,
                snapshot::Completeness::Partial => Completeness::Partial,
                snapshot::Completeness::Unknown => Completeness::Unknown,
            },
            warnings: newest.diagnostics.warnings.clone(),
            blocks: Block::ALL.into_iter().map(|block| figures(block, newest)).collect(),
            collections: newest.collections.iter().map(row).collect(),
        }
    }
}

fn number_change(change: &snapshot::NumberChange, behind: comparison::Behind<'_>) -> NumberChange {
    let (documents, more, untold) = match behind {
        comparison::Behind::Documents(all) => {
            let more = all.len().saturating_sub(NAMED) as u64;
            (all.into_iter().take(NAMED).map(|(path, _)| path.to_string()).collect(), more, None)
        }
        comparison::Behind::Unknown(why) => (Vec::new(), 0, Some(why)),
    };
    let number = change.number.to_string();
    NumberChange { number, before: change.before, after: change.after, documents, more, untold }
}

/// The figures of a block that are mirrored, in the order of their collections.
fn figures(block: Block, newest: &Snapshot) -> FigureBlock {
    let mirrored = Vocabulary::shipped().iter().filter(|known| newest.collections.contains_key(known.collection()));
    let all = mirrored.flat_map(CollectionVocabulary::figures).filter(|figure| figure.block() == block);
    let figure = |figure: &crate::domain::vocabulary::Figure| {
        let number = Number::Figure(figure.name().to_owned());
        let worth = newest.amounts_cents.get(figure.name()).and_then(Option::as_ref);
        let worth = worth.into_iter().flatten().map(|(currency, cents)| money(*cents, currency));
        Figure {
            value: newest.number(&number),
            number: number.to_string(),
            meaning: figure.meaning().trim_end_matches('.').to_owned(),
            worth: worth.collect(),
        }
    };
    let title = match block {
        Block::Counts => "What there is",
        Block::Ops => "What there is to do",
        Block::Finance => "What is owed",
        Block::Community => "People",
    };
    FigureBlock { title: title.to_owned(), figures: all.map(figure).collect() }
}

/// Cents as people write them.
fn money(cents: i64, currency: &str) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let (whole, rest) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    format!("{sign}{whole}.{rest:02} {currency}").trim_end().to_owned()
}

pub(super) fn trends(days: &[Snapshot]) -> Trends {
    let values = |name: &str| {
        let number = Number::Figure(name.to_owned());
        days.iter().map(|day| day.number(&number)).collect::<Vec<_>>()
    };
    let meaning = |name: &str| {
        let figures = Vocabulary::shipped().iter().flat_map(CollectionVocabulary::figures);
        figures.into_iter().find(|figure| figure.name() == name).map(|figure| figure.meaning().trim_end_matches('.'))
    };
    let line = |name: &str| Trend { name: meaning(name).unwrap_or(name).to_owned(), values: values(name) };
    Trends {
        days: days.iter().map(|day| day.snapshot_date.to_string()).collect(),
        lines: TRENDS.into_iter().map(line).filter(|line| line.values.iter().any(Option::is_some)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_its_cents() {
        assert_eq!(money(123_405, "USD"), "1234.05 USD");
        assert_eq!(money(-5, "CAD"), "−0.05 CAD");
        assert_eq!(money(700, ""), "7.00");
    }

    #[test]
    fn every_trend_is_a_figure() {
        let names: Vec<&str> =
            Vocabulary::shipped().iter().flat_map(CollectionVocabulary::figures).map(|figure| figure.name()).collect();
        assert!(TRENDS.iter().all(|trend| names.contains(trend)));
    }
}
