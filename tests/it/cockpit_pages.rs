//! Every page of the cockpit: it is there for everyone on the staff, and it says what is true.

use std::time::Duration;

use serde_json::{Value as Json, json};
use studio_brain::domain::ids::{CollectionId, DocPath};

use crate::cockpit_stage::{DOV, INES, JUNO, Page, Studio, moment, page};

#[tokio::test]
async fn every_page_is_whole_for_everyone_on_the_staff() {
    let studio = Studio::open().await;
    for persona in [INES, DOV, JUNO] {
        let mut browser = studio.person(persona).await;
        for path in [
            "/",
            "/documents",
            "/documents?collection=batches&id=b&title=vase",
            "/documents/batches/b-1",
            "/proposals/bulk",
            "/proposals?risk=high&by=agents&sort=newest",
            "/?since=visit",
            "/drift",
            "/drift?state=all&kind=unknown-word",
            "/drift?state=resolved",
            "/proposals",
            "/proposals?show=decided",
            "/proposals?show=all",
            "/proposals/new",
            "/proposals/new?capability=reservation.status.set&document=r-1",
            "/proposals/new?capability=reservation.status.set&document=r-3",
            "/proposals/new?capability=ops_note.append&document=nowhere",
            "/proposals/new?capability=drill.document.set&document=x",
            "/writes",
            "/writes?state=unknown",
            "/audit",
            "/audit?verdict=deny",
            "/audit/1",
            "/sessions",
            "/sessions?person=uid_nobody",
            "/kept",
            "/design",
        ] {
            let shown = page(&mut browser, path).await;
            assert_eq!(shown.texts("h1").len(), 1, "{path}");
            assert_eq!(shown.texts("script:not([src^='/assets/alive.'])").len(), 0, "{path}");
            assert!(shown.text("head > title").ends_with("Monsoon West"), "{path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let nil = uuid::Uuid::nil();
    for path in [
        format!("/proposals/{nil}"),
        format!("/writes/{nil}"),
        "/proposals/x".to_owned(),
        "/writes/x".to_owned(),
        "/audit/0".to_owned(),
        "/audit/99999".to_owned(),
        "/audit/x".to_owned(),
        "/nowhere".to_owned(),
        "/assets/cockpit.css".to_owned(),
    ] {
        let answer = ines.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(Page::of(&answer).texts("h1"), ["There is no such page"], "{path}");
    }
    assert_eq!(ines.post("/writes", &[]).await.status, 405);
    let unknown = ines.post("/drift/check", &[("surprise", "1")]).await;
    assert_eq!(unknown.status, 422);
    assert!(Page::of(&unknown).text("main").contains("surprise"));
}

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let studio = Studio::open().await;
    let mut nobody = studio.stage.browser();
    for path in [
        "/",
        "/state",
        "/documents",
        "/documents/batches/b-1",
        "/drift",
        "/proposals",
        "/proposals/bulk",
        "/proposals/new",
        "/writes",
        "/audit",
        "/audit/1",
        "/policy",
    ] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in"), "{path}");
    }
    for path in ["/proposals", "/drift/check", "/proposals/x/decision", "/proposals/x/withdraw", "/writes/x/undo"] {
        assert!(nobody.post(path, &[]).await.header("location").starts_with("/sign-in"), "{path}");
    }
    let door = page(&mut nobody, "/sign-in").await;
    assert_eq!(door.texts("h1").len(), 1);
    assert!(door.text("main").contains("Ines Okafor"));
}

#[tokio::test]
async fn the_overview_shows_what_is_known_and_never_zero_for_what_is_not() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/").await;
    let row = |rows: &[String], name: &str| rows.iter().find(|row| row.starts_with(name)).expect(name).clone();
    let seen = shown.rows();
    assert!(row(&seen, "reservations").starts_with("reservations 4 "), "{seen:?}");
    assert!(row(&seen, "studioBrainDrills").starts_with("studioBrainDrills 0 "), "read, and empty: {seen:?}");
    assert_eq!(row(&seen, "kilns"), "kilns Unknown unknown Unknown not begun not yet unknown", "never read: {seen:?}");
    assert!(row(&seen, "batches").contains("Fresh"), "{seen:?}");
    studio.stage.advance(Duration::from_secs(300));
    assert!(row(&page(&mut ines, "/").await.rows(), "batches").contains("Aging"));
    studio.stage.advance(Duration::from_secs(900));
    assert!(row(&page(&mut ines, "/").await.rows(), "batches").contains("Stale"));
    assert!(shown.text(".tally").contains("2"), "two unknown words: {}", shown.text(".tally"));
}

#[tokio::test]
async fn a_look_at_the_cloud_is_asked_for_once_and_audited() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    for _ in 0..2 {
        assert_eq!(ines.post("/drift/check", &[]).await.header("location"), "/drift");
    }
    let pending = studio.stage.store.check_pending().await.expect("reads").expect("is asked for");
    assert_eq!((pending.id, pending.requested_by.as_deref()), (1, Some("sandbox:staff:uid_staff_ines")));
    let asked = studio.log().await.into_iter().filter(|(action, _)| action == "drift.requested").count();
    assert_eq!(asked, 2, "each wish is in the log");
}

#[tokio::test]
async fn the_audit_page_filters_and_says_whether_the_chain_holds() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    ines.post("/proposals/00000000-0000-0000-0000-000000000000/withdraw", &[]).await;
    studio.person(DOV).await.post("/drift/check", &[]).await;
    let shown = page(&mut ines, "/audit").await;
    assert!(shown.text("main").contains("3 entries"), "{}", shown.text("main"));
    let by_dov = page(&mut ines, "/audit?actor=sandbox:staff:uid_staff_dov&action=drift.requested").await;
    assert_eq!(by_dov.texts("table tbody tr").len(), 1, "{}", by_dov.text("main"));
    assert_eq!(page(&mut ines, "/audit?verdict=deny").await.texts("table tbody tr").len(), 0);
    let entry = page(&mut ines, "/audit/2").await;
    assert!(entry.text("main").contains("Is what was recorded"));

    let file = studio.stage.directory.path().join("studio.db");
    assert!(file.exists(), "the database is where the test looks for it");
    let url = format!("sqlite://{}", file.display());
    let intruder = sqlx::SqlitePool::connect(&url).await.expect("an intruder comes in");
    let change = r#"update audit set entry = replace(entry, '"name":"', '"name":"x') where sequence = 2"#;
    for sql in ["drop trigger audit_refuses_update", change] {
        sqlx::query(sql).execute(&intruder).await.expect("works for an intruder");
    }
    intruder.close().await;
    let shown = page(&mut ines, "/audit").await;
    assert!(shown.text("main [role=alert], main .notice").contains('2'), "{}", shown.text("main"));
    assert!(page(&mut ines, "/audit/2").await.text("main").contains("Is not what was recorded"));
}

#[tokio::test]
async fn a_part_that_cannot_be_read_says_so_and_the_rest_stays() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let file = studio.stage.directory.path().join("studio.db");
    let intruder = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.expect("comes in");
    sqlx::query("update findings set changes = '[1]'").execute(&intruder).await.expect("damages");
    intruder.close().await;
    let answer = ines.get("/").await;
    assert_eq!(answer.status, 200);
    let shown = Page::of(&answer);
    assert!(shown.text("main").contains("The findings could not be read"), "{}", shown.text("main"));
    assert!(shown.text("main").contains(answer.header("x-request-id")), "with the id that finds the log");
    assert!(shown.text("main").contains("reservations"), "the mirror is shown all the same");
    assert!(!shown.text("main").contains("damaged"), "the cause is not for the page");
}

#[tokio::test]
async fn colours_are_remembered_and_lead_back_only_here() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    for (back, expect) in [("/audit?verdict=deny", "/audit?verdict=deny"), ("https://evil.example", "/")] {
        let answer = ines.post("/preferences", &[("theme", "dark"), ("return_to", back)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, expect));
        assert!(answer.header("set-cookie").starts_with("sb-theme=dark; Path=/"));
        assert_eq!(ines.jar.remove("sb-theme").as_deref(), Some("dark"));
    }
    assert_eq!(page(&mut ines, "/").await.attribute("html", "data-theme").as_deref(), Some("system"));
    ines.jar.insert("sb-theme".to_owned(), "dark".to_owned());
    assert_eq!(page(&mut ines, "/").await.attribute("html", "data-theme").as_deref(), Some("dark"));
    assert_eq!(ines.post("/preferences", &[("theme", "pink")]).await.status, 422);
}

#[tokio::test]
async fn files_of_pages_may_be_kept_for_ever() {
    let studio = Studio::open().await;
    let mut nobody = studio.stage.browser();
    let door = page(&mut nobody, "/sign-in").await;
    let style = door.attribute("link[rel=stylesheet]", "href").expect("a stylesheet");
    let answer = nobody.get(&style).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(answer.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn suggestions_are_what_waits_for_somebody() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    let shown = page(&mut ines, "/proposals/new").await;
    let labels = shown.text("datalist option");
    for (id, expected) in [("REQUESTED", true), ("CANCELED", true), ("CONFIRMED", false), ("Two tall vases", true)] {
        assert_eq!(labels.contains(id), expected, "{id}: {labels}");
    }
    assert!(!shown.text("main").contains("Rehearse a rollback"), "drills are not for pages");
}

#[tokio::test]
async fn the_ledger_says_when_taking_everything_back_was_last_rehearsed() {
    let studio = Studio::open().await;
    let mut ines = studio.person(INES).await;
    assert!(page(&mut ines, "/writes").await.text("main").contains("never rehearsed"));
    let asked = async |path: &str, body: Json| -> Json {
        let answer = studio.operator("POST", path, Some(&body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).expect("is JSON")
    };
    let proposed = asked("/api/v1/drills", json!({})).await["proposed"].clone();
    let id = proposed["id"].as_str().expect("an id");
    let decision = json!({
        "decision": "approve", "reason": "Checked against the ledger.", "content_hash": proposed["content_hash"],
    });
    asked(&format!("/api/v1/proposals/{id}/decision"), decision).await;
    studio.push(id.parse().expect("an id")).await;
    let held = asked("/api/v1/drills/rehearse", json!({})).await;
    assert_eq!(
        (&held["standing"], &held["clean"], &held["writes"][0]["outcome"]),
        (&1.into(), &1.into(), &"clean".into())
    );
    let shown = page(&mut ines, "/writes").await.text("main");
    assert!(shown.contains("last rehearsed") && shown.contains("1 of 1 clean"), "{shown}");
}

#[tokio::test]
async fn the_sample_studio_is_as_the_tests_believe() {
    let studio = Studio::open().await;
    let path = DocPath::parse("reservations/r-1").expect("legal");
    let held = studio.stage.store.document(&path).await.expect("reads").expect("is there");
    assert_eq!(held.read_time.to_string(), moment(0));
    let kilns = CollectionId::parse("kilns").expect("legal");
    assert!(!studio.stage.store.documents_held().await.expect("reads").contains_key(&kilns));
}
