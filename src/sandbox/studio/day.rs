//! A day at the studio, one happening after the other: members drop off, staff shelve, kilns fire, orders are paid,
//! reports come in, and now and then somebody leaves documents that do not fit together.
//!
//! What happens and in which order depends on the seed alone; only the moments are those of whoever plays.

use std::time::Duration;

use jiff::Timestamp;

use super::SampleDocument;
use super::batches::{TITLES, batch};
use super::builder::{Fill, days, doc, hours};
use super::kilns::{ELECTRIC, firing};
use super::orders::{Order, PRODUCTS};
use super::payments::Outcome;
use super::people::{DOV, Person, some_member};
use super::random::Random;
use super::reports::{TARGETS, report};
use super::reservations::{reservation, stage_status, window};
use crate::sandbox::firestore::Database;

/// The most batches that the day has under way.
const MOST_BATCHES: usize = 12;

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// How long after the one before.
    pub after: Duration,
    /// What, as somebody would tell it.
    pub what: String,
    deeds: Vec<Deed>,
}

/// What somebody writes.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    /// A whole document.
    Put(SampleDocument),
    /// Some fields of a document.
    Merge(SampleDocument),
    /// Some fields, which no listener ever hears of.
    MergeSilently(SampleDocument),
}

/// The day.
pub struct StudioDay {
    seed: u64,
    random: Random,
    made: usize,
    batches: Vec<Piece>,
    orders: Vec<Order>,
    firing: Option<Load>,
}

/// A batch of the day.
struct Piece {
    id: String,
    owner: Person,
    title: &'static str,
    stage: Stage,
    since: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    DroppedOff,
    Shelved,
    Loaded,
    Ready,
}

/// A firing of the day.
struct Load {
    id: String,
    began: Timestamp,
    batches: Vec<String>,
}

impl Happening {
    /// Writes it, as any other client of the cloud would.
    pub fn play(self, cloud: &Database) {
        for deed in self.deeds {
            match deed {
                Deed::Put(document) => {
                    cloud.put(&document.path, document.fields);
                }
                Deed::Merge(document) => {
                    cloud.merge(&document.path, document.fields);
                }
                Deed::MergeSilently(document) => {
                    cloud.merge_silently(&document.path, document.fields);
                }
            }
        }
    }
}

impl StudioDay {
    /// The day of this seed.
    pub fn of(seed: u64) -> Self {
        let random = Random::of("day", usize::try_from(seed).unwrap_or(usize::MAX));
        Self { seed, random, made: 0, batches: Vec::new(), orders: Vec::new(), firing: None }
    }

    /// What happens next, as of now.
    pub fn next(&mut self, now: Timestamp) -> Happening {
        let minutes = self.random.between(2, 15).unsigned_abs();
        let (what, deeds) = self.happen(now);
        Happening { after: Duration::from_secs(minutes * 60), what, deeds }
    }

    fn happen(&mut self, now: Timestamp) -> (String, Vec<Deed>) {
        loop {
            let happened = match self.random.below(20) {
                0..=4 => self.drop_off(now),
                5..=7 => self.shelve(now),
                8..=9 => self.fire(now),
                10..=11 => self.unload(now),
                12..=13 => self.pick_up(now),
                14..=15 => Some(self.order(now)),
                16 => self.pay(now),
                17 => Some(self.report(now)),
                18 => self.leave_a_mess(now),
                _ => Some(self.forget_to_tell(now)),
            };
            if let Some(happened) = happened {
                return happened;
            }
        }
    }

    /// A name that no document of the sample has, and none of another day.
    fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-day{}-{:04}", self.seed, self.made)
    }

    fn drop_off(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        if self.batches.len() >= MOST_BATCHES {
            return None;
        }
        let owner = some_member(&mut self.random, 1);
        let title = self.random.pick(&TITLES);
        let (id, booked) = (self.id("b"), self.id("r"));
        let half_shelves = self.random.between(1, 3);
        let wish = reservation(&booked, &owner, "REQUESTED", "glaze", half_shelves, now)
            .map("preferredWindow", window(now + days(2), now + days(9)))
            .map("stageStatus", stage_status("intake", now))
            .text("linkedBatchId", &id);
        let what = format!("{} drops off “{title}” and asks for a firing", owner.name);
        let dropped = batch(&id, &owner, title, "SUBMITTED", now, now);
        self.batches.push(Piece { id, owner, title, stage: Stage::DroppedOff, since: now });
        Some((what, vec![Deed::Put(dropped), Deed::Put(wish)]))
    }

    fn shelve(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        let piece = self.piece(Stage::DroppedOff)?;
        piece.stage = Stage::Shelved;
        Some((format!("Staff shelve “{}”", piece.title), vec![step(piece, "SHELVED", now)]))
    }

    fn fire(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        let waiting = self.batches.iter().filter(|piece| piece.stage == Stage::Shelved).count();
        if self.firing.is_some() || waiting < 2 {
            return None;
        }
        let id = self.id("f");
        let mut deeds = Vec::new();
        let mut loaded = Vec::new();
        for piece in self.batches.iter_mut().filter(|piece| piece.stage == Stage::Shelved) {
            piece.stage = Stage::Loaded;
            loaded.push(piece.id.clone());
            let document = doc("batches", &piece.id)
                .text("state", "LOADED")
                .text("currentKilnId", ELECTRIC.0)
                .text("currentKilnName", ELECTRIC.1)
                .time("updatedAt", now);
            deeds.push(Deed::Merge(document));
        }
        let begun =
            firing(&id, ELECTRIC, "glaze", "in-progress", now, now + hours(8)).texts("batchIds", loaded.clone());
        deeds.push(Deed::Put(begun));
        let what = format!("A firing begins with {} batches", loaded.len());
        self.firing = Some(Load { id, began: now, batches: loaded });
        Some((what, deeds))
    }

    fn unload(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        let Load { id, began, batches } = self.firing.take()?;
        let unloaded = firing(&id, ELECTRIC, "glaze", "completed", began, now)
            .texts("batchIds", batches.clone())
            .time("unloadedAt", now)
            .text("unloadedByUid", DOV)
            .null("unloadNote")
            .time("updatedAt", now);
        let mut deeds = vec![Deed::Put(unloaded)];
        for piece in self.batches.iter_mut().filter(|piece| batches.contains(&piece.id)) {
            piece.stage = Stage::Ready;
            let ready = doc("batches", &piece.id).text("state", "READY_FOR_PICKUP").null("currentKilnId");
            deeds.push(Deed::Merge(ready.null("currentKilnName").time("updatedAt", now)));
        }
        Some((format!("The kiln is unloaded: {} batches are ready", batches.len()), deeds))
    }

    fn pick_up(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        let at = self.batches.iter().position(|piece| piece.stage == Stage::Ready)?;
        let Piece { id, owner, title, since, .. } = self.batches.remove(at);
        let done = batch(&id, &owner, title, "CLOSED_PICKED_UP", since, now);
        Some((format!("{} picks up “{title}”", owner.name), vec![Deed::Put(done)]))
    }

    fn order(&mut self, now: Timestamp) -> (String, Vec<Deed>) {
        let buyer = some_member(&mut self.random, 1);
        let product = self.random.below(PRODUCTS.len());
        let (id, quantity) = (self.id("mo"), self.random.between(1, 3));
        let order = Order { id, buyer, product: &PRODUCTS[product], quantity, at: now, outcome: Outcome::Pending };
        let happened = (format!("{} orders from the shop", order.buyer.name), vec![Deed::Put(order.document())]);
        self.orders.push(order);
        happened
    }

    fn pay(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        let mut order = self.orders.pop()?;
        order.outcome = Outcome::Paid;
        let sale = order.sale();
        let mut documents = vec![order.document().time("updatedAt", now), sale.payment()];
        documents.extend(sale.webhooks());
        Some((format!("{} pays an order", order.buyer.name), documents.into_iter().map(Deed::Put).collect()))
    }

    fn report(&mut self, now: Timestamp) -> (String, Vec<Deed>) {
        let reporter = some_member(&mut self.random, 1);
        let target = self.random.pick(&TARGETS);
        let (category, note) = self.random.pick(&[
            ("broken_link", "The link in the description leads nowhere."),
            ("safety", "Somebody could take this for food-safe, and it is not."),
            ("other", "The caption has a typo."),
        ]);
        let id = self.id("rep");
        let made = report(&id, &reporter.uid, target, category, note, now);
        (format!("{} reports “{}”", reporter.name, target.2), vec![Deed::Put(made)])
    }

    /// Somebody writes what does not fit together: drift finds it.
    fn leave_a_mess(&mut self, now: Timestamp) -> Option<(String, Vec<Deed>)> {
        if self.random.chance(50) {
            let (id, owner) = (self.id("r"), some_member(&mut self.random, 1));
            let odd = reservation(&id, &owner, "CANCELED", "bisque", 1, now)
                .map("preferredWindow", window(now + days(2), now + days(9)));
            return Some((
                format!("A reservation of {} is cancelled in the wrong spelling", owner.name),
                vec![Deed::Put(odd)],
            ));
        }
        let piece = self.piece(Stage::Shelved)?;
        let odd = doc("batches", &piece.id).flag("isClosed", true).time("closedAt", now).time("updatedAt", now);
        Some((format!("“{}” is closed while it stands on the shelf", piece.title), vec![Deed::Merge(odd)]))
    }

    /// A change that no listener hears of: mirror and cloud differ until somebody looks.
    fn forget_to_tell(&mut self, now: Timestamp) -> (String, Vec<Deed>) {
        let id = format!("r-{:04}", self.random.between(1, 200));
        let note = self.random.pick(&["Moved to Thursday.", "Called, will come on Friday.", "Needs a taller shelf."]);
        let noted = doc("reservations", &id).text("staffNotes", note).time("updatedAt", now);
        (format!("Somebody notes on {id} past every listener"), vec![Deed::MergeSilently(noted)])
    }

    fn piece(&mut self, stage: Stage) -> Option<&mut Piece> {
        self.batches.iter_mut().find(|piece| piece.stage == stage)
    }
}

fn step(piece: &Piece, state: &str, now: Timestamp) -> Deed {
    Deed::Merge(doc("batches", &piece.id).text("state", state).time("updatedAt", now))
}

impl std::fmt::Debug for StudioDay {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("StudioDay").field("seed", &self.seed).field("made", &self.made).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::clock::Clock;
    use crate::sandbox::studio::NOW;

    /// A day of so many happenings, on a clock of its own.
    fn played(seed: u64, count: usize) -> Vec<Happening> {
        let (mut day, clock) = (StudioDay::of(seed), Clock::manual(NOW));
        let next = |_| {
            let happening = day.next(clock.now());
            clock.advance(happening.after);
            happening
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn a_day_of_the_same_seed_is_the_same_day() {
        assert_eq!(played(7, 300), played(7, 300));
        assert_ne!(played(7, 300), played(8, 300));
    }

    #[test]
    fn a_long_day_has_everything_and_no_document_is_made_twice() {
        let day = played(1, 400);
        for part in [
            "drops off",
            "shelve",
            "firing begins",
            "unloaded",
            "picks up",
            "orders",
            "pays",
            "reports",
            "wrong spelling",
            "closed while",
            "past every listener",
        ] {
            assert!(day.iter().any(|happening| happening.what.contains(part)), "nobody {part}");
        }
        let made = day.iter().flat_map(|happening| &happening.deeds).filter_map(|deed| match deed {
            Deed::Put(document) if document.path.starts_with("communityReports/") => Some(&document.path),
            Deed::Put(_) | Deed::Merge(_) | Deed::MergeSilently(_) => None,
        });
        let made: Vec<_> = made.collect();
        assert_eq!(made.len(), made.iter().collect::<BTreeSet<_>>().len());
        assert!(day.iter().all(|happening| happening.after >= Duration::from_secs(120)));
    }
}
