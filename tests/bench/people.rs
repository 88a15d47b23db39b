//! Two members of staff and an admin, through real tokens and real sessions.

use std::sync::Arc;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::time::Timestamp;
use studio_brain::identity::Verifier;
use studio_brain::identity::session_audit::AuditedSessions;
use studio_brain::identity::sessions::{SessionRules, Sessions};
use studio_brain::identity::staff::StaffList;
use studio_brain::sandbox::identity::SandboxIdentity;
use studio_brain::store::Store;

/// Two members of staff and an admin, through real tokens and real sessions.
pub(crate) async fn people(store: &Store, now: Timestamp) -> anyhow::Result<[Actor; 3]> {
    let provider = SandboxIdentity::start("demo-studio").expect("a provider");
    let verifier = Verifier::new(vec![provider.trusted()]);
    let audit = Arc::new(AuditedSessions);
    let sessions = Sessions::new(store.studio().clone(), SessionRules::default(), StaffList::default(), audit);
    let mut actors = Vec::new();
    for uid in ["uid_staff_ines", "uid_staff_dov", "uid_admin_juno"] {
        let token = provider.token_for(uid, now).expect("a token");
        let identity = verifier.verify(&token, now).await.expect("is genuine");
        let mut tx = store.begin().await?;
        actors.push(sessions.start(&mut tx, &identity, None, now).await?.expect("may come in").actor);
        tx.commit().await?;
    }
    Ok(actors.try_into().expect("three"))
}
