use jiff::Timestamp;

use super::builder::{Fill, days, doc, hours, map, minutes, sha256_hex};
use super::people::{DOV, INES, mara, member, some_member, theo};
use super::random::Random;
use super::{Case, NOW, SampleDocument, judged};

const BASE: usize = 30;

/// (kind, id, title) of things that people report.
pub(super) const TARGETS: [(&str, &str, &str); 5] = [
    ("youtube_video", "yt-centering-101", "Centering in ten minutes"),
    ("blog_post", "glaze-food-safety", "Is my glaze food safe?"),
    ("studio_update", "upd-2026-03-kiln-hours", "New kiln hours in March"),
    ("event", "ev-0004", "Raku Night"),
    ("youtube_video", "yt-trimming-tools", "Trimming tools compared"),
];

/// Reports that are handled in time, and the policy they are judged by.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let policy = doc("moderationPolicyVersions", "website-community-conduct-2026-04-02")
        .text("version", "website-community-conduct-2026-04-02")
        .text("title", "Community conduct")
        .text("summary", "How we treat each other in the studio and online.")
        .text("status", "published")
        .maps(
            "rules",
            [
                rule("community.respectful_conduct", "high"),
                rule("community.safety_first", "high"),
                rule("community.shared_space_etiquette", "medium"),
                rule("community.noise_tool_flow", "medium"),
                rule("community.interim_safety_steps", "medium"),
            ],
        );
    (0..judged(BASE, scale)).flat_map(|index| ordinary_report(index, scale)).chain([policy]).collect()
}

fn rule(id: &str, severity: &str) -> super::builder::Map {
    map()
        .text("id", id)
        .text("title", id.trim_start_matches("community.").replace('_', " "))
        .text("severityHint", severity)
}

fn ordinary_report(index: usize, scale: usize) -> Vec<SampleDocument> {
    let mut random = Random::of("communityReports", index);
    let status = ["resolved", "open", "dismissed", "triaged", "resolved", "actioned"][index % 6];
    let category = random.pick(&["broken_link", "incorrect_info", "copyright", "other"]);
    let note = match category {
        "broken_link" => "The link in the description leads nowhere.",
        "incorrect_info" => "The cone chart is for Orton large cones, not small ones.",
        "copyright" => "This photo is from my own shop page.",
        _other => "The caption has a typo.",
    };
    let open = matches!(status, "open" | "triaged" | "actioned");
    let created = random.moment(NOW - if open { hours(40) } else { days(80) }, NOW - hours(3));
    let id = format!("rep-{:04}", index + 1);
    let mut report =
        report(&id, &some_member(&mut random, scale).uid, TARGETS[index % TARGETS.len()], category, note, created)
            .text("status", status)
            .text("severity", if category == "incorrect_info" { "medium" } else { "low" });
    if status != "open" {
        report = report.text("assigneeUid", INES).time("updatedAt", created + hours(2));
    }
    if !open {
        report = report
            .text("resolutionCode", if status == "resolved" { "action_complete" } else { "dismissed_non_violation" })
            .text("lastReasonCode", if status == "resolved" { "resolved_via_update" } else { "false_positive" })
            .time("resolvedAt", created + hours(2));
    }
    let mut documents = vec![report];
    if index.is_multiple_of(3) {
        documents.push(
            doc(&format!("communityReports/{id}/internalNotes"), "n-1")
                .text("authorUid", INES)
                .text("note", "Checked the page, wrote to the author.")
                .time("createdAt", created + hours(1)),
        );
    }
    documents
}

/// An open report.
pub(super) fn report(
    id: &str,
    reporter: &str,
    (kind, target, title): (&str, &str, &str),
    category: &str,
    note: &str,
    created: Timestamp,
) -> SampleDocument {
    doc("communityReports", id)
        .text("reporterUid", reporter)
        .text("status", "open")
        .null("assigneeUid")
        .text("category", category)
        .text("severity", if category == "safety" { "high" } else { "low" })
        .text("note", note)
        .text("targetType", kind)
        .map("targetRef", map().text("id", target).null("url"))
        .map(
            "targetSnapshot",
            map().text("title", title).text("source", "studio").int("publishedAtMs", 1_772_000_000_000),
        )
        .text("dedupeKey", sha256_hex(&format!("{reporter}::{kind}::{target}"), 40))
        .flag("coordinationSignal", false)
        .time("createdAt", created)
        .time("updatedAt", created)
}

/// Reports that are late, coordinated, repeated, or look worse than they are.
pub(super) fn cases() -> Vec<Case> {
    let first = NOW - hours(5);
    let duplicate =
        |id, created| report(id, &theo().uid, TARGETS[1], "incorrect_info", "Lead glazes are not safe.", created);
    let bait = |id, note| report(id, &mara().uid, ("blog_post", id, "Studio notes"), "other", note, NOW - hours(7));
    let decided = NOW - days(2);
    vec![
        Case::new(
            "report-safety-late",
            "a high-severity safety report, open for 26 hours",
            vec![report(
                "rep-safety-26-hours",
                &mara().uid,
                TARGETS[0],
                "safety",
                "He grinds a kiln shelf without a mask in this video.",
                NOW - hours(26),
            )],
        ),
        Case::new("reports-coordinated", "7 reports by 5 reporters about one video within 50 minutes", burst()),
        Case::new(
            "report-duplicate",
            "the same reporter reports the same post twice within 24 hours",
            vec![duplicate("rep-duplicate-first", first - hours(20)), duplicate("rep-duplicate-second", first)],
        ),
        Case::new(
            "reports-harmless-words",
            "harmless notes whose words contain slur, ip, hate and bot",
            vec![
                bait("rep-bait-slurry", "The slurry bucket recipe is missing a step."),
                bait("rep-bait-shipping", "The shipping times on this page are old."),
                bait("rep-bait-whatever", "Whatever the caption says, this is not shino."),
                bait("rep-bait-bottoms", "The photo shows the bottoms of the bowls, not the rims."),
            ],
        ),
        Case::new(
            "appeal-by-the-assignee",
            "the appeal was reviewed by the person who had decided the report",
            vec![
                doc("communityReportAppeals", "appeal-same-person")
                    .text("reportId", "rep-appealed")
                    .text("reporterUid", theo().uid)
                    .text("status", "upheld")
                    .text("note", "I still think this glaze chart is wrong.")
                    .text("reportStatusAtAppeal", "dismissed")
                    .text("reviewedByUid", DOV)
                    .time("reviewedAt", decided)
                    .text("decisionReasonCode", "decision_upheld")
                    .text("decisionNote", "Same as before.")
                    .time("createdAt", decided - days(1)),
                report(
                    "rep-appealed",
                    &theo().uid,
                    TARGETS[4],
                    "incorrect_info",
                    "Wrong tool names.",
                    decided - days(3),
                )
                .text("status", "dismissed")
                .text("assigneeUid", DOV)
                .text("resolutionCode", "dismissed_non_violation")
                .time("resolvedAt", decided - days(2))
                .time("updatedAt", decided - days(2)),
            ],
        ),
    ]
}

fn burst() -> Vec<SampleDocument> {
    const REPORTERS: [usize; 7] = [10, 11, 12, 13, 14, 10, 12];
    const MINUTES: [i64; 7] = [0, 6, 15, 21, 34, 41, 50];
    let start = NOW - hours(3);
    let target = ("youtube_video", "yt-slip-casting", "Slip casting at home");
    (0..7)
        .map(|index| {
            let id = format!("rep-burst-{}", index + 1);
            let at = start + minutes(MINUTES[index]);
            let report = report(&id, &member(REPORTERS[index]).uid, target, "spam", "This is spam, take it down.", at);
            // The signal needs 6 reports by 4 reporters.
            match index {
                5.. => report
                    .flag("coordinationSignal", true)
                    .int("coordinationWindowStartMs", start.as_millisecond())
                    .int("coordinationReportCount", if index == 5 { 6 } else { 7 })
                    .int("coordinationUniqueReporterCount", 5),
                0..5 => report,
            }
        })
        .collect()
}
