//! One person stops in one step; two people resume; what can't be read is stopped.

use serde_json::{Value as Json, json};

use studio_brain::domain::actor::Actor;
use studio_brain::domain::ids::StudioId;
use studio_brain::domain::kill_switch::SwitchScope;
use studio_brain::domain::reason::Reason;
use studio_brain::gate::GateError;
use studio_brain::web::api::kill_switch::{KillSwitch, Position, Stopped};

use super::{WHY, intruder, logged, post_text, read, refused};
use crate::cockpit_stage::{DOV, INES, JUNO, Studio};

const PLACE: &str = "/api/v1/kill-switch";

async fn switch(studio: &Studio) -> KillSwitch {
    read(&studio.operator("GET", PLACE, None).await)
}

fn because(reason: &str) -> Json {
    json!({ "reason": reason })
}

#[tokio::test]
async fn one_person_stops_and_another_one_has_to_confirm_that_writes_go_on() {
    let studio = Studio::open().await;
    let (mut ines, mut juno) = (studio.person(INES).await, studio.person(JUNO).await);
    let (stop, resume, confirm) =
        (format!("{PLACE}/stop"), format!("{PLACE}/resume"), format!("{PLACE}/resume/confirm"));
    assert!(switch(&studio).await.may_write);
    refused(&ines.post_json(&resume, &because(WHY)).await, 409, "NOT_STOPPED");
    let stopped: Stopped = read(&ines.post_json(&stop, &because(WHY)).await);
    assert!(stopped.at_rest);
    let now = switch(&studio).await;
    assert_eq!((now.may_write, now.code.as_str()), (false, "KILL_SWITCH_ON"));
    let own = &now.switches[0];
    assert_eq!((own.position, own.reason.as_deref()), (Position::Stopped, Some(WHY)));
    assert_eq!(own.by.as_ref().map(|by| by.label.as_str()), Some("sandbox:staff:uid_staff_ines"));
    assert_eq!(now.switches[1].position, Position::Running, "the box's own was not touched");

    refused(&juno.post_json(&confirm, &because(WHY)).await, 409, "RESUME_NOT_REQUESTED");
    let asked: KillSwitch = read(&ines.post_json(&resume, &because("The prices were put right.")).await);
    assert_eq!((asked.may_write, asked.switches[0].position), (false, Position::ResumeRequested));
    refused(&ines.post_json(&confirm, &because("I am quite sure of it.")).await, 403, "SECOND_PERSON_REQUIRED");
    assert!(!switch(&studio).await.may_write);
    let resumed: KillSwitch = read(&juno.post_json(&confirm, &because("I looked at the board.")).await);
    assert!(resumed.may_write);
    let steps: Vec<_> = resumed.history.expect("readable").into_iter().take(3).map(|step| step.step).collect();
    assert_eq!(steps, ["resumed", "resume requested", "stopped"]);
    for (action, code) in [
        ("kill_switch.stopped", "OK"),
        ("kill_switch.resume_requested", "OK"),
        ("kill_switch.resume_requested", "NOT_STOPPED"),
        ("kill_switch.resumed", "RESUME_NOT_REQUESTED"),
        ("kill_switch.resumed", "SECOND_PERSON_REQUIRED"),
        ("kill_switch.resumed", "OK"),
    ] {
        assert_eq!(logged(&studio, action, code).await, 1, "{action} {code}");
    }
}

#[tokio::test]
async fn a_second_stop_voids_a_request_to_resume_and_so_does_a_day() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let (stop, resume, confirm) =
        (format!("{PLACE}/stop"), format!("{PLACE}/resume"), format!("{PLACE}/resume/confirm"));
    read::<Stopped>(&ines.post_json(&stop, &because(WHY)).await);
    read::<KillSwitch>(&ines.post_json(&resume, &because(WHY)).await);
    read::<Stopped>(&studio.operator("POST", &stop, Some(&because(WHY))).await);
    refused(&dov.post_json(&confirm, &because(WHY)).await, 409, "RESUME_NOT_REQUESTED");
    read::<KillSwitch>(&studio.operator("POST", &resume, Some(&because(WHY))).await);
    studio.stage.advance(std::time::Duration::from_secs(24 * 3_600 + 1));
    let mut dov = studio.person(DOV).await;
    refused(&dov.post_json(&confirm, &because(WHY)).await, 409, "RESUME_NOT_REQUESTED");
    assert!(!switch(&studio).await.may_write);
}

#[tokio::test]
async fn a_malformed_body_moves_no_switch() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let global = json!({ "reason": WHY, "scope": "global" });
    read::<Stopped>(&ines.post_json(&format!("{PLACE}/stop"), &global).await);
    let dov = studio.person(DOV).await;
    let before = switch(&studio).await;
    assert_eq!(before.switches[1].position, Position::Stopped);
    let good = format!(r#""reason":"{WHY}""#);
    for path in ["stop", "resume", "resume/confirm"] {
        for (text, status) in [
            (String::new(), 400),
            ("{".to_owned(), 400),
            ("{}".to_owned(), 422),
            ("[]".to_owned(), 422),
            ("false".to_owned(), 422),
            ("null".to_owned(), 422),
            (r#"{"enabled":false}"#.to_owned(), 422),
            (r#"{"enabled":"flase"}"#.to_owned(), 422),
            (format!(r#"{{{good},"enabled":"flase"}}"#), 422),
            (format!(r#"{{{good},"enabled":true}}"#), 422),
            (format!(r#"{{{good},"scop":"global"}}"#), 422),
            (format!(r#"{{{good},"scope":"gloabl"}}"#), 422),
            (format!(r#"{{{good},"scope":null}}"#), 400),
            (format!(r#"{{{good},"scope":["global"]}}"#), 400),
            (format!(r#"{{{good},{good}}}"#), 422),
            (format!(r#"{{{good}}} true"#), 400),
            (r#"{"reason":7}"#.to_owned(), 422),
            (r#"{"reason":""}"#.to_owned(), 422),
            (r#"{"reason":"         no         "}"#.to_owned(), 422),
            (r#"{"raeson":"The prices on the board are wrong."}"#.to_owned(), 422),
        ] {
            let answer = post_text(&dov, &format!("{PLACE}/{path}"), &text).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {text}: {}", answer.body);
            assert_eq!(switch(&studio).await, before, "{path} {text}");
        }
    }
    assert_eq!(logged(&studio, "kill_switch.stopped", "OK").await, 1);
    assert_eq!(logged(&studio, "kill_switch.resumed", "REASON_TOO_SHORT").await, 2, "a denial is kept, too");
}

#[tokio::test]
async fn a_switch_whose_history_is_damaged_is_stopped_and_says_so() {
    for damage in [
        &["drop trigger kill_switch_refuses_delete", "delete from kill_switch where scope = 'global'"][..],
        &["drop trigger kill_switch_refuses_update", "update kill_switch set actor = 'nobody'"],
        &["drop table kill_switch"],
    ] {
        let studio = Studio::open().await;
        intruder(&studio, damage).await;
        let now = switch(&studio).await;
        assert_eq!((now.may_write, now.code.as_str()), (false, "KILL_SWITCH_UNKNOWN"), "{damage:?}");
        let unreadable = now.switches.iter().filter(|one| one.position == Position::Unreadable);
        assert!(unreadable.clone().count() >= 1 && unreadable.clone().all(|one| one.since.is_none()), "{damage:?}");
    }
}

#[tokio::test]
async fn a_credential_of_another_studio_moves_nothing() {
    let studio = Studio::open().await;
    let stranger = Actor::system(&StudioId::parse("juniper-east").expect("legal"), "probe");
    let (gate, now) = (studio.desk.gate(), studio.stage.now());
    let stopped = gate.stop_all(&stranger, SwitchScope::Global, WHY, now).await;
    assert!(matches!(stopped, Err(GateError::Denied(Reason::TenantMismatch))), "{stopped:?}");
    let asked = gate.request_resume(&stranger, SwitchScope::Global, WHY, now).await;
    assert!(matches!(asked, Err(GateError::Denied(Reason::TenantMismatch))), "{asked:?}");
    assert!(switch(&studio).await.may_write);
    assert_eq!(logged(&studio, "kill_switch.stopped", "TENANT_MISMATCH").await, 1);
}

#[tokio::test]
async fn two_people_lead_out_of_a_history_that_is_gone() {
    let studio = Studio::open().await;
    intruder(&studio, &["drop trigger kill_switch_refuses_delete", "delete from kill_switch"]).await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    for scope in ["studio", "global"] {
        let body = json!({ "scope": scope, "reason": "We compared ledger and cloud, and nothing is missing." });
        refused(&dov.post_json(&format!("{PLACE}/resume/confirm"), &body).await, 409, "RESUME_NOT_REQUESTED");
        read::<KillSwitch>(&ines.post_json(&format!("{PLACE}/resume"), &body).await);
        refused(&ines.post_json(&format!("{PLACE}/resume/confirm"), &body).await, 403, "SECOND_PERSON_REQUIRED");
        read::<KillSwitch>(&dov.post_json(&format!("{PLACE}/resume/confirm"), &body).await);
    }
    assert!(switch(&studio).await.may_write);
}
