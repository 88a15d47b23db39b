//! Whatever happens to it, the mirror ends up equal to the server, byte by byte.
//!
//! Every seed draws one list of steps. `STUDIO_SEED=42 cargo test --test it machine` runs that seed alone;
//! `STUDIO_STEPS=10000 cargo test --test it machine` shares that many steps among 64 seeds.
//! Steps, values and times are the same in every run of a seed; how threads and sockets interleave is not.

use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{CommitRequest, Document, Write};
use tokio::time::timeout;
use tonic::Status;

use super::stage::{DATABASE, PATIENCE, Stage, age, options};
use super::steps::{COLLECTIONS, Step, steps_of};
use super::truth;
use super::values::{Fields, integer};

/// What runs when nothing else is asked for.
const SEEDS: u64 = 16;
const STEPS: usize = 150;

/// How many seeds share the steps of a full run.
const ALL_SEEDS: u64 = 64;

/// Seeds that run at the same time.
const LANES: usize = 4;

#[test]
fn whatever_happens_the_mirror_ends_up_equal_to_the_server() {
    let (seeds, count) = wanted(number("STUDIO_SEED"), number("STUDIO_STEPS"));
    let (next, failures, done) = (Mutex::new(seeds), Mutex::new(Vec::new()), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().expect("no seed panics here").next();
                    let Some(seed) = taken else { return };
                    match run_seed(seed, count) {
                        Ok(steps) => drop(done.fetch_add(steps, Ordering::Relaxed)),
                        Err(failure) => failures.lock().expect("no seed panics here").push(failure),
                    }
                }
            });
        }
    });
    println!("{} steps", done.into_inner());
    let failures = failures.into_inner().expect("no seed panics here");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

/// The seeds, and how many steps each of them takes.
fn wanted(seed: Option<u64>, steps: Option<u64>) -> (std::ops::Range<u64>, usize) {
    let each = |all: u64, seeds: u64| usize::try_from(all.div_ceil(seeds)).expect("a sensible number of steps");
    match (seed, steps) {
        (Some(seed), steps) => (seed..seed + 1, steps.map_or(STEPS, |steps| each(steps, 1))),
        (None, Some(steps)) => (0..ALL_SEEDS, each(steps, ALL_SEEDS)),
        (None, None) => (0..SEEDS, STEPS),
    }
}

/// Runs one seed on a thread of its own, which has a clock of its own. Answers the number of steps.
fn run_seed(seed: u64, count: usize) -> Result<u64, String> {
    let steps = steps_of(seed, count);
    let alone = std::thread::scope(|scope| scope.spawn(|| run_steps(seed, &steps)).join());
    let (at, why) = match alone {
        Ok(Ok(())) => return Ok(steps.len() as u64),
        Ok(Err(failure)) => failure,
        Err(_) => (steps.len(), "it panicked outside of its steps".to_owned()),
    };
    let first = at.saturating_sub(25);
    let told: Vec<String> =
        steps.iter().enumerate().take(at + 1).skip(first).map(|(n, step)| format!("  {n:3} {step:?}")).collect();
    Err(format!(
        "seed {seed} failed at step {at}: {why}\n{}\nreplay: STUDIO_SEED={seed} STUDIO_STEPS={count} cargo test --test it machine",
        told.join("\n")
    ))
}

/// Runs the steps in order; an error says which one failed, and why.
fn run_steps(seed: u64, steps: &[Step]) -> Result<(), (usize, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut run = Run::of(seed).await;
        for (at, step) in steps.iter().enumerate() {
            let taken = AssertUnwindSafe(run.take(step)).catch_unwind().await;
            taken.unwrap_or_else(|_| Err("it panicked, see above".to_owned())).map_err(|why| (at, why))?;
        }
        run.stage.stop().await;
        Ok(())
    })
}

/// One seed's stage, and what is known to be on or off there.
struct Run {
    stage: Stage,
    down: bool,
    held: bool,
    off: bool,
    rounds: i64,
}

impl Run {
    async fn of(seed: u64) -> Self {
        let mut stage = Stage::of(&COLLECTIONS, options()).await;
        stage.settings.page_size = [3, 7, 100][(seed % 3) as usize];
        stage.settings.checkpoint = [2, 5, 2_000][(seed / 9 % 3) as usize];
        stage.settings.range_size = [4, 25_000][(seed / 2 % 2) as usize];
        stage.settings.move_on_after = [Duration::ZERO, Duration::from_secs(60)][(seed / 4 % 2) as usize];
        stage.settings.watchdog = Duration::from_millis(400);
        stage.settings.reconnect_after = Duration::from_millis([200, 700, 5_000][(seed / 3 % 3) as usize]);
        stage.run();
        Self { stage, down: false, held: false, off: false, rounds: 0 }
    }

    async fn take(&mut self, step: &Step) -> Result<(), String> {
        let stage = &mut self.stage;
        match step {
            Step::Put(path, fields) => drop(stage.truth.put(path, fields.clone())),
            Step::Merge(path, fields) => drop(stage.truth.merge(path, fields.clone())),
            Step::Same(path) => {
                if let Some(document) = stage.truth.get(path) {
                    stage.truth.put(path, document.fields);
                }
            }
            Step::Delete(path) => stage.truth.delete(path),
            Step::Recreate(path, fields) => {
                stage.truth.delete(path);
                stage.truth.put(path, fields.clone());
            }
            Step::Commit(writes) => self.commit(writes).await?,
            Step::DeleteSilently(path) => self.delete_silently(path).await?,
            Step::Break => stage.world.break_streams(),
            Step::Hold | Step::Release => {
                self.held = matches!(step, Step::Hold);
                stage.world.hold_streams(self.held);
            }
            Step::ServerDown => {
                stage.server_down().await;
                self.down = true;
            }
            Step::ServerUp => {
                stage.server_up().await;
                self.down = false;
            }
            Step::Age(by) => age(*by),
            Step::Fail(method, code) => stage.world.fail_next(method, Status::new(*code, "a fault of the test's")),
            Step::Stop => {
                stage.stop().await;
                self.off = true;
            }
            Step::Crash => {
                stage.crash().await;
                self.off = true;
            }
            Step::Start => {
                stage.run();
                self.off = false;
            }
            Step::Breathe(time) => {
                let mut changed = stage.store.changed();
                // Either is fine: a change, or none in this time.
                let _ = timeout(*time, changed.changed()).await;
            }
            Step::Quiet => self.quiet().await?,
        }
        Ok(())
    }

    /// One commit of all writes, through the protocol; one after the other while there is no server to ask.
    async fn commit(&mut self, writes: &[(String, Option<Fields>)]) -> Result<(), String> {
        if self.down {
            for (path, fields) in writes {
                match fields {
                    Some(fields) => drop(self.stage.truth.put(path, fields.clone())),
                    None => self.stage.truth.delete(path),
                }
            }
            return Ok(());
        }
        let name = |path: &String| format!("{DATABASE}/documents/{path}");
        let operation = |(path, fields): &(String, Option<Fields>)| match fields {
            Some(fields) => {
                Operation::Update(Document { name: name(path), fields: fields.clone(), ..Document::default() })
            }
            None => Operation::Delete(name(path)),
        };
        let writes =
            writes.iter().map(|write| Write { operation: Some(operation(write)), ..Write::default() }).collect();
        let request = CommitRequest { database: DATABASE.to_owned(), writes, ..CommitRequest::default() };
        self.stage.client.commit(request).await.map_err(|status| format!("the commit failed: {status}"))?;
        Ok(())
    }

    /// Deletes a document behind the stream's back, and opens the stream again once its token is past the deletion.
    async fn delete_silently(&mut self, path: &str) -> Result<(), String> {
        if self.down || self.held || self.off {
            self.stage.truth.delete(path);
            return Ok(());
        }
        self.stage.truth.delete_silently(path);
        self.settle().await?;
        self.stage.world.break_streams();
        Ok(())
    }

    /// Writes a document, and waits until the mirror shows that.
    async fn settle(&mut self) -> Result<(), String> {
        self.rounds += 1;
        let fields = Fields::from([("round".to_owned(), integer(self.rounds))]);
        let moment = self.stage.truth.put("members/quiet", fields);
        self.stage.reached(&moment, PATIENCE).await
    }

    /// Makes everything work again, and holds the mirror against the server.
    async fn quiet(&mut self) -> Result<(), String> {
        self.stage.server_up().await;
        self.stage.world.hold_streams(false);
        self.stage.run();
        (self.down, self.held, self.off) = (false, false, false);
        self.settle().await?;
        let server = truth::of_server(&self.stage.truth);
        truth::compare(&truth::of_mirror(&self.stage.store).await?, &server)
    }
}
