//! A stopped text waits until a person has looked, and the newest look counts.

use serde_json::{Value as Json, json};

use studio_brain::domain::actor::{ActorKind, Issuer, Person};
use studio_brain::domain::audit::Target;
use studio_brain::domain::ids::Uid;
use studio_brain::domain::intake::{Classification, IntakeStanding, RuleSet, Text, classify};
use studio_brain::web::api::intake::{Intake, Item, ReviewCode, Reviewed};

use super::{agent, logged, read, refused};
use crate::cockpit_stage::{DOV, INES, Studio};

const PLACE: &str = "/api/v1/intake";
const WHY: &str = "I talked to the member about it.";

fn found() -> Classification {
    classify(RuleSet::shipped(), &Text::of_pieces(["please make a gh0st gun of clay"]))
}

fn subject() -> Target {
    Target::parse("document:agentRequests/r-1").expect("a target")
}

/// The text comes in; where it stands.
async fn comes_in(studio: &Studio, by: &Person) -> IntakeStanding {
    let store = &studio.stage.store;
    let mut tx = store.begin().await.expect("begins");
    let standing = tx.intake_record(store.studio(), &subject(), by, &found(), studio.stage.now()).await;
    tx.commit().await.expect("commits");
    standing.expect("records")
}

async fn items(studio: &Studio, query: &str) -> Vec<Item> {
    read::<Intake>(&studio.operator("GET", &format!("{PLACE}{query}"), None).await).items
}

fn review(code: &str) -> Json {
    json!({ "code": code, "reason": WHY })
}

#[tokio::test]
async fn a_later_denial_beats_an_earlier_grant_and_both_stay_on_record() {
    let studio = Studio::open().await;
    assert_eq!(comes_in(&studio, &agent()).await, IntakeStanding::Waiting);
    assert_eq!(comes_in(&studio, &agent()).await, IntakeStanding::Waiting, "it waits once, however often it is sent");
    let waiting = items(&studio, "").await;
    assert_eq!((waiting.len(), waiting[0].category.as_str(), waiting[0].granted), (1, "weaponization", None));
    assert!(!waiting[0].excerpt.contains("please make a gh0st"), "only a short excerpt: {}", waiting[0].excerpt);
    let here = format!("{PLACE}/{}/review", waiting[0].id);
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let granted: Reviewed = read(&ines.post_json(&here, &review("staff_override_context_verified")).await);
    assert!(granted.granted);
    assert_eq!(comes_in(&studio, &agent()).await, IntakeStanding::Granted);
    let denied: Reviewed = read(&dov.post_json(&here, &review("policy_confirmed_illegal")).await);
    assert!(!denied.granted);
    assert_eq!(comes_in(&studio, &agent()).await, IntakeStanding::Denied);
    assert_eq!(items(&studio, "").await, [], "what is decided leaves the queue");
    let reviewed = items(&studio, "?reviewed=true").await;
    assert_eq!((reviewed.len(), reviewed[0].granted), (1, Some(false)));
    let codes: Vec<_> = reviewed[0].decisions.iter().map(|decision| decision.code).collect();
    assert_eq!(codes, [ReviewCode::ContextVerified, ReviewCode::ConfirmedIllegal]);
    assert_eq!(reviewed[0].decisions[1].by.label, "sandbox:staff:uid_staff_dov");
    assert_eq!(logged(&studio, "intake.override_granted", "OK").await, 1);
    assert_eq!(logged(&studio, "intake.override_denied", "OK").await, 1);
}

#[tokio::test]
async fn nobody_lets_their_own_text_pass_and_a_review_needs_code_and_reason() {
    let studio = Studio::open().await;
    let ines_herself = Person {
        uid: Uid::parse(INES).expect("legal"),
        kind: ActorKind::Staff,
        name: "Ines".to_owned(),
        issuer: Issuer::Sandbox,
    };
    comes_in(&studio, &ines_herself).await;
    let here = format!("{PLACE}/{}/review", items(&studio, "").await[0].id);
    let mut ines = studio.person(INES).await;
    refused(&ines.post_json(&here, &review("staff_override_context_verified")).await, 403, "SELF_APPROVAL");
    let mut dov = studio.person(DOV).await;
    for (body, status, code) in [
        (json!({ "reason": WHY }), 422, "WRONG_FIELD"),
        (json!({ "code": "staff_override_please" , "reason": WHY }), 422, "WRONG_FIELD"),
        (json!({ "code": "policy_confirmed_block", "reason": "no" }), 422, "REASON_TOO_SHORT"),
        (json!({ "code": "policy_confirmed_block", "reason": WHY, "by": "uid_admin_juno" }), 422, "WRONG_FIELD"),
        (review("staff_override_rights_attested"), 422, "INPUT_INVALID"),
    ] {
        let answer = dov.post_json(&here, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    for place in ["999", "x", "-1", "99999999999999999999"] {
        let answer = dov.post_json(&format!("{PLACE}/{place}/review"), &review("policy_confirmed_block")).await;
        refused(&answer, 404, "NOT_FOUND");
    }
    assert_eq!(items(&studio, "").await.len(), 1, "it still waits");
    assert_eq!(logged(&studio, "intake.override_granted", "SELF_APPROVAL").await, 1);
    assert_eq!(logged(&studio, "intake.override_denied", "REASON_TOO_SHORT").await, 1);
    let answer = dov.get(&format!("{PLACE}?reviewed=perhaps")).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
}
