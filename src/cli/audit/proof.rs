//! `audit verify` and `audit prove`: does the log hold, and is an entry in it?

use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::cli::audit::published_key;
use crate::cli::{Exit, Global, print_json};
use crate::domain::audit::checkpoint::PublicKey;
use crate::domain::audit::walk::Verified;
use crate::domain::ids::Hash;
use crate::store::Store;
use crate::store::audit::{AnchorStanding, VerifyError};
use crate::web::api::audit::EntryProof;

/// What was found, for programs.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    holds: bool,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    /// The first entry that can't be trusted, if that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_bad: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<Hash>,
    /// How many of them the newest checkpoint covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoints: Option<u64>,
    /// The keys that signed, oldest first.
    keys: Vec<String>,
    /// The entries that replaced a key without the one before.
    unvouched: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<u64>,
    /// Was a key named that has to have signed?
    pinned: bool,
}

impl Found {
    pub(super) fn good(verified: &Verified, pinned: bool) -> Self {
        Self {
            holds: true,
            fault: None,
            first_bad: None,
            entries: Some(verified.entries),
            root: Some(verified.root),
            sealed: Some(verified.sealed),
            checkpoints: Some(verified.checkpoints),
            keys: verified.keys.iter().map(PublicKey::to_string).collect(),
            unvouched: verified.unvouched.clone(),
            dropped: Some(verified.dropped),
            pinned,
        }
    }

    pub(super) fn bad(fault: String, first_bad: Option<u64>, pinned: bool) -> Self {
        Self {
            holds: false,
            fault: Some(fault),
            first_bad,
            entries: None,
            root: None,
            sealed: None,
            checkpoints: None,
            keys: Vec::new(),
            unvouched: Vec::new(),
            dropped: None,
            pinned,
        }
    }

    pub(super) const fn is_good(&self) -> bool {
        self.holds
    }

    pub(super) fn print(&self) {
        if let Some(fault) = &self.fault {
            println!("The log does NOT hold: {fault}.");
            if let Some(first) = self.first_bad {
                println!("Nothing from entry {first} on can be trusted.");
            }
            return;
        }
        let number = |number: Option<u64>| number.unwrap_or_default();
        println!(
            "{} entries hold, root {}.",
            number(self.entries),
            self.root.map(|root| root.to_string()).unwrap_or_default()
        );
        let checkpoints = match number(self.checkpoints) {
            1 => "1 checkpoint".to_owned(),
            several => format!("{several} checkpoints"),
        };
        println!("{checkpoints}; the newest covers {} entries.", number(self.sealed));
        if number(self.dropped) > 0 {
            println!("{} payloads were dropped; their leaves are in the tree.", number(self.dropped));
        }
        for key in &self.keys {
            println!("signed by {key}");
        }
        for entry in &self.unvouched {
            println!("With entry {entry} the key was replaced, and the one before did not vouch for it.");
        }
    }
}

/// Walks along the whole log. Exit 0: it holds; 1: it does not, or anchors are of another log; 2: could not tell.
pub(super) async fn verify(global: &Global, key: Option<&PublicKey>) -> anyhow::Result<Exit> {
    let data = global.data_directory()?;
    let store = Store::open_read_only(&data).await?;
    let sealed = store.audit_sealed().await?.is_some();
    let published = published_key(&data).filter(|_| sealed);
    let pinned = key.or(published.as_ref());
    let found = match store.audit_verify(pinned).await {
        Ok(verified) => Found::good(&verified, pinned.is_some()),
        Err(VerifyError::Fault(fault)) => Found::bad(fault.to_string(), fault.entry(), pinned.is_some()),
        Err(VerifyError::Store(error)) => return Err(error.into()),
    };
    let foreign = store.audit_standing().await?.filter(|standing| standing.anchors != AnchorStanding::Consistent);
    if global.json {
        print_json(&found)?;
    } else {
        found.print();
        if pinned.is_none() {
            println!("No key was named: that it is the studio's own rests on this database alone.");
        }
    }
    if let Some(foreign) = &foreign {
        eprintln!(
            "error: an anchor of {} entries in Firestore is not of this log ({}): this database is an older copy, or \
             another box writes for this studio",
            foreign.size,
            foreign.anchors.word()
        );
    }
    Ok(if found.holds && foreign.is_none() { Exit::Yes } else { Exit::No })
}

/// Proves one entry. Exit 0: it is in the log; 1: it is not, or no checkpoint covers it yet.
pub(super) async fn prove(global: &Global, sequence: u64) -> anyhow::Result<Exit> {
    let store = Store::open_read_only(&global.data_directory()?).await?;
    let Some(proof) = store.audit_proof(sequence).await? else {
        let there = sequence > 0 && sequence <= store.audit_size().await?;
        let why =
            if there { "no checkpoint covers it yet: one does within a minute" } else { "there is no such entry" };
        eprintln!("error: entry {sequence}: {why}");
        return Ok(Exit::No);
    };
    let holds = proof.holds();
    let shown = EntryProof::of(sequence, proof);
    if global.json {
        print_json(&shown)?;
    } else {
        println!("entry      {}", shown.entry.as_deref().unwrap_or("(its payload was dropped)"));
        println!("leaf       {}", shown.leaf);
        for hash in &shown.path {
            println!("beside     {hash}");
        }
        println!("root       {} of {} entries", shown.root, shown.tree_size);
        println!("\n{}", shown.checkpoint);
        println!("{}", if holds { "The entry is in the log." } else { "The entry is NOT what is in the log." });
    }
    Ok(if holds { Exit::Yes } else { Exit::No })
}

/// Verifies the proof of one entry, with nothing but the file. Exit 0: it holds; 1: it does not.
pub(super) fn verify_proof(global: &Global, file: &Path, key: Option<&PublicKey>) -> anyhow::Result<Exit> {
    let named = || format!("could not read the proof `{}`", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    let proof: EntryProof = serde_json::from_str(&text).with_context(named)?;
    let fault = proof.verify(key).err();
    if global.json {
        let fault = fault.map(|fault| fault.to_string());
        print_json(&serde_json::json!({ "holds": fault.is_none(), "fault": fault, "key_named": key.is_some() }))?;
    } else {
        match fault {
            None => println!("Entry {} is in the log of {} entries that was signed.", proof.sequence, proof.tree_size),
            Some(fault) => println!("The proof of entry {} does NOT hold: {fault}.", proof.sequence),
        }
    }
    if fault.is_none() && key.is_none() {
        eprintln!(
            "No --key: whoever made the file can have signed it. Get the studio's key from the studio, and say --key."
        );
    }
    Ok(if fault.is_none() { Exit::Yes } else { Exit::No })
}
