//! Every version that was observed is kept, and says for how long it is known to have stood.

use std::time::Duration;

use studio_brain::clock::Clock;
use studio_brain::domain::history::{Seen, Then, Version};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::Value as Kept;
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::prune::Prune;

use super::bench::{Bench, fields, path};

fn number(version: &Version) -> Option<i64> {
    let Kept::Integer(number) = version.document()?.fields.get("n")? else { return None };
    Some(*number)
}

async fn versions(bench: &Bench, document: &str) -> Vec<Version> {
    bench.store.versions(&path(document), None, 50).await.expect("readable")
}

/// What `n` was in each version, newest first; none where the document was deleted.
async fn numbers(bench: &Bench, document: &str) -> Vec<Option<i64>> {
    versions(bench, document).await.iter().map(number).collect()
}

/// A document that was made, changed, deleted and made again, all of it seen.
async fn lived() -> Bench {
    let mut bench = Bench::start().await;
    bench.seed(6);
    bench.run();
    bench.caught_up().await;
    bench.truth.put("batches/d-000", fields(1_000));
    bench.caught_up().await;
    bench.truth.delete("batches/d-000");
    bench.caught_up().await;
    bench.truth.put("batches/d-000", fields(2_000));
    bench.caught_up().await;
    bench
}

#[tokio::test]
async fn the_first_version_every_change_and_every_deletion_are_kept_in_order() {
    let mut bench = lived().await;
    let seen = versions(&bench, "batches/d-000").await;
    assert_eq!(seen.iter().map(number).collect::<Vec<_>>(), [Some(2_000), None, Some(1_000), Some(0)]);
    assert_eq!(seen[1].seen, Seen::Deleted);
    assert_eq!(seen.iter().map(|version| version.newest).collect::<Vec<_>>(), [true, false, false, false]);
    for pair in seen.windows(2) {
        assert!(pair[1].observed <= pair[1].confirmed && pair[1].confirmed <= pair[0].observed, "{pair:#?}");
    }
    let page = bench.store.versions(&path("batches/d-000"), Some(seen[1].observed), 1).await.expect("readable");
    assert_eq!(page, seen[2..3], "pages go on where they ended");
    assert_eq!(numbers(&bench, "batches/d-003").await, [Some(3)], "what never changed has one version");
    bench.stop().await;
}

#[tokio::test]
async fn a_moment_shows_the_version_that_stood_then_or_says_that_nobody_knows() {
    let mut bench = lived().await;
    // A running mirror confirms the newest version again and again.
    bench.stop().await;
    let seen = versions(&bench, "batches/d-000").await;
    let at = async |moment| bench.store.version_at(&path("batches/d-000"), moment).await.expect("readable");
    for version in &seen {
        assert_eq!(at(version.began()).await, Then::Known(version.clone()));
        assert_eq!(at(version.confirmed).await, Then::Known(version.clone()));
    }
    let after = |moment: Timestamp| Timestamp::from_micros(moment.micros() + 1);
    let between = Then::Between { before: seen[2].clone(), after: seen[1].clone() };
    assert_eq!(at(after(seen[2].confirmed)).await, between, "when between two observations it was deleted, nobody saw");
    assert_eq!(at(after(seen[0].confirmed)).await, Then::Ahead(seen[0].clone()));
    assert_eq!(at(Timestamp::from_micros(1)).await, Then::Earlier(seen[3].clone()));
    let never = bench.store.version_at(&path("batches/never"), seen[0].observed).await.expect("readable");
    assert_eq!(never, Then::Nothing);
}

#[tokio::test]
async fn reading_a_collection_again_adds_versions_only_of_what_is_not_as_it_was() {
    let mut bench = Bench::start().await;
    bench.seed(9);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.truth.put_silently("batches/d-000", fields(1_000));
    bench.truth.delete_silently("batches/d-003");
    let mut tx = bench.store.begin().await.expect("begins");
    for target in bench.store.targets().await.expect("readable") {
        tx.backfill_start(&target.collection).await.expect("starts");
    }
    tx.commit().await.expect("commits");
    bench.run();
    bench.caught_up().await;
    assert!(bench.store.targets().await.expect("readable").iter().all(|target| target.generation == 2));
    assert_eq!(numbers(&bench, "batches/d-000").await, [Some(1_000), Some(0)]);
    assert_eq!(numbers(&bench, "batches/d-003").await, [None, Some(3)]);
    assert_eq!(numbers(&bench, "batches/d-006").await, [Some(6)]);
    bench.stop().await;
}

#[tokio::test]
async fn a_restart_that_hears_the_same_revision_again_adds_no_version() {
    let mut bench = Bench::start().await;
    bench.seed(6);
    bench.run();
    bench.caught_up().await;
    bench.truth.put("batches/d-000", fields(1_000));
    bench.caught_up().await;
    bench.stop().await;
    let before = versions(&bench, "batches/d-000").await;
    bench.world.fail_next("Listen", tonic::Status::invalid_argument("the token is from elsewhere"));
    bench.run();
    bench.caught_up().await;
    let after = versions(&bench, "batches/d-000").await;
    let told =
        |seen: &[Version]| seen.iter().map(|version| (version.seen.clone(), version.observed)).collect::<Vec<_>>();
    assert_eq!(told(&after), told(&before));
    bench.stop().await;
}

#[tokio::test]
async fn old_versions_are_forgotten_and_the_newest_never_is() {
    let mut bench = lived().await;
    bench.truth.delete("members/d-002");
    bench.caught_up().await;
    bench.stop().await;
    let day = Duration::from_secs(86_400);
    let clock = Clock::manual(bench.authority.server_time().await.expect("answers").to_jiff());
    let mut prune = Prune::new(bench.store.clone(), clock.clone(), 90 * day);
    prune.pass().await.expect("passes");
    assert_eq!(numbers(&bench, "batches/d-000").await.len(), 4, "nothing is old yet");
    clock.advance(91 * day);
    prune.pass().await.expect("passes");
    assert_eq!(numbers(&bench, "batches/d-000").await, [Some(2_000)]);
    assert_eq!(numbers(&bench, "batches/d-003").await, [Some(3)], "what stands is never old");
    assert!(versions(&bench, "members/d-002").await.is_empty(), "a deletion is forgotten in time, too");
}

#[tokio::test]
async fn a_collection_that_is_left_out_is_forgotten_with_its_versions() {
    let mut bench = lived().await;
    bench.stop().await;
    bench.settings.collections.retain(|collection| collection.as_str() != "batches");
    bench.store.targets_declare(&bench.settings.collections).await.expect("declares");
    assert!(versions(&bench, "batches/d-000").await.is_empty());
}
