//! A made-up cloud in this process, and services in processes of their own, which may die.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::{Child, Command};

use crate::cli::client::Client;
use crate::config::sandbox::{SANDBOX_PROJECT, SANDBOX_STUDIO};
use crate::sandbox::firestore::{Database, FirestoreServer, Options};
use crate::sandbox::studio;
use crate::web::api::changes::Change;

/// How long a service may take to start, to be ready, or to stop.
const LIMIT: Duration = Duration::from_secs(60);

/// How often it is asked whether it is there.
const LOOK: Duration = Duration::from_millis(25);

/// A cloud with a little of the sample studio, and room for data directories. Gone when dropped.
pub(super) struct Yard {
    directory: tempfile::TempDir,
    server: FirestoreServer,
}

/// A service in a process of its own; killed when dropped.
pub(super) struct Service {
    process: Child,
    pub(super) client: Client,
}

impl Yard {
    /// Starts the cloud.
    pub(super) async fn open() -> anyhow::Result<Self> {
        let options = Options { heartbeat: Duration::from_millis(200), ..Options::default() };
        let server = FirestoreServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options).await?;
        let directory = tempfile::tempdir().context("could not make a private directory")?;
        let yard = Self { directory, server };
        let sample = studio::monsoon_west(0).into_iter();
        let few =
            sample.filter(|document| document.path.starts_with("batches/") || document.path == studio::DRILL_DOCUMENT);
        yard.cloud().seed(few.map(|document| (document.path, document.fields)));
        let config = format!(
            "[studio]\nid = \"{SANDBOX_STUDIO}\"\nname = \"Monsoon West\"\n\
             [firestore]\nproject = \"{SANDBOX_PROJECT}\"\nemulator_host = \"{}\"\n\
             [mirror]\ncollections = [\"batches\"]\n\
             [push]\nenabled = true\nunknown_retry_after = \"1s\"\n\
             [web]\nlisten = \"127.0.0.1:0\"\naddress_burst = 10000\n",
            yard.server.address()
        );
        std::fs::write(yard.config(), config).context("could not write a private configuration")?;
        Ok(yard)
    }

    /// The made-up studio.
    pub(super) fn cloud(&self) -> Database {
        self.server.world().database(&format!("projects/{SANDBOX_PROJECT}/databases/(default)"))
    }

    /// The cloud itself, to make things go wrong in it.
    pub(super) fn world(&self) -> crate::sandbox::firestore::World {
        self.server.world()
    }

    /// A data directory of this name.
    pub(super) fn data(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.directory.path().join("config.toml")
    }

    /// Starts a service with these failpoints, and waits until its mirror has the drill document.
    pub(super) async fn serve(&self, data: &Path, failpoints: &str) -> anyhow::Result<Service> {
        let program = std::env::current_exe().context("could not find this program")?;
        let mut command = Command::new(program);
        command.arg("serve").arg("--config").arg(self.config()).arg("--data").arg(data);
        command.env_clear().env("FAILPOINTS", failpoints).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().context("could not start a service of its own")?;
        let mut service = Service { process, client: Client::of(data) };
        tokio::time::timeout(LIMIT, service.is_ready())
            .await
            .context("a service of its own did not start in time")??;
        Ok(service)
    }
}

impl Service {
    async fn is_ready(&mut self) -> anyhow::Result<()> {
        let mut look = tokio::time::interval(LOOK);
        while !self.client.is_there().await {
            if let Some(status) = self.process.try_wait()? {
                bail!("a service of its own ended while it started: {status}");
            }
            look.tick().await;
        }
        let document = format!("/api/v1/documents/{}", studio::DRILL_DOCUMENT);
        while self.client.find::<serde_json::Value>(&document).await?.is_none() {
            let seen: Change = self.client.get("/api/v1/changes").await?;
            let _: Change = self.client.get(&format!("/api/v1/changes?after={}&wait=1", seen.change)).await?;
        }
        Ok(())
    }

    /// Waits until it has died.
    pub(super) async fn died(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.process.wait().await?)
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }

    /// Asks it to stop, as systemd does, and waits until it has.
    pub(super) async fn stop(mut self) -> anyhow::Result<ExitStatus> {
        if let Some(id) = self.process.id() {
            let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
            asked.context("could not ask a service of its own to stop")?;
        }
        tokio::time::timeout(LIMIT, self.process.wait())
            .await
            .context("a service of its own did not stop")?
            .map_err(Into::into)
    }
}
