//! How fast the mirror is, measured against the stream itself: `cargo bench --bench mirror -- --docs 200000`.
//!
//! Every contestant runs in its own process against the sandbox's Firestore, which runs in another one, so that their
//! memory is their own. One line of JSON per figure: `bench`, `measure`, `value`, `unit`, `baseline`, `ratio`.
//!
//! The raw client drains and discards the same streams, as many at once as the mirror reads; firestore-rs's persistent
//! cache preloads the same collections. They take turns, so that whatever else the machine does disturbs all of them.

/// The other process, and how it is asked.
mod child;

/// Reading and discarding: as fast as it gets.
mod drain;

/// The sample documents and the server that holds them.
mod server;

/// The mirror: backfill, restart and changes.
mod mirrored;

/// Proof that the mirror is what the server has.
mod verify;

/// Changes as they happen.
mod changes;

/// firestore-rs's persistent cache.
mod rival;

/// What is printed.
#[path = "../figures.rs"]
mod figures;

use std::path::Path;

use serde_json::Value as Json;

use child::{Child, Server};

use figures::line;

/// The arguments of one run, of the bench itself or of one of its processes.
#[derive(clap::Parser, Clone, Debug)]
struct Arguments {
    /// How many documents there are
    #[arg(long, default_value_t = 200_000)]
    docs: u64,
    /// In how many collections
    #[arg(long, default_value_t = 20)]
    collections: u64,
    /// How often each contestant takes its turn; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many changes are applied
    #[arg(long, default_value_t = 20_000)]
    changes: u64,
    /// For how many seconds 500 documents are written per second
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Only the backfill
    #[arg(long)]
    backfill_only: bool,
    /// What `cargo bench` adds by itself
    #[arg(long, hide = true)]
    bench: bool,
    /// The part that this process plays
    #[arg(long, hide = true)]
    role: Option<String>,
    /// Where the server is
    #[arg(long, hide = true, default_value = "")]
    server: String,
    /// Where this process keeps its files
    #[arg(long, hide = true, default_value = "")]
    directory: String,
}

impl Arguments {
    fn collection_names(&self) -> Vec<String> {
        (0..self.collections).map(|number| format!("collection{number:02}")).collect()
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = <Arguments as clap::Parser>::parse();
    let directory = Path::new(&arguments.directory);
    let answer = match arguments.role.as_deref() {
        None => return run(&arguments).await,
        Some("server") => return server::serve(&arguments).await,
        Some("drain") => drain::drain(&arguments).await?,
        Some("rival") => rival::preload(&arguments, directory).await?,
        Some("backfill") => mirrored::backfill(&arguments, directory).await?,
        Some("restart") => mirrored::restart(&arguments, directory).await?,
        Some("verify") => verify::verify(&arguments, directory).await?,
        Some("changes") => changes::apply(&arguments, directory).await?,
        Some(other) => anyhow::bail!("nobody plays `{other}`"),
    };
    println!("{answer}");
    Ok(())
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut server = Server::start(arguments).await?;
    let address = server.address.clone();
    let play = async |role: &str, directory: &Path| -> anyhow::Result<Json> {
        Child::run(arguments, role, &address, directory).await
    };
    let nowhere = Path::new("");
    let (mut drains, mut mirrors, mut rivals) = (Vec::new(), Vec::new(), Vec::new());
    let mut kept = None;
    play("drain", nowhere).await?; // Warms the server up.
    for _ in 0..arguments.rounds.max(1) {
        drains.push(play("drain", nowhere).await?);
        let directory = tempfile::tempdir()?;
        mirrors.push(play("backfill", directory.path()).await?);
        kept = Some(directory);
        rivals.push(play("rival", tempfile::tempdir()?.path()).await?);
    }
    let drain = median(&drains, "seconds");
    let rate = |seconds: f64| arguments.docs as f64 / seconds;
    line("drain", median(&drains, "seconds"), "s", None);
    line("drain documents", rate(drain), "1/s", None);
    line("drain peak memory", median(&drains, "peak_mb"), "MB", None);
    line("backfill", median(&mirrors, "seconds"), "s", Some(drain));
    line("backfill documents", rate(median(&mirrors, "seconds")), "1/s", Some(rate(drain)));
    line("backfill peak memory", median(&mirrors, "peak_mb"), "MB", None);
    line("firestore-rs cache preload", median(&rivals, "seconds"), "s", Some(drain));
    line("firestore-rs cache peak memory", median(&rivals, "peak_mb"), "MB", None);
    line("backfill beside firestore-rs", median(&mirrors, "seconds"), "s", Some(median(&rivals, "seconds")));
    let directory = kept.expect("BUG: at least one round");
    if !arguments.backfill_only {
        server.ask("reset").await?;
        let restart = play("restart", directory.path()).await?;
        let reads = server.ask("reads").await?;
        line("restart to ready", number(&restart, "milliseconds"), "ms", None);
        line("restart document reads", reads as f64, "reads", None);
        line("restart peak memory", number(&restart, "peak_mb"), "MB", None);
        server.ask("reset").await?;
        let verify = play("verify", directory.path()).await?;
        let reads = server.ask("reads").await?;
        line("verify of equal documents", number(&verify, "equal_seconds"), "s", None);
        line("verify of equal documents, reads", number(&verify, "equal_reads"), "reads", None);
        line("verify with 10 differing documents", number(&verify, "differing_seconds"), "s", None);
        line("verify with 10 differing documents, re-reads", number(&verify, "reread"), "reads", Some(2_000.0));
        line("verify twice, reads billed by the server", reads as f64, "reads", Some(number(&verify, "all_reads")));
        line("verify peak memory", number(&verify, "peak_mb"), "MB", None);
        let changes = play("changes", directory.path()).await?;
        line("changes applied", number(&changes, "per_second"), "1/s", Some(number(&changes, "written_per_second")));
        line("commit to visible p50 at 500 writes/s", number(&changes, "p50_ms"), "ms", None);
        line("commit to visible p99 at 500 writes/s", number(&changes, "p99_ms"), "ms", None);
        line("writes per second while measuring", number(&changes, "paced_per_second"), "1/s", Some(500.0));
        line("tail peak memory", number(&changes, "peak_mb"), "MB", None);
    }
    server.stop().await
}

fn number(answer: &Json, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or(f64::NAN)
}

fn median(answers: &[Json], key: &str) -> f64 {
    let mut numbers: Vec<f64> = answers.iter().map(|answer| number(answer, key)).collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The most memory that this process ever held, in megabytes.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes / 1_000.0)
}
