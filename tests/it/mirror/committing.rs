//! Writing through the same door.

use std::collections::BTreeMap;

use studio_brain::authority::CommitError;
use studio_brain::domain::value::{FieldPath, Value as Kept};
use studio_brain::domain::write::Write;

use super::bench::{Bench, path};

#[tokio::test]
async fn a_commit_writes_all_or_nothing_and_says_what_is_certain() {
    let bench = Bench::start().await;
    bench.seed(3);
    let target = path("batches/d-000");
    let read = bench.authority.get(std::slice::from_ref(&target), None).await.expect("readable");
    let base = read.found[0].update_time;
    let receipt =
        |id: &str| Write::Create { path: path(&format!("receipts/{id}")), fields: read.found[0].fields.clone() };
    let note = FieldPath::top("note");
    let change = |base| Write::Update {
        path: target.clone(),
        changes: BTreeMap::from([(note.clone(), Some(Kept::text("hi"))), (FieldPath::top("n"), None)]),
        base,
    };
    let answer = bench.authority.commit(&[change(base), receipt("1")]).await.expect("applied");
    let after = bench.authority.get(std::slice::from_ref(&target), None).await.expect("readable");
    assert_eq!(answer.update_times, [Some(after.found[0].update_time), Some(answer.commit_time)]);
    assert_eq!(after.found[0].fields, BTreeMap::from([("note".to_owned(), Kept::text("hi"))]));

    let stale = bench.authority.commit(&[change(base), receipt("2")]).await;
    assert!(matches!(stale, Err(CommitError::Precondition(_))), "{stale:?}");
    assert!(bench.truth.get("receipts/2").is_none(), "a refused commit wrote half of itself");
    let twice = bench.authority.commit(&[receipt("1")]).await;
    assert!(matches!(twice, Err(CommitError::Precondition(_))), "{twice:?}");

    bench.world.lose_next_commit_reply();
    let lost = bench.authority.commit(&[receipt("3")]).await;
    assert!(matches!(lost, Err(CommitError::Unknown(_))), "{lost:?}");
    assert!(bench.truth.get("receipts/3").is_some());
    let gone =
        bench.authority.commit(&[Write::Delete { path: target.clone(), base: after.found[0].update_time }]).await;
    assert_eq!(gone.expect("applied").update_times, [None]);

    let mut bench = bench;
    bench.server.take().expect("runs").stop().await;
    let unsent = bench.authority.commit(&[receipt("4")]).await;
    assert!(matches!(unsent, Err(CommitError::NotApplied(_) | CommitError::Unknown(_))), "{unsent:?}");
    let unsent = bench.authority.commit(&[receipt("4")]).await;
    assert!(matches!(unsent, Err(CommitError::NotApplied(_))), "nobody listens, so nothing was sent: {unsent:?}");
}
