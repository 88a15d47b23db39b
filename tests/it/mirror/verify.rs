//! Proof that the mirror is what the server has: what it costs, what it finds, and what it puts right.

use std::time::Duration;

use studio_brain::clock::Clock;
use studio_brain::domain::history::Seen;
use studio_brain::domain::ids::{CollectionId, Hash};
use studio_brain::domain::proof::{Depth, Differences, Verdict, Verification};
use studio_brain::domain::reads::Cause;
use studio_brain::jobs::drive::{Job as _, Pass};
use studio_brain::jobs::verify::{Verify, VerifySettings};
use studio_brain::store::Store;
use tokio_util::sync::CancellationToken;

use super::bench::{Bench, COLLECTIONS, collection, fields, path};

const HOUR: Duration = Duration::from_secs(3_600);

/// The verify job of a bench, and the clock that it lives by.
fn job(bench: &Bench, read_budget: u64) -> (Verify, Clock) {
    let clock = Clock::manual(studio_brain::domain::time::Timestamp::from_micros(now(bench)).to_jiff());
    let settings = VerifySettings { every: 6 * HOUR, read_budget };
    let stop = CancellationToken::new();
    (Verify::new(bench.store.clone(), bench.authority.clone(), clock.clone(), settings, stop), clock)
}

/// The newest moment that the mirror shows.
fn now(bench: &Bench) -> i64 {
    let store = bench.store.clone();
    let newest = async move {
        let targets = store.targets().await.expect("readable");
        targets.into_iter().filter_map(|target| target.read_time).max().expect("it was read").micros()
    };
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(newest))
}

/// Proves these collections and says what came of each.
async fn verify(bench: &Bench, names: &[&str], depth: Depth) -> Vec<Verification> {
    let (job, clock) = job(bench, 1_000_000);
    let names: Vec<CollectionId> = names.iter().map(|name| collection(name)).collect();
    let mut tx = bench.store.begin().await.expect("begins");
    let id = tx.run_request(Some("operator:test"), &names, depth, clock.now().into()).await.expect("asks");
    tx.commit().await.expect("commits");
    let run = bench.store.run_by_id(id).await.expect("readable").expect("asked").0;
    job.carry_out(&run).await.expect("carried out");
    bench.store.run_by_id(id).await.expect("readable").expect("asked").1
}

async fn verify_batches(bench: &Bench, depth: Depth) -> Verification {
    verify(bench, &["batches"], depth).await.pop().expect("one result")
}

/// Changes the database behind the service's back.
async fn damage(bench: &Bench, sql: &'static str) {
    let file = Store::file_in(bench.directory.path());
    let intruder = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.expect("comes in");
    let done = sqlx::query(sql).execute(&intruder).await.expect("damages");
    assert!(done.rows_affected() > 0, "{sql}");
    intruder.close().await;
}

/// A mirror of `count` documents in three collections that has caught up and stopped.
async fn mirrored(count: i64) -> Bench {
    let mut bench = Bench::start().await;
    bench.seed(count);
    bench.run();
    bench.caught_up().await;
    bench.stop().await;
    bench.authority.reads_take();
    bench.truth.reset_reads();
    bench
}

/// What the proof cost, by our count and by the server's.
fn costs(bench: &Bench, expect: u64) {
    let ours = bench.authority.reads_take();
    assert!(ours.iter().all(|line| line.cause == Cause::Verify), "{ours:?}");
    assert_eq!(ours.iter().map(|line| line.reads).sum::<u64>(), expect);
    assert_eq!(bench.truth.reads(), expect);
    bench.truth.reset_reads();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_mirror_costs_its_counts_and_says_as_of_when_how_many_and_which() {
    let bench = mirrored(3_030).await;
    let proved = verify(&bench, &COLLECTIONS, Depth::Digests).await;
    for one in &proved {
        assert_eq!((one.verdict, one.documents, one.server_documents), (Verdict::Equal, Some(1_010), Some(1_010)));
        assert_eq!((one.differences, one.reads, one.is_first), (Differences::default(), 2, false), "{one}");
        assert!(one.read_time.is_some() && one.hash.is_some(), "{one}");
        assert!(one.to_string().contains("1010 documents, the server says 1010, hash "), "{one}");
    }
    costs(&bench, 3 * 2);
    let again = verify(&bench, &COLLECTIONS, Depth::Digests).await;
    let hashes = |seen: &[Verification]| seen.iter().map(|one| one.hash).collect::<Vec<_>>();
    assert_eq!(hashes(&proved), hashes(&again), "the same documents have the same hash");
    assert_eq!(bench.store.proved_as_of().await.expect("readable").len(), 3);
}

/// What was done to one document is found as this, and put right.
async fn check(sql: &'static str, expect: Differences) {
    let bench = mirrored(900).await;
    let before = verify_batches(&bench, Depth::Digests).await;
    costs(&bench, 1);
    damage(&bench, sql).await;
    let found = verify_batches(&bench, Depth::Digests).await;
    let Differences { leaves, reread, .. } = found.differences;
    assert!(leaves == 1 && (1..=192).contains(&reread), "{sql}: {found}");
    assert_eq!(
        (found.verdict, found.differences),
        (Verdict::Differed, Differences { leaves, reread, ..expect }),
        "{sql}"
    );
    costs(&bench, found.reads);
    bench.check_equal().await;
    let after = verify_batches(&bench, Depth::Digests).await;
    assert_eq!((after.verdict, after.hash), (Verdict::Equal, before.hash), "{sql}: {after}");
    costs(&bench, 1);
}

fn repaired(differences: Differences) -> Differences {
    Differences { repaired: differences.documents(), ..differences }
}

fn changed() -> Differences {
    repaired(Differences { changed: 1, ..Differences::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_were_changed_behind_our_back_are_found_and_put_right() {
    check(r#"update documents set fields = '{"n":{"integerValue":"7777"}}' where path = 'batches/d-300'"#, changed())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_were_changed_with_their_hash_are_found_and_put_right() {
    let hash = "e1b285084262aec724401ce692a1ceb5fa17a1dfa6ba7d35bb9466b4a4e466b4";
    assert_eq!(Hash::of(r#"{"n":{"integerValue":"7777"}}"#).to_string(), hash);
    let sql = r#"update documents set fields = '{"n":{"integerValue":"7777"}}', hash = unhex('e1b285084262aec724401ce692a1ceb5fa17a1dfa6ba7d35bb9466b4a4e466b4')
                 where path = 'batches/d-300'"#;
    check(sql, changed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_deleted_behind_our_back_is_brought_back() {
    let missing = repaired(Differences { missing: 1, ..Differences::default() });
    check("delete from documents where path = 'batches/d-450'", missing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_invented_is_taken_out() {
    let extra = repaired(Differences { extra: 1, ..Differences::default() });
    let sql = "insert into documents (path, collection, fields, hash, create_us, update_us, read_us)
               select 'batches/d-3005', collection, fields, hash, create_us, update_us, read_us
               from documents where path = 'batches/d-300'";
    check(sql, extra).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_an_old_update_time_is_brought_up_to_date() {
    check("update documents set update_us = update_us - 5 where path = 'batches/d-897'", changed()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_damaged_documents_among_thousands_cost_a_leaf_each_at_most() {
    let bench = mirrored(9_000).await;
    let sql = "update documents set fields = '{}' where collection = 'batches' and substr(path, -3) in ('000', '500')";
    damage(&bench, sql).await;
    damage(&bench, "delete from documents where path in ('batches/d-1230', 'batches/d-4560', 'batches/d-7890')").await;
    let found = verify_batches(&bench, Depth::Digests).await;
    let Differences { leaves, reread, missing, changed, repaired, .. } = found.differences;
    assert_eq!((found.verdict, missing), (Verdict::Differed, 3), "{found}");
    assert!(changed >= 5 && repaired == changed + missing, "{found}");
    assert!(leaves <= 10 && reread <= leaves * 192 && reread <= 10 * 200, "{found}");
    costs(&bench, found.reads);
    bench.check_equal().await;
    assert_eq!(verify_batches(&bench, Depth::Digests).await.verdict, Verdict::Equal);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_the_stream_never_told_of_is_found_by_counting() {
    let bench = mirrored(3_000).await;
    let mut tx = bench.store.begin().await.expect("begins");
    // As if its deletion had been told by mistake: the digests know of it.
    let (gone, as_of) = (path("batches/d-1500"), bench.store.targets().await.expect("readable")[0].read_time);
    tx.document_delete(&gone, as_of.expect("it was read")).await.expect("deleted");
    tx.commit().await.expect("commits");
    let found = verify_batches(&bench, Depth::Digests).await;
    let Differences { leaves, reread, missing, repaired, .. } = found.differences;
    assert_eq!((found.verdict, leaves, missing, repaired), (Verdict::Differed, 0, 1, 1), "{found}");
    assert!(reread <= 192, "{found}");
    costs(&bench, found.reads);
    bench.check_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reading_everything_finds_a_change_that_was_never_told() {
    let mut bench = mirrored(600).await;
    // As if the stream had told of something else: the digests know of that.
    let target = bench.store.targets().await.expect("readable").remove(0);
    let mut told = bench.store.document(&path("batches/d-300")).await.expect("readable").expect("mirrored").document;
    told.fields.insert("n".to_owned(), studio_brain::domain::value::Value::Integer(-1));
    let mut tx = bench.store.begin().await.expect("begins");
    tx.document_put(&told, target.read_time.expect("it was read")).await.expect("put");
    tx.commit().await.expect("commits");
    assert_eq!(verify_batches(&bench, Depth::Digests).await.verdict, Verdict::Equal, "counts and digests can't tell");
    costs(&bench, 1);
    let found = verify_batches(&bench, Depth::Everything).await;
    let expect = Differences { reread: 200, ..changed() };
    assert_eq!((found.verdict, found.differences), (Verdict::Differed, expect), "{found}");
    costs(&bench, 1 + 200);
    bench.run();
    bench.caught_up().await;
    bench.check_equal().await;
    assert_eq!(verify_batches(&bench, Depth::Everything).await.verdict, Verdict::Equal);
    bench.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_was_a_version_of_a_document_does_not_get_into_its_history() {
    let bench = mirrored(60).await;
    let versions = async |text| bench.store.versions(&path(text), None, 50).await.expect("readable");
    let before = versions("batches/d-030").await;
    damage(&bench, r#"update documents set fields = '{}' where path = 'batches/d-030'"#).await;
    damage(&bench, "delete from documents where path = 'batches/d-033'").await;
    assert_eq!(verify_batches(&bench, Depth::Digests).await.differences.repaired, 2);
    let seen = |versions: Vec<studio_brain::domain::history::Version>| {
        versions.into_iter().map(|version| version.seen).collect::<Vec<Seen>>()
    };
    assert_eq!(seen(versions("batches/d-030").await), seen(before));
    assert_eq!(versions("batches/d-033").await.len(), 1, "it stands again, and was never gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_kept_yet_is_kept_from_the_first_look_on_and_the_look_says_so() {
    let bench = mirrored(600).await;
    damage(&bench, "delete from digest_trees").await;
    damage(&bench, "update documents set fields = '{}' where path = 'batches/d-300'").await;
    let first = verify_batches(&bench, Depth::Digests).await;
    assert!(first.is_first && first.to_string().contains("first look"), "{first}");
    assert_eq!(first.differences.repaired, 1, "a row that contradicts itself needs nothing to compare with: {first}");
    damage(&bench, "update documents set update_us = 5 where path = 'batches/d-300'").await;
    let second = verify_batches(&bench, Depth::Digests).await;
    assert!(!second.is_first && second.differences.repaired == 1, "{second}");
    bench.check_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_is_behind_is_unknown_and_costs_nothing() {
    let bench = mirrored(9).await;
    let (mut job, clock) = job(&bench, 1_000);
    clock.advance(HOUR);
    assert_eq!(job.pass().await.expect("passes"), Pass::Worked(studio_brain::telemetry::ReasonCode::new("unknown")));
    let last = bench.store.verifications_last().await.expect("readable");
    let one = last.values().next().expect("one was looked at");
    assert_eq!((one.verdict, one.documents, one.reads), (Verdict::Unknown, None, 0));
    assert!(one.to_string().starts_with("the mirror is as of "), "{one}");
    costs(&bench, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_collection_is_proved_in_turn_and_none_while_the_days_reads_are_spent() {
    let bench = mirrored(9).await;
    let (mut spent, _) = job(&bench, 0);
    assert_eq!(spent.pass().await.expect("passes"), Pass::Idle);
    costs(&bench, 0);
    let (mut job, clock) = job(&bench, 1_000);
    for _ in 0..3 {
        assert!(matches!(job.pass().await.expect("passes"), Pass::Worked(_)));
    }
    assert_eq!(job.pass().await.expect("passes"), Pass::Idle, "all are proved");
    assert_eq!(bench.store.proved_as_of().await.expect("readable").len(), 3);
    costs(&bench, 3);
    clock.advance(5 * HOUR);
    assert_eq!(job.pass().await.expect("passes"), Pass::Idle, "none is due");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_runs_is_proved_while_it_is_written_to() {
    let mut bench = Bench::start().await;
    bench.seed(900);
    bench.run();
    bench.caught_up().await;
    for round in 0..8_i64 {
        for n in 0..20 {
            bench.truth.put(&format!("batches/d-{:03}", n * 3), fields(10_000 + round));
            bench.truth.put(&format!("batches/new-{round}-{n}"), fields(n));
        }
        bench.truth.delete(&format!("batches/d-{:03}", 600 + round * 3));
        let found = verify_batches(&bench, Depth::Digests).await;
        assert_eq!(found.verdict, Verdict::Equal, "{found}");
    }
    bench.caught_up().await;
    bench.check_equal().await;
    bench.stop().await;
}
