//! What people are told of the lease, and who decides.

use serde_json::json;

use studio_brain::domain::lease::{Claim, Holder, Standing};
use studio_brain::web::api::lease::{Lease, LeaseStanding};

use crate::cockpit_stage::{INES, JUNO, Page, Studio};

#[tokio::test]
async fn everybody_of_the_studio_sees_which_box_writes_and_those_who_administer_it_decide() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let seen: Lease = serde_json::from_str(&ines.get("/api/v1/lease").await.body).expect("a lease");
    assert_eq!((seen.standing, seen.code.as_str(), seen.holder), (LeaseStanding::Unknown, "LEASE_UNKNOWN", None));
    let because = json!({"reason": "The old box burned down."});
    let denied = ines.post_json("/api/v1/lease/take", &because).await;
    assert_eq!((denied.status.as_u16(), denied.code().as_str()), (403, "ROLE_MISSING"));

    let mut juno = studio.person(JUNO).await;
    let short = juno.post_json("/api/v1/lease/take", &json!({"reason": "no"})).await;
    assert_eq!((short.status.as_u16(), short.code().as_str()), (422, "REASON_TOO_SHORT"));
    let decided = juno.post_json("/api/v1/lease/take", &because).await;
    assert_eq!(decided.status.as_u16(), 202, "{}", decided.body);
    let decided: Lease = serde_json::from_str(&decided.body).expect("a lease");
    assert_eq!(decided.taking.expect("is kept until it is carried out").reason, "The old box burned down.");
    let log = studio.log().await;
    assert!(log.contains(&("lease.take_requested".to_owned(), "OK")), "{log:?}");
    assert!(log.contains(&("lease.take_requested".to_owned(), "REASON_TOO_SHORT")), "{log:?}");
}

#[tokio::test]
async fn every_page_of_a_second_box_says_that_it_is_one() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let says = "Another box of this studio writes";
    assert!(!ines.get("/").await.body.contains(says));
    let holder = Holder { directory: "/var/lib/studio-brain".to_owned(), ..Holder::default() };
    let (me, now) = (studio.stage.store.me().expect("it writes"), studio.stage.now());
    let mut tx = studio.stage.store.begin().await.expect("begins");
    tx.lease_put(me, &Standing::Second(Claim { holder, ..Claim::default() }), now).await.expect("stores");
    tx.commit().await.expect("commits");
    for path in ["/", "/proposals", "/writes", "/drift"] {
        let page = Page::of(&ines.get(path).await);
        assert!(page.text("main [role=alert]").contains(says), "{path}");
    }
    let seen: Lease = serde_json::from_str(&ines.get("/api/v1/lease").await.body).expect("a lease");
    assert_eq!((seen.standing, seen.code.as_str()), (LeaseStanding::Second, "SECOND_BOX"));
    assert_eq!(seen.holder.expect("is named").directory, "/var/lib/studio-brain");
}
