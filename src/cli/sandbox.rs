//! `sandbox`: the sandbox's Firestore alone, for any Firestore client.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::cli::{Exit, Global, print_json, told_to_stop};
use crate::config::sandbox::SANDBOX_PROJECT;
use crate::sandbox::firestore::{Faults, FirestoreServer, Options};
use crate::sandbox::studio;

/// What `--help` says of the file of `--faults`.
const FAULTS_HELP: &str = r#"Faults:
  --faults FILE makes things go wrong, always in the same way for the same seed and the same calls.
  The file is TOML: a `seed`, and one `[[fault]]` each. The first that fires answers for its kind.

      seed = 7

      [[fault]]                     # every call, and every batch of a listen stream, takes 5 to 40 ms
      do = "delay"
      least_ms = 5
      most_ms = 40

      [[fault]]                     # the next two commits are refused
      do = "fail"
      method = "Commit"
      when = { next = 2 }
      code = "ABORTED"
      message = "too much contention"

      [[fault]]                     # every tenth commit is applied, and its reply is lost
      do = "lose_reply"
      method = "Commit"
      when = { every = 10 }

      [[fault]]                     # one listen stream in five loses its connection after 100 messages
      do = "cut"
      method = "Listen"
      when = { chance = 0.2 }
      after = 100
      end = "connection"

  Of calls, of one `method` or of all:
      delay         least_ms, most_ms (the same if absent)
      fail          code, message: fails before it does anything
      lose_reply    does its work, then fails with UNAVAILABLE
      cut           after (messages of a stream, 0), end ("stream" or "connection")
      stall         after: says nothing more, and stays open
  Of listen streams:
      reset, duplicate, reorder     a snapshot
      remove                        a snapshot: code, message
      wrong_count                   an existence filter: by
      reject_token                  a target that is resumed
      slow_consumer                 a stream: buffer (messages), patience_ms
  when: "always", { next = N }, { every = N } or { chance = 0.0 to 1.0 }

Reset:
  curl -X DELETE http://127.0.0.1:8681/emulator/v1/projects/PROJECT/databases/DATABASE/documents
  deletes every document, as the official emulator does."#;

/// The sandbox's Firestore alone.
#[derive(Debug, Args)]
#[command(after_long_help = FAULTS_HELP)]
pub(super) struct Sandbox {
    /// The port on 127.0.0.1; 0 for any free one
    #[arg(long, default_value_t = 8681)]
    port: u16,
    /// How many times the ordinary documents of the sample studio
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    scale: u32,
    /// The Google Cloud project whose default database holds the sample
    #[arg(long, default_value = SANDBOX_PROJECT)]
    project: String,
    /// A file that says what shall go wrong; the long help (--help) has an example
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

impl Sandbox {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let faults = self.faults.as_deref().map(read_faults).transpose()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let server = FirestoreServer::start(address, Options::default())
            .await
            .with_context(|| format!("could not listen on {address}: choose another with --port"))?;
        let database = server.world().database(&format!("projects/{}/databases/(default)", self.project));
        database.seed(studio::monsoon_west(self.scale).into_iter().map(|document| (document.path, document.fields)));
        if let Some(faults) = faults {
            server.world().set_faults(faults);
        }
        let (address, documents) = (server.address(), database.document_count());
        if global.json {
            print_json(&serde_json::json!({
                "address": address.to_string(), "project": self.project, "documents": documents,
            }))?;
        } else {
            println!("Firestore: {address} ({documents} documents in project {})", self.project);
            println!("Use it:    export FIRESTORE_EMULATOR_HOST={address}");
            println!("Stop it:   Ctrl-C");
        }
        told_to_stop().await;
        server.stop().await;
        Ok(Exit::Yes)
    }
}

fn read_faults(file: &Path) -> anyhow::Result<Faults> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    Faults::parse(&text).with_context(|| format!("could not use {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_help_is_a_plan() {
        let example: Vec<&str> = FAULTS_HELP
            .lines()
            .skip_while(|line| !line.contains("seed = 7"))
            .take_while(|line| !line.contains("Of calls"))
            .collect();
        assert_eq!(Faults::parse(&example.join("\n")).unwrap().faults.len(), 4);
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("faults.toml");
        assert!(read_faults(&file).unwrap_err().to_string().contains("faults.toml"));
        std::fs::write(&file, "[[fault]]\ndo = 'explode'").unwrap();
        let error = format!("{:#}", read_faults(&file).unwrap_err());
        assert!(error.contains("faults.toml") && error.contains("unknown variant `explode`"), "{error}");
    }
}
