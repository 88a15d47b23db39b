//! The switch and the lease: one person stops, two resume, an admin decides which box sends.

use std::time::Duration;

use studio_brain::domain::reason::Reason;

use super::{FINE, WHY, came_back, led_to, logged, told};
use crate::cockpit_stage::{DOV, INES, JUNO, Studio, page, send};

async fn may_write(studio: &Studio) -> bool {
    studio.stage.store.kill_switch().await.may_write().is_ok()
}

#[tokio::test]
async fn one_person_stops_in_one_step_and_the_frame_of_every_page_says_so() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/policy/stop").await;
    let back = send(&mut ines, &shown, "/policy/stop", &[("reason", "Nö <b>")]).await;
    let back = came_back(&back, 422, "at least 10 characters");
    assert_eq!(back.text("#reason"), "Nö <b>");
    assert!(may_write(&studio).await, "a slip stops nothing");

    led_to(&send(&mut ines, &back, "/policy/stop", &[("reason", WHY)]).await, "/policy");
    assert!(!may_write(&studio).await);
    let policy = page(&mut ines, "/policy").await;
    assert!(policy.text("[role=status]").contains("Nothing is under way"), "{}", policy.text("main"));
    assert!(policy.text("main").contains(WHY) && policy.text("main").contains("Ines Okafor"));
    assert!(policy.text("head > title").starts_with("Stopped"));
    led_to(&send(&mut ines, &back, "/policy/stop", &[("reason", WHY)]).await, "/policy");
    assert!(told(&mut ines, "/policy").await.contains("You had sent this form before"));
    assert_eq!(logged(&studio, "kill_switch.stopped", "OK").await, 1, "two clicks are one stop");
    let mut dov = studio.person(DOV).await;
    let frame = page(&mut dov, "/writes").await;
    assert!(frame.text(".switch").contains("Ines Okafor stopped all writes."), "{}", frame.text(".switch"));
    assert_eq!(frame.attribute(".switch a", "href").as_deref(), Some("/policy"));
}

#[tokio::test]
async fn two_people_resume_and_each_is_told_what_the_other_one_did() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    assert!(page(&mut ines, "/policy/resume").await.text("main").contains("Nothing is stopped"));
    let first = page(&mut ines, "/policy/stop").await;
    send(&mut ines, &first, "/policy/stop", &[("reason", WHY)]).await;

    let stale = page(&mut dov, "/policy/resume").await;
    let form = page(&mut ines, "/policy/resume").await;
    let back = send(&mut ines, &form, "/policy/resume", &[("confirm", "resume"), ("reason", WHY)]).await;
    let back = came_back(&back, 422, "Type RESUME");
    assert_eq!((back.attribute("#confirm", "value").as_deref(), back.text("#reason").as_str()), (Some("resume"), WHY));
    let typed = [("confirm", "RESUME"), ("reason", "The prices were put right.")];
    led_to(&send(&mut ines, &back, "/policy/resume", &typed).await, "/policy");
    assert!(told(&mut ines, "/policy").await.contains("another person has confirmed"));
    assert!(!may_write(&studio).await, "asking resumes nothing");

    let late = send(&mut dov, &stale, "/policy/resume", &[("confirm", "RESUME"), ("reason", FINE)]).await;
    let late = came_back(&late, 409, "moved since you opened this page");
    assert_eq!(late.text("#reason"), FINE, "nothing typed is lost");
    let own = page(&mut ines, "/policy/resume").await;
    assert!(own.text(".why-not").contains(Reason::SecondPersonRequired.sentence()), "{}", own.text("main"));
    let mark = late.form("/policy/resume/confirm")["mark"].clone();
    let forced = [("scope", "studio"), ("mark", &mark), ("confirm", "RESUME"), ("reason", FINE)];
    came_back(&ines.post("/policy/resume/confirm", &forced).await, 403, Reason::SecondPersonRequired.sentence());

    studio.stage.advance(Duration::from_secs(1));
    let confirmed = [("confirm", "RESUME"), ("reason", FINE)];
    led_to(&send(&mut dov, &late, "/policy/resume/confirm", &confirmed).await, "/policy");
    assert!(may_write(&studio).await);
    let shown = page(&mut dov, "/policy").await;
    assert!(shown.text("[role=status]").contains("Resumed."), "{}", shown.text("main"));
    let history = shown.rows().join(" | ");
    assert!(history.contains("Confirmed: writes go on") && history.contains("Dov Halpern"), "{history}");
    led_to(&send(&mut dov, &late, "/policy/resume/confirm", &confirmed).await, "/policy");
    assert!(told(&mut dov, "/policy").await.contains("You had sent this form before"), "a double click is no mistake");
    came_back(&ines.post("/policy/resume/confirm", &forced).await, 409, "moved since you opened this page");
    led_to(&send(&mut ines, &first, "/policy/stop", &[("reason", WHY)]).await, "/policy");
    assert!(!may_write(&studio).await, "an old form that is sent again stops again: it is never taken for done");
    assert_eq!(logged(&studio, "kill_switch.resumed", "OK").await, 1);
}

#[tokio::test]
async fn only_an_admin_takes_the_lease_and_with_a_word() {
    let studio = Studio::open().await;
    let (mut ines, mut juno) = (studio.person(INES).await, studio.person(JUNO).await);
    assert!(page(&mut ines, "/policy/lease").await.text(".why-not").contains("Your role may not do this."));
    assert_eq!(ines.post("/policy/lease", &[("confirm", "TAKE"), ("reason", WHY)]).await.status, 403);
    let shown = page(&mut juno, "/policy/lease").await;
    let back = send(&mut juno, &shown, "/policy/lease", &[("confirm", "take it"), ("reason", WHY)]).await;
    let back = came_back(&back, 422, "Type TAKE");
    assert_eq!(back.text("#reason"), WHY);
    for _ in 0..2 {
        led_to(
            &send(&mut juno, &back, "/policy/lease", &[("confirm", "TAKE"), ("reason", WHY)]).await,
            "/policy/lease",
        );
    }
    assert!(page(&mut juno, "/policy/lease").await.text("main").contains(WHY), "the decision waits, and is shown");
    assert_eq!(logged(&studio, "lease.take_requested", "OK").await, 1);
}
