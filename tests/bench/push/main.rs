//! What it costs that writes survive anything and can be proved: `cargo bench --bench push -- --only audit`.
//!
//! One line of JSON per figure: `bench`, `measure`, `value`, `unit`, `baseline`, `ratio`. The baseline is the plainest way
//! to do the same, in the same run.

/// The audit log: appending, verifying, proving.
mod audit;

/// Approved writes on their way out.
mod pushing;

/// How taking everything back would go.
mod rehearsing;

/// Who asks.
#[path = "../people.rs"]
mod people;

/// An audit log as long as it is wanted.
#[path = "../entries.rs"]
mod entries;

/// What is printed.
#[path = "../figures.rs"]
mod figures;

use figures::line;

/// The arguments of one run.
#[derive(clap::Parser, Clone, Debug)]
struct Arguments {
    /// Measure only this part; all of them without it
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// How many entries the audit log that is verified has
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// How many approved writes are pushed
    #[arg(long, default_value_t = 5_000)]
    writes: usize,
    /// How many writes stand when taking them back is rehearsed
    #[arg(long, default_value_t = 10_000)]
    standing: usize,
    /// How many writes are followed from approved to observed, one after the other
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// What `cargo bench` adds by itself
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The audit log.
    Audit,
    /// Approved writes on their way out.
    Push,
    /// Taking everything back, on paper.
    Rehearse,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = <Arguments as clap::Parser>::parse();
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    if wanted(Part::Audit) {
        audit::measure(arguments.entries).await?;
    }
    if wanted(Part::Push) {
        pushing::measure(arguments.writes, arguments.rounds).await?;
    }
    if wanted(Part::Rehearse) {
        rehearsing::measure(arguments.standing).await?;
    }
    Ok(())
}
