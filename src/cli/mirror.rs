//! `mirror …`: what the mirror holds, how fresh it is and what that costs, read from the database alone.

use clap::Subcommand;
use serde::Serialize;

use crate::cli::{Exit, Global, history, print_json, verify};
use crate::clock::Clock;
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::reads::Day;
use crate::domain::sighting::Unreadable;
use crate::domain::time::Timestamp;
use crate::store::{Backfill, Store, Target, TargetState};
use crate::web::api::reads::ReadsToday;
use crate::web::api::verifications::{Verdict, Verification};

/// Look at the mirror.
#[derive(Debug, Subcommand)]
pub(super) enum Mirror {
    /// Say what is mirrored and as of when: exit 0 all current, 1 something is behind, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain mirror status --data /var/lib/studio-brain\n  studio-brain mirror status --demo --json"
    )]
    Status,
    /// List the versions of a document that were observed, with what changed: exit 0 some, 1 none
    #[command(after_help = "Example:\n  studio-brain mirror history reservations/r-1042 --data /var/lib/studio-brain")]
    History {
        /// The document, such as reservations/r-1042
        #[arg(value_parser = document)]
        path: DocPath,
        /// Only those observed before this moment
        #[arg(long, value_name = "TIME")]
        before: Option<Timestamp>,
        /// How many at most, up to 200
        #[arg(long, default_value_t = 50, value_name = "COUNT")]
        limit: u32,
    },
    /// Show a document now or at a moment: exit 0 it stood, 1 it did not exist, 2 the mirror can't know
    #[command(
        after_help = "Example:\n  studio-brain mirror show reservations/r-1042 --at 2026-03-18T17:00:00Z --data /var/lib/studio-brain"
    )]
    Show {
        /// The document, such as reservations/r-1042
        #[arg(value_parser = document)]
        path: DocPath,
        /// The moment, such as 2026-03-18T17:00:00Z [default: what the mirror has now]
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
    },
    /// Prove that the mirror is what the cloud has: exit 0 equal, 1 something differed (also when repaired), 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain mirror verify --data /var/lib/studio-brain\n  studio-brain mirror verify reservations batches --deep --json"
    )]
    Verify {
        /// The collections [default: all that are mirrored]
        #[arg(value_name = "COLLECTION", value_parser = collection)]
        collections: Vec<CollectionId>,
        /// Read every document again, within what is left of the day's reads: one read for each
        #[arg(long)]
        deep: bool,
    },
    /// Propose to bring back the version that stood at a moment; an admin decides
    #[command(
        after_help = "Example:\n  studio-brain mirror restore reservations/r-1042 --at 2026-03-18T17:00:00Z --reason 'Cancelled by mistake.'"
    )]
    Restore {
        /// The document, such as reservations/r-1042
        #[arg(value_parser = document)]
        path: DocPath,
        /// The moment, such as a time that `mirror history` shows
        #[arg(long, value_name = "TIME")]
        at: Timestamp,
        /// Why, in 10 to 1,000 characters
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

fn collection(text: &str) -> Result<CollectionId, String> {
    CollectionId::parse(text).map_err(|error| error.to_string())
}

fn document(text: &str) -> Result<DocPath, String> {
    DocPath::parse(text).map_err(|error| error.to_string())
}

/// The mirror of one collection.
#[derive(Debug, Serialize)]
struct Line {
    collection: String,
    state: &'static str,
    /// Unknown when the collection was never read.
    documents: Option<u64>,
    unreadable: u64,
    as_of: Option<Timestamp>,
    heard: Option<Timestamp>,
    error: Option<String>,
    /// As of when it was last proved to be what the cloud has; null: it never was.
    proved_as_of: Option<Timestamp>,
    /// The last proof, whatever came of it.
    verification: Option<Verification>,
    /// Only while the collection is read as a whole.
    backfill: Option<Progress>,
}

/// How many documents that can't be kept are named.
const ODD_SHOWN: u32 = 100;

/// A document that can't be kept.
#[derive(Debug, Serialize)]
struct Odd {
    path: String,
    update_time: Timestamp,
    why: String,
}

impl Odd {
    fn of(document: Unreadable) -> Self {
        Self { path: document.path.into(), update_time: document.update_time, why: document.why }
    }
}

/// How far a backfill is.
#[derive(Debug, Serialize)]
struct Progress {
    documents: u64,
    /// Unknown before the server has counted.
    expected: Option<u64>,
    per_second: Option<f64>,
    seconds_left: Option<u64>,
}

impl Progress {
    fn of(target: &Target, now: Timestamp) -> Option<Self> {
        let Backfill { documents, expected, .. } = target.backfill;
        let pace = target.backfill.pace(now);
        let per_second = pace.map(|pace| pace.per_second);
        let seconds_left = pace.and_then(|pace| pace.left).map(|left| left.as_secs());
        let under_way = target.state == TargetState::Backfilling;
        under_way.then_some(Self { documents, expected, per_second, seconds_left })
    }

    fn print(&self) {
        let expected = self.expected.map_or_else(|| "an unknown number".to_owned(), |expected| expected.to_string());
        let rate = self.per_second.map_or_else(String::new, |rate| format!(", {rate:.0} per second"));
        let left = self.seconds_left.map_or_else(String::new, |left| format!(", about {left} s left"));
        println!("{:<24} {} of {expected} documents read{rate}{left}", "", self.documents);
    }
}

impl Mirror {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        match self {
            Self::Status => status(global).await,
            Self::History { path, before, limit } => history::list(global, path, *before, *limit).await,
            Self::Show { path, at } => history::show(global, path, *at).await,
            Self::Verify { collections, deep } => verify::verify(global, collections, *deep).await,
            Self::Restore { path, at, reason } => history::restore(global, path, *at, reason).await,
        }
    }
}

async fn status(global: &Global) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let now: Timestamp = Clock::system().now().into();
    let (targets, held) = (store.targets().await?, store.documents_held().await?);
    let (proved, last) = (store.proved_as_of().await?, store.verifications_last().await?);
    let current = !targets.is_empty() && targets.iter().all(|target| target.state == TargetState::Current);
    let line = |target: &Target| {
        let held = held.get(&target.collection).copied().unwrap_or_default();
        Line {
            collection: target.collection.to_string(),
            state: target.state.as_str(),
            documents: target.read_time.map(|_| held.documents),
            unreadable: held.unreadable,
            as_of: target.read_time,
            heard: target.heard,
            error: target.error.as_ref().map(|(_, text)| text.clone()),
            proved_as_of: proved.get(&target.collection).copied(),
            verification: last.get(&target.collection).map(Verification::from),
            backfill: Progress::of(target, now),
        }
    };
    let reads = ReadsToday::from(&store.reads_of(Day::of(now)).await?);
    let lines: Vec<Line> = targets.iter().map(line).collect();
    let unmirrored: Vec<String> =
        store.collections_found().await?.into_iter().map(|found| found.collection.to_string()).collect();
    let unreadable: Vec<Odd> = store.documents_unreadable(ODD_SHOWN).await?.into_iter().map(Odd::of).collect();
    if global.json {
        print_json(&serde_json::json!({
            "studio": store.studio(), "current": current, "collections": lines, "not_mirrored": unmirrored,
            "unreadable": unreadable, "reads": reads,
        }))?;
    } else {
        print(&lines, now);
        for odd in &unreadable {
            println!("{:<24} {}: {}", "can't be kept", odd.path, odd.why);
        }
        if !unmirrored.is_empty() {
            println!("Not mirrored, because nobody configured them: {}", unmirrored.join(", "));
        }
        print_reads(&reads);
    }
    Ok(if current { Exit::Yes } else { Exit::No })
}

fn print(lines: &[Line], now: Timestamp) {
    if lines.is_empty() {
        println!("Nothing is mirrored yet: start the service.");
        return;
    }
    println!("{:<24} {:<13} {:>9}  derived from cloud, as of", "collection", "state", "documents");
    for line in lines {
        let documents = line.documents.map_or_else(|| "unknown".to_owned(), |documents| documents.to_string());
        let as_of = line
            .as_of
            .map_or_else(|| "never read".to_owned(), |as_of| format!("{as_of} ({} s ago)", now.since(as_of).as_secs()));
        println!("{:<24} {:<13} {documents:>9}  {as_of}", line.collection, line.state);
        if let Some(progress) = &line.backfill {
            progress.print();
        }
        if line.unreadable > 0 {
            println!("{:<24} {} documents can't be kept", "", line.unreadable);
        }
        match line.proved_as_of {
            Some(as_of) => println!("{:<24} proved as of {as_of}", ""),
            None => println!("{:<24} not proved yet", ""),
        }
        if let Some(last) = line.verification.as_ref().filter(|last| last.verdict != Verdict::Equal) {
            println!("{:<24} last proof: {}", "", last.says);
        }
        if let Some(error) = &line.error {
            println!("{:<24} last trouble: {error}", "");
        }
    }
    let total: u64 = lines.iter().filter_map(|line| line.documents).sum();
    println!("{:<24} {:<13} {total:>9}", "all", "");
}

fn print_reads(reads: &ReadsToday) {
    let budget = reads.budget.map_or_else(|| "unknown".to_owned(), |budget| budget.to_string());
    println!("\nreads billed on {} (UTC): {} of {budget}", reads.day, reads.spent);
    for cause in &reads.causes {
        let most: Vec<String> =
            cause.collections.iter().take(4).map(|line| format!("{} {}", line.collection, line.reads)).collect();
        println!("{:<24} {:>9}  {}", cause.cause, cause.reads, most.join(", "));
    }
    if reads.paused {
        println!("The day's reads are spent: drift samples, proofs and reading collections again pause.");
    }
}
