//! An exemption is for one capability and one owner, for 72 hours at most, by somebody else, and never for what is critical.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use studio_brain::clock::Clock;
use studio_brain::domain::exemption::ExemptionId;
use studio_brain::domain::ids::{DocPath, Uid};
use studio_brain::domain::reason::Reason;
use studio_brain::gate::policy::{Policy, PolicyFiles};
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::prune::Prune;
use studio_brain::store::ExemptionUse;
use studio_brain::web::api::exemptions::{Exemption, Exemptions, Standing};
use studio_brain::web::desk::Desk;

use super::{agent, logged, read, refused};
use crate::cockpit_stage::{DOV, INES, Studio};

const PLACE: &str = "/api/v1/exemptions";

fn wanted() -> Json {
    json!({
        "capability": "reservation.status.set",
        "owner": "uid_mara_quill",
        "beneficiary": INES,
        "lasts_minutes": 240,
        "reason": "The fair's reservations come in by hand.",
    })
}

fn with(name: &str, value: Json) -> Json {
    let mut body = wanted();
    body[name] = value;
    body
}

async fn list(studio: &Studio) -> Vec<Exemption> {
    read::<Exemptions>(&studio.operator("GET", PLACE, None).await).exemptions
}

#[tokio::test]
async fn an_exemption_without_an_end_or_for_all_or_for_oneself_is_not_granted() {
    let studio = Studio::open().await;
    let mut dov = studio.person(DOV).await;
    let mut endless = wanted();
    endless.as_object_mut().expect("an object").remove("lasts_minutes");
    let mut ownerless = wanted();
    ownerless.as_object_mut().expect("an object").remove("owner");
    for (body, status, code) in [
        (endless, 422, "WRONG_FIELD"),
        (ownerless, 422, "WRONG_FIELD"),
        (with("lasts_minutes", Json::Null), 422, "WRONG_FIELD"),
        (with("lasts_minutes", json!(-5)), 422, "WRONG_FIELD"),
        (with("lasts_minutes", json!(0)), 422, "EXEMPTION_TOO_LONG"),
        (with("lasts_minutes", json!(72 * 60 + 1)), 422, "EXEMPTION_TOO_LONG"),
        (with("owner", Json::Null), 422, "WRONG_FIELD"),
        (with("owner", json!("*")), 422, "INPUT_INVALID"),
        (with("beneficiary", json!(DOV)), 403, "EXEMPTION_SELF_GRANTED"),
        (with("owner", json!(DOV)), 403, "EXEMPTION_SELF_GRANTED"),
        (with("reason", json!("short")), 422, "REASON_TOO_SHORT"),
        (with("capability", json!("kiln.explode")), 422, "CAPABILITY_UNKNOWN"),
        (with("capability", json!("hubitat.devices.read")), 422, "INPUT_INVALID"),
        (with("document", json!("batches/b-1")), 422, "INPUT_INVALID"),
        (with("granted_by", json!(INES)), 422, "WRONG_FIELD"),
    ] {
        let answer = dov.post_json(PLACE, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{body}");
    }
    assert_eq!(list(&studio).await, []);
    for (code, times) in
        [("EXEMPTION_TOO_LONG", 2), ("EXEMPTION_SELF_GRANTED", 2), ("REASON_TOO_SHORT", 1), ("CAPABILITY_UNKNOWN", 1)]
    {
        assert_eq!(logged(&studio, "exemption.created", code).await, times, "{code}");
    }
}

#[tokio::test]
async fn a_critical_capability_has_no_exemptions() {
    let studio = Studio::open().await;
    let mut files = PolicyFiles::shipped();
    let text = files.registry.text.replacen(
        "risk = \"medium\"\napprovals = { count = 1, admins = 0 }",
        "risk = \"critical\"\napprovals = { count = 2, admins = 1 }",
        100,
    );
    assert_ne!(text, files.registry.text, "something became critical");
    files.registry.text = text;
    let policy = Arc::new(Policy::parse(&files).expect("a policy"));
    let gate = studio.desk.gate().clone().with_policy(policy);
    let stage = &studio.stage;
    let desk = Desk::new(
        stage.store.clone(),
        gate,
        Arc::new({
            let now = stage.now();
            move || now
        }),
        studio.desk.settings().clone(),
    );
    let strict = Studio { stage: Studio::open().await.stage, desk };
    refused(&strict.operator("POST", PLACE, Some(&wanted())).await, 403, "EXEMPTION_FOR_CRITICAL");
    assert_eq!(logged(&studio, "exemption.created", "EXEMPTION_FOR_CRITICAL").await, 1);
    assert_eq!(list(&studio).await, []);
}

#[tokio::test]
async fn one_effect_is_let_through_once_and_uses_are_counted() {
    let studio = Studio::open().await;
    let mut dov = studio.person(DOV).await;
    let granted: Exemption = read(&dov.post_json(PLACE, &with("document", json!("reservations/r-1"))).await);
    assert_eq!((granted.standing, granted.uses), (Standing::Live, 0));
    assert_eq!(granted.granted_by.label, "sandbox:staff:uid_staff_dov");
    let owner = Uid::parse("uid_mara_quill").expect("legal");
    let using = async |document: &str, effect: &str| {
        let resource = DocPath::parse(document).expect("legal");
        let wanted = ExemptionUse { capability: "reservation.status.set", owner: &owner, resource: &resource, effect };
        let mut tx = studio.stage.store.begin().await.expect("begins");
        let used = tx.exemption_use(studio.stage.store.studio(), &wanted, &agent(), studio.stage.now()).await;
        tx.commit().await.expect("commits");
        used.expect("answers").map(|used| used.id.to_string())
    };
    assert_eq!(using("reservations/r-1", "proposal-1").await, Ok(granted.id.clone()));
    assert_eq!(using("reservations/r-1", "proposal-1").await, Err(Reason::ExemptionSpent));
    assert_eq!(using("reservations/r-2", "proposal-2").await, Err(Reason::ExemptionMissing));
    assert_eq!(list(&studio).await[0].uses, 1);

    let revoke = format!("{PLACE}/{}/revoke", granted.id);
    refused(&dov.post_json(&revoke, &json!({ "reason": "enough" })).await, 422, "REASON_TOO_SHORT");
    let why = json!({ "reason": "The fair is over, so it is not needed." });
    assert_eq!(dov.post_json(&revoke, &why).await.status, 204);
    refused(&dov.post_json(&revoke, &why).await, 409, "EXEMPTION_MISSING");
    refused(&dov.post_json(&format!("{PLACE}/x/revoke"), &why).await, 404, "NOT_FOUND");
    assert_eq!(list(&studio).await[0].standing, Standing::Revoked);
    assert_eq!(using("reservations/r-1", "proposal-3").await, Err(Reason::ExemptionMissing));
    for (action, code) in [
        ("exemption.created", "OK"),
        ("exemption.used", "OK"),
        ("exemption.used", "EXEMPTION_SPENT"),
        ("exemption.revoked", "OK"),
        ("exemption.revoked", "REASON_TOO_SHORT"),
        ("exemption.revoked", "EXEMPTION_MISSING"),
    ] {
        assert_eq!(logged(&studio, action, code).await, 1, "{action} {code}");
    }
}

#[tokio::test]
async fn an_exemption_whose_time_is_over_no_longer_holds_and_its_end_is_in_the_log() {
    let studio = Studio::open().await;
    let granted: Exemption = read(&studio.operator("POST", PLACE, Some(&wanted())).await);
    let _: ExemptionId = granted.id.parse().expect("an id");
    studio.stage.advance(Duration::from_secs(240 * 60));
    assert_eq!(list(&studio).await[0].standing, Standing::Expired, "also before anybody has recorded it");
    let clock = Clock::manual(studio.stage.now().to_jiff());
    let mut prune = Prune::new(studio.stage.store.clone(), clock.clone(), Duration::from_secs(86_400));
    prune.pass().await.expect("passes");
    clock.advance(Duration::from_secs(3_600));
    prune.pass().await.expect("passes");
    assert_eq!(logged(&studio, "exemption.expired", "OK").await, 1, "once");
    assert_eq!(list(&studio).await[0].standing, Standing::Expired);
}

#[tokio::test]
async fn what_was_granted_is_not_rewritten() {
    let studio = Studio::open().await;
    read::<Exemption>(&studio.operator("POST", PLACE, Some(&wanted())).await);
    let file = studio_brain::store::Store::file_in(studio.stage.directory.path());
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.expect("comes in");
    for sql in ["update exemptions set expires_us = expires_us + 1", "delete from exemptions"] {
        let error = sqlx::query(sql).execute(&pool).await.expect_err(sql).to_string();
        assert!(error.contains("refuse"), "{sql}: {error}");
    }
    pool.close().await;
    assert_eq!(list(&studio).await.len(), 1);
}
