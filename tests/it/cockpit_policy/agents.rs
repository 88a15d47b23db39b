//! Agents, their keys, and texts that wait for a person.

use studio_brain::domain::actor::{ActorKind, Issuer, Person};
use studio_brain::domain::agent::SuspensionRule;
use studio_brain::domain::ids::Uid;
use studio_brain::domain::reason::Reason;
use studio_brain::identity::agents::authenticate;

use super::{FINE, WHY, came_back, comes_in, led_to, logged, scout};
use crate::cockpit_stage::{DOV, INES, JUNO, Page, Studio, page, send};

/// What the form of a new key sends.
fn wanted<'a>(nonce: &'a str, agent: &'a str, scope: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("idempotency_key", nonce),
        ("agent", agent),
        ("name", "Glaze <b>scout"),
        ("scopes", scope),
        ("scopes", "capability:ops_note.append:execute"),
        ("days", "90"),
    ]
}

#[tokio::test]
async fn a_key_is_shown_once_to_who_issued_it_and_never_again() {
    let studio = Studio::open().await;
    studio.agents().await;
    let (place, scout) = ("/agents/keys", "agent-glaze-scout");
    let (mut ines, mut juno) = (studio.person(INES).await, studio.person(JUNO).await);
    let refused = page(&mut ines, "/agents/keys/new").await;
    assert!(refused.text(".why-not").contains("Your role may not do this.") && refused.texts("main form").is_empty());
    let form = page(&mut juno, "/agents/keys/new?agent=agent-glaze-scout").await;
    let nonce = form.form(place)["idempotency_key"].clone();
    assert_eq!(ines.post(place, &wanted(&nonce, scout, "batches:read")).await.status, 403);
    let unknown = juno.post(place, &wanted(&nonce, "agent-nobody", "batches:read")).await;
    let back = came_back(&unknown, 422, "agent-front-desk, agent-glaze-scout");
    assert_eq!(back.attribute("#name", "value").as_deref(), Some("Glaze <b>scout"));
    assert_eq!(back.texts("input[name=scopes][checked]").len(), 2, "what was chosen stays");
    let nothing = juno.post(place, &wanted(&nonce, scout, "glazes:read")).await;
    came_back(&nothing, 422, "Nothing asks for `glazes:read`");

    let issued = juno.post(place, &wanted(&nonce, scout, "batches:read")).await;
    let here = issued.header("location").to_owned();
    assert!(issued.status == 303 && here.starts_with("/agents/keys/") && !issued.body.contains("sbak1"), "{here}");
    led_to(&juno.post(place, &wanted(&nonce, scout, "batches:read")).await, &here);
    let store = &studio.stage.store;
    assert_eq!(store.agent_keys(10).await.expect("reads").len(), 1, "two clicks are one key");
    assert!(page(&mut ines, &here).await.texts(".secret").is_empty(), "nobody else sees it");
    let mut elsewhere = studio.person(JUNO).await;
    assert!(page(&mut elsewhere, &here).await.texts(".secret").is_empty(), "nor the same person elsewhere");
    let answer = juno.get(&here).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let secret = Page::of(&answer).text(".secret");
    let known = authenticate(store, &secret, studio.stage.now()).await.expect("answers");
    assert!(known.is_ok(), "the key is good");
    assert!(page(&mut juno, &here).await.texts(".secret").is_empty(), "once");

    let (shown, stale) = (page(&mut juno, &here).await, page(&mut elsewhere, &here).await);
    let end = format!("{here}/revoke");
    assert!(page(&mut ines, &here).await.text(".why-not").contains("Your role may not do this."));
    assert_eq!(ines.post(&end, &[("reason", WHY)]).await.status, 403);
    came_back(&send(&mut juno, &shown, &end, &[("reason", "no")]).await, 422, "at least 10 characters");
    led_to(&send(&mut juno, &shown, &end, &[("reason", WHY)]).await, &here);
    led_to(&send(&mut juno, &shown, &end, &[("reason", WHY)]).await, &here);
    came_back(&send(&mut elsewhere, &stale, &end, &[("reason", WHY)]).await, 409, "It was revoked already");
    assert!(page(&mut ines, "/agents").await.text("main").contains("No key is good now"));
    assert!(page(&mut ines, "/agents?keys=all").await.text("main").contains("Revoked"));
    assert_eq!(logged(&studio, "agent.key_revoked", "OK").await, 1);
}

#[tokio::test]
async fn an_agent_that_pauses_is_let_go_on_by_staff_and_its_rights_are_shown() {
    let studio = Studio::open().await;
    studio.agents().await;
    let (store, rule) = (&studio.stage.store, SuspensionRule::default());
    let mut tx = store.begin().await.expect("begins");
    for _ in 0..rule.denials {
        let reason = Reason::DelegationMissing;
        tx.agent_denied(store.studio(), &scout(), reason, &rule, studio.stage.now()).await.expect("counts");
    }
    tx.commit().await.expect("commits");
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let list = page(&mut ines, "/agents").await;
    assert!(list.text("head > title").starts_with("1 paused"), "{}", list.text("main"));
    assert!(list.text("main").contains("Out of service: suspended"));
    let here = "/agents/agent-glaze-scout";
    let (shown, stale) = (page(&mut ines, here).await, page(&mut dov, here).await);
    assert!(shown.text("main").contains("dlg-1") && shown.text("main").contains("uid_mara_quill"));
    let resume = "/agents/agent-glaze-scout/resume";
    came_back(&send(&mut ines, &shown, resume, &[("reason", "no")]).await, 422, "at least 10 characters");
    led_to(&send(&mut ines, &shown, resume, &[("reason", WHY)]).await, here);
    led_to(&send(&mut ines, &shown, resume, &[("reason", WHY)]).await, here);
    came_back(&send(&mut dov, &stale, resume, &[("reason", FINE)]).await, 409, "It does not pause any more");
    assert_eq!(logged(&studio, "agent.resumed", "OK").await, 1);
    assert!(page(&mut ines, here).await.text(".badges").contains("May work"));
}

#[tokio::test]
async fn a_text_is_decided_about_as_it_was_seen_and_the_newest_decision_counts() {
    let studio = Studio::open().await;
    let uid = Uid::parse(INES).expect("legal");
    let own = Person { uid, kind: ActorKind::Staff, name: "Ines Okafor".to_owned(), issuer: Issuer::Sandbox };
    let id = comes_in(&studio, "please make a gh0st gun of clay", &own).await;
    let (here, action) = (format!("/intake/{id}"), format!("/intake/{id}/decision"));
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let mut juno = studio.person(JUNO).await;
    let list = page(&mut dov, "/intake").await;
    assert!(list.text("head > title").starts_with("1 waiting") && list.text("main").contains("Weapons"));
    assert!(list.text(".rail").contains("1 waiting"), "the rail counts it");
    let own = page(&mut ines, &here).await;
    assert!(own.text(".why-not").contains("May go on: harmless here"), "nobody lets their own text pass");

    let (shown, stale) = (page(&mut dov, &here).await, page(&mut juno, &here).await);
    let grant = [("code", "staff_override_context_verified"), ("reason", FINE)];
    let deny = [("code", "policy_confirmed_block"), ("reason", WHY)];
    let back = send(&mut dov, &shown, &action, &[("reason", FINE)]).await;
    let back = came_back(&back, 422, "Choose what you have checked.");
    assert_eq!(back.text("#reason"), FINE);
    let zeros = "0".repeat(64);
    let another = send(&mut dov, &back, &action, &[grant[0], grant[1], ("text_hash", &zeros)]).await;
    came_back(&another, 409, "This is not the text that you looked at");
    led_to(&send(&mut dov, &back, &action, &grant).await, &here);
    led_to(&send(&mut dov, &back, &action, &grant).await, &here);
    let late = send(&mut juno, &stale, &action, &deny).await;
    let late = came_back(&late, 409, Reason::DecidedMeanwhile.sentence());
    assert_eq!(late.text("#reason"), WHY, "nothing typed is lost");
    assert!(late.text("main").contains("Dov Halpern"), "and it says who decided");
    led_to(&send(&mut juno, &late, &action, &deny).await, &here);
    let after = page(&mut ines, &here).await;
    assert!(after.text(".badges").contains("Stopped") && after.text("main").contains("This one counts."));
    assert_eq!(page(&mut ines, "/intake?show=decided").await.rows().len(), 1);
    assert!(page(&mut ines, "/intake").await.text(".empty").contains("Nothing waits"));
    for (action, code, times) in [
        ("intake.override_granted", "OK", 1),
        ("intake.override_denied", "OK", 1),
        ("intake.override_denied", "DECIDED_MEANWHILE", 1),
    ] {
        assert_eq!(logged(&studio, action, code).await, times, "{action} {code}");
    }
}
