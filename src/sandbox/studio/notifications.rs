use super::builder::{Fill, days, doc, hours, map, minutes, sha256_hex};
use super::people::some_member;
use super::random::Random;
use super::{NOW, SampleDocument};

const BASE: usize = 400;

const KINDS: [&str; 6] = [
    "KILN_UNLOADED",
    "RESERVATION_STATUS",
    "RESERVATION_ETA_SHIFT",
    "RESERVATION_READY_PICKUP",
    "RESERVATION_DELAY_FOLLOW_UP",
    "RESERVATION_PICKUP_REMINDER",
];

/// Messages to members: most are sent, some wait for quiet hours to end, few were given up after five attempts.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    (0..BASE * scale).map(|index| job(index, scale)).collect()
}

fn job(index: usize, scale: usize) -> SampleDocument {
    let mut random = Random::of("notificationJobs", index);
    let kind = KINDS[index % KINDS.len()];
    let person = some_member(&mut random, scale);
    let dedupe_key = format!("{kind}::{}::{index}", person.uid);
    let (status, attempts) = match index % 50 {
        0 => ("failed", 5),
        1..=3 => ("queued", 0),
        4..=6 => ("skipped", 0),
        _sent => ("done", 1),
    };
    let created = random.moment(NOW - days(30), NOW - hours(1));
    doc("notificationJobs", sha256_hex(&dedupe_key, 64))
        .text("type", kind)
        .text("uid", &person.uid)
        .map(
            "channels",
            map().flag("inApp", true).flag("email", random.chance(60)).flag("push", false).flag("sms", false),
        )
        .map("payload", map().text("dedupeKey", &dedupe_key))
        .time("runAfter", if status == "queued" { NOW + minutes(random.between(5, 600)) } else { created })
        .int("attemptCount", attempts)
        .text("status", status)
        .text_or_null("lastError", (status == "failed").then_some("provider_5xx"))
        .time("createdAt", created)
        .time("updatedAt", created + minutes(attempts))
}
