//! The JSON API: for programs, for the command line, and for drills.

use std::time::Duration;

use serde_json::{Value as Json, json};

use studio_brain::domain::ids::{Hash, ProposalId};
use studio_brain::domain::value::Value;
use studio_brain::web::api::audit::AuditPage;
use studio_brain::web::api::changes::Change;
use studio_brain::web::api::checks::{Check, CheckAsked};
use studio_brain::web::api::documents::Document;
use studio_brain::web::api::drift::{FindingKind, Findings};
use studio_brain::web::api::drills::DrillStarted;
use studio_brain::web::api::history::History;
use studio_brain::web::api::proposals::{Moved, Proposal, ProposalState, Proposed};
use studio_brain::web::api::status::{Freshness, Status};
use studio_brain::web::api::verifications::{VerificationAsked, VerificationRun};
use studio_brain::web::api::writes::{Write, WriteState};

use crate::cockpit_stage::{DOV, INES, Studio};
use crate::web_stage::{Answer, Browser};

const WHY: &str = "The member paid for the half shelf yesterday.";

#[track_caller]
fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> T {
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).expect("the type that was promised")
}

fn request() -> Json {
    json!({ "capability": "reservation.status.set", "document": "r-1", "status": "CONFIRMED", "reason": WHY })
}

async fn propose(browser: &mut Browser<'_>) -> Proposed {
    read(&browser.post_json("/api/v1/proposals", &request()).await)
}

fn decision(decision: &str, hash: Hash) -> Json {
    json!({ "decision": decision, "reason": "Checked against the ledger.", "content_hash": hash })
}

#[tokio::test]
async fn a_program_proposes_and_a_person_decides() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let answer = ines.post_json("/api/v1/proposals", &request()).await;
    assert_eq!(answer.status, 201);
    let proposed: Proposed = read(&answer);
    let here = format!("/api/v1/proposals/{}", proposed.id);
    let decide = format!("{here}/decision");
    let own = ines.post_json(&decide, &decision("approve", proposed.content_hash)).await;
    assert_eq!((own.status.as_u16(), own.code()), (403, "SELF_APPROVAL".to_owned()));
    let other = dov.post_json(&decide, &decision("approve", Hash::of("other"))).await;
    assert_eq!((other.status.as_u16(), other.code()), (409, "CONTENT_CHANGED".to_owned()));
    let moved: Moved = read(&dov.post_json(&decide, &decision("approve", proposed.content_hash)).await);
    assert_eq!(moved.state, ProposalState::Approved);
    let shown: Proposal = read(&dov.get(&here).await);
    assert_eq!((shown.state, shown.approvals_given, shown.sent), (ProposalState::Approved, 1, false));
    assert_eq!(shown.proposer.label, "sandbox:staff:uid_staff_ines");
    assert_eq!(shown.decisions[0].by.name, "Dov Halpern");
    let write = studio.push(proposed.id).await;
    assert_eq!(shown.writes.iter().map(|each| each.id).collect::<Vec<_>>(), [write]);
    let record: Write = read(&ines.get(&format!("/api/v1/writes/{write}")).await);
    assert_eq!((record.state, record.undo), (WriteState::Observed, None));
    assert_ne!(record.before_hash, record.after_hash);
    let document: Document = read(&ines.get("/api/v1/documents/reservations/r-1").await);
    assert_eq!(Some(document.hash), record.after_hash);
    assert_eq!(Some(document.update_time), record.update_time);
    assert_eq!(document.fields["status"], json!({ "stringValue": "CONFIRMED" }));

    let undo = format!("/api/v1/writes/{write}/undo");
    let body = json!({ "reason": "The payment bounced.", "request_key": "k-1" });
    let first: Proposed = read(&ines.post_json(&undo, &body).await);
    let second = ines.post_json(&undo, &body).await;
    assert_eq!((second.status.as_u16(), read::<Proposed>(&second).id), (200, first.id), "the same key, the same undo");
    let other = dov.post_json(&undo, &json!({ "reason": "The payment bounced." })).await;
    assert_eq!((other.status.as_u16(), other.code()), (409, "UNDO_EXISTS".to_owned()));
    let withdraw = format!("/api/v1/proposals/{}/withdraw", first.id);
    assert_eq!(dov.post_json(&withdraw, &json!({})).await.code(), "NOT_PROPOSER");
    assert_eq!(read::<Moved>(&ines.post_json(&withdraw, &json!({})).await).state, ProposalState::Withdrawn);
    assert_eq!(ines.post_json(&withdraw, &json!({})).await.code(), "NOT_WAITING");
}

#[tokio::test]
async fn every_refusal_has_its_status_and_code() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let mut check = async |change: Json, status: u16, code: &str, says: &str| {
        let mut body = request();
        for (name, value) in change.as_object().expect("an object") {
            body[name] = value.clone();
        }
        let answer = ines.post_json("/api/v1/proposals", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{change}");
        assert!(answer.body.contains(says), "{change}: {}", answer.body);
    };
    check(json!({ "actor": "uid_admin_juno" }), 422, "WRONG_FIELD", "unknown field `actor`").await;
    for claimed in ["actorUid", "actorType", "tenantId", "studio", "effectiveScopes", "approvedBy"] {
        check(json!({ claimed: "uid_admin_juno" }), 422, "WRONG_FIELD", "unknown field").await;
    }
    check(json!({ "delegation": { "ownerUid": "u", "scopes": ["*"] } }), 422, "WRONG_FIELD", "delegation").await;
    check(json!({ "owner": "uid_mara" }), 422, "INPUT_INVALID", "only an agent acts").await;
    check(json!({ "reason": 7 }), 422, "WRONG_FIELD", "`reason`").await;
    check(json!({ "reason": "short" }), 422, "REASON_TOO_SHORT", "reason: ").await;
    check(json!({ "capability": "kiln.fire" }), 422, "CAPABILITY_UNKNOWN", "no such capability").await;
    check(json!({ "status": "CANCELED" }), 422, "INPUT_INVALID", "status: ").await;
    check(json!({ "document": "batches/b-1" }), 422, "INPUT_INVALID", "document: ").await;
    check(json!({ "document": "r-404" }), 404, "DOCUMENT_MISSING", "mirror has no such").await;
    check(json!({ "status": "LOADED" }), 409, "TRANSITION_NOT_ALLOWED", "cannot follow").await;
    check(json!({ "status": "REQUESTED" }), 409, "ALREADY_SO", "already is").await;
    let drill = json!({ "capability": "drill.document.set", "document": "rollback", "note": "a mark", "status": null });
    check(drill, 403, "ROLE_MISSING", "role").await;
    let nil = uuid::Uuid::nil();
    for path in [
        format!("/api/v1/proposals/{nil}"),
        format!("/api/v1/writes/{nil}"),
        "/api/v1/proposals/x".to_owned(),
        "/api/v1/drift/checks/7".to_owned(),
        "/api/v1/nothing".to_owned(),
    ] {
        let answer = ines.get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "NOT_FOUND".to_owned()), "{path}");
    }
    for path in ["/api/v1/documents/reservations/r-404", "/api/v1/documents/reservations"] {
        assert_eq!(ines.get(path).await.code(), "DOCUMENT_MISSING", "{path}");
    }
    for query in ["after=x", "after=1&after=2", "until=3"] {
        assert_eq!(ines.get(&format!("/api/v1/changes?{query}")).await.status, 422, "{query}");
    }
    let mut nobody = studio.stage.browser();
    assert_eq!(nobody.get("/api/v1/status").await.code(), "NOT_SIGNED_IN");
    assert_eq!(nobody.post_json("/api/v1/proposals", &request()).await.status, 401);
}

#[tokio::test]
async fn the_status_says_what_is_known() {
    let studio = Studio::open().await;
    let answer = studio.operator("GET", "/api/v1/status", None).await;
    let status: Status = read(&answer);
    assert_eq!(status.studio.as_str(), "monsoon-west");
    let of = |name: &str| status.mirror.iter().find(|held| held.collection.as_str() == name).expect(name);
    assert_eq!((of("reservations").documents, of("reservations").freshness), (Some(4), Freshness::Fresh));
    assert_eq!((of("kilns").documents, of("kilns").freshness), (None, Freshness::Unknown), "never zero");
    assert_eq!((status.counts.findings_open, status.counts.proposals_open), (2, 0));
    studio.stage.advance(Duration::from_secs(901));
    let status: Status = read(&studio.operator("GET", "/api/v1/status", None).await);
    assert_eq!(status.mirror[0].freshness, Freshness::Stale);
}

#[tokio::test]
async fn findings_and_looks_can_be_followed() {
    let studio = Studio::open().await;
    let findings: Findings = read(&studio.operator("GET", "/api/v1/findings", None).await);
    assert_eq!(findings.findings.iter().filter(|found| found.kind == FindingKind::UnknownWord).count(), 2);
    let gone: Findings = read(&studio.operator("GET", "/api/v1/findings?resolved=true", None).await);
    assert_eq!(gone.findings, []);
    let answer = studio.operator("POST", "/api/v1/drift/checks", None).await;
    assert_eq!(answer.status, 202);
    let asked: CheckAsked = read(&answer);
    let here = format!("/api/v1/drift/checks/{}", asked.id);
    let check: Check = read(&studio.operator("GET", &here, None).await);
    assert_eq!((check.outcome, check.requested_by.as_deref()), (None, Some("operator:unix:4000001")));
    let page: AuditPage = read(&studio.operator("GET", "/api/v1/audit?action=drift.requested", None).await);
    assert_eq!((page.entries.len(), page.older), (1, None));
    assert_eq!(page.entries[0].actor.label, "operator:unix:4000001");
}

#[tokio::test]
async fn a_proof_can_be_asked_for_and_reading_everything_again_is_not_for_everyone() {
    let studio = Studio::open().await;
    let here = "/api/v1/mirror/verifications";
    let mut ines = studio.person(INES).await;
    let asked: VerificationAsked = read(&ines.post_json(here, &json!({ "collections": ["reservations"] })).await);
    let run: VerificationRun = read(&ines.get(&format!("{here}/{}", asked.id)).await);
    assert_eq!((run.collections.len(), run.deep, run.finished, run.results.len()), (1, false, None, 0));
    let refused = ines.post_json(here, &json!({ "deep": true })).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "ROLE_MISSING".to_owned()));
    let wrong = ines.post_json(here, &json!({ "collections": ["nothing"] })).await;
    assert_eq!((wrong.status.as_u16(), wrong.code()), (422, "INPUT_INVALID".to_owned()));
    assert_eq!(ines.get(&format!("{here}/4711")).await.status, 404);
    let deep: VerificationAsked = read(&studio.operator("POST", here, Some(&json!({ "deep": true }))).await);
    let run: VerificationRun = read(&studio.operator("GET", &format!("{here}/{}", deep.id), None).await);
    assert!(run.deep && run.collections.len() > 1, "none named means all");
    let page: AuditPage =
        read(&studio.operator("GET", "/api/v1/audit?action=mirror.verification_requested", None).await);
    assert_eq!(page.entries.len(), 2);
}

#[tokio::test]
async fn waiting_ends_with_a_change_or_with_patience() {
    let studio = Studio::open().await;
    let now: Change = read(&studio.operator("GET", "/api/v1/changes", None).await);
    let here = format!("/api/v1/changes?after={}", now.change);
    let same: Change = read(&studio.operator("GET", &format!("{here}&wait=0"), None).await);
    assert_eq!(same, now, "nothing has changed");
    let wait = format!("{here}&wait=20");
    let requested = [("status", Value::text("REQUESTED"))];
    let (waited, _) = tokio::join!(studio.operator("GET", &wait, None), studio.put("reservations/r-9", &requested));
    assert_eq!(read::<Change>(&waited).change, now.change + 1);
    let other: Change = read(&studio.operator("GET", "/api/v1/changes?after=999999&wait=25", None).await);
    assert_eq!(other.change, now.change + 1, "after a restart the numbers are others: no wait");
}

#[tokio::test]
async fn a_drill_goes_round_between_the_service_and_the_operator() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let denied = ines.post_json("/api/v1/drills", &json!({})).await;
    assert_eq!((denied.status.as_u16(), denied.code()), (403, "ROLE_MISSING".to_owned()));
    assert_eq!(studio.log().await.last(), Some(&("request.denied".to_owned(), "ROLE_MISSING")));

    let answer = studio.operator("POST", "/api/v1/drills", Some(&json!({}))).await;
    let drill: DrillStarted = read(&answer);
    assert_eq!((drill.document.as_str(), drill.before), ("studioBrainDrills/rollback", None));
    let approve = async |proposed: &Proposed| {
        let path = format!("/api/v1/proposals/{}/decision", proposed.id);
        let body = decision("approve", proposed.content_hash);
        read::<Moved>(&studio.operator("POST", &path, Some(&body)).await)
    };
    assert_eq!(approve(&drill.proposed).await.state, ProposalState::Approved);
    let write = studio.push(drill.proposed.id).await;
    let body = json!({ "write": write });
    let undo: Proposed = read(&studio.operator("POST", "/api/v1/drills/undo", Some(&body)).await);
    assert_eq!(approve(&undo).await.state, ProposalState::Approved);
    studio.push(undo.id).await;
    let gone = studio.operator("GET", "/api/v1/documents/studioBrainDrills/rollback", None).await;
    assert_eq!(gone.status, 404, "back as it was: not there");
    let finish = json!({ "outcome": "succeeded", "evidence_hash": Hash::of("evidence") });
    assert_eq!(studio.operator("POST", "/api/v1/drills/finish", Some(&finish)).await.status, 204);
    let log = studio.log().await;
    let count = |action: &str| log.iter().filter(|entry| **entry == (action.to_owned(), "OK")).count();
    assert_eq!((count("drill.started"), count("proposal.approved"), count("drill.finished")), (1, 2, 1));
    let bad = json!({ "outcome": "perhaps", "evidence_hash": Hash::of("evidence") });
    assert_eq!(studio.operator("POST", "/api/v1/drills/finish", Some(&bad)).await.status, 422);
}

#[tokio::test]
async fn a_drill_takes_back_nothing_but_its_own() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let proposed = propose(&mut ines).await;
    let path = format!("/api/v1/proposals/{}/decision", proposed.id);
    let by_operator = studio.operator("POST", &path, Some(&decision("approve", proposed.content_hash))).await;
    assert_eq!(by_operator.code(), "ROLE_MISSING", "operators run the box, and not the studio");
    dov.post_json(&path, &decision("approve", proposed.content_hash)).await;
    let id: ProposalId = proposed.id;
    let write = studio.push(id).await;
    let answer = studio.operator("POST", "/api/v1/drills/undo", Some(&json!({ "write": write }))).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (403, "ROLE_MISSING".to_owned()));
}

#[tokio::test]
async fn versions_are_listed_and_one_of_them_can_be_asked_back() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    studio.stage.advance(Duration::from_secs(60));
    studio.put("reservations/r-4", &[("status", Value::text("WAITLISTED"))]).await;
    let history: History = read(&ines.get("/api/v1/history/reservations/r-4").await);
    assert!(history.note.contains("never seen"), "{}", history.note);
    assert_eq!(history.versions.iter().map(|version| version.newest).collect::<Vec<_>>(), [true, false]);
    let changes = history.versions[0].changes.as_ref().expect("comparable");
    assert_eq!(
        changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>(),
        ["firingType", "ownerUid", "status"]
    );
    let page: History = read(&ines.get("/api/v1/history/reservations/r-4?limit=1").await);
    let rest = format!("/api/v1/history/reservations/r-4?before={}", page.next.expect("there is more"));
    assert_eq!(read::<History>(&ines.get(&rest).await).versions, history.versions[1..]);

    let ask = |document: &str, at: &str| json!({ "capability": "document.restore", "document": document, "at": at, "reason": WHY });
    let then = history.versions[1].update_time.expect("a document").to_string();
    let proposed: Proposed = read(&ines.post_json("/api/v1/proposals", &ask("reservations/r-4", &then)).await);
    let shown: Proposal = read(&ines.get(&format!("/api/v1/proposals/{}", proposed.id)).await);
    assert_eq!((shown.capability.as_str(), shown.state), ("document.restore", ProposalState::Waiting));
    for (document, at, status, code) in [
        ("reservations/r-4", "1999-01-01T00:00:00Z", 404, "VERSION_UNKNOWN"),
        ("reservations/r-4", "", 422, "INPUT_INVALID"),
        ("batches/b-1", then.as_str(), 422, "INPUT_INVALID"),
    ] {
        let answer = ines.post_json("/api/v1/proposals", &ask(document, at)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code.to_owned()), "{document} at {at:?}");
    }
    for (path, status) in [("reservations/r-404", 404), ("reservations", 404), ("reservations/r-4?before=then", 422)] {
        assert_eq!(ines.get(&format!("/api/v1/history/{path}")).await.status.as_u16(), status, "{path}");
    }
}
