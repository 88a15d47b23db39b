//! Who is looking, from where, and what every page's frame shows.

use jiff::{Timestamp, tz::TimeZone};

use super::facts::Actor;

/// The reader of a page and everything its frame needs.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who is signed in; `None` on the sign-in page and on errors before a session is known.
    pub person: Option<Actor>,
    /// The studio's name, such as `Monsoon West`.
    pub studio: String,
    /// The studio's time zone, in which times are shown.
    pub zone: TimeZone,
    /// Which truth the mirror follows.
    pub environment: Environment,
    /// The chosen colours, from the preference cookie.
    pub theme: Theme,
    /// Whether approved writes may leave for Firestore.
    pub writes: WriteSwitch,
    /// Numbers beside the navigation; `None` when they could not be read (shown as nothing, never as zero).
    pub counts: Option<Counts>,
    /// Messages left by the action that led here, shown once.
    pub flashes: Vec<Flash>,
    /// When this page is made.
    pub now: Timestamp,
    /// The version of the service.
    pub version: String,
    /// Path and query of this request: where retry links and the theme form lead back to.
    pub here: String,
    /// What scripts need to tell of what changes while the page is read; `None` when nobody is signed in, or it could
    /// not be read.
    pub live: Option<Live>,
}

/// Where a page stands, for scripts that tell what changes afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// The id of the last change that the page shows, such as `1042.88`.
    pub place: String,
    /// How long the reader's session lasts, in seconds.
    pub seconds: u64,
    /// Does it last longer if it is used?
    pub can_stay: bool,
}

/// Which truth the mirror follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// The built-in sandbox: nothing real is touched.
    Sandbox,
    /// A Firestore emulator at this address.
    Emulator {
        /// Host and port.
        host: String,
    },
    /// The studio's real Firestore.
    Production {
        /// The cloud project.
        project: String,
    },
}

/// The chosen colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order the switch shows them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The word used in the cookie and in the form field `theme`.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word of a cookie or form field.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }
}

/// Whether approved writes may leave for Firestore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteSwitch {
    /// Approved writes are sent.
    On,
    /// Nothing is sent; `why` says who or what turned it off.
    Off {
        /// One sentence.
        why: String,
    },
    /// The switch could not be read, which counts as off.
    Unknown,
}

/// Numbers beside the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Proposals that wait for a decision.
    pub proposals: u64,
    /// Open findings.
    pub findings: u64,
    /// Writes whose outcome is unknown or that are stuck.
    pub writes: u64,
    /// Texts that wait for a person.
    pub intake: u64,
}

/// A message shown once, after an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// How it went.
    pub tone: FlashTone,
    /// One sentence.
    pub text: String,
}

/// How an action went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashTone {
    /// It worked.
    Good,
    /// Worth knowing.
    Note,
    /// It did not work.
    Bad,
}
