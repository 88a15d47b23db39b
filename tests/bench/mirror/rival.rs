//! firestore-rs's persistent cache: the same collections, preloaded.

use std::path::Path;
use std::time::Instant;

use firestore::{FirestoreCache, FirestoreDb};
use serde_json::{Value as Json, json};

use crate::server::PROJECT;
use crate::{Arguments, peak_mb};

/// Preloads every collection into a cache in `directory`.
pub(super) async fn preload(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let db = FirestoreDb::new(PROJECT).await?; // The server is named by FIRESTORE_EMULATOR_HOST.
    let began = Instant::now();
    let mut cache = FirestoreCache::persistent(&db).data_dir(directory);
    for collection in arguments.collection_names() {
        cache = cache.preloaded_collection(&collection);
    }
    let cache = cache.build().await?;
    let seconds = began.elapsed().as_secs_f64();
    cache.shutdown().await?;
    Ok(json!({ "seconds": seconds, "peak_mb": peak_mb() }))
}
