use jiff::Timestamp;

use super::builder::{Fill, days, doc, hours, map};
use super::people::{INES, some_member};
use super::random::Random;
use super::{NOW, SampleDocument, judged};

const BASE: usize = 44;

/// (kind, title, summary, way of transport) of what people and their agents ask for.
const ASKED: [(&str, &str, &str, &str); 6] = [
    ("firing", "Bisque for a dozen mugs", "Twelve greenware mugs, bone dry by Friday.", "dropoff"),
    ("pickup", "Collect finished bowls", "Six bowls from the ready shelf, after 4 pm.", "pickup"),
    ("delivery", "Bring the planters over", "Two planters to the courtyard next door.", "local_delivery"),
    (
        "shipping",
        "Send a tea set to my sister",
        "Double box, please. It survived glaze, it should survive post.",
        "ship_out",
    ),
    ("x1c_print", "Print a foot-ring template", "A ring with 84 mm outer diameter.", "pickup"),
    ("other", "Borrow the slab roller on Sunday", "For about two hours in the morning.", "dropoff"),
];

const OPEN_AND_CLOSED: [&str; 8] =
    ["new", "fulfilled", "triaged", "accepted", "fulfilled", "in_progress", "ready", "cancelled"];

/// Requests that nothing is wrong with, and the audit of every third.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    (0..judged(BASE, scale)).flat_map(|index| ordinary_request(index, scale)).collect()
}

fn ordinary_request(index: usize, scale: usize) -> Vec<SampleDocument> {
    let mut random = Random::of("agentRequests", index);
    let (kind, title, summary, transport) = ASKED[index % ASKED.len()];
    let status = OPEN_AND_CLOSED[index % OPEN_AND_CLOSED.len()];
    let id = format!("req-{:04}", index + 1);
    let created = random.moment(NOW - days(20), NOW - hours(6));
    let mut request = request(&id, &some_member(&mut random, scale).uid, kind, status, title, summary, created)
        .map("logistics", map().text("mode", transport));
    if kind == "x1c_print" {
        request = request.map("x1cSpec", print_specification("pla", [84.0, 84.0, 12.0]));
    }
    if !index.is_multiple_of(3) {
        return vec![request];
    }
    let audit = doc(&format!("agentRequests/{id}/audit"), "a-1")
        .time("at", created)
        .text("type", "created")
        .text("actorUid", INES)
        .text("actorMode", "firebase")
        .map("details", map().text("status", "new"));
    vec![request, audit]
}

/// A request that intake has not judged yet.
pub(super) fn request(
    id: &str,
    creator: &str,
    kind: &str,
    status: &str,
    title: &str,
    summary: &str,
    created: Timestamp,
) -> SampleDocument {
    let triaged = status != "new";
    doc("agentRequests", id)
        .text("kind", kind)
        .text("status", status)
        .text("title", title)
        .text("summary", summary)
        .text("notes", "")
        .text("createdByUid", creator)
        .text("createdByMode", "firebase")
        .null("createdByTokenId")
        .map("logistics", map().text("mode", "pickup"))
        .map("constraints", map())
        .map("metadata", map())
        .map("policy", policy(kind, "allow"))
        .null("linkedBatchId")
        .map(
            "staff",
            map()
                .text_or_null("assignedToUid", triaged.then_some(INES))
                .time_or_null("triagedAt", triaged.then_some(created + hours(3)))
                .null("internalNotes"),
        )
        .time("createdAt", created)
        .time("updatedAt", if triaged { created + hours(3) } else { created })
}

/// What the cloud's intake policy said.
pub(super) fn policy(kind: &str, disposition: &str) -> super::builder::Map {
    map()
        .text("version", "2026-02-12.v1")
        .flag("rightsAttested", kind == "commission")
        .text("intendedUse", "personal")
        .text("disposition", disposition)
        .texts("reasonCodes", [] as [&str; 0])
}

/// What the 3D printer is to make.
pub(super) fn print_specification(material: &str, [width, depth, height]: [f64; 3]) -> super::builder::Map {
    map()
        .text("fileType", "stl")
        .text("materialProfile", material)
        .map("dimensionsMm", map().double("x", width).double("y", depth).double("z", height))
        .int("quantity", 1)
}
