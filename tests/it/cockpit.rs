//! The cockpit in the hands of people: propose, decide, withdraw, undo, with plain forms.

use std::time::Duration;

use studio_brain::domain::ids::ProposalId;
use studio_brain::domain::proposal::ProposalState;
use studio_brain::domain::value::Value;

use crate::cockpit_stage::{DOV, INES, Page, Studio, page, send};
use crate::web_stage::Browser;

const WHY: &str = "The member paid for the half shelf yesterday.";
const FINE: &str = "Checked against the payment ledger.";

/// Proposes to confirm `r-1`; the proposal's id.
async fn propose(browser: &mut Browser<'_>) -> String {
    let form = page(browser, "/proposals/new?capability=reservation.status.set&document=r-1").await;
    let answer = send(browser, &form, "/proposals", &[("status", "CONFIRMED"), ("reason", WHY)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").strip_prefix("/proposals/").expect("a proposal").to_owned()
}

/// Opens a proposal and approves it.
async fn approve(browser: &mut Browser<'_>, id: &str) {
    let shown = page(browser, &format!("/proposals/{id}")).await;
    let action = format!("/proposals/{id}/decision");
    let answer = send(browser, &shown, &action, &[("decision", "approve"), ("reason", FINE)]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, format!("/proposals/{id}").as_str()));
}

#[tokio::test]
async fn one_proposes_and_another_approves_and_nobody_does_both() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let id = propose(&mut ines).await;
    let here = format!("/proposals/{id}");
    let shown = page(&mut ines, &here).await;
    assert!(shown.text("[role=status]").contains("Proposed."), "a message, once");
    assert!(!page(&mut ines, &here).await.text("main").contains("It waits for a colleague's decision"));
    assert_eq!(shown.text("h1"), "Set reservation r-1 from REQUESTED to CONFIRMED");
    assert!(shown.text(".why-not").contains("You proposed this; a colleague has to approve it."));
    assert!(shown.text("main").contains("REQUESTED") && shown.text("main").contains(WHY));

    // The button is not there, but a request can be made without one.
    let hash = studio.stage.store.proposal(id.parse::<ProposalId>().expect("an id")).await.expect("reads");
    let hash = hash.expect("is there").content_hash().to_string();
    let decision = format!("{here}/decision");
    let own = [("decision", "approve"), ("reason", FINE), ("content_hash", hash.as_str())];
    let denied = ines.post(&decision, &own).await;
    assert_eq!(denied.status, 403);
    let denied = Page::of(&denied);
    assert!(denied.text(".error-summary").contains("You proposed this; a colleague has to approve it."));
    assert_eq!(studio.state_of(&id).await, ProposalState::Waiting);
    let log = studio.log().await;
    assert_eq!(log.last(), Some(&("proposal.approved".to_owned(), "SELF_APPROVAL")), "denials are in the log");

    let mut dov = studio.person(DOV).await;
    assert!(page(&mut dov, "/").await.text("main").contains("Set reservation r-1 from REQUESTED to CONFIRMED"));
    approve(&mut dov, &id).await;
    assert_eq!(studio.state_of(&id).await, ProposalState::Approved);
    let shown = page(&mut dov, &here).await;
    assert!(shown.text("[role=status]").contains("Approved. It will be sent to the cloud."));
    assert!(shown.text("main").contains(FINE) && shown.text("main").contains("Dov Halpern"));

    // A second click is no mistake and changes nothing.
    let again = dov.post(&decision, &own).await;
    assert_eq!(again.status, 303);
    assert!(page(&mut dov, &here).await.text("main").contains("You had decided this already"));
}

#[tokio::test]
async fn a_reason_that_is_too_short_comes_back_with_what_was_typed() {
    let studio = Studio::open().await;
    let id = propose(&mut studio.person(INES).await).await;
    let mut dov = studio.person(DOV).await;
    let shown = page(&mut dov, &format!("/proposals/{id}")).await;
    let action = format!("/proposals/{id}/decision");
    let back = send(&mut dov, &shown, &action, &[("decision", "reject"), ("reason", "Nö <b>")]).await;
    assert_eq!(back.status, 422);
    let back = Page::of(&back);
    assert_eq!(back.text("#reason"), "Nö <b>");
    assert_eq!(back.attribute("#reason", "aria-invalid").as_deref(), Some("true"));
    assert_eq!(back.attribute(".error-summary a", "href").as_deref(), Some("#reason"));
    assert!(back.text(".error-summary").contains("Give a reason of at least 10 characters."));
    assert_eq!(back.form(&action)["content_hash"], shown.form(&action)["content_hash"]);
    assert_eq!(studio.state_of(&id).await, ProposalState::Waiting);
    let answer = send(&mut dov, &back, &action, &[("decision", "reject"), ("reason", "Not paid for yet.")]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(studio.state_of(&id).await, ProposalState::Rejected);
    let late = send(&mut dov, &back, &action, &[("decision", "approve"), ("reason", FINE)]).await;
    assert_eq!(late.status, 409, "the same person can't change their mind");
}

#[tokio::test]
async fn an_approval_is_about_what_was_shown() {
    let studio = Studio::open().await;
    let id = propose(&mut studio.person(INES).await).await;
    let mut dov = studio.person(DOV).await;
    let shown = page(&mut dov, &format!("/proposals/{id}")).await;
    for hash in ["", "nonsense", &"0".repeat(64)] {
        let typed = [("decision", "approve"), ("reason", FINE), ("content_hash", hash)];
        let answer = send(&mut dov, &shown, &format!("/proposals/{id}/decision"), &typed).await;
        assert_eq!(answer.status, 409, "{hash}");
        assert!(Page::of(&answer).text(".error-summary").contains("This is not the content you looked at"));
    }
    let typed = [("decision", "maybe"), ("reason", FINE)];
    assert_eq!(send(&mut dov, &shown, &format!("/proposals/{id}/decision"), &typed).await.status, 422);
    assert_eq!(studio.state_of(&id).await, ProposalState::Waiting);
}

#[tokio::test]
async fn only_the_proposer_withdraws() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let id = propose(&mut ines).await;
    let (here, action) = (format!("/proposals/{id}"), format!("/proposals/{id}/withdraw"));
    let mut dov = studio.person(DOV).await;
    let denied = dov.post(&action, &[]).await;
    assert_eq!(denied.status, 403);
    assert!(Page::of(&denied).text(".error-summary").contains("Only its proposer may withdraw a proposal."));
    let shown = page(&mut ines, &here).await;
    assert_eq!(send(&mut ines, &shown, &action, &[]).await.header("location"), here);
    assert_eq!(studio.state_of(&id).await, ProposalState::Withdrawn);
    let missing = format!("/proposals/{}/withdraw", uuid::Uuid::nil());
    for path in [missing.as_str(), "/proposals/nonsense/withdraw"] {
        assert_eq!(dov.post(path, &[]).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_proposal() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let form = page(&mut ines, "/proposals/new?capability=ops_note.append&document=b-1").await;
    assert_eq!(form.text("#subject"), "Wedding platter <b>");
    let typed = [("note", "Ask about the foot ring."), ("reason", WHY)];
    let first = send(&mut ines, &form, "/proposals", &typed).await;
    let second = send(&mut ines, &form, "/proposals", &typed).await;
    assert_eq!(first.header("location"), second.header("location"));
    assert!(page(&mut ines, second.header("location")).await.text("[role=status]").contains("sent this form before"));
    assert_eq!(studio.stage.store.proposal_counts().await.expect("counts"), (1, 0));
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_said_at_its_field() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let note = page(&mut ines, "/proposals/new?capability=ops_note.append&document=b-1").await;
    let status = page(&mut ines, "/proposals/new?capability=reservation.status.set&document=reservations/r-1").await;
    let mut check = async |form: &Page, typed: &[(&str, &str)], code: u16, field: &str, says: &str| {
        let answer = send(&mut ines, form, "/proposals", typed).await;
        assert_eq!(answer.status, code, "{says}");
        let back = Page::of(&answer);
        let link = back.attribute(".error-summary a", "href");
        assert_eq!(link.as_deref(), Some(field), "{says}");
        assert!(back.text(".error-summary").contains(says), "{}", back.text(".error-summary"));
        back
    };
    let back = check(&note, &[("note", "abc"), ("reason", WHY)], 422, "#note", "Use 5 to 500 characters, not 3.").await;
    assert_eq!((back.text("#note"), back.text("#reason")), ("abc".to_owned(), WHY.to_owned()));
    check(&note, &[("note", "Ask them first."), ("reason", "no")], 422, "#reason", "at least 10 characters").await;
    check(&status, &[("reason", WHY)], 422, "#status", "Choose one of: REQUESTED, CONFIRMED").await;
    let typed = [("status", "LOADED"), ("reason", WHY)];
    check(&status, &typed, 409, "#status", "That status cannot follow the present one.").await;
    let typed = [("status", "CONFIRMED"), ("document", "r-404"), ("reason", WHY)];
    check(&status, &typed, 404, "#document", "The mirror has no such document.").await;
    assert_eq!(studio.stage.store.proposal_counts().await.expect("counts"), (0, 0));
}

#[tokio::test]
async fn a_finding_is_fixed_with_a_form_that_is_filled_in_already() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let drift = page(&mut ines, "/drift?collection=reservations").await;
    assert!(drift.text("main").contains("CANCELED"), "{}", drift.text("main"));
    let link = drift.attribute("a[href^='/proposals/new?finding=']", "href").expect("a fix");
    let form = page(&mut ines, &link).await;
    let fields = form.form("/proposals");
    assert_eq!((fields["document"].as_str(), fields["status"].as_str()), ("reservations/r-2", "CANCELLED"));
    let answer = send(&mut ines, &form, "/proposals", &[("reason", "One spelling for cancelled ones.")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let drift = page(&mut ines, "/drift?collection=reservations").await;
    assert_eq!(drift.attribute("a[href^='/proposals/new?finding=']", "href"), None, "once is enough");
    assert!(drift.attribute(&format!("a[href='{}']", answer.header("location")), "href").is_some());
    let batches = page(&mut ines, "/drift?collection=batches").await;
    assert!(batches.text("main").contains("ON_HOLD"));
    assert_eq!(batches.attribute("a[href^='/proposals/new?finding=']", "href"), None, "no capability covers it");
    for finding in ["nonsense".to_owned(), uuid::Uuid::nil().to_string()] {
        assert_eq!(ines.get(&format!("/proposals/new?finding={finding}")).await.status, 404, "{finding}");
    }
}

#[tokio::test]
async fn a_write_is_undone_the_way_it_was_made() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let id = propose(&mut ines).await;
    approve(&mut dov, &id).await;
    let write = studio.push(id.parse().expect("an id")).await;
    let here = format!("/writes/{write}");
    let shown = page(&mut dov, &here).await;
    assert!(shown.text("main").contains(&format!("studioBrainReceipts/{write}")));
    assert!(shown.text(".steps").contains("Observed"));
    let action = format!("{here}/undo");
    let back = send(&mut dov, &shown, &action, &[("reason", "oops")]).await;
    assert_eq!((back.status.as_u16(), Page::of(&back).text("#reason")), (422, "oops".to_owned()));
    let answer = send(&mut dov, &shown, &action, &[("reason", "The payment bounced this morning.")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let undo = answer.header("location").to_owned();
    let twice = send(&mut ines, &shown, &action, &[("reason", "The payment bounced this morning.")]).await;
    assert_eq!(twice.status, 409);
    assert!(Page::of(&twice).text(".error-summary").contains("An undo of this write was already proposed."));
    let shown = page(&mut ines, &undo).await;
    assert_eq!(shown.text("h1"), "Undo: Set reservation r-1 from REQUESTED to CONFIRMED");
    let undo = undo.strip_prefix("/proposals/").expect("a proposal");
    approve(&mut ines, undo).await;
    studio.push(undo.parse().expect("an id")).await;
    let path = "reservations/r-1".parse().expect("legal");
    let held = studio.stage.store.document(&path).await.expect("reads").expect("is there");
    assert_eq!(held.document.fields["status"], Value::text("REQUESTED"));
    assert!(!held.document.fields.contains_key("updatedAt"), "exactly as it was");
    assert!(page(&mut dov, &here).await.text("main").contains("undone"));
}

#[tokio::test]
async fn an_undo_never_loses_somebody_elses_change() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let id = propose(&mut ines).await;
    approve(&mut dov, &id).await;
    let write = studio.push(id.parse().expect("an id")).await;
    studio.stage.advance(Duration::from_secs(60));
    studio.put("reservations/r-1", &[("status", Value::text("WAITLISTED"))]).await;
    let shown = page(&mut dov, &format!("/writes/{write}")).await;
    assert!(shown.text("main").contains("Somebody changed the document after this write"));
    let answer = dov.post(&format!("/writes/{write}/undo"), &[("reason", "The payment bounced.")]).await;
    assert_eq!(answer.status, 409);
}

#[tokio::test]
async fn a_proposal_says_when_the_document_has_moved_or_the_mirror_is_too_old() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let id = propose(&mut ines).await;
    let here = format!("/proposals/{id}");
    let dry_run =
        async |browser: &mut Browser<'_>| page(browser, &here).await.text("section[aria-labelledby='dry-run']");
    assert!(dry_run(&mut ines).await.contains("would land"), "{}", dry_run(&mut ines).await);
    studio.stage.advance(Duration::from_secs(30));
    studio.put("reservations/r-1", &[("status", Value::text("WAITLISTED"))]).await;
    assert!(dry_run(&mut ines).await.contains("refused"), "{}", dry_run(&mut ines).await);
    studio.stage.advance(Duration::from_secs(3_000));
    assert!(dry_run(&mut ines).await.contains("too old"), "{}", dry_run(&mut ines).await);
}
