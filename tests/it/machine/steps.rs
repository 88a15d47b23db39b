//! What may happen to a mirror, drawn by chance.

use std::fmt;
use std::time::Duration;

use tonic::Code;

use super::values::{Fields, some_fields};
use crate::dice::Dice;

/// The collections that are mirrored.
pub(super) const COLLECTIONS: [&str; 3] = ["batches", "reservations", "members"];

/// The ids of their documents: few, so that the same one is written, deleted and made again.
const IDS: [&str; 12] =
    ["a", "b", "c", "__id7__", "__id12__", "with space", "quote\"'`", "ü😀", "a.b", "~", "d-001", "%2F"];

/// One thing that happens.
#[derive(Clone)]
pub(super) enum Step {
    /// A document is replaced, or made.
    Put(String, Fields),
    /// Some fields of a document are set.
    Merge(String, Fields),
    /// A document is written as it already is.
    Same(String),
    /// A document is deleted, if it is there.
    Delete(String),
    /// A document is deleted and made again.
    Recreate(String, Fields),
    /// Several documents change in one commit; none: that one is deleted.
    Commit(Vec<(String, Option<Fields>)>),
    /// A document is deleted, and the stream never says so: only its count does.
    DeleteSilently(String),
    /// The stream breaks.
    Break,
    /// The stream says nothing more.
    Hold,
    /// The stream speaks again.
    Release,
    /// The server goes away.
    ServerDown,
    /// The server comes back with its data.
    ServerUp,
    /// Time passes: tokens, read times and cheap resumption grow too old.
    Age(Duration),
    /// The next call of a method fails.
    Fail(&'static str, Code),
    /// The mirror is told to stop.
    Stop,
    /// The mirror is lost half way, and the database is opened again.
    Crash,
    /// The mirror is started again.
    Start,
    /// The mirror gets a moment to work in.
    Breathe(Duration),
    /// Everything works again; then the mirror holds what the server holds.
    Quiet,
}

/// The steps of a seed. A longer list of the same seed starts with the shorter one.
pub(super) fn steps_of(seed: u64, count: usize) -> Vec<Step> {
    let mut dice = Dice::of(seed);
    let mut steps: Vec<Step> = (0..count).map(|_| Step::any(&mut dice)).collect();
    steps.push(Step::Quiet);
    steps
}

impl Step {
    fn any(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..16 => Self::Put(any_path(dice), some_fields(dice)),
            16..24 => Self::Merge(any_path(dice), some_fields(dice)),
            24..27 => Self::Same(any_path(dice)),
            27..36 => Self::Delete(any_path(dice)),
            36..41 => Self::Recreate(any_path(dice), some_fields(dice)),
            41..50 => Self::Commit((0..=dice.below(6)).map(|_| any_write(dice)).collect()),
            50..53 => Self::DeleteSilently(any_path(dice)),
            53..57 => Self::Break,
            57..59 => Self::Hold,
            59..62 => Self::Release,
            62..64 => Self::ServerDown,
            64..67 => Self::ServerUp,
            67..71 => Self::Age(Duration::from_secs(60 * *dice.one_of(&[1, 35, 55, 61, 600]))),
            71..77 => any_failure(dice),
            77..79 => Self::Stop,
            79..82 => Self::Crash,
            82..86 => Self::Start,
            86..93 => Self::Breathe(Duration::from_millis(*dice.one_of(&[1, 3, 10, 40]))),
            _ => Self::Quiet,
        }
    }
}

fn any_path(dice: &mut Dice) -> String {
    format!("{}/{}", dice.one_of(&COLLECTIONS), dice.one_of(&IDS))
}

fn any_write(dice: &mut Dice) -> (String, Option<Fields>) {
    (any_path(dice), (dice.below(4) > 0).then(|| some_fields(dice)))
}

fn any_failure(dice: &mut Dice) -> Step {
    let method = *dice.one_of(&["Listen", "Listen", "Listen", "RunQuery", "RunAggregationQuery", "BatchGetDocuments"]);
    let codes = [
        Code::Unavailable,
        Code::Internal,
        Code::Unknown,
        Code::Aborted,
        Code::Cancelled,
        Code::DeadlineExceeded,
        Code::ResourceExhausted,
        Code::Unauthenticated,
        Code::InvalidArgument,
        Code::FailedPrecondition,
        Code::OutOfRange,
        Code::PermissionDenied,
        Code::NotFound,
        Code::DataLoss,
    ];
    Step::Fail(method, *dice.one_of(&codes))
}

impl fmt::Debug for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put(path, fields) => write!(out, "put {path} ({} fields)", fields.len()),
            Self::Merge(path, fields) => write!(out, "merge {path} ({} fields)", fields.len()),
            Self::Same(path) => write!(out, "write {path} as it is"),
            Self::Delete(path) => write!(out, "delete {path}"),
            Self::Recreate(path, _) => write!(out, "recreate {path}"),
            Self::Commit(writes) => {
                let words = writes.iter().map(|(path, fields)| match fields {
                    Some(_) => format!("put {path}"),
                    None => format!("delete {path}"),
                });
                write!(out, "commit [{}]", words.collect::<Vec<_>>().join(", "))
            }
            Self::DeleteSilently(path) => write!(out, "delete {path} silently"),
            Self::Break => write!(out, "break the stream"),
            Self::Hold => write!(out, "hold the stream"),
            Self::Release => write!(out, "release the stream"),
            Self::ServerDown => write!(out, "take the server away"),
            Self::ServerUp => write!(out, "bring the server back"),
            Self::Age(by) => write!(out, "let {} minutes pass", by.as_secs() / 60),
            Self::Fail(method, code) => write!(out, "fail the next {method} with {code:?}"),
            Self::Stop => write!(out, "stop the mirror"),
            Self::Crash => write!(out, "crash the mirror"),
            Self::Start => write!(out, "start the mirror"),
            Self::Breathe(time) => write!(out, "wait up to {time:?} for a change"),
            Self::Quiet => write!(out, "quiet: mirror = truth"),
        }
    }
}
