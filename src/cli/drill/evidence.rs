//! What a drill leaves behind: its steps with their times, how it ended, and why, as JSON and as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::clock::{Clock, Stopwatch};
use crate::domain::ids::Hash;
use crate::domain::time::Timestamp;
use crate::web::api::drills::{DrillBegin, DrillFinish, DrillName, DrillOutcome, tell};

/// It could not be told whether all is well: neither a success nor a failure.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct CouldNotTell(pub(super) String);

/// What a drill proves, step by step.
#[derive(Debug, Serialize)]
struct Evidence {
    drill: &'static str,
    version: &'static str,
    /// The user of this machine who ran it.
    by: String,
    /// Against what.
    against: String,
    started: Timestamp,
    finished: Option<Timestamp>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// What the drill itself has to say: hashes, writes, counts.
    #[serde(flatten)]
    facts: serde_json::Map<String, Value>,
    /// How long each kind of step took.
    times: Vec<Times>,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<u32>,
    step: &'static str,
    at: Timestamp,
    took_ms: f64,
    found: String,
}

/// How long a kind of step took, by nearest rank.
#[derive(Debug, PartialEq, Serialize)]
struct Times {
    step: &'static str,
    count: usize,
    p50_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

/// A drill under way.
pub(super) struct Run {
    name: DrillName,
    evidence: Evidence,
    clock: Clock,
    since: Stopwatch,
    round: Option<u32>,
    speaks: bool,
}

/// Where evidence goes, and whom to tell.
pub(super) struct Place {
    /// As the command line says.
    pub(super) file: Option<PathBuf>,
    /// Otherwise here, under a name with the time.
    pub(super) directory: PathBuf,
    /// The service whose audit log remembers the drill, if one runs.
    pub(super) service: Option<Client>,
}

impl Run {
    /// Begins a drill. On a terminal it says what it does as it does it.
    pub(super) fn begin(name: DrillName, global: &Global, against: impl Into<String>) -> Self {
        let (clock, against) = (Clock::system(), against.into());
        if !global.json {
            println!("Drill {} against {against}", name.word());
        }
        let evidence = Evidence {
            drill: name.word(),
            version: env!("CARGO_PKG_VERSION"),
            by: whoever_runs_this(),
            against,
            started: clock.now().into(),
            finished: None,
            outcome: "running",
            failure: None,
            facts: serde_json::Map::new(),
            times: Vec::new(),
            steps: Vec::new(),
        };
        Self { name, evidence, since: clock.stopwatch(), clock, round: None, speaks: !global.json }
    }

    /// From now on steps belong to this round, and are not said one by one.
    pub(super) const fn round(&mut self, round: u32) {
        self.round = Some(round);
    }

    /// Notes that a step is done, with its time.
    pub(super) fn done(&mut self, step: &'static str, found: impl Into<String>) {
        let (took, found) = (self.since.elapsed(), found.into());
        if self.round.is_none() {
            self.say(&format!("  {step:<16} {:>8.1} ms  {found}", millis(took)));
        }
        let at = self.clock.now().into();
        self.evidence.steps.push(Step { round: self.round, step, at, took_ms: millis(took), found });
        self.since = self.clock.stopwatch();
    }

    /// Says something that is no step.
    pub(super) fn say(&self, line: &str) {
        if self.speaks {
            println!("{line}");
        }
    }

    /// Keeps a fact.
    pub(super) fn note(&mut self, name: &str, fact: impl Serialize) -> anyhow::Result<()> {
        self.evidence.facts.insert(name.to_owned(), serde_json::to_value(fact)?);
        Ok(())
    }

    /// Ends the drill: writes the evidence, has it remembered, and says how it went.
    pub(super) async fn end(
        mut self,
        ended: anyhow::Result<String>,
        place: Place,
        global: &Global,
    ) -> anyhow::Result<Exit> {
        let outcome = match &ended {
            Ok(_) => DrillOutcome::Succeeded,
            Err(error) if error.downcast_ref::<CouldNotTell>().is_some() => DrillOutcome::Unknown,
            Err(_) => DrillOutcome::Failed,
        };
        self.evidence.outcome = outcome.word();
        self.evidence.failure = ended.as_ref().err().map(|error| format!("{error:#}"));
        self.evidence.finished = Some(self.clock.now().into());
        self.evidence.times = times(&self.evidence.steps);
        let file = place.file.unwrap_or_else(|| place.directory.join(self.file_name())).with_extension("json");
        let text = serde_json::to_string_pretty(&self.evidence)? + "\n";
        let hash = Hash::of(&text);
        keep(&file, &text)?;
        keep(&file.with_extension("md"), &markdown(&self.evidence, hash))?;
        let remembered = match &place.service {
            Some(service) => {
                let finish = DrillFinish { drill: self.name, outcome, evidence_hash: hash };
                service.tell("/api/v1/drills/finish", &finish).await
            }
            None => {
                tell(self.name, outcome, hash);
                Ok(())
            }
        };
        if global.json {
            print_json(&self.evidence)?;
        } else {
            self.print_times();
            match &ended {
                Ok(said) => println!("{said}"),
                Err(error) => println!("The drill {}: {error:#}", said_of(outcome)),
            }
            println!("Evidence: {} (and .md), SHA-256 {hash}", file.display());
        }
        remembered.context("the drill is over, but the service did not take note of it")?;
        Ok(match outcome {
            DrillOutcome::Succeeded => Exit::Yes,
            DrillOutcome::Failed => Exit::No,
            DrillOutcome::Unknown => Exit::Unknown,
        })
    }

    fn print_times(&self) {
        if self.round.is_none() {
            return;
        }
        println!("  {:<16} {:>6} {:>10} {:>10} {:>10}", "step", "count", "p50 ms", "p99 ms", "max ms");
        for Times { step, count, p50_ms, p99_ms, max_ms } in &self.evidence.times {
            println!("  {step:<16} {count:>6} {p50_ms:>10.1} {p99_ms:>10.1} {max_ms:>10.1}");
        }
    }

    fn file_name(&self) -> String {
        let started = self.evidence.started.to_string().replace([':', '.'], "-");
        format!("drill-{}-{started}.json", self.name.word())
    }
}

impl Place {
    /// Evidence in the data directory, remembered by the service that runs with it, if one does.
    ///
    /// A private world is gone with the command: its evidence stays where the command was given.
    pub(super) async fn of(global: &Global, file: Option<&Path>) -> anyhow::Result<Self> {
        let (data, file) = (global.data_directory()?, file.map(Path::to_owned));
        let client = Client::of(&data);
        let service = if client.is_there().await { Some(client) } else { None };
        let directory = if global.demo_runs() || !data.is_dir() { PathBuf::from(".") } else { data };
        Ok(Self { file, directory, service })
    }

    /// Has the service, if one runs, take note that a drill begins.
    pub(super) async fn begins(&self, drill: DrillName) -> anyhow::Result<()> {
        match &self.service {
            Some(service) => service.tell("/api/v1/drills/begin", &DrillBegin { drill }).await,
            None => Ok(()),
        }
    }
}

const fn said_of(outcome: DrillOutcome) -> &'static str {
    match outcome {
        DrillOutcome::Succeeded => "succeeded",
        DrillOutcome::Failed => "failed",
        DrillOutcome::Unknown => "could not tell",
    }
}

fn keep(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("could not write the evidence to `{}`", file.display()))
}

/// The user of this machine, as the operators' socket would know them.
fn whoever_runs_this() -> String {
    std::fs::metadata("/proc/self").map_or_else(|_| "unknown".to_owned(), |me| format!("operator:unix:{}", me.uid()))
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// How long each kind of step took, in the order in which they first came.
fn times(steps: &[Step]) -> Vec<Times> {
    let (mut order, mut taken) = (Vec::new(), BTreeMap::<&'static str, Vec<f64>>::new());
    for step in steps {
        if !taken.contains_key(step.step) {
            order.push(step.step);
        }
        taken.entry(step.step).or_default().push(step.took_ms);
    }
    let one = |step| {
        let mut all = taken.remove(step).unwrap_or_default();
        all.sort_by(f64::total_cmp);
        let rank =
            |percent: usize| all.get((all.len() * percent).div_ceil(100).max(1) - 1).copied().unwrap_or_default();
        Times { step, count: all.len(), p50_ms: rank(50), p99_ms: rank(99), max_ms: rank(100) }
    };
    order.into_iter().map(one).collect()
}

fn markdown(evidence: &Evidence, hash: Hash) -> String {
    let mut page = format!("# Drill {}: {}\n\n", evidence.drill, evidence.outcome);
    let mut line = |what: &str, how: &str| {
        let _ = writeln!(page, "- **{what}**: {how}");
    };
    line("Who", &evidence.by);
    line("Against", &evidence.against);
    line("Started", &evidence.started.to_string());
    line("Finished", &evidence.finished.map_or_else(|| "not yet".to_owned(), |at| at.to_string()));
    line("Version", evidence.version);
    line("JSON evidence, SHA-256", &format!("`{hash}`"));
    if let Some(failure) = &evidence.failure {
        line("Why", &one_line(failure));
    }
    for (name, fact) in evidence.facts.iter().filter(|(_, fact)| !fact.is_object() && !fact.is_array()) {
        let fact = fact.as_str().map_or_else(|| fact.to_string(), str::to_owned);
        line(name, &format!("`{fact}`"));
    }
    page.push_str("\n## Times\n\n| Step | Count | p50 ms | p99 ms | max ms |\n|---|--:|--:|--:|--:|\n");
    for Times { step, count, p50_ms, p99_ms, max_ms } in &evidence.times {
        let _ = writeln!(page, "| {step} | {count} | {p50_ms:.1} | {p99_ms:.1} | {max_ms:.1} |");
    }
    page.push_str("\n## Steps\n\n| At | Round | Step | ms | Found |\n|---|--:|---|--:|---|\n");
    for Step { round, step, at, took_ms, found } in &evidence.steps {
        let round = round.map_or_else(String::new, |round| round.to_string());
        let _ = writeln!(page, "| {at} | {round} | {step} | {took_ms:.1} | {} |", one_line(found));
    }
    page
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(step: &'static str, took_ms: f64) -> Step {
        Step { round: None, step, at: Timestamp::from_micros(0), took_ms, found: "a | b".to_owned() }
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let steps: Vec<Step> =
            (1..=200).rev().map(|took| step("push", f64::from(took))).chain([step("undo", 7.0)]).collect();
        let expected = [
            Times { step: "push", count: 200, p50_ms: 100.0, p99_ms: 198.0, max_ms: 200.0 },
            Times { step: "undo", count: 1, p50_ms: 7.0, p99_ms: 7.0, max_ms: 7.0 },
        ];
        assert_eq!(times(&steps), expected);
        assert_eq!(times(&[]), []);
    }

    #[test]
    fn what_was_found_never_breaks_the_table() {
        let global = Global {
            config: None,
            data: None,
            json: true,
            #[cfg(feature = "sandbox")]
            demo: false,
        };
        let mut run = Run::begin(DrillName::Rollback, &global, "a | table");
        run.done("push", "landed | at\nonce");
        let page = markdown(&run.evidence, Hash::of("x"));
        assert!(page.lines().any(|line| line.ends_with("| landed \\| at once |")), "{page}");
    }
}
