use jiff::Timestamp;

use super::builder::{Fill, Map, days, doc, hours, integer, map, minutes};
use super::payments::{Outcome, Sale};
use super::people::{INES, Person, mara, member, some_member, theo};
use super::random::Random;
use super::{Case, NOW, SampleDocument};

const EVENTS: usize = 21;
const SIGNUPS_PER_EVENT: usize = 14;
/// The first signups of each event are paid for; the others are waived or never came so far.
const PAID_PER_EVENT: usize = 4;

/// A kind of event: title, capacity, price in cents.
type Offer = (&'static str, i64, i64);

const RAKU_NIGHT: Offer = ("Raku Night", 16, 8_500);
const KILN_SOCIAL: Offer = ("Kiln Social + Demo", 30, 3_500);
/// Eight are in and one is offered a seat, so that its waiting list is justified.
const WHEEL_BASICS: Offer = ("Wheel basics, nine wheels", 9, 6_500);

/// How many people hold which place at an event.
#[derive(Clone, Copy)]
struct Counts {
    ticketed: i64,
    offered: i64,
    checked_in: i64,
    waitlisted: i64,
}

/// Events whose counters match their signups, and whose paid signups have a charge.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let events = (0..EVENTS * scale).map(|index| {
        let (offer, start) = offer_of(index);
        let counts = if start < NOW {
            Counts { ticketed: 12, offered: 0, checked_in: 10, waitlisted: 0 }
        } else {
            Counts { ticketed: 8, offered: 1, checked_in: 0, waitlisted: 4 }
        };
        event(&event_id(index), offer, start, counts)
    });
    let signups = (0..EVENTS * SIGNUPS_PER_EVENT * scale).map(|index| ordinary_signup(index, scale));
    let charges = ordinary_sales(scale).into_iter().map(|sale| charge(&sale));
    events.chain(signups).chain(charges).collect()
}

/// What the charges of the ordinary events sold.
pub(super) fn ordinary_sales(scale: usize) -> Vec<Sale> {
    let paid = (0..EVENTS * SIGNUPS_PER_EVENT * scale).filter(|index| index % SIGNUPS_PER_EVENT < PAID_PER_EVENT);
    paid.map(|index| {
        let (offer, start) = offer_of(index / SIGNUPS_PER_EVENT);
        let at = start.min(NOW) - days(2);
        sale(&format!("ch-{:05}", index + 1), &signup_owner(index, scale), offer.2, at)
    })
    .collect()
}

fn event_id(index: usize) -> String {
    format!("ev-{:04}", index + 1)
}

fn signup_id(index: usize) -> String {
    format!("su-{:05}", index + 1)
}

/// Even events are to come, odd ones are over.
fn offer_of(index: usize) -> (Offer, Timestamp) {
    let days_away = integer(index % 40) * 2 + 1;
    match index % 4 {
        0 | 2 => (WHEEL_BASICS, NOW + days(days_away) + hours(2)),
        1 => (KILN_SOCIAL, NOW - days(days_away) + hours(2)),
        _third => (RAKU_NIGHT, NOW - days(days_away) + hours(2)),
    }
}

fn event(id: &str, (title, capacity, cents): Offer, start: Timestamp, counts: Counts) -> SampleDocument {
    doc("events", id)
        .text("templateId", title.to_lowercase().replace([' ', '+', ','], "-"))
        .text("title", title)
        .text("summary", "Bring an apron. Tea is on us.")
        .text("location", "Courtyard")
        .text("timezone", "America/Phoenix")
        .time("startAt", start)
        .time("endAt", start + hours(3))
        .int("capacity", capacity)
        .int("priceCents", cents)
        .text("currency", "USD")
        .flag("includesFiring", title == RAKU_NIGHT.0)
        .maps("addOns", [add_on("clay", "Extra clay", 1_500), add_on("glaze-pack", "Glaze pack", 1_200)])
        .flag("waitlistEnabled", true)
        .int("offerClaimWindowHours", 12)
        .int("cancelCutoffHours", 3)
        .text("status", "published")
        .int("ticketedCount", counts.ticketed)
        .int("offeredCount", counts.offered)
        .int("checkedInCount", counts.checked_in)
        .int("waitlistCount", counts.waitlisted)
        .int("remainingCapacity", capacity - counts.ticketed - counts.offered)
        .time("createdAt", start.min(NOW) - days(40))
        .time("updatedAt", start.min(NOW) - hours(1))
        .time("publishedAt", start.min(NOW) - days(35))
}

fn add_on(id: &str, title: &str, cents: i64) -> Map {
    map().text("id", id).text("title", title).int("priceCents", cents).flag("isActive", true)
}

fn signup_owner(index: usize, scale: usize) -> Person {
    some_member(&mut Random::of("eventSignups", index), scale)
}

fn ordinary_signup(index: usize, scale: usize) -> SampleDocument {
    let (_, start) = offer_of(index / SIGNUPS_PER_EVENT);
    let nth = index % SIGNUPS_PER_EVENT;
    let over = start < NOW;
    let status = match (over, nth) {
        (true, 0..10) => "checked_in",
        (true, 10..12) | (false, 0..8) => "ticketed",
        (false, 8) => "offered",
        (false, 9..13) => "waitlisted",
        _rest => "cancelled",
    };
    let paid = match status {
        "checked_in" | "ticketed" if nth < PAID_PER_EVENT => "paid",
        "checked_in" | "ticketed" => "waived",
        _seatless => "unpaid",
    };
    let at = start.min(NOW) - days(2);
    let event = event_id(index / SIGNUPS_PER_EVENT);
    let signup = signup(&signup_id(index), &event, &signup_owner(index, scale), status, paid, at);
    match status {
        "checked_in" => {
            signup.time("checkedInAt", start + minutes(5)).text("checkedInByUid", INES).text("checkInMethod", "staff")
        }
        "offered" => signup.time("offeredAt", NOW - hours(3)).time("offerExpiresAt", NOW + hours(9)),
        _plain => signup,
    }
}

fn signup(id: &str, event: &str, person: &Person, status: &str, paid: &str, at: Timestamp) -> SampleDocument {
    doc("eventSignups", id)
        .text("eventId", event)
        .text("uid", &person.uid)
        .text("status", status)
        .null("offeredAt")
        .null("offerExpiresAt")
        .null("checkedInAt")
        .text("paymentStatus", paid)
        .text("displayName", &person.name)
        .text("email", person.email())
        .time("createdAt", at)
        .time("updatedAt", at)
}

fn sale(charge_id: &str, person: &Person, cents: i64, at: Timestamp) -> Sale {
    Sale {
        key: charge_id.to_owned(),
        source: "events",
        link: ("chargeId", charge_id.to_owned()),
        uid: person.uid.clone(),
        cents,
        at,
        outcome: Outcome::Paid,
    }
}

/// The charge of a sale. An ordinary charge `ch-00007` belongs to the signup `su-00007`.
fn charge(sale: &Sale) -> SampleDocument {
    let number: usize = sale.key.trim_start_matches("ch-").parse().unwrap_or(0);
    let event = event_id(number.saturating_sub(1) / SIGNUPS_PER_EVENT);
    let seat = map().text("id", "seat").text("title", "Seat").int("priceCents", sale.cents).int("quantity", 1);
    doc("eventCharges", &sale.key)
        .text("eventId", event)
        .text("signupId", sale.key.replace("ch-", "su-"))
        .text("uid", &sale.uid)
        .maps("lineItems", [seat])
        .int("totalCents", sale.cents)
        .text("currency", "USD")
        .text("paymentStatus", "paid")
        .text("stripeCheckoutSessionId", sale.session_id())
        .text("stripePaymentIntentId", sale.intent_id())
        .time("paidAt", sale.at + minutes(2))
        .time("createdAt", sale.at)
        .time("updatedAt", sale.at + minutes(2))
}

/// Events and signups that contradict their own numbers.
pub(super) fn cases() -> Vec<Case> {
    let soon = NOW + days(4);
    let none = Counts { ticketed: 0, offered: 0, checked_in: 0, waitlisted: 0 };
    let oversold = ("Raku Night, small kiln", 6, 8_500);
    let seats = (0..7).map(|seat| {
        signup(
            &format!("su-oversold-{}", seat + 1),
            "ev-oversold",
            &member(20 + seat),
            "ticketed",
            "waived",
            NOW - days(6),
        )
    });
    let orphan = sale("ch-no-signup", &theo(), 3_500, NOW - days(8));
    let orphan_charge = charge(&orphan).text("signupId", "su-does-not-exist");
    vec![
        Case::new(
            "event-oversold",
            "7 tickets for 6 seats",
            [event("ev-oversold", oversold, soon, Counts { ticketed: 7, ..none })].into_iter().chain(seats).collect(),
        ),
        Case::new(
            "signup-offer-expired",
            "the offer of a seat expired 5 hours ago, but it is still offered",
            vec![
                signup("su-offer-expired", "ev-offer-expired", &mara(), "offered", "unpaid", NOW - days(3))
                    .time("offeredAt", NOW - hours(17))
                    .time("offerExpiresAt", NOW - hours(5)),
                event("ev-offer-expired", KILN_SOCIAL, soon + days(1), Counts { offered: 1, ..none }),
            ],
        ),
        Case::new(
            "signup-checked-in-unpaid",
            "checked in, but never paid",
            vec![
                signup("su-checked-in-unpaid", "ev-unpaid-guest", &theo(), "checked_in", "unpaid", NOW - days(7))
                    .time("checkedInAt", NOW - days(4))
                    .text("checkedInByUid", INES)
                    .text("checkInMethod", "staff"),
                event("ev-unpaid-guest", RAKU_NIGHT, NOW - days(4), Counts { ticketed: 1, checked_in: 1, ..none }),
            ],
        ),
        Case::new(
            "charge-without-signup",
            "a paid charge whose signup does not exist",
            [orphan_charge].into_iter().chain(orphan.settled(|payment| payment)).collect(),
        ),
    ]
}
