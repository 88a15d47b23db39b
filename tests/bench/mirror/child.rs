//! The other process, and how it is asked.

use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout, Command};

use crate::Arguments;

/// A process that plays one part and answers with one line of JSON.
pub(super) struct Child;

impl Child {
    /// Lets a new process of this program play `role` to its end.
    pub(super) async fn run(arguments: &Arguments, role: &str, server: &str, directory: &Path) -> anyhow::Result<Json> {
        let output = command(arguments, role)?
            .args(["--server", server, "--directory"])
            .arg(directory)
            .env("FIRESTORE_EMULATOR_HOST", server)
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .output()
            .await?;
        anyhow::ensure!(output.status.success(), "`{role}` ended with {}", output.status);
        serde_json::from_slice(&output.stdout).with_context(|| format!("`{role}` did not answer with JSON"))
    }
}

/// The process that holds the truth.
pub(super) struct Server {
    pub(super) address: String,
    process: tokio::process::Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts it, and waits until it holds every document.
    pub(super) async fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut process = command(arguments, "server")?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("could not start the server")?;
        let questions = process.stdin.take().context("no way to ask the server")?;
        let mut answers = BufReader::new(process.stdout.take().context("no way to hear the server")?).lines();
        let address = answers.next_line().await?.context("the server ended")?;
        Ok(Self { address, process, questions, answers })
    }

    /// `reads` says how many reads were billed; `reset` starts the count again.
    pub(super) async fn ask(&mut self, question: &str) -> anyhow::Result<u64> {
        self.questions.write_all(format!("{question}\n").as_bytes()).await?;
        let answer = self.answers.next_line().await?.context("the server ended")?;
        Ok(answer.parse()?)
    }

    /// Ends it.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.questions);
        self.process.wait().await?;
        Ok(())
    }
}

fn command(arguments: &Arguments, role: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--role", role, "--docs", &arguments.docs.to_string()]);
    command.args(["--collections", &arguments.collections.to_string()]);
    command.args(["--changes", &arguments.changes.to_string(), "--seconds", &arguments.seconds.to_string()]);
    Ok(command)
}
