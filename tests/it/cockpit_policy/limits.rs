//! Exemptions, counters, and asking what one may.

use studio_brain::domain::reason::Reason;

use super::{FINE, WHY, came_back, led_to, logged, use_up};
use crate::cockpit_stage::{DOV, INES, Studio, page, send};

/// What is typed to exempt somebody's reservations for four hours.
const fn typed(
    owner: &'static str,
    document: &'static str,
    beneficiary: &'static str,
) -> [(&'static str, &'static str); 6] {
    [
        ("capability", "reservation.status.set"),
        ("owner", owner),
        ("document", document),
        ("beneficiary", beneficiary),
        ("hours", "4"),
        ("reason", WHY),
    ]
}

#[tokio::test]
async fn an_exemption_is_granted_once_and_taken_back_once() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let form = page(&mut ines, "/policy/exemptions/new").await;
    assert!(form.text("#capability").contains("reservation.status.set"));
    let place = "/policy/exemptions";
    let back = came_back(&send(&mut ines, &form, place, &typed("", "", DOV)).await, 422, "Give the id of one owner");
    assert_eq!(back.attribute("#beneficiary", "value").as_deref(), Some(DOV), "what was typed stays");
    assert_eq!(back.attribute("#owner", "aria-invalid").as_deref(), Some("true"));
    let own = send(&mut ines, &back, place, &typed("uid_mara_quill", "", INES)).await;
    came_back(&own, 403, Reason::ExemptionSelfGranted.sentence());
    let elsewhere = send(&mut ines, &back, place, &typed("uid_mara_quill", "batches/b-1", DOV)).await;
    came_back(&elsewhere, 422, "the capability is about");
    let granted = send(&mut ines, &back, place, &typed("uid_mara_quill", "", DOV)).await;
    assert_eq!(granted.status, 303, "{}", granted.body);
    let here = granted.header("location").to_owned();
    led_to(&send(&mut ines, &back, place, &typed("uid_mara_quill", "", DOV)).await, &here);
    assert_eq!(studio.stage.store.exemptions(10).await.expect("reads").len(), 1, "two clicks are one exemption");
    assert!(page(&mut dov, "/policy").await.text("main").contains("uid_mara_quill"), "the policy page shows it");
    assert!(page(&mut dov, place).await.text("head > title").starts_with("1 in force"));

    let (shown, stale) = (page(&mut dov, &here).await, page(&mut ines, &here).await);
    let end = format!("{here}/revoke");
    came_back(&send(&mut dov, &shown, &end, &[("reason", "no")]).await, 422, "at least 10 characters");
    led_to(&send(&mut dov, &shown, &end, &[("reason", FINE)]).await, &here);
    led_to(&send(&mut dov, &shown, &end, &[("reason", FINE)]).await, &here);
    came_back(&send(&mut ines, &stale, &end, &[("reason", FINE)]).await, 409, "It has ended already");
    let after = page(&mut ines, &here).await;
    assert!(after.text("main").contains("Taken back") && after.texts(&format!("form[action='{end}']")).is_empty());
    assert!(page(&mut ines, place).await.text(".empty").contains("No exemption is in force"));
    assert_eq!(page(&mut ines, "/policy/exemptions?show=ended").await.rows().len(), 1);
    assert_eq!(logged(&studio, "exemption.revoked", "OK").await, 1);
}

#[tokio::test]
async fn a_counter_is_shown_in_words_and_filled_up_with_a_reason() {
    let studio = Studio::open().await;
    use_up(&studio).await;
    let mut ines = studio.person(INES).await;
    let near = page(&mut ines, "/policy").await;
    assert!(near.text("main").contains("0 of 20 left"), "{}", near.text("main"));
    let list = page(&mut ines, "/policy/quotas").await;
    assert!(list.text("main").contains("Glaze scout") && list.rows()[0].contains("Leave a note about a batch"));
    let filtered = page(&mut ines, "/policy/quotas?subject=nobody").await;
    assert_eq!(filtered.attribute(".empty a.button", "href").as_deref(), Some("/policy/quotas"));
    let here = list.attribute("tbody a.row-title", "href").expect("a counter");
    let (shown, stale) = (page(&mut ines, &here).await, page(&mut ines, &here).await);
    let action = "/policy/quotas/counter";
    let back = came_back(&send(&mut ines, &shown, action, &[("reason", "no")]).await, 422, "at least 10 characters");
    assert_eq!(back.text("#reason"), "no");
    led_to(&send(&mut ines, &back, action, &[("reason", WHY)]).await, &here);
    led_to(&send(&mut ines, &back, action, &[("reason", WHY)]).await, &here);
    assert_eq!(logged(&studio, "quota.reset", "OK").await, 1, "two clicks are one");
    let full = page(&mut ines, &here).await;
    assert!(full.text("main").contains("20 of 20 left") && full.text("main").contains(WHY), "{}", full.text("main"));
    led_to(&send(&mut ines, &stale, action, &[("reason", WHY)]).await, &here);
    assert!(page(&mut ines, "/policy/quotas").await.text(".empty").contains("Every counter is full"));
    assert_eq!(ines.post(action, &[("bucket", "actor * 1s nobody"), ("reason", WHY)]).await.status, 404);
}

#[tokio::test]
async fn may_i_answers_in_the_address_with_every_reason() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let status = "/policy/may-i?act=propose&capability=reservation.status.set";
    let yes = page(&mut ines, &format!("{status}&document=reservations/r-1")).await;
    assert!(yes.text("main [role=status]").starts_with("Yes."), "{}", yes.text("main"));
    let missing = page(&mut ines, &format!("{status}&document=reservations/none")).await;
    assert!(missing.text("main [role=status]").contains("DOCUMENT_MISSING"), "{}", missing.text("main"));
    for (query, field, words) in [
        ("act=dance", "act", "Choose one of"),
        ("act=propose", "capability", "Choose a capability"),
        ("act=propose&capability=no.such", "capability", "There is no such capability"),
        ("act=propose&capability=reservation.status.set&document=batches/b-1", "document", "reservations/{id}"),
        ("act=approve&capability=reservation.status.set", "proposal", "Say about which proposal"),
        ("act=approve&proposal=x", "proposal", "There is no such proposal"),
    ] {
        let said = page(&mut ines, &format!("/policy/may-i?{query}")).await.text(&format!("#{field}-problem"));
        assert!(said.contains(words), "{query}: {said}");
    }
    let form = page(&mut ines, "/proposals/new?capability=reservation.status.set&document=r-1").await;
    let made = send(&mut ines, &form, "/proposals", &[("status", "CONFIRMED"), ("reason", WHY)]).await;
    let id = made.header("location").strip_prefix("/proposals/").expect("a proposal").to_owned();
    let about = format!("/policy/may-i?act=approve&proposal={id}");
    let own = page(&mut ines, &about).await.text("main [role=status]");
    assert!(own.contains("No.") && own.contains("SELF_APPROVAL"), "{own}");
    assert!(own.contains(Reason::SelfApproval.sentence()), "{own}");
    assert!(page(&mut dov, &about).await.text("main [role=status]").starts_with("Yes."));
}
