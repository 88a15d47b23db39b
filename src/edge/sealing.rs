//! Sealing the audit log while the service does not run: the same job, once, and nothing leaves the box.

use crate::authority::Authority;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::StudioId;
use crate::edge::translate;
use crate::jobs::seal::{KeyFiles, Seal};
use crate::store::Store;
use crate::web::socket::OperatorSocket;

/// Records this action of whoever uses the command line, and seals the log with it; the database.
///
/// It takes the operators' socket for as long as it works, so that no service starts beside it.
///
/// # Errors
/// If a service runs with this data directory, or the database or the key can't be used.
pub async fn seal_alone(config: &Config, action: Action, clock: &Clock) -> anyhow::Result<Store> {
    let _alone = OperatorSocket::open(&OperatorSocket::file_in(&config.data.directory)).await?;
    let studio = StudioId::parse(config.studio.id.clone())?;
    let now = clock.now().into();
    let store = Store::open(&config.data.directory, &studio, now).await?;
    // Whoever can open the database is its operator.
    let me = Actor::system(&studio, "command").person();
    let mut tx = store.begin().await?;
    tx.audit(&studio, Event::new(now, me, action, Target::Other("audit log".to_owned()))).await?;
    tx.commit().await?;
    let authority = Authority::new(translate::authority(config)?);
    let gate = translate::gate(config, &store)?;
    let keys = KeyFiles::in_directory(&config.data.directory);
    Seal::new(store.clone(), authority, clock.clone(), gate, keys).seal().await?;
    Ok(store)
}
