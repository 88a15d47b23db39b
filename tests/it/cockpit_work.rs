//! The pages of a working day: what waits, in which order, several at once, and the documents behind it all.

use std::time::Duration;

use serde_json::json;
use studio_brain::domain::proposal::ProposalState;
use studio_brain::domain::value::Value;

use crate::cockpit_stage::{DOV, INES, JUNO, Page, Studio, page, send};
use crate::web_stage::Browser;

const WHY: &str = "The shelf was looked at this morning.";

/// Proposes a note about a batch; the proposal's id.
async fn note(browser: &mut Browser<'_>, batch: &str) -> String {
    let path = format!("/proposals/new?capability=ops_note.append&document={batch}");
    let form = page(browser, &path).await;
    let typed = [("note", "The glaze has to be checked."), ("reason", WHY)];
    let answer = send(browser, &form, "/proposals", &typed).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").strip_prefix("/proposals/").expect("a proposal").to_owned()
}

/// Proposes to confirm a reservation; the proposal's id.
async fn confirm(browser: &mut Browser<'_>, reservation: &str) -> String {
    let path = format!("/proposals/new?capability=reservation.status.set&document={reservation}");
    let form = page(browser, &path).await;
    let answer = send(browser, &form, "/proposals", &[("status", "CONFIRMED"), ("reason", WHY)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").strip_prefix("/proposals/").expect("a proposal").to_owned()
}

/// The ids of the proposals that a page lists, in its order.
fn listed(page: &Page) -> Vec<String> {
    page.attributes("a.row-title", "href")
        .into_iter()
        .filter_map(|href| Some(href.strip_prefix("/proposals/")?.split('?').next()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_queue_shows_what_i_can_decide_first_then_the_riskier_then_the_older() {
    let studio = Studio::open().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let own = confirm(&mut ines, "r-1").await;
    studio.stage.advance(Duration::from_secs(1));
    let older = note(&mut dov, "b-1").await;
    studio.stage.advance(Duration::from_secs(1));
    let newer = note(&mut dov, "b-2").await;
    let shown = page(&mut ines, "/proposals").await;
    assert_eq!(listed(&shown), [older.clone(), newer.clone(), own.clone()]);
    assert!(shown.text("head > title").starts_with("3 waiting · Proposals"));
    // No box has claimed the lease yet: the policy says so before anybody decides in vain.
    assert_eq!(shown.text("tbody td[data-label=Policy]").matches("Held").count(), 3);
    assert_eq!(listed(&page(&mut dov, "/proposals").await)[0], own, "the riskier, and not his own");
    assert_eq!(listed(&page(&mut ines, "/proposals?sort=newest").await), [newer.clone(), older.clone(), own.clone()]);
    assert_eq!(listed(&page(&mut ines, "/proposals?capability=ops_note.append").await), [older.clone(), newer.clone()]);
    let none = page(&mut ines, "/proposals?by=agents").await;
    assert!(none.text(".empty").contains("No proposal matches") && none.text(".empty").contains("Clear filters"));

    // The neighbours are those of the queue that one comes from.
    let beside = page(&mut ines, &format!("/proposals/{newer}?show=waiting&sort=newest")).await;
    assert!(beside.attribute("a[rel=next]", "href").expect("a next").starts_with(&format!("/proposals/{older}?")));
    assert_eq!(beside.attribute("a[rel=prev]", "href"), None);
    let alone = page(&mut ines, &format!("/proposals/{newer}")).await;
    assert_eq!(alone.texts("nav.pager").len(), 0, "who does not come from the queue has no neighbours");

    // A decision keeps the queue, also when it comes back.
    let action = format!("/proposals/{older}/decision?show=waiting&capability=ops_note.append");
    let here = format!("/proposals/{older}?show=waiting&capability=ops_note.append");
    let form = page(&mut ines, &here).await;
    let back = send(&mut ines, &form, &action, &[("decision", "approve"), ("reason", "short")]).await;
    assert_eq!(back.status, 422);
    let back = Page::of(&back);
    assert!(back.attribute("a[rel=next]", "href").is_some_and(|href| href.contains("capability=ops_note.append")));
    let done = send(&mut ines, &back, &action, &[("decision", "approve"), ("reason", WHY)]).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, here.as_str()));
}

#[tokio::test]
async fn a_long_queue_has_pages_that_neither_repeat_nor_skip() {
    let studio = Studio::open().await;
    let mut dov = studio.person(DOV).await;
    let mut ines = studio.person(INES).await;
    let mut made = Vec::new();
    for round in 0..33 {
        // Limits count by the hour.
        studio.stage.advance(Duration::from_secs(400));
        studio.freshen().await;
        made.push(note(if round % 2 == 0 { &mut dov } else { &mut ines }, "b-1").await);
        if round % 8 == 7 {
            dov = studio.person(DOV).await;
            ines = studio.person(INES).await;
        }
    }
    let mut juno = studio.person(JUNO).await;
    let first = page(&mut juno, "/proposals?show=all&sort=oldest").await;
    let next = first.attribute("a[rel=next]", "href").expect("a second page");
    let second = page(&mut juno, &next).await;
    let mut all = listed(&first);
    all.extend(listed(&second));
    assert_eq!(all, made);
    assert_eq!(second.attribute("a[rel=next]", "href"), None);
    let back = second.attribute("a[rel=prev]", "href").expect("a way back");
    assert_eq!(listed(&page(&mut juno, &back).await), listed(&first));
    assert!(first.text(".list-count").contains("30 proposals of 33"), "{}", first.text(".list-count"));
}

/// A studio that follows its firings, too: three of them can be marked as unloaded, which does little harm.
async fn with_firings() -> Studio {
    let studio = Studio::open().await;
    studio.also_mirror(&["kilnFirings"]).await;
    for id in ["f-1", "f-2", "f-3"] {
        studio.put(&format!("kilnFirings/{id}"), &[("status", Value::text("completed"))]).await;
    }
    studio.freshen().await;
    studio
}

/// Proposes to mark a firing as unloaded, as a program of this person does; the proposal's id.
async fn unloaded(browser: &mut Browser<'_>, firing: &str) -> String {
    let body = json!({ "capability": "firing.unloaded.mark", "document": firing, "reason": WHY });
    let answer = browser.post_json("/api/v1/proposals", &body).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    let proposed: serde_json::Value = serde_json::from_str(&answer.body).expect("is JSON");
    proposed["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn several_of_low_risk_and_of_one_kind_are_decided_together_and_each_tells_what_came_of_it() {
    let studio = with_firings().await;
    let (mut ines, mut dov) = (studio.person(INES).await, studio.person(DOV).await);
    let (first, second) = (unloaded(&mut dov, "f-1").await, unloaded(&mut dov, "f-2").await);
    let own = unloaded(&mut ines, "f-3").await;
    let other = confirm(&mut dov, "r-1").await;
    let queue = page(&mut ines, "/proposals").await;
    assert_eq!(queue.texts("input[type=checkbox][name=item]").len(), 2, "neither her own nor what is riskier");
    let mixed = page(&mut ines, &format!("/proposals/bulk?item={first}&item={other}")).await;
    assert!(mixed.text(".decide").contains("several kinds"), "{}", mixed.text(".decide"));

    let here = format!("/proposals/bulk?item={first}&item={second}&item={own}");
    let preview = page(&mut ines, &here).await;
    assert!(preview.text(".lede").contains("3 proposals, 3 documents"), "{}", preview.text(".lede"));
    let items = preview.attributes("form[action='/proposals/bulk'] input[name=item]", "value");
    assert_eq!(items.len(), 3);
    let sent = |reason: &'static str| {
        let mut fields: Vec<(&str, &str)> = items.iter().map(|item| ("item", item.as_str())).collect();
        fields.extend([("decision", "approve"), ("reason", reason)]);
        fields
    };
    let back = ines.post("/proposals/bulk", &sent("no")).await;
    assert_eq!(back.status, 422);
    assert_eq!(Page::of(&back).text("#reason"), "no", "what was typed is kept");
    assert_eq!(studio.state_of(&first).await, ProposalState::Waiting);

    let done = ines.post("/proposals/bulk", &sent(WHY)).await;
    assert_eq!(done.status, 303);
    let result = page(&mut ines, done.header("location")).await;
    let cells = result.texts("td[data-label='What came of it']");
    assert_eq!(cells.iter().filter(|cell| cell.contains("You approved it")).count(), 2, "{cells:?}");
    assert_eq!(cells.iter().filter(|cell| cell.contains("You proposed this")).count(), 1, "{cells:?}");
    for id in [&first, &second] {
        assert_eq!(studio.state_of(id).await, ProposalState::Approved);
    }
    assert_eq!(studio.state_of(&own).await, ProposalState::Waiting);
    // Sent again, it changes nothing.
    assert_eq!(ines.post("/proposals/bulk", &sent(WHY)).await.status, 303);

    let hash = studio.stage.store.proposal(other.parse().expect("an id")).await.expect("reads").expect("is there");
    let risky = format!("{other} {}", hash.content_hash());
    let denied = ines.post("/proposals/bulk", &[("item", &risky), ("decision", "approve"), ("reason", WHY)]).await;
    assert_eq!(denied.status, 422);
    assert!(Page::of(&denied).text(".error-summary").contains("Only changes of low risk"));
    assert_eq!(studio.state_of(&other).await, ProposalState::Waiting);
}

#[tokio::test]
async fn a_proposal_says_whom_it_touches_what_is_checked_and_exactly_what_is_written() {
    let studio = Studio::open().await;
    let id = confirm(&mut studio.person(INES).await, "r-1").await;
    let shown = page(&mut studio.person(DOV).await, &format!("/proposals/{id}")).await;
    let main = shown.text("main");
    assert!(shown.text("#blast + ul, [aria-labelledby=blast]").contains("It belongs to one member: uid_ma…"), "{main}");
    assert!(shown.text("[aria-labelledby=checks]").contains("Approvals Held"), "{main}");
    assert!(shown.text("[aria-labelledby=checks]").contains("Limits leave room Passes"), "{main}");
    let raw = shown.text("pre.raw");
    assert!(raw.contains("\"update\": \"reservations/r-1\"") && raw.contains("CONFIRMED"), "{raw}");
    assert!(main.contains(&format!("/proposals/{id}")), "its link can be read");
    assert_eq!(shown.attribute("main a[href^='/documents/']", "href").as_deref(), Some("/documents/reservations/r-1"));
}

#[tokio::test]
async fn documents_are_found_looked_at_compared_and_brought_back() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let all = page(&mut ines, "/documents").await;
    assert!(all.rows().iter().any(|row| row.starts_with("reservations 4 ")), "{:?}", all.rows());
    assert!(all.rows().iter().any(|row| row.starts_with("kilns unknown Unknown")), "never read: {:?}", all.rows());
    let list = page(&mut ines, "/documents?collection=reservations").await;
    assert_eq!(list.attributes("[aria-labelledby=found] tbody a", "href").len(), 4);
    let some = page(&mut ines, "/documents?id=reservations/r-1").await;
    assert_eq!(some.attributes("[aria-labelledby=found] tbody a", "href"), ["/documents/reservations/r-1"]);
    let titled = page(&mut ines, "/documents?collection=batches&title=tall%20VASES").await;
    assert_eq!(titled.attributes("[aria-labelledby=found] tbody a", "href"), ["/documents/batches/b-2"]);
    let none = page(&mut ines, "/documents?collection=batches&title=nowhere").await;
    assert!(none.text(".empty").contains("No document here matches"));

    studio.stage.advance(Duration::from_secs(60));
    let fields = [("status", Value::text("CANCELLED")), ("ownerUid", Value::text("uid_mara_quill"))];
    studio.put("reservations/r-1", &fields).await;
    studio.freshen().await;
    let path = "/documents/reservations/r-1";
    let shown = page(&mut ines, path).await;
    assert!(shown.text("[aria-labelledby=fields]").contains("uid_ma…"), "staff read only the beginning");
    assert!(!shown.text("main").contains("uid_mara_quill"));
    assert!(
        page(&mut studio.person(JUNO).await, path).await.text("main").contains("uid_mara_quill"),
        "an admin all of it"
    );
    let names = shown.attributes("input[name=from]", "value");
    assert_eq!(names.len(), 2, "two versions were seen");
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("from", &names[0])
        .append_pair("to", &names[1])
        .finish();
    let compared = page(&mut ines, &format!("{path}?{query}")).await;
    assert!(compared.text("[aria-labelledby=compared]").contains("REQUESTED"), "whichever was chosen as which");

    let restore = shown.attributes("td[data-label='Bring back'] a", "href");
    assert_eq!(restore.len(), 1, "what stands now is not brought back");
    let form = page(&mut ines, &restore[0]).await;
    let short = send(&mut ines, &form, path, &[("reason", "no")]).await;
    assert_eq!(short.status, 422);
    let short = Page::of(&short);
    assert_eq!(short.text("#reason"), "no");
    let refused = send(&mut ines, &short, path, &[("reason", WHY)]).await;
    assert_eq!(refused.status, 409, "a reservation goes back only along an allowed step: {}", refused.body);
    assert!(Page::of(&refused).text(".error-summary").contains("That status cannot follow"));

    let batch = page(&mut ines, "/documents/batches/b-1").await;
    assert!(batch.text(".why-not").contains("not brought back from here"), "{}", batch.text("main"));
    for missing in ["/documents/batches/nothing", "/documents/nowhere", "/documents/a//b"] {
        assert_eq!(ines.get(missing).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn today_says_what_waits_for_me_and_what_is_wrong() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let calm = page(&mut ines, "/").await;
    assert!(calm.text("[aria-labelledby=waits]").contains("No proposal waits for your decision"));
    assert!(
        calm.text(".wrongs").contains("Unknown") && calm.text(".wrongs").contains("kilns"),
        "{}",
        calm.text(".wrongs")
    );
    assert!(calm.text("[aria-labelledby=numbers]").contains("Nothing was counted yet"));
    note(&mut studio.person(DOV).await, "b-1").await;
    let shown = page(&mut ines, "/").await;
    assert!(shown.text("head > title").starts_with("1 for you · Today"));
    assert!(shown.text("[aria-labelledby=waits]").contains("Leave a note"), "{}", shown.text("main"));
    assert!(!page(&mut studio.person(DOV).await, "/").await.text("[aria-labelledby=waits]").contains("Leave a note"));
    studio.stage.advance(Duration::from_secs(1_000));
    assert!(page(&mut ines, "/?since=visit").await.text(".wrongs").contains("Stale"));
}
