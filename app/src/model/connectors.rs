//! What the box is connected to, and how each connection does.

use jiff::Timestamp;

use super::{overview::Freshness, trouble::Panel};

/// Every connector.
#[derive(Debug, Clone)]
pub struct Connectors {
    /// The studio's Firestore.
    pub firestore: Panel<Firestore>,
}

/// The connection to Firestore.
#[derive(Debug, Clone)]
pub struct Firestore {
    /// How it does as a whole.
    pub health: Health,
    /// The cloud project; `None` when nobody said.
    pub project: Option<String>,
    /// The database in it; `None` when nobody said.
    pub database: Option<String>,
    /// What the listen stream does now.
    pub stream: Stream,
    /// What went wrong last since the service started; `None`: nothing did, or it is not known.
    pub failure: Option<Failure>,
    /// Every mirrored collection.
    pub sources: Vec<Source>,
    /// Collections of the cloud that nobody configured.
    pub not_mirrored: Vec<String>,
    /// When the cloud was last asked which collections there are.
    pub looked: Option<Timestamp>,
}

/// How a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Everything is heard of within its bound.
    Well,
    /// Some of it is.
    Degraded,
    /// Nothing is.
    Lost,
    /// Nothing was ever heard, and nothing went wrong either.
    Unknown,
}

/// What a stream does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// It was opened, or is being opened.
    Open {
        /// When.
        since: Timestamp,
    },
    /// It is opened again later.
    Waiting {
        /// When.
        until: Timestamp,
        /// How many attempts in a row have failed; 0: it ended as it should.
        failures: u32,
    },
    /// What keeps it has ended.
    Ended {
        /// When it was last heard of, if ever.
        at: Option<Timestamp>,
    },
    /// Nobody tells.
    Unknown,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// Its class, such as `unavailable`.
    pub class: String,
    /// What it means and what happens next, in a sentence or two.
    pub meaning: String,
    /// What was met, in a sentence.
    pub what: String,
}

/// One collection as it is heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub collection: String,
    /// What is done with it.
    pub following: Following,
    /// How far what it says can be trusted now.
    pub freshness: Freshness,
    /// The cloud's read time as of which it is shown; `None`: it was never read.
    pub read: Option<Timestamp>,
    /// When the cloud was last heard about it, by our clock.
    pub heard: Option<Timestamp>,
    /// How old it may be, in seconds.
    pub bound: u64,
    /// What went wrong with it last; `None` once it works again.
    pub failure: Option<(Timestamp, String)>,
}

/// What is done with a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// Changes arrive as they happen.
    Listening,
    /// Changes since it was read are being fetched.
    CatchingUp,
    /// It is being read as a whole.
    Reading,
    /// The cloud refuses it.
    Refused,
}
