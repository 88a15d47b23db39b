//! What the box measures of itself now, what might be done, and which studio this is.

use std::time::Duration;

use studio_cockpit::model::recommendations::{Fixable, Recommendations};
use studio_cockpit::model::scorecard::{Bound, Measure, Measured, Scorecard};
use studio_cockpit::model::studios::{Held, Studios};
use studio_cockpit::paths;

use crate::domain::finding::Family;
use crate::domain::lease::Standing;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::audit::{AnchorStanding, ChainState};
use crate::web::cockpit::audit::WALKED_AT_MOST;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::drift::GOOD_FOR;
use crate::web::desk::{self, Freshness};

/// How far back the last writes are looked at, and how many of them.
const WRITES_SINCE: Duration = Duration::from_secs(7 * 86_400);
const WRITES_MOST: u16 = 1_000;

/// A proof of the mirror is good for this long: one is due every day.
const PROOF_GOOD_FOR: Duration = Duration::from_secs(2 * 86_400);

/// How many findings are looked through for a fix, and how many are shown.
const FINDINGS_LOOKED_AT: u16 = 200;
const FIXES_SHOWN: usize = 20;

impl Cockpit {
    pub(super) async fn scorecard_page(&self) -> Scorecard {
        let measure = |name, about, href, measured| Measure { name, about, href, measured };
        Scorecard {
            measures: vec![
                measure(
                    "Freshness",
                    "How many mirrored collections are within the bound of their age, and how old the oldest is.",
                    paths::CONNECTORS,
                    self.panel("The mirror’s age", self.mirror_within_bounds().await),
                ),
                measure(
                    "Time to the cloud",
                    "From the moment an approved write is claimed until Firestore has answered, as the ledger has it.",
                    paths::WRITES,
                    self.panel("How long writes took", self.push_latency().await),
                ),
                measure(
                    "Unsettled writes",
                    "Writes of which it is not known whether they landed.",
                    paths::WRITES,
                    self.panel("The unsettled writes", self.unsettled().await),
                ),
                measure(
                    "Drift",
                    "When mirror, writes, numbers, words, rules and settings were last compared with the cloud.",
                    paths::DRIFT,
                    self.panel("The last comparison", self.drift_age().await),
                ),
                measure(
                    "Proof of the mirror",
                    "As of when every collection was proved to be what the cloud has.",
                    paths::JOBS,
                    self.panel("The last proof", self.proof_age().await),
                ),
                measure(
                    "Audit log",
                    "Whether the log is what was recorded, and what is kept outside is of it.",
                    paths::AUDIT,
                    self.panel("The audit log", self.audit_sound().await),
                ),
            ],
        }
    }

    async fn mirror_within_bounds(&self) -> store::Result<Measured> {
        let targets = self.store().targets().await?;
        let bounds = &self.settings().bounds;
        let judged: Vec<Freshness> = targets.iter().map(|target| desk::judge(bounds, target, self.now())).collect();
        let is_within = |judged: &&Freshness| match judged {
            Freshness::Fresh | Freshness::Aging => true,
            Freshness::Stale | Freshness::Unknown => false,
        };
        let (within, all) = (judged.iter().filter(is_within).count(), targets.len());
        if all == 0 {
            return Ok(unknown("No collection is mirrored yet."));
        }
        let unread = targets.iter().filter(|target| target.read_time.is_none()).count();
        let oldest = targets.iter().filter_map(|target| target.read_time).min();
        let rests_on = match (oldest, unread) {
            (Some(oldest), 0) => format!("The oldest is {} old.", length(self.now().since(oldest))),
            (Some(oldest), unread) => {
                format!("The oldest that was read is {} old; {unread} never were.", length(self.now().since(oldest)))
            }
            (None, _) => "None was ever read.".to_owned(),
        };
        Ok(Measured::Known {
            value: format!("{within} of {all}"),
            rests_on,
            bound: if within == all {
                Bound::Within("Every collection is within its bound.".to_owned())
            } else {
                Bound::Beyond(format!("{} are stale or unknown.", all - within))
            },
        })
    }

    async fn push_latency(&self) -> store::Result<Measured> {
        let mut took = self.store().writes_took(self.now().minus(WRITES_SINCE), WRITES_MOST).await?;
        took.sort_unstable();
        let (Some(middle), Some(slow)) = (share(&took, 50), share(&took, 99)) else {
            return Ok(unknown("No write landed in the last 7 days."));
        };
        Ok(Measured::Known {
            value: format!("{} · {}", millis(middle), millis(slow)),
            rests_on: format!("Half of the last {} writes (7 days at most) and 99 in 100 took no longer.", took.len()),
            bound: Bound::None,
        })
    }

    async fn unsettled(&self) -> store::Result<Measured> {
        let (all, open) = self.store().write_counts().await?;
        let bound = if open == 0 {
            Bound::Within("What became of each is known.".to_owned())
        } else {
            Bound::Beyond("They are looked up until it is known.".to_owned())
        };
        Ok(Measured::Known { value: open.to_string(), rests_on: format!("Of {all} writes ever meant."), bound })
    }

    async fn drift_age(&self) -> store::Result<Measured> {
        let answers = self.store().drift_answers().await?;
        let all = Family::ALL.into_iter().count();
        let Some(oldest) = answers.values().map(|answer| answer.looked).min() else {
            return Ok(unknown("Nobody has looked yet."));
        };
        let open: u64 = answers.values().map(|answer| answer.open).sum();
        let untold = answers.values().filter(|answer| answer.untold.is_some()).count() + (all - answers.len());
        let age = self.now().since(oldest);
        let untold =
            if untold == 0 { String::new() } else { format!("; {untold} of {all} questions could not be told") };
        Ok(Measured::Known {
            value: length(age),
            rests_on: format!("Since the oldest answer; {open} open{untold}."),
            bound: aged(age, GOOD_FOR),
        })
    }

    async fn proof_age(&self) -> store::Result<Measured> {
        let (targets, proved) = (self.store().targets().await?, self.store().proved_as_of().await?);
        let times: Vec<Timestamp> =
            targets.iter().filter_map(|target| proved.get(&target.collection).copied()).collect();
        let Some(oldest) = times.iter().min().filter(|_| times.len() == targets.len()) else {
            let why = format!("{} of {} collections were ever proved.", times.len(), targets.len());
            return Ok(Measured::Unknown { why });
        };
        let age = self.now().since(*oldest);
        Ok(Measured::Known {
            value: length(age),
            rests_on: format!("Since the oldest proof of {} collections.", targets.len()),
            bound: aged(age, PROOF_GOOD_FOR),
        })
    }

    async fn audit_sound(&self) -> store::Result<Measured> {
        let Some((chain, at)) = self.store().audit_chain_known(self.now(), WALKED_AT_MOST).await? else {
            return Ok(unknown("Nobody has walked along the log since the service started."));
        };
        let standing = self.store().audit_standing().await?;
        let looked = format!("Found {} ago.", length(self.now().since(at)));
        Ok(match chain {
            ChainState::Broken { sequence, .. } => Measured::Known {
                value: "Broken".to_owned(),
                rests_on: looked,
                bound: Bound::Beyond(format!("Entry {sequence} is not what was recorded.")),
            },
            ChainState::Holds { entries, .. } => Measured::Known {
                value: "Holds".to_owned(),
                rests_on: format!("{entries} entries. {looked}"),
                bound: match standing.map(|standing| standing.anchors) {
                    None => Bound::None,
                    Some(AnchorStanding::Consistent) => {
                        Bound::Within("What is kept outside is of this log.".to_owned())
                    }
                    Some(AnchorStanding::Behind | AnchorStanding::Forked) => {
                        Bound::Beyond("What is kept outside is not of this log.".to_owned())
                    }
                },
            },
        })
    }

    pub(super) async fn recommendations_page(&self) -> Recommendations {
        Recommendations { fixable: self.panel("The findings", self.fixable().await) }
    }

    async fn fixable(&self) -> store::Result<Vec<Fixable>> {
        let check = self.store().check_last().await?;
        let judging = self.judging(check.as_ref()).await?;
        let mut fixable = Vec::new();
        for known in self.store().findings(false, FINDINGS_LOOKED_AT).await? {
            if fixable.len() == FIXES_SHOWN {
                break;
            }
            if self.is_fixable(&known, &judging).await? {
                let path = known.finding.path.as_ref();
                fixable.push(Fixable {
                    id: known.id.to_string(),
                    document: path.map(|path| self.names().path(path)).unwrap_or_default(),
                    summary: known.finding.summary,
                });
            }
        }
        Ok(fixable)
    }

    pub(super) async fn studios_page(&self) -> Studios {
        let installation = self.desk().installation();
        let held = self.installed_here().await;
        Studios {
            id: self.store().studio().to_string(),
            project: installation.project.clone(),
            database: installation.database.clone(),
            since: installation.since.map(Timestamp::to_jiff),
            held: self.panel("What this box holds", held),
        }
    }

    async fn installed_here(&self) -> store::Result<Held> {
        let lease = match self.store().lease().await?.standing {
            Standing::Ours(_) => "This box writes.",
            Standing::Free { .. } => "No box has it.",
            Standing::Unknown => "Nobody has looked yet.",
            Standing::Second(_) => Reason::SecondBox.sentence(),
        };
        Ok(Held {
            collections: self.store().targets().await?.len() as u64,
            audit_entries: self.store().audit_size().await?,
            lease: lease.to_owned(),
        })
    }
}

fn unknown(why: &str) -> Measured {
    Measured::Unknown { why: why.to_owned() }
}

fn aged(age: Duration, good_for: Duration) -> Bound {
    if age <= good_for {
        Bound::Within(format!("Good for {}.", length(good_for)))
    } else {
        Bound::Beyond(format!("Only good for {}.", length(good_for)))
    }
}

/// The value that so many in a hundred do not go beyond; nothing where there is none.
fn share(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(place - 1).copied()
}

fn millis(took: Duration) -> String {
    match took.as_millis() {
        ms @ 0..10_000 => format!("{ms} ms"),
        ms => format!("{} s", ms / 1_000),
    }
}

/// A length of time in its largest unit.
fn length(length: Duration) -> String {
    match length.as_secs() {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} d", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_values_that_were_measured() {
        let took: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(share(&took, 50), Some(Duration::from_millis(100)));
        assert_eq!(share(&took, 99), Some(Duration::from_millis(198)));
        assert_eq!(share(&took[..1], 99), Some(Duration::from_millis(1)));
        assert_eq!(share(&[], 50), None);
    }

    #[test]
    fn a_length_is_told_in_its_largest_unit() {
        let told = |seconds| length(Duration::from_secs(seconds));
        assert_eq!([told(119), told(7_199), told(172_799), told(172_800)], ["119 s", "119 min", "47 h", "2 d"]);
    }
}
