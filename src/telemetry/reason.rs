//! Why a job run ended as it did: one word that alerts and tests can rely on.

use std::fmt;

/// One word for why something happened, in lower case with underscores.
///
/// Invariant: `[a-z][a-z0-9_]*`, at most 40 letters, known when compiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReasonCode(&'static str);

impl ReasonCode {
    /// A code of a job's own, as a constant beside the job.
    ///
    /// # Panics
    /// If the word breaks the invariant; in a constant, that is an error of the compiler.
    pub const fn new(word: &'static str) -> Self {
        let bytes = word.as_bytes();
        assert!(!bytes.is_empty() && bytes.len() <= 40 && bytes[0].is_ascii_lowercase(), "BUG: not a reason code");
        let mut index = 0;
        while index < bytes.len() {
            let fits = bytes[index].is_ascii_lowercase() || bytes[index].is_ascii_digit() || bytes[index] == b'_';
            assert!(fits, "BUG: not a reason code");
            index += 1;
        }
        Self(word)
    }

    /// The word.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

macro_rules! reason_codes {
    ($($(#[doc = $what:literal])+ $name:ident = $word:literal;)*) => {
        $($(#[doc = $what])+ pub const $name: ReasonCode = ReasonCode::new($word);)*

        /// Every code all jobs share, with what it means; docs/LOGGING.md lists them.
        pub const ALL: &[(ReasonCode, &str)] = &[$(($name, concat!($($what),+))),*];
    };
}

reason_codes! {
    /// Everything there was to do has been done.
    DONE = "done";
    /// There was nothing to do.
    NOTHING_TO_DO = "nothing_to_do";
    /// Some of it has been done; the rest follows in the next pass.
    PARTLY_DONE = "partly_done";
    /// Turned off in the configuration.
    DISABLED = "disabled";
    /// The kill switch is on, or cannot be read.
    KILL_SWITCH = "kill_switch";
    /// The same job is running already.
    ALREADY_RUNNING = "already_running";
    /// The service is being stopped.
    STOPPED = "stopped";
    /// The mirror is older than it may be.
    MIRROR_STALE = "mirror_stale";
    /// The budget of billed reads is spent.
    BUDGET_SPENT = "budget_spent";
    /// Firestore cannot be reached, or says to try later.
    UNAVAILABLE = "unavailable";
    /// It took longer than allowed.
    DEADLINE_EXCEEDED = "deadline_exceeded";
    /// Our credentials are missing or not accepted.
    UNAUTHENTICATED = "unauthenticated";
    /// Our credentials do not allow it.
    PERMISSION_DENIED = "permission_denied";
    /// A quota of the cloud is spent.
    RESOURCE_EXHAUSTED = "resource_exhausted";
    /// A document changed under us.
    CONFLICT = "conflict";
    /// An answer broke the protocol.
    PROTOCOL_VIOLATION = "protocol_violation";
    /// The database on this machine failed.
    STORE_FAILED = "store_failed";
    /// A file could not be read or written.
    FILE_FAILED = "file_failed";
    /// The run was dropped before it ended: it panicked, or was cancelled.
    ABANDONED = "abandoned";
    /// None of the others; the entry's `error` says what.
    INTERNAL = "internal";
}
