//! How fast the cockpit answers when there is much of everything: `cargo bench --bench cockpit`.
//!
//! The service is a process of its own, with every job, so that its memory is its own; its cloud is out of reach.
//! Twenty readers ask for one address of the route table after the other, as fast as they are answered.
//! One line of JSON per figure: `bench`, `measure`, `value`, `unit`, `baseline`, `ratio`. The baseline of a time is that of
//! `/healthz` of the same service under the same load, and that of a size is what it may be.

/// Documents like those of a studio.
#[path = "../state/documents.rs"]
mod documents;

/// An audit log as long as it is wanted.
#[path = "../entries.rs"]
mod entries;

/// Who asks, and who proposed.
#[path = "../people.rs"]
mod people;

/// What is printed.
#[path = "../figures.rs"]
mod figures;

/// A studio with much of everything.
mod filling;

/// The service, as a process of its own.
mod serving;

/// The addresses that are asked for.
mod places;

/// Many readers at once.
mod readers;

use std::path::Path;
use std::time::Duration;

use figures::line;
use places::Place;
use readers::{Asked, Readers};
use serving::Service;

/// The longest that the first byte may take for 99 of 100, in milliseconds.
const LONGEST_MS: f64 = 50.0;

/// The most that a page may weigh, in kilobytes.
const HEAVIEST_KB: f64 = 60.0;

/// The most memory that the service may have used, in megabytes.
const MOST_MB: f64 = 150.0;

/// The arguments of one run, of the bench itself or of one of its processes.
#[derive(clap::Parser, Clone, Debug)]
struct Arguments {
    /// How many documents there are
    #[arg(long, default_value_t = 200_000)]
    docs: usize,
    /// How many proposals there are
    #[arg(long, default_value_t = 100_000)]
    proposals: u64,
    /// How many entries the audit log has
    #[arg(long, default_value_t = 1_000_000)]
    entries: u64,
    /// The part of all three that is made, for a quick run
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How many read at the same time
    #[arg(long, default_value_t = 20)]
    readers: usize,
    /// How often each address is asked for
    #[arg(long, default_value_t = 1_000)]
    requests: usize,
    /// Only the routes that begin with one of these, such as `/drift,/api/v1/state`; all of them without it
    #[arg(long, value_delimiter = ',')]
    pages: Vec<String>,
    /// Keeps what was made in this directory, and takes what it finds there
    #[arg(long, default_value = "")]
    directory: String,
    /// What `cargo bench` adds by itself
    #[arg(long, hide = true)]
    bench: bool,
    /// The part that this process plays
    #[arg(long, hide = true)]
    role: Option<String>,
}

impl Arguments {
    /// With the scale taken into account.
    fn scaled(self) -> Self {
        let docs = (self.docs as f64 * self.scale) as usize;
        let part = |number: u64| (number as f64 * self.scale) as u64;
        let (proposals, entries) = (part(self.proposals).max(200), part(self.entries).max(1_000));
        Self { docs: docs.max(1_000), proposals, entries, scale: 1.0, ..self }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = <Arguments as clap::Parser>::parse().scaled();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let directory = Path::new(&arguments.directory);
    runtime.block_on(async {
        match arguments.role.as_deref() {
            None => measure(&arguments).await,
            Some("fill") => filling::fill(&arguments, directory).await,
            Some("serve") => serving::serve(directory).await,
            Some(other) => anyhow::bail!("nobody plays `{other}`"),
        }
    })
}

async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let private = tempfile::tempdir()?;
    let kept = Path::new(&arguments.directory);
    let directory = if arguments.directory.is_empty() { private.path() } else { kept };
    if !directory.join("studio.db").exists() {
        eprintln!("Making {} documents, {} proposals …", arguments.docs, arguments.proposals);
        serving::play(arguments, "fill", directory).await?;
    }
    let service = Service::start(arguments, directory).await?;
    let readers = Readers::arrive(&service.origin, arguments.readers).await?;
    let counted = readers
        .wait_until("/api/v1/snapshots", |answer| answer["snapshots"].as_array().is_some_and(|all| !all.is_empty()));
    tokio::time::timeout(Duration::from_secs(300), counted).await??;

    let healthz = Place { name: "/healthz".to_owned(), address: "/healthz".to_owned() };
    let baseline = readers.ask(&healthz, arguments.requests).await?;
    baseline.print(None);
    let mut broken = Vec::new();
    for place in places::all(&readers, arguments.proposals)
        .await?
        .into_iter()
        .filter(|place| wanted(&place.name, &arguments.pages))
    {
        let asked = match readers.ask(&place, arguments.requests).await {
            Ok(asked) => asked,
            Err(error) => {
                broken.push(format!("{error:#}"));
                continue;
            }
        };
        asked.print(Some(&baseline));
        broken.extend(asked.too_slow(LONGEST_MS));
        if asked.is_page {
            line(&format!("GET {}, HTML", place.name), asked.kilobytes(), "kB", Some(HEAVIEST_KB));
            broken.extend(asked.too_heavy(HEAVIEST_KB));
        }
    }
    let memory = service.peak_mb()?;
    line("peak memory of the service", memory, "MB", Some(MOST_MB));
    if memory > MOST_MB {
        broken.push(format!("the service has used {memory:.0} MB of memory"));
    }
    service.stop().await?;
    anyhow::ensure!(broken.is_empty(), "not held:\n{}", broken.join("\n"));
    Ok(())
}

fn wanted(name: &str, pages: &[String]) -> bool {
    pages.is_empty() || pages.iter().any(|page| name == page || (page.len() > 1 && name.starts_with(page.as_str())))
}

impl Asked {
    fn print(&self, baseline: Option<&Self>) {
        for (word, part) in [("p50", 0.5), ("p99", 0.99)] {
            let name = format!("GET {}, time to first byte, {word}", self.name);
            line(&name, self.first_byte(part), "ms", baseline.map(|baseline| baseline.first_byte(part)));
        }
    }

    fn too_slow(&self, longest: f64) -> Option<String> {
        let took = self.first_byte(0.99);
        (took > longest).then(|| format!("{} takes {took:.0} ms until its first byte", self.name))
    }

    fn too_heavy(&self, heaviest: f64) -> Option<String> {
        let weight = self.kilobytes();
        (weight > heaviest).then(|| format!("{} weighs {weight:.0} kB", self.name))
    }
}
