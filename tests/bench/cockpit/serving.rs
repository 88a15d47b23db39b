//! The service, as a process of its own: every job and the cockpit, over what was made; its cloud is out of reach.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use studio_brain::clock::Clock;
use studio_brain::config::Config;
use studio_brain::config::firestore::EmulatorAddress;
use studio_brain::config::sandbox::{SANDBOX_PROJECT, SandboxWorld};
use studio_brain::edge::{Edge, People};
use studio_brain::sandbox::identity::SandboxIdentity;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::{Arguments, documents};

/// Nobody listens there.
const NOWHERE: &str = "127.0.0.1:9";

/// Plays the service: prints where it listens, and ends with its input.
pub(super) async fn serve(directory: &Path) -> anyhow::Result<()> {
    let store = documents::open(directory).await?;
    let now = Clock::system().now().into();
    let mut tx = store.begin().await?;
    for target in store.targets().await? {
        tx.targets_advance([(target.id, None)], now, now).await?;
    }
    tx.commit().await?;
    let studio = store.studio().to_string();
    store.close().await;
    let provider = SandboxIdentity::start(SANDBOX_PROJECT)?;
    let mut config = Config::for_sandbox(SandboxWorld {
        data: directory.to_owned(),
        firestore: EmulatorAddress::parse(NOWHERE).map_err(anyhow::Error::msg)?,
        jwks_url: format!("http://{NOWHERE}/keys"),
        provider: None,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        staff: Vec::new(),
    })?;
    config.studio.id = studio;
    let edge = Edge::build(config, People::sandbox(&provider), Clock::system()).await?;
    println!("http://{}", edge.address());
    edge.run_until(async {
        let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
    })
    .await
}

/// The service, from outside.
pub(super) struct Service {
    pub(super) origin: String,
    process: Child,
    input: ChildStdin,
}

impl Service {
    /// Starts it, and waits until it listens.
    pub(super) async fn start(arguments: &Arguments, directory: &Path) -> anyhow::Result<Self> {
        let mut command = command(arguments, "serve", directory)?;
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let input = process.stdin.take().context("no way to stop the service")?;
        let mut lines = BufReader::new(process.stdout.take().context("no way to hear the service")?).lines();
        let origin = lines.next_line().await?.context("the service ended")?;
        Ok(Self { origin, process, input })
    }

    /// The most memory that it has had, in megabytes.
    pub(super) fn peak_mb(&self) -> anyhow::Result<f64> {
        let id = self.process.id().context("the service has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no peak is told")?;
        Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1_000.0)
    }

    /// Ends it.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.input);
        self.process.wait().await?;
        Ok(())
    }
}

/// Lets a new process of this program play `role` to its end.
pub(super) async fn play(arguments: &Arguments, role: &str, directory: &Path) -> anyhow::Result<()> {
    let status = command(arguments, role, directory)?.status().await?;
    anyhow::ensure!(status.success(), "`{role}` ended with {status}");
    Ok(())
}

fn command(arguments: &Arguments, role: &str, directory: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--role", role, "--docs", &arguments.docs.to_string()]);
    command.args(["--proposals", &arguments.proposals.to_string(), "--entries", &arguments.entries.to_string()]);
    command.arg("--directory").arg(directory);
    Ok(command)
}
