//! The pages that tell what the box is, does and has recorded: they say what is true, and what is not known is unknown.

use std::time::Duration;

use studio_brain::domain::audit::checkpoint::{Checkpoint, PublicKey, SealKey};
use studio_brain::domain::audit::{Action, Entry, Event, Target};
use studio_brain::domain::ids::CollectionId;
use studio_brain::domain::reads::{Cause, Day, Reads};
use studio_brain::domain::reason::Reason;
use studio_brain::store::audit::AuditQuery;
use studio_brain::telemetry::{JobBoard, ReasonCode, RunEnd};
use studio_brain::web::api::audit::{AuditEntry, EntryProof, ProofFault};
use studio_brain::web::desk::Installation;

use crate::cockpit_stage::{DOV, INES, JUNO, Page, Studio, page};

/// Entries that are about nothing, one a minute, every third of them denied.
async fn record(studio: &Studio, count: u64) {
    let store = &studio.stage.store;
    let dov = studio.box_operator().person();
    let mut tx = store.begin().await.expect("begins");
    for number in 0..count {
        let target = Target::Other(format!("=thing {number}"));
        let mut event = Event::new(studio.stage.now(), dov.clone(), Action::DriftRequested, target);
        if number % 3 == 0 {
            event = event.because(Reason::RoleMissing);
        }
        tx.audit(store.studio(), event).await.expect("records");
        studio.stage.advance(Duration::from_secs(60));
    }
    tx.commit().await.expect("commits");
}

/// The entries of one action, newest first.
async fn log_of(studio: &Studio, action: &str) -> Vec<Entry> {
    let query = AuditQuery { action: Some(action.to_owned()), ..AuditQuery::default() };
    studio.stage.store.audit_entries(&query, 100).await.expect("reads")
}

/// Signs the head of the log, as the seal job does; the key's public half.
async fn seal(studio: &Studio, seed: u8) -> PublicKey {
    let store = &studio.stage.store;
    let key = SealKey::from_seed(store.studio(), [seed; 32]);
    let size = store.audit_size().await.expect("reads");
    let root = store.audit_root(size).await.expect("reads").expect("has a root");
    let mut tx = store.begin().await.expect("begins");
    tx.audit_seal(&Checkpoint::sign(store.studio(), size, root, &key), studio.stage.now()).await.expect("seals");
    tx.commit().await.expect("commits");
    key.public().clone()
}

#[tokio::test]
async fn every_page_of_the_box_is_whole_for_everyone_on_the_staff_and_for_nobody_else() {
    let studio = Studio::open().await;
    let pages = [
        "/connectors",
        "/jobs",
        "/reads",
        "/reads?days=7&day=2020-01-01",
        "/reads?day=nonsense",
        "/scorecard",
        "/recommendations",
        "/studios",
        "/help",
        "/audit?action=session.started&actor=sandbox:staff:uid_staff_ines&from=2026-03-18&to=2026-03-18T18:00",
    ];
    for persona in [INES, JUNO] {
        let mut browser = studio.person(persona).await;
        for path in pages {
            let shown = page(&mut browser, path).await;
            assert_eq!(shown.texts("h1").len(), 1, "{path}");
            assert_eq!(shown.texts(".notice.bad[role=alert]").len(), 0, "{path}: {}", shown.text("main"));
            assert!(shown.text("head > title").ends_with("Monsoon West"), "{path}");
        }
    }
    let mut nobody = studio.stage.browser();
    for path in pages {
        assert!(nobody.get(path).await.header("location").starts_with("/sign-in"), "{path}");
    }
    for path in ["/audit/export", "/jobs/drift-check"] {
        assert!(nobody.post(path, &[]).await.header("location").starts_with("/sign-in"), "{path}");
    }
}

#[tokio::test]
async fn a_connection_is_as_well_as_all_its_collections_together() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/connectors").await;
    // The kilns were never read.
    assert!(shown.text(".badges").starts_with("In part"), "{}", shown.text("main"));
    let rows = shown.rows();
    let row = |name: &str| rows.iter().find(|row| row.starts_with(name)).expect("has a row").clone();
    assert!(row("batches").contains("Listening Fresh"), "{rows:?}");
    assert!(row("kilns").contains("Being read Unknown never read never"), "{rows:?}");
    assert!(shown.text("main").contains("No connector to the building is set up"));
    studio.stage.advance(Duration::from_secs(1_200));
    let shown = page(&mut ines, "/connectors").await;
    assert!(shown.text(".badges").starts_with("Lost"), "{}", shown.text("main"));
    assert!(shown.rows().iter().any(|row| row.contains("Stale")));
}

#[tokio::test]
async fn jobs_are_told_of_as_they_ran_and_unknown_until_they_did() {
    let board = JobBoard::default();
    let installation = Installation {
        project: Some("monsoon".to_owned()),
        database: Some("(default)".to_owned()),
        since: Some("2026-03-18T16:00:00Z".parse().expect("a moment")),
        jobs: board.clone(),
    };
    let studio = Studio::installed("monsoon-west", installation).await;
    let now = studio.stage.now();
    let mut drift = board.seat("drift", "Compares.");
    let mut mirror = board.seat("mirror", "Listens.");
    let prune = board.seat("prune", "Forgets.");
    drift.began(now);
    drift.ended(None, RunEnd::Worked(ReasonCode::new("drift_found")), now.plus(Duration::from_millis(1_500)), now);
    mirror.began(now);
    let lost = RunEnd::Failed(ReasonCode::new("unavailable"), "the mirror lost Firestore".to_owned());
    mirror.ended(None, lost, now, now.plus(Duration::from_secs(40)));
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/jobs").await;
    let rows = shown.rows();
    let row = |name: &str| rows.iter().find(|row| row.starts_with(name)).expect("has a row").clone();
    assert!(row("drift").contains("drift_found") && row("drift").ends_with("1.5 s"), "{rows:?}");
    assert!(row("mirror").contains("Failing") && row("mirror").contains("the mirror lost Firestore"), "{rows:?}");
    assert!(row("prune").contains("Not begun") && row("prune").ends_with("unknown"), "{rows:?}");
    assert!(shown.text("head > title").starts_with("1 failing"));
    let connectors = page(&mut ines, "/connectors").await.text("main");
    assert!(connectors.contains("Lost; 1 attempt in a row failed, the next one in 40 s"), "{connectors}");
    assert!(connectors.contains("Last trouble: unavailable"), "{connectors}");
    assert!(page(&mut ines, "/studios").await.text("main").contains("monsoon"));
    drop(prune);
    assert!(page(&mut ines, "/jobs").await.rows().iter().any(|row| row.starts_with("prune") && row.contains("Ended")));
}

#[tokio::test]
async fn what_can_be_asked_for_is_asked_for_here_by_those_who_may_and_its_progress_shown() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    assert!(page(&mut ines, "/jobs").await.text("main").contains("Only administrators may ask for it."));
    for errand in ["drift-check", "verification", "snapshot"] {
        let answer = ines.post(&format!("/jobs/{errand}"), &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/jobs"), "{errand}");
    }
    assert_eq!(ines.post("/jobs/ledger-rebuild", &[]).await.status, 403);
    assert_eq!(ines.post("/jobs/nonsense", &[]).await.status, 404);
    let mut juno = studio.person(JUNO).await;
    assert_eq!(juno.post("/jobs/ledger-rebuild", &[]).await.status, 303);
    let shown = page(&mut juno, "/jobs").await;
    assert_eq!(shown.texts("section.card .badge").iter().filter(|badge| *badge == "Waits").count(), 4);
    assert!(shown.text(".flash").contains("Asked for"));
    let asked: Vec<_> = studio.log().await.into_iter().map(|(action, _)| action).collect();
    for action in ["drift.requested", "mirror.verification_requested", "snapshot.requested", "ledger.rebuild_requested"]
    {
        assert!(asked.iter().any(|each| each == action), "{action}: {asked:?}");
    }
}

#[tokio::test]
async fn reads_are_told_by_day_and_cause_and_a_day_that_was_not_counted_is_unknown() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    assert!(page(&mut ines, "/reads").await.text("main").contains("No day was counted yet"));
    let store = &studio.stage.store;
    let today = Day::of(studio.stage.now());
    let batches = CollectionId::parse("batches").expect("legal");
    let mut tx = store.begin().await.expect("begins");
    for (day, reads) in [(today.before(2), 40_000), (today, 60_000)] {
        tx.reads_budget(day, 50_000).await.expect("stores");
        let line = Reads { collection: batches.clone(), cause: Cause::Tail, reads };
        tx.reads_add(day, &[line]).await.expect("stores");
    }
    tx.commit().await.expect("commits");
    let shown = page(&mut ines, "/reads?days=7").await;
    let rows = shown.rows();
    let row = |day: &str| rows.iter().rfind(|row| row.starts_with(day)).expect("has a row").clone();
    assert_eq!(row("2026-03-18"), "2026-03-18 60,000 50,000 0 US$ 0.03", "{rows:?}");
    assert_eq!(row("2026-03-17"), "2026-03-17 unknown unknown 0 unknown", "{rows:?}");
    assert!(shown.text("main").contains("60,000 reads billed so far, of 50,000"), "{}", shown.text("main"));
    assert!(shown.text("main").contains("Budget spent"));
    assert!(shown.text("main").contains("Following changes"));
    let earlier = page(&mut ines, "/reads?day=2026-03-16").await.text("main");
    assert!(earlier.contains("40,000 reads billed, of 50,000"), "{earlier}");
    let unknown = page(&mut ines, "/reads?day=2026-03-15").await.text("main");
    assert!(unknown.contains("Nothing is known of this day"), "{unknown}");
}

#[tokio::test]
async fn measures_are_true_numbers_and_fixes_are_those_that_can_be_proposed() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/scorecard").await.text("main");
    assert!(shown.contains("4 of 5") && shown.contains("1 are stale or unknown."), "{shown}");
    assert!(shown.contains("No write landed in the last 7 days."), "{shown}");
    assert!(shown.contains("Nobody has looked yet."), "{shown}");
    assert!(shown.contains("There is no score yet"), "{shown}");
    let advice = page(&mut ines, "/recommendations").await;
    assert!(advice.text("main").contains("No advisor looks at the studio yet"));
    assert_eq!(
        advice.texts("tbody tr").len(),
        1,
        "one reservation has a word that can be put right: {:?}",
        advice.rows()
    );
}

#[tokio::test]
async fn the_log_is_filtered_by_time_and_reason_and_paged_both_ways() {
    let studio = Studio::open().await;
    record(&studio, 130).await;
    let mut ines = studio.person(INES).await;
    let numbers = |shown: &Page| -> Vec<u64> {
        shown.texts("tbody tr th").iter().map(|text| text.parse().expect("a number")).collect()
    };
    let first = page(&mut ines, "/audit").await;
    assert_eq!((numbers(&first).len(), numbers(&first)[0]), (50, 131));
    let older = first.attribute(".pager a[rel=next]", "href").expect("there is more");
    let second = page(&mut ines, &older).await;
    assert_eq!(numbers(&second)[0], 81);
    let newer = second.attribute(".pager a[rel=prev]", "href").expect("leads back");
    let back = page(&mut ines, &newer).await;
    assert_eq!(numbers(&back), numbers(&first));
    assert!(back.attribute(".pager a[rel=prev]", "href").is_none(), "it is the newest page");

    let denied = page(&mut ines, "/audit?verdict=deny").await;
    assert_eq!(numbers(&denied).len(), 44);
    let by_reason = page(&mut ines, "/audit?reason=ROLE_MISSING&action=drift.requested").await;
    assert_eq!(numbers(&by_reason), numbers(&denied));
    assert_eq!(page(&mut ines, "/audit?reason=SELF_APPROVAL").await.texts("tbody tr").len(), 0);
    let hour = page(&mut ines, "/audit?from=2026-03-18T17:10&to=2026-03-18T17:19&verdict=deny").await;
    assert_eq!(numbers(&hour), [19, 16, 13], "{:?}", hour.rows());
    let about = page(&mut ines, "/audit?target=thing+12&from=2026-03-18").await;
    assert_eq!(numbers(&about).len(), 11, "12 and 120 to 129");
    let wrong = ines.get("/audit?from=yesterday").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(Page::of(&wrong).attribute("input#from", "value").as_deref(), Some("yesterday"));
}

#[tokio::test]
async fn a_view_of_the_log_does_not_walk_along_all_of_it() {
    let studio = Studio::open().await;
    record(&studio, 2_500).await;
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/audit").await;
    assert!(shown.text("main").contains("was not walked along since the service started"), "{}", shown.text("main"));
    studio.stage.store.audit_walk(studio.stage.now()).await.expect("walks");
    let shown = page(&mut ines, "/audit").await;
    assert!(shown.text("main").contains("The log holds."), "{}", shown.text("main"));
}

#[tokio::test]
async fn a_copy_is_what_the_filter_shows_for_those_who_may_and_is_recorded_before_it_leaves() {
    let studio = Studio::open().await;
    record(&studio, 700).await;
    let fields = [("format", "csv"), ("verdict", "deny"), ("action", "drift.requested")];
    let mut ines = studio.person(INES).await;
    assert_eq!(ines.post("/audit/export", &fields).await.status, 403);
    assert!(page(&mut ines, "/audit").await.text("main").contains("Only administrators may take copies"));
    let mut juno = studio.person(JUNO).await;
    let exported = async || log_of(&studio, "audit.exported").await.len();
    for (fields, problem) in [
        ([("format", "xls"), ("verdict", "deny")], "Choose CSV or JSON Lines."),
        ([("format", "csv"), ("target", "nothing is called so")], "No entry matches"),
        ([("format", "csv"), ("from", "yesterday")], "The times can't be read."),
    ] {
        let answer = juno.post("/audit/export", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(Page::of(&answer).text(".error-summary").contains(problem), "{problem}: {}", answer.body);
    }
    assert_eq!(exported().await, 0, "what was not made is not recorded");
    let answer = juno.post("/audit/export", &fields).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    let name = answer.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"audit-monsoon-west-2026-03-1") && name.ends_with(".csv\""),
        "{name}"
    );
    let lines: Vec<&str> = answer.body.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 234 + 1, "a head, a third of 700, and the end of the last line");
    assert!(lines[1..=234].iter().all(|line| line.contains(",ROLE_MISSING,")));
    assert!(answer.body.contains("other:=thing"), "a target is text that begins with what it is");
    let jsonl = juno.post("/audit/export", &[("format", "jsonl"), ("verdict", "deny")]).await;
    let entries: Vec<AuditEntry> =
        jsonl.body.lines().map(|line| serde_json::from_str(line).expect("an entry of the API")).collect();
    // The denied request of Ines above is the newest of them.
    assert_eq!((entries.len(), entries[0].action.as_str()), (235, "request.denied"));
    let records = log_of(&studio, "audit.exported").await;
    assert_eq!(records.len(), 2);
    assert_eq!(records[1].event.details["entries"], "234");
    assert_eq!(records[1].event.details["filter_verdict"], "deny");
    assert_eq!(records[1].event.actor.uid.as_str(), JUNO);
}

#[tokio::test]
async fn an_entry_tells_what_proves_it_and_the_file_verifies_without_the_box() {
    let studio = Studio::open().await;
    record(&studio, 9).await;
    let mut dov = studio.person(DOV).await;
    assert!(page(&mut dov, "/audit/5").await.text("main").contains("Nothing proves it yet"));
    assert_eq!(dov.get("/audit/5/proof").await.status, 404);
    let key = seal(&studio, 7).await;
    let shown = page(&mut dov, "/audit/5").await.text("main");
    assert!(shown.contains("4 hashes lead from this entry to the root of a tree of 10 entries"), "{shown}");
    assert!(shown.contains("audit verify-proof audit-entry-5-proof.json"), "{shown}");
    let answer = dov.get("/audit/5/proof").await;
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"audit-entry-5-proof.json\"");
    let proof: EntryProof = serde_json::from_str(&answer.body).expect("a proof");
    assert_eq!((proof.verify(None), proof.verify(Some(&key))), (Ok(()), Ok(())));
    let text = proof.entry.clone().expect("has a text");
    let changed = EntryProof { entry: Some(text.replace("ROLE_MISSING", "OK").replace("OK", "NO")), ..proof.clone() };
    assert_eq!(changed.verify(None), Err(ProofFault::Leaf));
    assert_eq!(EntryProof { sequence: 6, ..proof.clone() }.verify(None), Err(ProofFault::Path));
    assert_eq!(EntryProof { checkpoint: "x".to_owned(), ..proof.clone() }.verify(None), Err(ProofFault::Checkpoint));
    let other = SealKey::from_seed(studio.stage.store.studio(), [8; 32]);
    assert_eq!(proof.verify(Some(other.public())), Err(ProofFault::Signature));
}

#[tokio::test]
async fn what_the_search_finds_is_what_looking_at_every_entry_finds() {
    let studio = Studio::open().await;
    record(&studio, 60).await;
    studio.person(DOV).await.post("/drift/check", &[]).await;
    let store = &studio.stage.store;
    let all = store.audit_entries(&AuditQuery::default(), 500).await.expect("reads");
    let actor = all[10].event.actor.to_string();
    let moments: Vec<_> = all.iter().step_by(7).map(|entry| entry.event.at).collect();
    let some = |text: &str| [None, Some(text.to_owned())];
    for from in [None, Some(moments[5]), Some(moments[2])] {
        for until in [None, Some(moments[1])] {
            for actor in some(&actor) {
                for action in some("drift.requested") {
                    for (allowed, reason) in [
                        (None, None),
                        (Some(false), None),
                        (Some(true), None),
                        (None, Some("ROLE_MISSING")),
                        (None, Some("OK")),
                    ] {
                        for (before, after) in [(None, None), (Some(40), None), (None, Some(20))] {
                            let query = AuditQuery {
                                actor: actor.clone(),
                                action: action.clone(),
                                target: None,
                                allowed,
                                reason: reason.map(str::to_owned),
                                from,
                                until,
                                before,
                                after,
                            };
                            let mut expect: Vec<u64> = all
                                .iter()
                                .filter(|entry| {
                                    let event = &entry.event;
                                    query.actor.as_ref().is_none_or(|actor| *actor == event.actor.to_string())
                                        && query.action.as_deref().is_none_or(|action| action == event.action.word())
                                        && allowed.is_none_or(|allowed| allowed == (event.reason == Reason::Ok))
                                        && reason.is_none_or(|reason| reason == event.reason.code())
                                        && from.is_none_or(|from| event.at >= from)
                                        && until.is_none_or(|until| event.at < until)
                                        && before.is_none_or(|before| entry.sequence < before)
                                        && after.is_none_or(|after| entry.sequence > after)
                                })
                                .map(|entry| entry.sequence)
                                .collect();
                            if after.is_some() {
                                expect.reverse();
                                expect.truncate(7);
                                expect.reverse();
                            }
                            expect.truncate(7);
                            let found = store.audit_entries(&query, 7).await.expect("reads");
                            let found: Vec<u64> = found.iter().map(|entry| entry.sequence).collect();
                            assert_eq!(found, expect, "{query:?}");
                        }
                    }
                }
            }
        }
    }
}
