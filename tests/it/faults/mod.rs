//! Each part broken in turn: a page still says what it knows, and what it could not read.

/// What every page has to be, whatever is broken.
mod judging;

/// A studio with something on every page, and a hand on its database.
mod stage;

/// The whole service, and its cloud is gone.
mod cloud;

use std::collections::BTreeMap;
use std::time::Duration;

use studio_brain::domain::proposal::ProposalState;

use crate::cockpit_stage::{DOV, page, send};
use judging::{judge, telling};
use stage::{Stage, WholePage};

#[tokio::test]
async fn every_page_is_in_words_whichever_table_is_broken() {
    let stage = Stage::open().await;
    let tables = stage.tables().await;
    assert!(tables.len() > 30 && tables.iter().any(|table| table == "proposals"), "{tables:?}");
    let pages = stage.whole_pages(&stage.visitor(0).await).await;
    assert!(pages.len() > 10, "{pages:?}");
    let (mut faults, mut lost, mut silent) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for (turn, table) in tables.iter().enumerate() {
        let ines = stage.visitor(turn + 1).await;
        stage.take_away(table).await;
        for page in &pages {
            let answer = stage.ask(&ines, &page.address).await.expect("a page");
            match judge(&page.address, &answer) {
                Err(fault) => faults.push(format!("{} without `{table}`: {fault}", page.address)),
                Ok(()) if answer.status.is_server_error() => remember(&mut lost, &page.route, table),
                Ok(()) if answer.status != page.status && !judging::owns_up(&answer) => {
                    faults.push(format!("{} without `{table}` is answered with {}", page.address, answer.status));
                }
                Ok(()) if telling(&answer) != page.tells && !judging::owns_up(&answer) => {
                    remember(&mut silent, &page.route, table);
                }
                Ok(()) => {}
            }
        }
        stage.bring_back(table).await;
    }
    for (route, tables) in &lost {
        println!("{route} is lost as a whole without: {}", tables.join(", "));
    }
    for (route, tables) in &silent {
        println!("{route} says something else and does not say why without: {}", tables.join(", "));
    }
    let again = stage.whole_pages(&stage.visitor(tables.len() + 1).await).await;
    let answered =
        |pages: Vec<WholePage>| pages.into_iter().map(|page| (page.address, page.status)).collect::<Vec<_>>();
    assert_eq!(answered(again), answered(pages), "everything is back");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn remember(found: &mut BTreeMap<String, Vec<String>>, route: &str, table: &str) {
    found.entry(route.to_owned()).or_default().push(table.to_owned());
}

#[tokio::test]
async fn what_was_decided_is_decided_when_the_message_about_it_cannot_be_left() {
    let stage = Stage::open().await;
    let mut dov = stage.studio.person(DOV).await;
    let here = format!("/proposals/{}", stage.waiting());
    let shown = page(&mut dov, &here).await;
    stage.take_away("flashes").await;
    let typed = [("decision", "approve"), ("reason", "Looked at it, and agreed.")];
    let answer = send(&mut dov, &shown, &format!("{here}/decision"), &typed).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, here.as_str()));
    assert_eq!(stage.studio.state_of(stage.waiting()).await, ProposalState::Approved);
}

#[tokio::test]
async fn every_page_is_whole_when_no_job_has_run_for_a_day() {
    let stage = Stage::open().await;
    stage.studio.stage.advance(Duration::from_secs(86_400));
    let ines = stage.visitor(0).await;
    for page in stage.whole_pages(&ines).await {
        let answer = stage.ask(&ines, &page.address).await.expect("a page");
        assert_eq!(judge(&page.address, &answer), Ok(()), "{}", page.address);
        assert!(!answer.status.is_server_error(), "{} is answered with {}", page.address, answer.status);
    }
    let overview = stage.ask(&ines, "/").await.expect("a page");
    assert!(overview.body.contains("Stale"), "it says how old it is");
}
