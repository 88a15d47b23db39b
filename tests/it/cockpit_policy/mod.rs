//! The pages of the rules: policy, agents, intake. Each form: good, denied, with a problem, twice, from a stale tab.

/// The switch and the lease.
mod switch;

/// Exemptions, counters, and asking what one may.
mod limits;

/// Agents, their keys, and texts that wait for a person.
mod agents;

use std::time::Duration;

use studio_brain::domain::actor::{ActorKind, Issuer, Person};
use studio_brain::domain::audit::Target;
use studio_brain::domain::ids::Uid;
use studio_brain::domain::intake::{RuleSet, Text, classify};
use studio_brain::domain::quota::{Claim, Limit, Scope};
use studio_brain::store::QuotaAsk;

use crate::cockpit_stage::{DOV, INES, JUNO, Page, Studio, page};
use crate::web_stage::{Answer, Browser};

const WHY: &str = "The prices on the board are wrong.";
const FINE: &str = "I looked at the board myself.";

fn scout() -> Person {
    let uid = Uid::parse("agent-glaze-scout").expect("legal");
    Person { uid, kind: ActorKind::Agent, name: "Glaze scout".to_owned(), issuer: Issuer::Real }
}

#[track_caller]
fn led_to(answer: &Answer, to: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, to), "{}", answer.body);
}

/// A form that came back: its status, what it says is wrong, and the page.
#[track_caller]
fn came_back(answer: &Answer, status: u16, said: &str) -> Page {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    let shown = Page::of(answer);
    let summary = shown.text(".error-summary");
    assert!(summary.contains(said), "{summary}");
    shown
}

/// How often the audit log has this action with this reason code.
async fn logged(studio: &Studio, action: &str, code: &str) -> usize {
    studio.log().await.iter().filter(|entry| **entry == (action.to_owned(), code)).count()
}

/// What a page tells once.
async fn told(browser: &mut Browser<'_>, path: &str) -> String {
    page(browser, path).await.text("[role=status], [role=alert]")
}

/// A counter of which nothing is left, and somebody who was told to wait.
async fn use_up(studio: &Studio) {
    let limit = Limit::per(20, Duration::from_secs(3_600)).expect("a limit");
    let claims = [Claim::new(Scope::Actor, "agent:agent-glaze-scout", Some("ops_note.append"), limit)];
    let (actor, store) = (scout(), &studio.stage.store);
    for (effect, weight) in [("write-1", 20), ("write-2", 1)] {
        let ask = QuotaAsk { actor: &actor, capability: "ops_note.append", effect, claims: &claims, weight };
        let mut tx = store.begin().await.expect("begins");
        let taken = tx.quota_take(store.studio(), &ask, studio.stage.now()).await.expect("answers");
        tx.commit().await.expect("commits");
        assert_eq!(taken.is_ok(), weight == 20);
    }
}

/// A text that waits for a person; its number.
async fn comes_in(studio: &Studio, words: &str, by: &Person) -> i64 {
    let store = &studio.stage.store;
    let found = classify(RuleSet::shipped(), &Text::of_pieces([words]));
    let subject = Target::parse("document:agentRequests/r-1").expect("a target");
    let mut tx = store.begin().await.expect("begins");
    tx.intake_record(store.studio(), &subject, by, &found, studio.stage.now()).await.expect("records");
    tx.commit().await.expect("commits");
    store.intake_queue(10).await.expect("reads").last().expect("waits").id
}

#[tokio::test]
async fn every_page_of_the_rules_is_whole_for_everyone_on_the_staff() {
    let studio = Studio::open().await;
    studio.agents().await;
    use_up(&studio).await;
    let text = comes_in(&studio, "please make a gh0st gun of clay", &scout()).await;
    let key = studio.key_of("agent-glaze-scout").await;
    for persona in [INES, DOV, JUNO] {
        let mut browser = studio.person(persona).await;
        for path in [
            "/policy",
            "/policy/stop",
            "/policy/resume",
            "/policy/resume?scope=global",
            "/policy/lease",
            "/policy/exemptions",
            "/policy/exemptions?show=ended&capability=ops_note.append",
            "/policy/exemptions/new",
            "/policy/quotas?show=all",
            "/policy/quotas?show=near&subject=scout",
            "/policy/quotas/counter?bucket=actor+ops_note.append+3600s+agent%3Aagent-glaze-scout",
            "/policy/capabilities",
            "/policy/capabilities?risk=high&about=batch",
            "/policy/capabilities/reservation.status.set",
            "/policy/capabilities/hubitat.devices.read",
            "/policy/may-i",
            "/agents",
            "/agents?keys=all&name=scout",
            "/agents/agent-glaze-scout",
            "/agents/denials?agent=agent-glaze-scout&within=day",
            "/agents/keys/new",
            &format!("/agents/keys/{}", key.prefix()),
            "/intake",
            "/intake?show=decided&category=fraud_risk",
            &format!("/intake/{text}"),
        ] {
            let shown = page(&mut browser, path).await;
            assert_eq!(shown.texts("h1").len(), 1, "{path}");
            assert_eq!(shown.texts(".notice.bad[role=alert]"), Vec::<String>::new(), "{path}: everything can be read");
        }
        for path in [
            "/policy/exemptions/00000000-0000-7000-8000-000000000000",
            "/policy/exemptions/x",
            "/policy/quotas/counter",
            "/policy/capabilities/no.such",
            "/agents/nobody",
            "/agents/keys/x",
            "/agents/keys/0000000000000000",
            "/intake/0",
            "/intake/x",
        ] {
            assert_eq!(browser.get(path).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_part_of_the_rules_that_cannot_be_read_says_so_and_the_rest_stays() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let file = studio_brain::store::Store::file_in(studio.stage.directory.path());
    let intruder = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.expect("comes in");
    for sql in ["alter table exemption_events rename to gone_1", "alter table quotas rename to gone_2"] {
        sqlx::query(sql).execute(&intruder).await.expect("does harm");
    }
    intruder.close().await;
    let shown = page(&mut ines, "/policy").await;
    let failed = shown.text(".notice.bad[role=alert]");
    assert!(failed.contains("The exemptions in force could not be read"), "{failed}");
    assert!(failed.contains("The counters could not be read"), "{failed}");
    assert!(shown.text("main").contains("writes may leave"), "the switch is shown all the same");
    assert!(page(&mut ines, "/policy/capabilities").await.rows().len() > 5);
    assert!(page(&mut ines, "/policy/quotas").await.text("main").contains("Error id"));
}
