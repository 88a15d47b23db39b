//! How the mirror tells people how its stream does.

use std::time::Duration;

use crate::authority::Error as Authority;
use crate::domain::time::Timestamp;
use crate::jobs::mirror::MirrorError;
use crate::telemetry::{JobBoard, ReasonCode, RunEnd, Seat};

/// The mirror's name on the board; each of its runs is one stream.
const NAME: &str = "mirror";

/// What it does, for people.
const ABOUT: &str = "Listens to the cloud and keeps the mirror as it is there; each run is one stream.";

/// A stream ended as it should, and is opened again.
const DUE: ReasonCode = ReasonCode::new("stream_due");

/// The mirror's place on the board; nobody is told without one.
#[derive(Debug, Default)]
pub(super) struct Teller(Option<Seat>);

impl Teller {
    pub(super) fn on(board: &JobBoard) -> Self {
        Self(Some(board.seat(NAME, ABOUT)))
    }

    /// A stream is opened.
    pub(super) fn opens(&mut self, now: Timestamp) {
        if let Some(seat) = &mut self.0 {
            seat.began(now);
        }
    }

    /// The stream tells of changes.
    pub(super) fn works(&mut self) {
        if let Some(seat) = &mut self.0 {
            seat.recovered();
        }
    }

    /// A stream ended, as it should or not; the next one is opened after this long.
    pub(super) fn closed(&mut self, failure: Option<&MirrorError>, now: Timestamp, wait: Duration) {
        let end = match failure {
            None => RunEnd::Worked(DUE),
            Some(failure) => RunEnd::Failed(failure.class(), failure.told()),
        };
        if let Some(seat) = &mut self.0 {
            seat.ended(None, end, now, now.plus(wait));
        }
    }
}

impl MirrorError {
    /// What class of trouble it is: what people do about it depends on that alone.
    fn class(&self) -> ReasonCode {
        match self {
            Self::Authority(error) if error.is_exhausted() => ReasonCode::new("quota_exhausted"),
            Self::Authority(error) if error.is_refused() => ReasonCode::new("refused"),
            Self::Authority(Authority::Connect { .. }) => ReasonCode::new("unreachable"),
            Self::Authority(Authority::Timeout { .. }) => ReasonCode::new("no_answer"),
            Self::Authority(Authority::Malformed { .. }) | Self::Protocol(_) => ReasonCode::new("protocol"),
            Self::Authority(error) if error.is_transient() => ReasonCode::new("unavailable"),
            Self::Authority(_) => ReasonCode::new("refused"),
            Self::Store(_) => ReasonCode::new("not_stored"),
            Self::Ended => ReasonCode::new("stream_ended"),
            Self::Dropped { .. } => ReasonCode::new("dropped"),
            Self::AllRefused => ReasonCode::new("refused"),
            Self::Braked => ReasonCode::new("budget_spent"),
            Self::Incomplete { .. } => ReasonCode::new("incomplete"),
        }
    }

    /// What was met, without the words of whoever is behind it.
    fn told(&self) -> String {
        match self {
            Self::Authority(error) => format!("{self}: {error}"),
            Self::Store(_)
            | Self::Protocol(_)
            | Self::Ended
            | Self::Dropped { .. }
            | Self::AllRefused
            | Self::Braked
            | Self::Incomplete { .. } => self.to_string(),
        }
    }
}
