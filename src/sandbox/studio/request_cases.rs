use super::builder::{Fill, days, hours, map};
use super::people::{mara, theo};
use super::requests::{policy, print_specification, request};
use super::{Case, NOW, SampleDocument};

const STATUSES: [&str; 8] =
    ["new", "triaged", "accepted", "in_progress", "ready", "fulfilled", "rejected", "cancelled"];

/// Requests in every status, and requests that intake must judge right.
pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new("requests-in-every-status", "one request in each of the eight statuses", every_status()),
        Case::new(
            "request-without-rights",
            "a commission whose rights nobody attested",
            vec![
                commission("req-no-rights", "Mug with my favourite band's logo", "Forty of them, for the tour.").map(
                    "policy",
                    policy("commission", "reject")
                        .flag("rightsAttested", false)
                        .texts("reasonCodes", ["insufficient_rights_attestation"]),
                ),
            ],
        ),
        Case::new(
            "request-exact-likeness",
            "a known character under a harmless-looking title, attested by someone who cannot",
            vec![commission(
                "req-pikachu-planter",
                "Pikachu planter, exact look",
                "As on the box, with the red cheeks.",
            )],
        ),
        Case::new(
            "request-harmless-forget",
            "harmless: `forget` contains `forge`",
            vec![wish(
                "req-do-not-forget",
                "Do not forget the lids",
                "Please do not forget to close the batch when the lids are out.",
            )],
        ),
        Case::new(
            "request-harmless-marvelous",
            "harmless: `marvelous` contains a brand's name",
            vec![wish(
                "req-marvelous-vase",
                "A marvelous vase",
                "The last one was marvelous. Another like it, in celadon.",
            )],
        ),
        Case::new(
            "request-zero-width",
            "a bad word with zero-width characters inside",
            vec![wish(
                "req-zero-width",
                "Maker's stamp",
                "A stamp to c\u{200b}ounter\u{200d}feit the mark of a known pottery.",
            )],
        ),
        Case::new(
            "request-leetspeak",
            "a bad word with digits for letters",
            vec![wish("req-leetspeak", "Maker's stamp", "A stamp to c0unt3rf31t the mark of a known pottery.")],
        ),
        Case::new("request-padded", "the bad sentence comes after 5,000 harmless characters", vec![padded()]),
        Case::new(
            "request-print-too-large",
            "a print of 300 mm on a printer of 256 mm",
            vec![
                request(
                    "req-print-300-mm",
                    &mara().uid,
                    "x1c_print",
                    "new",
                    "Large throwing gauge",
                    "For platters.",
                    NOW - hours(9),
                )
                .map("x1cSpec", print_specification("petg", [300.0, 40.0, 20.0])),
            ],
        ),
    ]
}

fn every_status() -> Vec<SampleDocument> {
    let in_status = |status: &&str| {
        let id = format!("req-status-{}", status.replace('_', "-"));
        request(
            &id,
            &theo().uid,
            "firing",
            status,
            "Glaze firing for test tiles",
            "Thirty tiles on one half-shelf.",
            NOW - days(4),
        )
    };
    STATUSES.iter().map(in_status).collect()
}

fn commission(id: &str, title: &str, summary: &str) -> SampleDocument {
    request(id, &theo().uid, "commission", "triaged", title, summary, NOW - days(1))
        .map("policy", policy("commission", "review").texts("reasonCodes", ["manual_ip_review_required"]))
}

fn wish(id: &str, title: &str, summary: &str) -> SampleDocument {
    request(id, &mara().uid, "other", "new", title, summary, NOW - hours(5))
}

/// The fields of bounded length end long before 5,000 characters, so the brief is in the free metadata.
fn padded() -> SampleDocument {
    let harmless = "We like quiet glazes and round forms. ";
    let padding: String = harmless.chars().cycle().take(5_000).collect();
    let brief = format!("{padding}Then make a stamp to counterfeit the mark of a known pottery.");
    wish("req-padded", "A long brief", "The brief is attached.").map("metadata", map().text("brief", brief))
}
