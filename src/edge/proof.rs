//! Proofs of the mirror while the service does not run: the same job, for one wish.

use tokio_util::sync::CancellationToken;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::actor::{Actor, Person};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::{CollectionId, StudioId};
use crate::domain::proof::Depth;
use crate::edge::translate;
use crate::jobs::reads::ReadLedger;
use crate::jobs::verify::Verify;
use crate::store::{DirectoryLock, Store};
use crate::web::socket::OperatorSocket;

/// Proves these collections, or all, with the studio's database for itself; the run's number and the database.
///
/// It takes the operators' socket for as long as it works, so that no service starts beside it.
///
/// # Errors
/// If a service runs with this data directory, or the database can't be used.
pub async fn verify_alone(
    config: &Config,
    mut collections: Vec<CollectionId>,
    depth: Depth,
    clock: &Clock,
) -> anyhow::Result<(i64, Store)> {
    let _alone = OperatorSocket::open(&OperatorSocket::file_in(&config.data.directory)).await?;
    let _lock = DirectoryLock::take(&config.data.directory)?;
    let studio = StudioId::parse(config.studio.id.clone())?;
    let now = clock.now().into();
    let store = Store::open(&config.data.directory, &studio, now).await?;
    let targets = store.targets().await?;
    if collections.is_empty() {
        collections = targets.into_iter().map(|target| target.collection).collect();
    }
    let me = me(&studio);
    let mut tx = store.begin().await?;
    let run = tx.run_request(Some(&me.to_string()), &collections, depth, now).await?;
    let target = Target::Other(format!("verification {run}"));
    tx.audit(&studio, Event::new(now, me, Action::VerificationRequested, target)).await?;
    tx.commit().await?;
    let authority = Authority::new(translate::authority(config)?);
    let settings = translate::verify(config);
    let verify = Verify::new(store.clone(), authority.clone(), clock.clone(), settings, CancellationToken::new());
    if let Some((wish, _)) = store.run_by_id(run).await? {
        verify.carry_out(&wish).await?;
    }
    ReadLedger::new(store.clone(), authority, clock.clone(), config.mirror.read_budget).write_down().await?;
    Ok((run, store))
}

/// Whoever can open the database is its operator.
fn me(studio: &StudioId) -> Person {
    Actor::system(studio, "command").person()
}
