//! `sandbox`: the sandbox's Firestore alone, for any Firestore client.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use clap::Args;

use crate::cli::{Exit, Global, print_json, told_to_stop};
use crate::config::sandbox::SANDBOX_PROJECT;
use crate::sandbox::firestore::{FirestoreServer, Options};
use crate::sandbox::studio;

/// The sandbox's Firestore alone.
#[derive(Debug, Args)]
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
}

impl Sandbox {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let server = FirestoreServer::start(address, Options::default())
            .await
            .with_context(|| format!("could not listen on {address}: choose another with --port"))?;
        let database = server.world().database(&format!("projects/{}/databases/(default)", self.project));
        database.seed(studio::monsoon_west(self.scale).into_iter().map(|document| (document.path, document.fields)));
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
