//! The command line: one file per command.
//!
//! Commands that only read open the database read-only. Commands that change something ask the running service through
//! its socket, where the operating system says who the caller is.

/// The whole studio in one process, made up.
#[cfg(feature = "sandbox")]
mod demo;

/// The service.
mod serve;

/// The sandbox's Firestore alone.
#[cfg(feature = "sandbox")]
mod sandbox;

/// What is wrong, and what to do.
mod doctor;

/// The mirror's state.
mod mirror;

/// What was observed of a document.
mod history;

/// Is the mirror what the server has?
mod verify;

/// How the studio stands.
mod state;

/// How the studio stood.
mod snapshot;

/// Is there drift?
mod drift;

/// The ledger of writes.
mod ledger;

/// One write.
mod write;

/// Rehearsals.
mod drill;

/// Copies of the database.
mod db;

/// The rules.
mod policy;

/// Stopping everything, and letting it go on.
mod kill_switch;

/// Which box writes.
mod lease;

/// What may be done without its approval, for a while.
mod exemption;

/// How often things may be done.
mod quota;

/// Texts that wait for a review.
mod intake;

/// Programs with a key of their own.
mod agent;

/// The audit log, its proofs, and copies of it.
mod audit;

/// Tables and ages for people to read.
mod table;

/// The running service's socket.
mod client;

/// A private sandbox and Edge for one command.
#[cfg(feature = "sandbox")]
mod world;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigErrors, Sources};

/// The exit codes of every command.
const EXIT_CODES: &str = "\
Exit codes:
  0  done, or the answer is yes (no drift, drill passed, nothing wrong)
  1  the answer is no (drift found, drill failed, something is wrong)
  2  could not tell, or the command line was wrong
  3  the configuration is wrong";

/// Mirrors a studio's Firestore, finds drift, and pushes back only approved, reversible writes.
#[derive(Debug, Parser)]
#[command(name = "studio-brain", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
struct Global {
    /// The configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE", env = "STUDIO_BRAIN_CONFIG")]
    config: Option<PathBuf>,
    /// The directory that holds everything local [default: ./data; of a demo: one of its own, which goes with it]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Run against a private sandbox and service that live as long as the command
    #[cfg(feature = "sandbox")]
    #[arg(long, global = true)]
    demo: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a made-up studio with its cockpit, and say where to click
    #[cfg(feature = "sandbox")]
    #[command(
        after_help = "Example:\n  studio-brain demo\n  studio-brain demo --port 9000 --scale 5\n  studio-brain demo --alive --seed 7 --speed 120"
    )]
    Demo(demo::Demo),
    /// Run the service
    #[command(
        after_help = "Example:\n  studio-brain serve --config /etc/studio-brain.toml --data /var/lib/studio-brain"
    )]
    Serve,
    /// Serve the sandbox's Firestore alone, for any Firestore client
    #[cfg(feature = "sandbox")]
    #[command(
        after_help = "Example:\n  studio-brain sandbox --port 8681 --scale 20\n  FIRESTORE_EMULATOR_HOST=127.0.0.1:8681 node app.js"
    )]
    Sandbox(sandbox::Sandbox),
    /// Check configuration, database, Firestore and clock, and say what to do
    #[command(after_help = "Example:\n  studio-brain doctor --config /etc/studio-brain.toml")]
    Doctor,
    /// Look at the mirror
    #[command(subcommand)]
    Mirror(mirror::Mirror),
    /// See how many of what there is, how old, and how sure that is: exit 0 all is known, 2 not all is
    #[command(after_help = "Example:\n  studio-brain state\n  studio-brain state --number figures/highSeverityReports")]
    State(state::State),
    /// See how the studio stood, and what changed since
    #[command(subcommand)]
    Snapshot(snapshot::SnapshotCommand),
    /// Compare the mirror with the cloud
    #[command(subcommand)]
    Drift(drift::Drift),
    /// The ledger of writes
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Look at one write, and take it back
    #[command(subcommand)]
    Write(write::WriteCommand),
    /// Rehearse
    #[command(subcommand)]
    Drill(drill::Drill),
    /// Copy the database, bring a copy back, check one
    #[command(subcommand)]
    Db(db::Db),
    /// Look at the rules: who may do what
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Stop everything that is written, and let it go on
    #[command(name = "kill-switch", subcommand)]
    KillSwitch(kill_switch::KillSwitch),
    /// See which of the studio's boxes writes, and decide that it is this one
    #[command(subcommand)]
    Lease(lease::Lease),
    /// Let something happen without its approval for a while
    #[command(subcommand)]
    Exemption(exemption::Exemption),
    /// Look at who was told to wait, and fill a counter up
    #[command(subcommand)]
    Quota(quota::Quota),
    /// Review texts that the intake rules have stopped
    #[command(subcommand)]
    Intake(intake::Intake),
    /// Look at the audit log, prove what it says, and take copies that prove themselves
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Issue and revoke agents' keys, and look at what agents were denied
    #[command(subcommand)]
    Agent(agent::Agent),
}

impl Command {
    /// Is it over when nobody reads what it says, as of `… | head`? What serves or drills goes on.
    const fn ends_with_its_reader(&self) -> bool {
        match self {
            Self::Serve | Self::Drill(_) => false,
            #[cfg(feature = "sandbox")]
            Self::Demo(_) | Self::Sandbox(_) => false,
            Self::Doctor
            | Self::Mirror(_)
            | Self::Drift(_)
            | Self::State(_)
            | Self::Snapshot(_)
            | Self::Ledger(_)
            | Self::Write(_)
            | Self::Db(_)
            | Self::Policy(_)
            | Self::KillSwitch(_)
            | Self::Lease(_)
            | Self::Exemption(_)
            | Self::Quota(_)
            | Self::Intake(_)
            | Self::Audit(_)
            | Self::Agent(_) => true,
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Done, or yes.
    Yes,
    /// No.
    No,
    /// It could not be told.
    Unknown,
    /// The configuration is wrong.
    Config,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Unknown => 2,
            Exit::Config => 3,
        })
    }
}

/// Runs the command to its end.
pub fn run(cli: Cli) -> ExitCode {
    if cli.command.ends_with_its_reader() {
        sigpipe::reset();
    }
    #[cfg(feature = "sandbox")]
    let _failpoints = fail::FailScenario::setup();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: could not start: {error}");
            return Exit::Unknown.into();
        }
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            match error.downcast_ref::<ConfigErrors>() {
                Some(_) => Exit::Config.into(),
                None => Exit::Unknown.into(),
            }
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<Exit> {
    let global = cli.global;
    match cli.command {
        #[cfg(feature = "sandbox")]
        Command::Demo(demo) => demo.run(&global).await,
        Command::Serve => serve::run(&global).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(sandbox) => sandbox.run(&global).await,
        Command::Doctor => with_world(&global, doctor::run).await,
        Command::Mirror(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::State(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::Snapshot(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::Drift(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::Drill(command) => command.run(&global).await,
        Command::Ledger(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::Write(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Db(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::Policy(command) => with_world(&global, async |global| command.run(global).await).await,
        Command::KillSwitch(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Lease(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Exemption(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Quota(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Intake(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Audit(command) => govern(&global, async |global| command.run(global).await).await,
        Command::Agent(command) => govern(&global, async |global| command.run(global).await).await,
    }
}

/// Runs a command that asks the gate for something. A proper no is an answer: it ends with 1, and says why.
async fn govern(global: &Global, command: impl AsyncFnOnce(&Global) -> anyhow::Result<Exit>) -> anyhow::Result<Exit> {
    let ended = with_world(global, command).await;
    match ended.as_ref().err().and_then(|error| error.downcast_ref::<client::Refused>()) {
        Some(refused) if refused.is_no() => {
            eprintln!("error: {refused}");
            Ok(Exit::No)
        }
        Some(_) | None => ended,
    }
}

/// Runs a command against what was named, or with `--demo` against a private world.
async fn with_world(
    global: &Global,
    command: impl AsyncFnOnce(&Global) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    #[cfg(feature = "sandbox")]
    if global.demo {
        world::log_quietly(&crate::clock::Clock::system())?;
        let world = world::World::start(world::Plan::private()).await?;
        world.is_caught_up().await?;
        let here = Global { data: Some(world.data().to_owned()), config: None, ..global.clone() };
        let exit = command(&here).await;
        world.stop().await?;
        return exit;
    }
    command(global).await
}

impl Global {
    /// The whole configuration, with what the command line says.
    fn load(&self) -> Result<Config, ConfigErrors> {
        Config::load(self.sources())
    }

    fn sources(&self) -> Sources {
        Sources::of_this_process(self.config.clone(), self.data.clone())
    }

    /// Does the command run against a private world, whose parts have no configuration of their own?
    const fn demo_runs(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self.demo;
        #[cfg(not(feature = "sandbox"))]
        return false;
    }

    /// The data directory: as the command line says, or the configuration, or `./data`.
    fn data_directory(&self) -> Result<PathBuf, ConfigErrors> {
        match (&self.data, &self.config) {
            (Some(data), _) => Ok(data.clone()),
            (None, Some(_)) => Ok(self.load()?.data.directory),
            (None, None) => {
                Ok(std::env::var_os("STUDIO_BRAIN_DATA").map_or_else(|| PathBuf::from("data"), PathBuf::from))
            }
        }
    }
}

/// Ends with Ctrl-C or a request to terminate. From this call on, neither of them ends the process by itself.
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let [mut terminate, mut interrupt] = [SignalKind::terminate(), SignalKind::interrupt()]
        .map(|kind| signal(kind).expect("BUG: signals can be listened for"));
    async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Prints a value as JSON on standard output.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
