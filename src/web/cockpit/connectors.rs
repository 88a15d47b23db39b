//! What the box is connected to, and how each connection does.

use studio_cockpit::model::connectors::{Connectors, Failure, Firestore, Following, Health, Source, Stream};
use studio_cockpit::model::overview::Freshness;

use crate::domain::time::Timestamp;
use crate::store::{self, Target, TargetState};
use crate::telemetry::{JobNow, JobStanding, LastRun};
use crate::web::cockpit::backend::Cockpit;
use crate::web::desk;

/// The mirror's name among the jobs: each of its runs is one stream.
const MIRROR: &str = "mirror";

impl Cockpit {
    pub(super) async fn connectors_page(&self) -> Connectors {
        let found = self.firestore_connection().await;
        Connectors { firestore: self.panel("The connection to Firestore", found) }
    }

    async fn firestore_connection(&self) -> store::Result<Firestore> {
        let targets = self.store().targets().await?;
        let not_mirrored = self.store().collections_found().await?;
        let looked = self.store().collections_looked().await?;
        let installation = self.desk().installation();
        let mirror = installation.jobs.all().remove(MIRROR);
        let sources: Vec<Source> = targets.iter().map(|target| self.source(target)).collect();
        Ok(Firestore {
            health: health(&sources),
            project: installation.project.clone(),
            database: installation.database.clone(),
            stream: mirror.as_ref().map_or(Stream::Unknown, stream),
            failure: mirror.and_then(|mirror| mirror.last_failure).map(failure),
            sources,
            not_mirrored: not_mirrored.into_iter().map(|found| found.collection.to_string()).collect(),
            looked: looked.map(Timestamp::to_jiff),
        })
    }

    fn source(&self, target: &Target) -> Source {
        let bounds = &self.settings().bounds;
        Source {
            collection: target.collection.to_string(),
            following: match target.state {
                TargetState::Current => Following::Listening,
                TargetState::CatchingUp => Following::CatchingUp,
                TargetState::Backfilling => Following::Reading,
                TargetState::Refused => Following::Refused,
            },
            freshness: match desk::judge(bounds, target, self.now()) {
                desk::Freshness::Fresh => Freshness::Fresh,
                desk::Freshness::Aging => Freshness::Aging,
                desk::Freshness::Stale => Freshness::Stale,
                desk::Freshness::Unknown => Freshness::Unknown,
            },
            read: target.read_time.map(Timestamp::to_jiff),
            heard: target.heard.map(Timestamp::to_jiff),
            bound: bounds.stale_after(&target.collection).as_secs(),
            failure: target.error.as_ref().map(|(at, what)| (at.to_jiff(), what.clone())),
        }
    }
}

/// How the connection does as a whole: only what every collection says together is well.
fn health(sources: &[Source]) -> Health {
    let is_well = |source: &&Source| {
        source.failure.is_none()
            && match source.freshness {
                Freshness::Fresh | Freshness::Aging => true,
                Freshness::Stale | Freshness::Unknown => false,
            }
    };
    let is_untold = |source: &Source| source.freshness == Freshness::Unknown && source.failure.is_none();
    match sources.iter().filter(is_well).count() {
        _ if sources.is_empty() => Health::Unknown,
        all if all == sources.len() => Health::Well,
        0 if sources.iter().all(is_untold) => Health::Unknown,
        0 => Health::Lost,
        _ => Health::Degraded,
    }
}

fn stream(mirror: &JobStanding) -> Stream {
    match mirror.now {
        JobNow::NotBegun => Stream::Unknown,
        JobNow::Running { since } => Stream::Open { since: since.to_jiff() },
        JobNow::Resting { until } => Stream::Waiting { until: until.to_jiff(), failures: mirror.failures },
        JobNow::Ended { at } => Stream::Ended { at: at.map(Timestamp::to_jiff) },
    }
}

fn failure(run: LastRun) -> Failure {
    let class = run.code.as_str();
    Failure {
        at: run.at.to_jiff(),
        meaning: meaning(class).to_owned(),
        class: class.to_owned(),
        what: run.error.unwrap_or_default(),
    }
}

/// What a class of trouble means, and what happens next. Classes of another release mean what they say.
fn meaning(class: &str) -> &'static str {
    match class {
        "unreachable" => "There was no way to the cloud. It is tried again, with longer and longer pauses.",
        "no_answer" | "unavailable" | "stream_ended" => {
            "The cloud did not answer, or hung up. That passes by itself; it is tried again."
        }
        "quota_exhausted" => "The cloud said that we ask for too much. It is tried again after the longest pause.",
        "refused" => "The cloud refuses us. Somebody has to look at the credential and what it may do.",
        "protocol" => "The cloud said what makes no sense to us. It is tried again from where the mirror stands.",
        "not_stored" => "What came could not be stored here. Somebody has to look at the disk.",
        "dropped" => "The cloud gave up on a collection. It is asked for again.",
        "incomplete" => "A collection came without some of its documents. It is read again.",
        "budget_spent" => "The day’s reads are spent. What can wait is read again tomorrow.",
        _ => "It is tried again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(freshness: Freshness, failed: bool) -> Source {
        Source {
            collection: "batches".to_owned(),
            following: Following::Listening,
            freshness,
            read: None,
            heard: None,
            bound: 900,
            failure: failed.then(|| (jiff::Timestamp::UNIX_EPOCH, "gone".to_owned())),
        }
    }

    #[test]
    fn only_what_all_collections_say_is_well_and_what_nobody_said_is_unknown() {
        let fresh = source(Freshness::Fresh, false);
        let check = |sources: &[Source], expect| assert_eq!(health(sources), expect);
        check(&[], Health::Unknown);
        check(&[fresh.clone(), source(Freshness::Aging, false)], Health::Well);
        check(&[fresh.clone(), source(Freshness::Stale, false)], Health::Degraded);
        check(&[fresh.clone(), source(Freshness::Fresh, true)], Health::Degraded);
        check(&[fresh, source(Freshness::Unknown, false)], Health::Degraded);
        check(&[source(Freshness::Stale, true), source(Freshness::Unknown, false)], Health::Lost);
        check(&[source(Freshness::Unknown, false)], Health::Unknown);
    }
}
