//! `audit rotate-key`: a new key, for which the one before vouches.

use crate::cli::audit::published_key;
use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::web::api::audit::{SealAsked, SealState, SealWish};

/// Asks the service for a new key, and waits until it signs. Exit 0: it does.
pub(super) async fn rotate(global: &Global) -> anyhow::Result<Exit> {
    let data = global.data_directory()?;
    let before = published_key(&data);
    let client = Client::of(&data);
    let asked: SealAsked = client.post("/api/v1/audit/key/rotations", &SealWish {}).await?;
    let in_force = |state: &SealState| {
        let covered = state.sealed.as_ref().is_some_and(|sealed| sealed.size > asked.sequence);
        covered && published_key(&data) != before
    };
    client.wait_for::<SealState>("/api/v1/audit/seal", in_force).await?;
    let (before, now) = (before.map(|key| key.to_string()), published_key(&data).map(|key| key.to_string()));
    if global.json {
        print_json(&serde_json::json!({ "before": before, "key": now }))?;
    } else {
        println!("The audit log is signed by {} from now on.", now.unwrap_or_default());
        println!("Tell it to whoever verifies copies. The one before vouches for it: both verify the whole log.");
    }
    Ok(Exit::Yes)
}
