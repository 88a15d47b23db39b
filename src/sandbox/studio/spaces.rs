use super::builder::{Fill, Map, days, doc, hours, map};
use super::people::{INES, mara, theo};
use super::{NOW, SampleDocument};

/// (id, name, booking mode, capacity, minutes per slot)
const SPACES: [(&str, &str, &str, i64, i64); 6] = [
    ("wheel-throwing-sanding", "Wheel throwing and sanding", "resource", 2, 240),
    ("handbuilding-area-indoors", "Handbuilding area, indoors", "capacity", 8, 240),
    ("glazing-area-outdoors", "Glazing area, outdoors", "capacity", 6, 240),
    ("glaze-kitchen-outdoors", "Glaze kitchen, outdoors", "capacity", 3, 240),
    ("dropoff-pickup", "Drop-off and pickup", "capacity", 4, 30),
    ("community-spaces", "Community spaces", "capacity", 20, 240),
];

/// (subject, body, category)
const SUPPORT: [(&str, &str, &str); 5] = [
    ("Where is my bowl?", "It was on the ready shelf on Monday.", "Pieces"),
    ("Membership for two", "Can my partner share my locker?", "Membership"),
    ("Cone 10 next month?", "I have four large pieces waiting.", "Kiln"),
    ("Receipt for my taxes", "I need last year's receipts in one file.", "Billing"),
    ("Door code", "The new code does not open the courtyard door.", "Studio"),
];

/// (id, name, cone, share of the colouring oxide)
const GLAZES: [(&str, &str, &str, f64); 5] = [
    ("celadon-pale", "Pale celadon", "10", 0.015),
    ("floating-blue", "Floating blue", "6", 0.02),
    ("shino-carbon-trap", "Carbon trap shino", "10", 0.0),
    ("tin-white", "Tin white", "6", 0.08),
    ("copper-red", "Copper red", "10", 0.005),
];

/// The small collections that do not grow with the studio: rooms, settings, announcements, questions.
pub(super) fn furnishings() -> Vec<SampleDocument> {
    let spaces = SPACES.iter().map(|(id, name, mode, capacity, slot)| {
        doc("studioSpaces", id)
            .text("id", *id)
            .text("slug", *id)
            .text("name", *name)
            .text("category", "studio")
            .text("bookingMode", *mode)
            .flag("active", true)
            .int("capacity", *capacity)
            .maps("templates", [slot_template(*slot)])
            .text("timezone", "America/Phoenix")
    });
    let support = SUPPORT.iter().enumerate().map(|(index, (subject, body, category))| {
        doc("supportRequests", format!("support-{}", index + 1))
            .text("uid", theo().uid)
            .text("subject", *subject)
            .text("body", *body)
            .text("category", *category)
            .text("status", "new")
            .text("urgency", "non-urgent")
            .text("channel", "portal")
            .time("createdAt", NOW - hours(7 + 5 * super::builder::integer(index)))
    });
    let glazes = GLAZES.iter().map(|(id, name, cone, share)| {
        doc("glazes", id).text("name", *name).text("cone", *cone).double("oxideShare", *share).flag("foodSafe", true)
    });
    spaces.chain(support).chain(glazes).chain(settings()).chain(notices()).collect()
}

fn slot_template(minutes: i64) -> Map {
    map()
        .text("daysOfWeek", "mon-sat")
        .text("windowStart", "10:00")
        .text("windowEnd", "19:00")
        .int("slotDurationMinutes", minutes)
        .int("cleanupBufferMinutes", 15)
        .int("leadTimeMinutes", 60)
        .int("maxAdvanceDays", 28)
}

fn settings() -> Vec<SampleDocument> {
    let service = |id: &str, title: &str, cents: i64, lead_days: i64, most: i64, risk: &str| {
        map()
            .text("id", id)
            .text("title", title)
            .int("priceCents", cents)
            .int("leadDays", lead_days)
            .int("maxQuantity", most)
            .text("riskLevel", risk)
    };
    vec![
        doc("config", "agentOps").flag("enabled", true).flag("allowPayments", false),
        doc("config", "agentServiceCatalog").text("pricingMode", "test").maps(
            "services",
            [
                service("bisque-half-shelf", "Bisque, half shelf", 4_500, 7, 4, "low"),
                service("glaze-consult-30", "Glaze consult, 30 minutes", 8_000, 3, 2, "low"),
                service("x1c-small-batch", "X1C small batch", 6_500, 5, 10, "high"),
            ],
        ),
        doc("config", "moderationPolicy").text("activeVersion", "website-community-conduct-2026-04-02"),
        doc("config", "communitySafety")
            .flag("enabled", true)
            .flag("publishKillSwitch", false)
            .flag("autoFlagEnabled", true)
            .int("highSeverityThreshold", 70)
            .int("mediumSeverityThreshold", 35)
            .texts("blockedTerms", ["scam", "counterfeit", "violent threat", "hate group", "doxx"])
            .texts("blockedUrlHosts", ["tinyurl.com", "bit.ly", "t.co"]),
        doc("notificationSettings", "reservationPolicy")
            .flag("enabled", true)
            .int("maxAttempts", 5)
            .int("baseRetrySeconds", 60),
    ]
}

fn notices() -> Vec<SampleDocument> {
    let announcement = |id: &str, title: &str, body: &str, days_ago: i64| {
        doc("announcements", id)
            .text("title", title)
            .text("body", body)
            .text("type", "studio")
            .time("publishAt", NOW - days(days_ago))
            .null("expiresAt")
            .flag("pinned", days_ago < 5)
            .texts("readBy", [mara().uid])
            .flag("archived", false)
    };
    let wheel_start = NOW + days(1);
    vec![
        announcement("ann-kiln-hours", "New kiln hours", "The electric kiln fires on weekdays only until April.", 2),
        announcement("ann-spring-fair", "Spring fair", "Drop off pieces for the fair until the 27th.", 9),
        announcement("ann-recycled-clay", "Recycled clay is back", "One dollar a pound, by the sink.", 21),
        doc("faqItems", "faq-storage")
            .text("question", "How long may I leave finished pieces?")
            .text("answer", "Nineteen days and six hours are free; after that each half-shelf costs 1.50 a day.")
            .text("category", "Pieces")
            .texts("tags", ["storage", "pickup"])
            .int("rank", 1)
            .flag("isActive", true),
        doc("studioCalendarBlocks", "block-inventory-day")
            .text("type", "closure")
            .text("title", "Inventory day")
            .null("spaceId")
            .time("startAt", NOW + days(12))
            .time("endAt", NOW + days(12) + hours(8)),
        doc("studioSpaceReservations", "space-0001")
            .text("ownerUid", mara().uid)
            .text("spaceId", "wheel-throwing-sanding")
            .text("spaceName", "Wheel throwing and sanding")
            .text("bookingMode", "resource")
            .text("slotDateKey", "2026-03-19")
            .time("startAt", wheel_start)
            .time("endAt", wheel_start + hours(4))
            .int("quantity", 1)
            .text("status", "booked")
            .null("note")
            .texts("assignedResourceIds", ["wheel-1"])
            .text_or_null("staffNote", Some(format!("Booked by {INES} at the desk."))),
    ]
}
