//! `mirror verify`: is the mirror what the server has?

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::ids::CollectionId;
use crate::domain::proof::Depth;
use crate::edge::verify_alone;
use crate::web::api::verifications::{Verdict, Verification, VerificationAsked, VerificationRequest, VerificationRun};

const PLACE: &str = "/api/v1/mirror/verifications";

/// Proves these collections, or all. Exit 0: equal; 1: something differed, also when it was put right; 2: could not tell.
pub(super) async fn verify(global: &Global, collections: &[CollectionId], deep: bool) -> anyhow::Result<Exit> {
    let client = Client::of(&global.data_directory()?);
    let run = if client.is_there().await {
        by_the_service(&client, collections, deep).await?
    } else {
        alone(global, collections, deep).await?
    };
    if global.json {
        print_json(&run)?;
    } else {
        print(&run);
    }
    let has = |verdict| run.results.iter().any(|one| one.verdict == verdict);
    Ok(match (has(Verdict::Differed), has(Verdict::Unknown) || run.results.is_empty()) {
        (true, _) => Exit::No,
        (false, true) => Exit::Unknown,
        (false, false) => Exit::Yes,
    })
}

/// Asks the running service, and says on standard error what it comes to as it comes.
async fn by_the_service(client: &Client, collections: &[CollectionId], deep: bool) -> anyhow::Result<VerificationRun> {
    let request = VerificationRequest { collections: collections.to_vec(), deep };
    let asked: VerificationAsked = client.post(PLACE, &request).await?;
    let (place, mut seen) = (format!("{PLACE}/{}", asked.id), 0);
    loop {
        let news = |run: &VerificationRun| run.finished.is_some() || run.results.len() > seen;
        let run = client.wait_for(&place, news).await?;
        for one in run.results.iter().skip(seen) {
            tell(one, run.collections.len());
        }
        seen = run.results.len();
        if run.finished.is_some() {
            return Ok(run);
        }
    }
}

/// Does the same without a service.
async fn alone(global: &Global, collections: &[CollectionId], deep: bool) -> anyhow::Result<VerificationRun> {
    eprintln!("No service runs: the database is opened for this command alone.");
    let depth = if deep { Depth::Everything } else { Depth::Digests };
    let (id, store) = verify_alone(&global.load()?, collections.to_vec(), depth, &Clock::system()).await?;
    let run = VerificationRun::of(&store, id).await?;
    store.close().await;
    run.ok_or_else(|| anyhow::anyhow!("the proof {id} is gone"))
}

fn tell(one: &Verification, of: usize) {
    eprintln!("{} ({of} in all): {}", one.collection, word(one.verdict));
}

fn print(run: &VerificationRun) {
    for one in &run.results {
        println!("{:<24} {:<9} {}", one.collection.as_str(), word(one.verdict), one.says);
    }
    let sum = |of: fn(&Verification) -> u64| run.results.iter().map(of).sum::<u64>();
    println!(
        "{} collections, {} documents, {} read again, {} repaired; {} reads billed",
        run.results.len(),
        sum(|one| one.documents.unwrap_or_default()),
        sum(|one| one.reread),
        sum(|one| one.repaired),
        sum(|one| one.reads)
    );
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Equal => "equal",
        Verdict::Differed => "differed",
        Verdict::Unknown => "unknown",
    }
}
