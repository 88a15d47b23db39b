//! `db …`: copies of the database, bringing one back, and whether a database is whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::cli::{Exit, Global, print_json};
use crate::clock::Clock;
use crate::domain::ids::{Hash, StudioId};
use crate::domain::kill_switch::{SwitchScope, SwitchState};
use crate::domain::time::Timestamp;
use crate::store::audit::AuditQuery;
use crate::store::backup::{Backup, BackupError, Checked, Replace, Restoration, Soundness, restore};
use crate::store::{DirectoryLock, LockError, OpenError, Store};

/// Copy the database, bring a copy back, check one.
#[derive(Debug, Subcommand)]
pub(super) enum Db {
    /// Copy the database to FILE while the service runs: exit 0 copied and checked, 1 not sound or FILE exists, 2 trouble
    #[command(
        after_help = "Example:\n  studio-brain db backup /backup/studio-2026-03-18.db --data /var/lib/studio-brain"
    )]
    Backup {
        /// The copy, which must not exist
        file: PathBuf,
    },
    /// Bring a copy back while no service runs: exit 0 done, 1 refused, 2 trouble
    #[command(
        after_help = "Example:\n  systemctl stop studio-brain\n  studio-brain db restore /backup/studio-2026-03-18.db --replace --data /var/lib/studio-brain"
    )]
    Restore {
        /// The copy
        file: PathBuf,
        /// Move a database that is there aside; without this, nothing is done when there is one
        #[arg(long)]
        replace: bool,
    },
    /// Check a database: exit 0 whole, 1 something is wrong, 2 could not tell
    #[command(
        after_help = "Example:\n  studio-brain db check --data /var/lib/studio-brain\n  studio-brain db check /backup/studio-2026-03-18.db --json"
    )]
    Check {
        /// A copy [default: the data directory's database, also while the service runs]
        file: Option<PathBuf>,
        /// Also say how many rows each table has, and a hash of them, to compare two databases by content
        #[arg(long)]
        contents: bool,
    },
}

/// One thing that was checked.
#[derive(Debug, Serialize)]
struct Line {
    check: &'static str,
    verdict: &'static str,
    says: String,
}

/// A copy that was taken.
#[derive(Debug, Serialize)]
struct Taken {
    file: PathBuf,
    bytes: u64,
    sha256: Hash,
    studio: StudioId,
    /// The last entry of the audit log in it.
    audit_entries: u64,
    /// When that entry was made.
    as_of: Option<Timestamp>,
    copied_in_ms: u64,
    checked_in_ms: u64,
    checks: Vec<Line>,
}

/// How much a table holds.
#[derive(Debug, Serialize)]
struct Held {
    table: String,
    rows: i64,
    hash: Hash,
}

impl Db {
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        let ended = match self {
            Self::Backup { file } => backup(global, file).await,
            Self::Restore { file, replace } => {
                let replace = if *replace { Replace::MoveAside } else { Replace::Never };
                bring_back(global, file, replace).await
            }
            Self::Check { file, contents } => check(global, file.as_deref(), *contents).await,
        };
        match ended.as_ref().err().and_then(|error| error.downcast_ref::<BackupError>()) {
            Some(no) if no.is_no() => {
                eprintln!("error: {no}");
                Ok(Exit::No)
            }
            Some(_) | None => ended,
        }
    }
}

async fn backup(global: &Global, file: &Path) -> anyhow::Result<Exit> {
    let data = global.data_directory()?;
    let (clock, store) = (Clock::system(), Store::open_read_only(&data).await?);
    let backup = Backup::at(file)?;
    let (watch, bar) = (clock.stopwatch(), progress(global, store.size().await?));
    copied(&backup, &store, &bar).await?;
    let copied_in_ms = millis(watch.elapsed());
    bar.set_message("checking");
    let watch = clock.stopwatch();
    let checks = backup.check().await?;
    bar.finish_and_clear();
    if let Some(wrong) = checks.iter().find(|checked| checked.soundness != Soundness::Sound) {
        let why = format!("{}: {}; check the database itself with `studio-brain db check`", wrong.what, wrong.says);
        return Err(BackupError::Unsound { file: file.to_owned(), why }.into());
    }
    let checked_in_ms = millis(watch.elapsed());
    let studio = store.studio().clone();
    store.close().await;
    let copied = backup.keep().await?;
    let kept = Store::open_file(file).await?;
    let last = kept.audit_entries(&AuditQuery::default(), 1).await?.pop();
    kept.close().await;
    let taken = Taken {
        file: file.to_owned(),
        bytes: copied.bytes,
        sha256: copied.hash,
        studio,
        audit_entries: last.as_ref().map_or(0, |entry| entry.sequence),
        as_of: last.map(|entry| entry.event.at),
        copied_in_ms,
        checked_in_ms,
        checks: lines(&checks),
    };
    if global.json {
        print_json(&taken)?;
        return Ok(Exit::Yes);
    }
    let as_of = taken.as_of.map_or_else(|| "with an empty audit log".to_owned(), |at| format!("of {at}"));
    println!("Copied to {}", taken.file.display());
    println!("  size       {} ({} bytes)", size(taken.bytes), taken.bytes);
    println!("  time       {copied_in_ms} ms to copy, {checked_in_ms} ms to check");
    println!("  as of      audit entry {} {as_of}", taken.audit_entries);
    println!("  sha256     {}", taken.sha256);
    print(&taken.checks);
    Ok(Exit::Yes)
}

/// Copies, and shows on a terminal how far it is.
async fn copied(backup: &Backup, store: &Store, bar: &ProgressBar) -> anyhow::Result<()> {
    let copy = backup.copy(store);
    tokio::pin!(copy);
    let mut look = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            done = &mut copy => return done.map_err(Into::into),
            _ = look.tick() => bar.set_position(backup.written()),
        }
    }
}

fn progress(global: &Global, bytes: u64) -> ProgressBar {
    let target = if global.json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(bytes), target).with_message("copying");
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {elapsed}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

async fn bring_back(global: &Global, file: &Path, replace: Replace) -> anyhow::Result<Exit> {
    let data = global.data_directory()?;
    std::fs::create_dir_all(&data).with_context(|| format!("could not make `{}`", data.display()))?;
    // No service starts beside it, from before it opens the database.
    let _alone = match DirectoryLock::take(&data) {
        Err(LockError::InUse { .. }) => {
            eprintln!("error: a service runs with `{}`: stop it first", data.display());
            return Ok(Exit::No);
        }
        taken => taken?,
    };
    let wanted = match &global.config {
        Some(_) => Some(StudioId::parse(global.load()?.studio.id)?),
        None => None,
    };
    let now = Clock::system().now().into();
    let (restoration, aside) = restore(file, &data, wanted.as_ref(), replace, now).await?;
    let store = Store::open_read_only(&data).await?;
    let stands = as_they_were(&store, now).await?;
    let studio = store.studio().clone();
    store.close().await;
    if global.json {
        print_json(&serde_json::json!({
            "database": Store::file_in(&data), "studio": studio, "copy": file, "sha256": restoration.copy_hash,
            "audit_entries": restoration.copy_entries, "as_of": restoration.copy_as_of, "moved_aside": aside,
            "as_they_were": stands,
        }))?;
        return Ok(Exit::Yes);
    }
    println!("Restored {} from {}", Store::file_in(&data).display(), file.display());
    tell_restoration(&restoration);
    if let Some(aside) = aside {
        println!("  moved aside   {}", aside.display());
    }
    println!("What people decided is as it was then:");
    for (what, how) in &stands {
        println!("  {what:<13} {how}");
    }
    println!(
        "Before you start the service: is what was stopped still stopped, and is no other service of this studio running?"
    );
    Ok(Exit::Yes)
}

fn tell_restoration(restoration: &Restoration) {
    let as_of = restoration.copy_as_of.map_or_else(|| "an empty log".to_owned(), |at| at.to_string());
    println!("  as of         audit entry {} of {as_of}", restoration.copy_entries);
    println!("  sha256        {}", restoration.copy_hash);
}

/// What a restored database brings back, although it may have been decided otherwise since.
async fn as_they_were(store: &Store, now: Timestamp) -> anyhow::Result<Vec<(&'static str, String)>> {
    let switch = store.kill_switch().await;
    let state = |scope| match switch.of(scope) {
        SwitchState::Running { since } => format!("running since {since}"),
        SwitchState::Stopped { last } => format!("stopped since {} by {}", last.at, last.by.name),
        SwitchState::Unreadable { why } => format!("unreadable, so nothing leaves: {why}"),
    };
    let approved = store.proposals_ready(now, u16::MAX).await?.len();
    let (_, open) = store.write_counts().await?;
    let exemptions = store.exemptions(u16::MAX).await?;
    let live = exemptions.iter().filter(|exemption| exemption.holds_at(now)).count();
    let keys = store.agent_keys(u16::MAX).await?.len();
    Ok(vec![
        ("kill switch", format!("studio {}; global {}", state(SwitchScope::Studio), state(SwitchScope::Global))),
        ("approved", format!("{approved} proposals that a start sends, each only if its document is unchanged")),
        ("under way", format!("{open} writes that a start looks up by their receipts")),
        ("exemptions", format!("{live} that hold, also those that were revoked since")),
        ("agents' keys", format!("{keys}, also those that were revoked since")),
    ])
}

async fn check(global: &Global, file: Option<&Path>, contents: bool) -> anyhow::Result<Exit> {
    let file = match file {
        Some(file) => file.to_owned(),
        None => Store::file_in(&global.data_directory()?),
    };
    let store = match Store::open_file(&file).await {
        Ok(store) => store,
        Err(error) if error.is_damage() => {
            let why = "it is no database of ours, or damaged".to_owned();
            return Err(BackupError::Unsound { file, why }.into());
        }
        Err(error @ OpenError::Missing { .. }) => return Err(error).context("could not check"),
        Err(error) => return Err(error.into()),
    };
    let mut checks = store.check().await;
    checks.push(store.check_mirror().await);
    let held = if contents { Some(held(&store).await?) } else { None };
    store.close().await;
    let has = |soundness| checks.iter().any(|checked| checked.soundness == soundness);
    let exit = match (has(Soundness::Wrong), has(Soundness::Unknown)) {
        (true, _) => Exit::No,
        (false, true) => Exit::Unknown,
        (false, false) => Exit::Yes,
    };
    let checks = lines(&checks);
    if global.json {
        print_json(
            &serde_json::json!({ "file": file, "sound": exit == Exit::Yes, "checks": checks, "contents": held }),
        )?;
        return Ok(exit);
    }
    println!("{}", file.display());
    print(&checks);
    for Held { table, rows, hash } in held.iter().flatten() {
        println!("  {table:<24} {rows:>9} rows  {hash}");
    }
    Ok(exit)
}

async fn held(store: &Store) -> anyhow::Result<Vec<Held>> {
    let contents = store.contents().await?;
    Ok(contents.into_iter().map(|(table, sum)| Held { table, rows: sum.documents, hash: sum.hash() }).collect())
}

fn lines(checks: &[Checked]) -> Vec<Line> {
    let line = |checked: &Checked| Line {
        check: checked.what,
        verdict: match checked.soundness {
            Soundness::Sound => "sound",
            Soundness::Wrong => "wrong",
            Soundness::Unknown => "unknown",
        },
        says: checked.says.clone(),
    };
    checks.iter().map(line).collect()
}

fn print(checks: &[Line]) {
    for Line { check, verdict, says } in checks {
        println!("  {verdict:<8} {check:<18} {says}");
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn size(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
