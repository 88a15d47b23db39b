//! How fast the studio's state is counted, and held against the cloud: `cargo bench --bench state -- --docs 200000`.
//!
//! Every part runs in a process of its own, so that its memory is its own. One line of JSON per figure: `bench`,
//! `measure`, `value`, `unit`, `baseline`, `ratio`. The baseline of a snapshot's time is what it may take, and that of
//! memory what it may be above a process that has only opened the database; a look at everything is held against reading
//! the same documents page by page and doing nothing with them.

/// Documents like those of a studio.
mod documents;

/// Counting from nothing, and after changes.
mod counting;

/// A look at everything, on equal documents.
mod drift;

/// What is printed.
#[path = "../figures.rs"]
mod figures;

use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value as Json;

use figures::line;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// The arguments of one run, of the bench itself or of one of its processes.
#[derive(clap::Parser, Clone, Debug)]
struct Arguments {
    /// How many documents there are
    #[arg(long, default_value_t = 200_000)]
    docs: usize,
    /// How many of them change between two snapshots
    #[arg(long, default_value_t = 100)]
    changes: usize,
    /// How often each part takes its turn; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only this part: `count` or `drift`
    #[arg(long)]
    only: Option<String>,
    /// What `cargo bench` adds by itself
    #[arg(long, hide = true)]
    bench: bool,
    /// The part that this process plays
    #[arg(long, hide = true)]
    role: Option<String>,
    /// Where the documents are to be had
    #[arg(long, hide = true, default_value = "")]
    server: String,
    /// Where this process keeps its files
    #[arg(long, hide = true, default_value = "")]
    directory: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = <Arguments as clap::Parser>::parse();
    let directory = Path::new(&arguments.directory);
    let answer = match arguments.role.as_deref() {
        None => return run(&arguments).await,
        Some("fill") => documents::fill(&arguments, directory).await?,
        Some("count") => counting::count(&arguments, directory).await?,
        Some("server") => return drift::serve(&arguments).await,
        Some("look") => drift::look(&arguments, directory).await?,
        Some(other) => anyhow::bail!("nobody plays `{other}`"),
    };
    println!("{answer}");
    Ok(())
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let is_wanted = |part: &str| arguments.only.as_deref().is_none_or(|only| only == part);
    if is_wanted("count") {
        count(arguments).await?;
    }
    if is_wanted("drift") {
        look(arguments).await?;
    }
    Ok(())
}

async fn count(arguments: &Arguments) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let filled = play(arguments, "fill", directory.path()).await?;
    line("documents", number(&filled, "documents"), "documents", None);
    line("mean size of a document", number(&filled, "bytes") / number(&filled, "documents"), "bytes", None);
    let counted = play(arguments, "count", directory.path()).await?;
    line("snapshot from nothing", number(&counted, "from_nothing_ms"), "ms", Some(2_000.0));
    let name = format!("snapshot after {} changed documents", arguments.changes);
    line(&name, number(&counted, "changed_ms"), "ms", Some(20.0));
    line("snapshot when nothing changed", number(&counted, "unchanged_ms"), "ms", None);
    line("first 50 documents behind a number", number(&counted, "behind_ms"), "ms", None);
    line("difference of two snapshots with its documents", number(&counted, "difference_ms"), "ms", None);
    line("memory above idle", number(&counted, "memory_mb"), "MB", Some(50.0));
    Ok(())
}

async fn look(arguments: &Arguments) -> anyhow::Result<()> {
    let mut server = command(arguments, "server")?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let said = server.stdout.take().context("no way to hear the server")?;
    let address = BufReader::new(said).lines().next_line().await?.context("the server ended")?;
    let directory = tempfile::tempdir()?;
    let arguments = Arguments { server: address, ..arguments.clone() };
    let looked = play(&arguments, "look", directory.path()).await?;
    let plain = number(&looked, "plain_seconds");
    line("reading the documents page by page", plain, "s", None);
    for (part, name) in [("due", "drift pass that is due"), ("asked", "drift pass that somebody asked for")] {
        let part = &looked[part];
        line(name, number(part, "seconds"), "s", Some(plain));
        line(&format!("reads billed by a {name}"), number(part, "reads"), "reads", Some(arguments.docs as f64));
        line(&format!("memory of a {name}, above idle"), number(part, "memory_mb"), "MB", None);
    }
    drop(server.stdin.take());
    server.wait().await?;
    Ok(())
}

fn command(arguments: &Arguments, role: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--role", role, "--docs", &arguments.docs.to_string(), "--changes", &arguments.changes.to_string()]);
    command.args(["--rounds", &arguments.rounds.to_string(), "--server", &arguments.server]).kill_on_drop(true);
    Ok(command)
}

/// Lets a new process of this program play `role` to its end.
async fn play(arguments: &Arguments, role: &str, directory: &Path) -> anyhow::Result<Json> {
    let output = command(arguments, role)?.arg("--directory").arg(directory).stderr(Stdio::inherit()).output().await?;
    anyhow::ensure!(output.status.success(), "`{role}` ended with {}", output.status);
    serde_json::from_slice(&output.stdout).with_context(|| format!("`{role}` did not answer with JSON"))
}

fn number(answer: &Json, key: &str) -> f64 {
    answer[key].as_f64().unwrap_or(f64::NAN)
}
