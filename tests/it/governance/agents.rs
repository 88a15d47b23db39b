//! An agent's key is shown once and kept nowhere; an agent that is denied too often pauses until staff let it go on.

use serde_json::{Value as Json, json};

use studio_brain::domain::agent::{KeyRefusal, SuspensionRule};
use studio_brain::domain::reason::Reason;
use studio_brain::identity::agents::authenticate;
use studio_brain::store::audit::AuditQuery;
use studio_brain::web::api::agents::{Agents, Denials, IssuedKey};

use super::{agent, logged, read, refused};
use crate::cockpit_stage::{INES, JUNO, Studio};

const PLACE: &str = "/api/v1/agents";

fn wanted() -> Json {
    json!({
        "agent": "agent-glaze-scout",
        "name": "Glaze scout",
        "scopes": ["capability:ops_note.append:execute", "batches:read"],
        "days": 90,
    })
}

fn with(name: &str, value: Json) -> Json {
    let mut body = wanted();
    body[name] = value;
    body
}

async fn knock(studio: &Studio, key: &str) -> Result<(), KeyRefusal> {
    let answer = authenticate(&studio.stage.store, key, studio.stage.now()).await.expect("answers");
    answer.map(|_| ())
}

/// That the log of the real program does not have it is shown where the program runs: `process::govern`.
#[tokio::test]
async fn the_secret_is_in_the_one_answer_and_nowhere_else() {
    let studio = Studio::open().await;
    studio.agents().await;
    let mut juno = studio.person(JUNO).await;
    let answer = juno.post_json(&format!("{PLACE}/keys"), &wanted()).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (201, "no-store"));
    let issued: IssuedKey = read(&answer);
    assert_eq!(knock(&studio, &issued.key).await, Ok(()), "the key is good");
    let secret = issued.key.rsplit_once(&format!("{}_", issued.prefix)).expect("a secret").1.to_owned();
    assert!(secret.len() > 40 && !format!("{issued:?}").contains(&secret));

    let listed = juno.get(PLACE).await;
    assert!(!listed.body.contains(&secret), "{}", listed.body);
    let keys = read::<Agents>(&listed).keys;
    assert_eq!((keys.len(), keys[0].prefix.as_str(), keys[0].good), (1, issued.prefix.as_str(), true));
    let entries = studio.stage.store.audit_entries(&AuditQuery::default(), 500).await.expect("reads");
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains(&secret)));
    assert_eq!(logged(&studio, "agent.key_issued", "OK").await, 1);

    let mut looked_at = 0;
    for file in std::fs::read_dir(studio.stage.directory.path()).expect("a directory") {
        let path = file.expect("a file").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("readable");
            let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!has(&secret), "{}", path.display());
            looked_at += usize::from(has(&issued.prefix));
        }
    }
    assert!(looked_at > 0, "the files that hold the key's name were among them");
}

#[tokio::test]
async fn only_admins_and_operators_issue_and_revoke_and_a_revoked_key_is_refused_at_once() {
    let studio = Studio::open().await;
    studio.agents().await;
    let (mut ines, mut juno) = (studio.person(INES).await, studio.person(JUNO).await);
    let keys = format!("{PLACE}/keys");
    refused(&ines.post_json(&keys, &wanted()).await, 403, "ROLE_MISSING");
    for (body, code) in [
        (with("days", json!(0)), "INPUT_INVALID"),
        (with("days", json!(367)), "INPUT_INVALID"),
        (with("days", json!("forever")), "WRONG_FIELD"),
        (with("scopes", json!([])), "INPUT_INVALID"),
        (with("scopes", json!(["*"])), "INPUT_INVALID"),
        (with("name", json!(" ")), "INPUT_INVALID"),
        (with("agent", json!("")), "WRONG_FIELD"),
        (with("agent", json!("agent-nobody")), "INPUT_INVALID"),
        (with("scopes", json!(["batches:read", "capability:no.such:execute"])), "INPUT_INVALID"),
        (with("scopes", json!(["glazes:read"])), "INPUT_INVALID"),
        (with("secret", json!("sbak1_…")), "WRONG_FIELD"),
        (with("kind", json!("staff")), "WRONG_FIELD"),
    ] {
        let answer = juno.post_json(&keys, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, code), "{body}");
    }
    assert_eq!(read::<Agents>(&juno.get(PLACE).await).keys, []);
    let nobody = juno.post_json(&keys, &with("agent", json!("agent-nobody"))).await.body;
    assert!(nobody.contains("agent-nobody") && nobody.contains("agent-front-desk, agent-glaze-scout"), "{nobody}");
    let nothing = juno.post_json(&keys, &with("scopes", json!(["capability:no.such:execute"]))).await.body;
    assert!(nothing.contains("capability:ops_note.append:execute") && nothing.contains("batches:read"), "{nothing}");
    for scope in ["capability:*:execute", "batches:*"] {
        assert_eq!(
            juno.post_json(&keys, &with("scopes", json!([scope]))).await.status,
            201,
            "{scope} covers something"
        );
    }
    let issued: IssuedKey = read(&studio.operator("POST", &keys, Some(&wanted())).await);
    let revoke = format!("{keys}/{}/revoke", issued.prefix);
    let why = json!({ "reason": "It was pasted into a chat." });
    refused(&ines.post_json(&revoke, &why).await, 403, "ROLE_MISSING");
    refused(&juno.post_json(&revoke, &json!({ "reason": "leaked" })).await, 422, "REASON_TOO_SHORT");
    assert_eq!(knock(&studio, &issued.key).await, Ok(()));
    assert_eq!(juno.post_json(&revoke, &why).await.status, 204);
    assert_eq!(knock(&studio, &issued.key).await, Err(KeyRefusal::Revoked));
    refused(&juno.post_json(&revoke, &why).await, 404, "NOT_FOUND");
    refused(&juno.post_json(&format!("{keys}/nothing/revoke"), &why).await, 404, "NOT_FOUND");
    for (action, code) in
        [("agent.key_issued", "OK"), ("agent.key_revoked", "REASON_TOO_SHORT"), ("agent.key_revoked", "OK")]
    {
        let times = if action == "agent.key_issued" { 3 } else { 1 };
        assert_eq!(logged(&studio, action, code).await, times, "{action} {code}");
    }
    assert_eq!(logged(&studio, "request.denied", "ROLE_MISSING").await, 2, "both attempts of Ines");
}

#[tokio::test]
async fn an_agent_that_is_denied_again_and_again_pauses_until_staff_let_it_go_on() {
    let studio = Studio::open().await;
    studio.agents().await;
    let (mut ines, rule) = (studio.person(INES).await, SuspensionRule::default());
    let issued: IssuedKey = read(&studio.operator("POST", &format!("{PLACE}/keys"), Some(&wanted())).await);
    let resume = format!("{PLACE}/agent-glaze-scout/resume");
    let why = json!({ "reason": "Its delegation was put right." });
    refused(&ines.post_json(&resume, &why).await, 404, "NOT_FOUND");
    let store = &studio.stage.store;
    for denial in 1..=rule.denials {
        assert_eq!(knock(&studio, &issued.key).await, Ok(()), "before denial {denial}");
        let mut tx = store.begin().await.expect("begins");
        let reason = Reason::DelegationMissing;
        let until = tx.agent_denied(store.studio(), &agent(), reason, &rule, studio.stage.now()).await;
        assert_eq!(until.expect("counts").is_some(), denial == rule.denials);
        tx.commit().await.expect("commits");
    }
    let until = studio.stage.now().plus(rule.lasts);
    assert_eq!(knock(&studio, &issued.key).await, Err(KeyRefusal::Suspended { until }));
    let suspended = read::<Agents>(&ines.get(PLACE).await).suspensions;
    assert_eq!((suspended.len(), suspended[0].agent.as_str(), suspended[0].until), (1, "agent-glaze-scout", until));
    refused(&ines.post_json(&resume, &json!({ "reason": "ok" })).await, 422, "REASON_TOO_SHORT");
    assert_eq!(ines.post_json(&resume, &why).await.status, 204);
    assert_eq!(knock(&studio, &issued.key).await, Ok(()));
    assert_eq!(read::<Agents>(&ines.get(PLACE).await).suspensions, []);
    for (action, code) in
        [("agent.suspended", "DELEGATION_MISSING"), ("agent.resumed", "REASON_TOO_SHORT"), ("agent.resumed", "OK")]
    {
        assert_eq!(logged(&studio, action, code).await, 1, "{action} {code}");
    }
    let denials: Denials = read(&ines.get(&format!("{PLACE}/denials")).await);
    assert_eq!((denials.suspicious, denials.denials.len()), (0, 0), "these were counted and not traced");
}
