//! What the box does by itself, and what it can be asked to do.

use studio_cockpit::model::facts::{Actor, May};
use studio_cockpit::model::jobs::{Asked, Ending, Errand, Job, Jobs, Now, Progress, Run, Wish};
use studio_cockpit::model::trouble::Unanswered;

use crate::domain::actor::{ActorKind, Person};
use crate::domain::proof::Verdict;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::findings::CheckOutcome;
use crate::telemetry::{JobNow, JobStanding, LastRun};
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts;

/// May somebody of this kind ask for it? The route table says the same of the API's.
pub(super) const fn may_ask(kind: ActorKind, errand: Errand) -> bool {
    match (kind, errand) {
        (ActorKind::Admin | ActorKind::Operator, _)
        | (ActorKind::Staff, Errand::Check | Errand::Verification | Errand::Snapshot) => true,
        (ActorKind::Staff, Errand::Rebuild) | (ActorKind::Human | ActorKind::Agent | ActorKind::System, _) => false,
    }
}

impl Cockpit {
    pub(super) async fn jobs_page(&self) -> Result<Jobs, Unanswered> {
        let kind = self.viewer()?.kind();
        let installation = self.desk().installation();
        let mut wishes = Vec::new();
        for errand in Errand::ALL {
            let may = match (may_ask(kind, errand), errand) {
                (true, _) => May::Yes,
                (false, Errand::Rebuild) => May::No { why: "Only administrators may ask for it.".to_owned() },
                (false, Errand::Check | Errand::Verification | Errand::Snapshot) => {
                    May::No { why: Reason::RoleMissing.sentence().to_owned() }
                }
            };
            let last = match errand {
                Errand::Check => self.panel("The last look at the cloud", self.last_check().await),
                Errand::Verification => self.panel("The last proof", self.last_proof().await),
                Errand::Snapshot => self.panel("The last snapshot", self.last_snapshot().await),
                Errand::Rebuild => self.panel("The last rebuild of the ledger", self.last_rebuild().await),
            };
            wishes.push(Wish { errand, may, last });
        }
        Ok(Jobs {
            since: installation.since.map(Timestamp::to_jiff),
            jobs: installation.jobs.all().into_iter().map(|(name, standing)| job(name, standing)).collect(),
            wishes,
        })
    }

    async fn last_check(&self) -> store::Result<Option<Asked>> {
        let check = match self.store().check_pending().await? {
            Some(check) => Some(check),
            None => self.store().check_last().await?,
        };
        Ok(check.map(|check| {
            let read = format!("{} documents were read.", check.documents_read);
            let progress = match check.finished {
                None => Progress::Waiting,
                Some((at, CheckOutcome::Same)) => well(at, format!("Nothing differs; {read}")),
                Some((at, CheckOutcome::Drift)) => look(at, format!("Something differs; {read}")),
                Some((at, CheckOutcome::Unknown { why })) => Progress::Untold { at: at.to_jiff(), why },
            };
            Asked { by: check.requested_by.as_deref().and_then(by), at: check.requested.to_jiff(), progress }
        }))
    }

    async fn last_proof(&self) -> store::Result<Option<Asked>> {
        let found = match self.store().run_pending().await? {
            Some(run) => self.store().run_by_id(run.id).await?,
            None => self.store().run_last().await?,
        };
        Ok(found.map(|(run, results)| {
            let (done, of) = (results.len() as u64, run.collections.len() as u64);
            let differed = results.iter().filter(|one| one.verdict == Verdict::Differed).count();
            let unknown: Vec<_> = results.iter().filter(|one| one.verdict == Verdict::Unknown).collect();
            let progress = match run.finished {
                None if done == 0 => Progress::Waiting,
                None => Progress::Running { done, of, unit: "collections" },
                Some(at) if differed > 0 => {
                    look(at, format!("{differed} of {of} collections were not as the cloud has them."))
                }
                Some(at) => match unknown.first() {
                    Some(first) => Progress::Untold {
                        at: at.to_jiff(),
                        why: format!("{} of {of} collections: {first}", unknown.len()),
                    },
                    None if done < of => Progress::Untold {
                        at: at.to_jiff(),
                        why: format!("Only {done} of {of} collections were looked at."),
                    },
                    None => well(at, format!("{of} collections are what the cloud has.")),
                },
            };
            Asked { by: run.requested_by.as_deref().and_then(by), at: run.requested.to_jiff(), progress }
        }))
    }

    async fn last_snapshot(&self) -> store::Result<Option<Asked>> {
        let run = match self.store().snapshot_run_pending().await? {
            Some(run) => Some(run),
            None => self.store().snapshot_run_last().await?,
        };
        Ok(run.map(|run| {
            let progress = match run.finished {
                None => Progress::Waiting,
                Some((at, id, None | Some(true))) => well(at, format!("Kept as snapshot {id}.")),
                Some((at, id, Some(false))) => {
                    look(at, format!("Kept as snapshot {id}; counting from nothing did not come to the same."))
                }
            };
            Asked { by: by(&run.requested_by), at: run.requested.to_jiff(), progress }
        }))
    }

    async fn last_rebuild(&self) -> store::Result<Option<Asked>> {
        let rebuild = match self.store().rebuild_pending().await? {
            Some(rebuild) => Some(rebuild),
            None => self.store().rebuild_last().await?,
        };
        Ok(rebuild.map(|rebuild| {
            let outcome = &rebuild.outcome;
            let told =
                format!("{} receipts: {} writes added, {} were there.", outcome.receipts, outcome.added, outcome.same);
            let progress = match (rebuild.finished, &rebuild.failed) {
                (None, _) => Progress::Waiting,
                (Some(at), Some(why)) => Progress::Untold { at: at.to_jiff(), why: why.clone() },
                (Some(at), None) if outcome.problems.is_empty() => well(at, told),
                (Some(at), None) => look(at, format!("{told} {} receipts can't be taken.", outcome.problems.len())),
            };
            Asked { by: rebuild.requested_by.as_deref().and_then(by), at: rebuild.requested.to_jiff(), progress }
        }))
    }
}

/// Who asked, from the label that is kept: there is no name beside it.
fn by(label: &str) -> Option<Actor> {
    let uid = label.rsplit(':').next().unwrap_or(label);
    Person::parse(label, uid).map(|person| facts::actor(&person))
}

fn well(at: Timestamp, what: String) -> Progress {
    Progress::Well { at: at.to_jiff(), what }
}

fn look(at: Timestamp, what: String) -> Progress {
    Progress::Look { at: at.to_jiff(), what }
}

fn job(name: &str, standing: JobStanding) -> Job {
    Job {
        name: name.to_owned(),
        about: standing.about.to_owned(),
        now: match standing.now {
            JobNow::NotBegun => Now::NotBegun,
            JobNow::Running { since } => Now::Running { since: since.to_jiff() },
            JobNow::Resting { until } if standing.failures > 0 => Now::Waiting { until: until.to_jiff() },
            JobNow::Resting { until } => Now::Resting { until: until.to_jiff() },
            JobNow::Ended { at } => Now::Ended { at: at.map(Timestamp::to_jiff) },
        },
        looked: standing.looked.map(Timestamp::to_jiff),
        last: standing.last.map(run),
        failures: standing.failures,
    }
}

fn run(run: LastRun) -> Run {
    let code = run.code.to_string();
    Run {
        at: run.at.to_jiff(),
        took: run.took,
        ending: match run.error {
            None => Ending::Worked { code },
            Some(why) => Ending::Failed { code, why },
        },
        id: run.id.map(|id| id.to_string()),
    }
}
