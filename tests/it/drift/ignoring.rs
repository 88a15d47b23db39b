//! What is ignored, by whom and until when.

use std::collections::HashMap;
use std::time::Duration;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::finding::{IgnoreScope, Standing, WantedIgnore};
use studio_brain::domain::ids::StudioId;
use studio_brain::domain::proposal::GivenReason;
use studio_brain::domain::reason::Reason;
use studio_brain::domain::time::Timestamp;
use studio_brain::store::findings::CheckOutcome;

use super::stage::{Stage, text};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn what_is_ignored_counts_as_nothing_until_its_time_is_over_and_agents_ignore_nothing() {
    let mut stage = Stage::healthy().await;
    let studio = StudioId::parse("monsoon-west").expect("legal");
    stage.cloud.merge("kilns/kiln-olympic-test", HashMap::from([("status".to_owned(), text("sleeping"))]));
    assert_eq!(stage.look().await, CheckOutcome::Drift);
    let known = stage.store.findings_open().await.expect("reads").remove(0);
    let wanted = |lasts| WantedIgnore {
        scope: IgnoreScope::Finding(known.id),
        reason: GivenReason::parse("It is asleep, and we know.").expect("a reason"),
        lasts,
    };
    let now: Timestamp = stage.clock.now().into();
    let ines = stage.ines().await;
    let mut tx = stage.store.begin().await.expect("begins");
    let machine = Actor::system(&studio, "push");
    let denied = tx.ignore_add(&studio, wanted(HOUR), &machine, now).await.expect("answers");
    assert_eq!(denied.expect_err("is denied"), Reason::RoleMissing);
    let long = tx.ignore_add(&studio, wanted(HOUR * 24 * 91), &ines, now).await.expect("answers");
    assert_eq!(long.expect_err("is too long"), Reason::InputInvalid);
    tx.ignore_add(&studio, wanted(HOUR), &ines, now).await.expect("answers").expect("may");
    tx.commit().await.expect("commits");

    assert_eq!(stage.look().await, CheckOutcome::Same, "it is listed, and counts as nothing");
    let rules = stage.store.ignores(now).await.expect("reads");
    let known = stage.store.finding(known.id).await.expect("reads").expect("is there");
    let standing = known.standing(&rules, None, HOUR, now);
    assert!(matches!(standing, Standing::Ignored(rule) if rule.by == ines.person()));

    stage.clock.advance(HOUR);
    assert_eq!(stage.look().await, CheckOutcome::Drift, "its time is over");
    let later: Timestamp = stage.clock.now().into();
    assert_eq!(stage.store.ignores(later).await.expect("reads"), []);
    let known = stage.store.finding(known.id).await.expect("reads").expect("is there");
    assert_eq!(known.standing(&[], None, HOUR, later), Standing::Drifted);
    assert_eq!(known.standing(&[], None, HOUR, later.plus(HOUR * 2)), Standing::Stale);
    assert_eq!(known.since, now, "the onset is kept");
    stage.close().await;
}
