//! `audit export` and `audit verify-bundle`: copies of the log that prove themselves.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Read as _, Write as _};
use std::path::Path;

use anyhow::Context as _;

use crate::cli::audit::proof::Found;
use crate::cli::client::Client;
use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::audit::Action;
use crate::domain::audit::bundle::{BundleCheck, BundleFault, BundleVerified, Manifest};
use crate::domain::audit::checkpoint::PublicKey;
use crate::edge::seal_alone;
use crate::store::Store;
use crate::web::api::audit::{SealAsked, SealState, SealWish};

/// How much of a bundle is read at once.
const PIECE: usize = 1 << 18;

/// Writes a bundle of the whole log, sealed with the record of this export. Exit 0: it is written.
pub(super) async fn export(global: &Global, file: &Path) -> anyhow::Result<Exit> {
    let named = || format!("could not write the bundle to `{}`", file.display());
    let out = match OpenOptions::new().write(true).create_new(true).open(file) {
        Ok(out) => out,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let place = file.display();
            eprintln!(
                "error: there is a file at `{place}` already, and nothing is ever overwritten: choose another name"
            );
            return Ok(Exit::No);
        }
        Err(error) => return Err(error).with_context(named),
    };
    let written = write(global, out).await;
    if written.is_err() {
        // What is there proves nothing, and must not look as if it did.
        std::fs::remove_file(file).with_context(named)?;
    }
    let manifest = written.with_context(named)?;
    if global.json {
        print_json(&manifest)?;
    } else {
        println!("{} entries and {} checkpoints are in {}", manifest.entries, manifest.checkpoints, file.display());
        for key in &manifest.keys {
            println!("signed by {key}");
        }
    }
    Ok(Exit::Yes)
}

/// Has the export recorded and sealed, and writes everything through that.
async fn write(global: &Global, out: File) -> anyhow::Result<Manifest> {
    let data = global.data_directory()?;
    let client = Client::of(&data);
    let store = if client.is_there().await {
        let asked: SealAsked = client.post("/api/v1/audit/exports", &SealWish {}).await?;
        let covered = |state: &SealState| state.sealed.as_ref().is_some_and(|sealed| sealed.size >= asked.sequence);
        client.wait_for::<SealState>("/api/v1/audit/seal", covered).await?;
        Store::open_read_only(&data).await?
    } else {
        eprintln!("No service runs: the database is opened for this command alone.");
        seal_alone(&global.load()?, Action::AuditExported, &Clock::system()).await?
    };
    let mut out = BufWriter::new(out);
    let written = store.audit_export(|bytes| out.write_all(bytes)).await;
    store.close().await;
    let manifest = written?;
    out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(manifest)
}

/// Verifies a bundle, with nothing but the file. Exit 0: it holds; 1: it does not.
pub(super) fn verify(global: &Global, file: &Path, key: Option<&PublicKey>) -> anyhow::Result<Exit> {
    let found = match read(file, key)? {
        Ok(verified) => Found::good(&verified.log, key.is_some()),
        Err(fault) => Found::bad(fault.to_string(), fault.entry(), key.is_some()),
    };
    let holds = found.is_good();
    if global.json {
        print_json(&found)?;
    } else {
        found.print();
    }
    if holds && key.is_none() {
        eprintln!(
            "No --key: nothing in it was changed, but that it is the studio's rests on the key that lies in it. \
             Get the studio's key from the studio, and say --key."
        );
    }
    Ok(if holds { Exit::Yes } else { Exit::No })
}

fn read(file: &Path, key: Option<&PublicKey>) -> anyhow::Result<Result<BundleVerified, BundleFault>> {
    let named = || format!("could not read the bundle `{}`", file.display());
    let mut input = File::open(file).with_context(named)?;
    let (mut check, mut piece) = (BundleCheck::default(), vec![0; PIECE]);
    loop {
        let count = input.read(&mut piece).with_context(named)?;
        if count == 0 {
            return Ok(check.finish(key));
        }
        if let Err(fault) = check.push(&piece[..count]) {
            return Ok(Err(fault));
        }
    }
}
