//! Who is looking, and what every page's frame shows.

use axum::http::{HeaderMap, HeaderValue};
use studio_cockpit::model::viewer::{Counts, Flash, FlashTone, Live, Theme, Viewer, WriteSwitch};
use tracing::error;

use crate::domain::actor::Actor;
use crate::domain::decision::Lease;
use crate::domain::kill_switch::{SwitchState, SwitchStep};
use crate::domain::reason::Reason;
use crate::domain::session;
use crate::gate::Writes;
use crate::identity::sessions::SessionRef;
use crate::store;
use crate::web::cockpit::{facts, rules};
use crate::web::cookie::Cookie;
use crate::web::desk::Desk;
use crate::web::live;
use crate::web::origin::PublicOrigin;

/// What a browser is told once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Proposed,
    ProposedBefore,
    Approved,
    ApprovedInPart,
    Rejected,
    DecidedBefore,
    Withdrawn,
    UndoProposed,
    CheckAsked,
    Ignored,
    Unignored,
    ErrandAsked,
    SessionEnded,
    SessionGone,
    OthersEnded,
    StaffChanged,
    FormForgotten,
}

impl Told {
    const ALL: [Self; 17] = [
        Self::Proposed,
        Self::ProposedBefore,
        Self::Approved,
        Self::ApprovedInPart,
        Self::Rejected,
        Self::DecidedBefore,
        Self::Withdrawn,
        Self::UndoProposed,
        Self::CheckAsked,
        Self::Ignored,
        Self::Unignored,
        Self::ErrandAsked,
        Self::SessionEnded,
        Self::SessionGone,
        Self::OthersEnded,
        Self::StaffChanged,
        Self::FormForgotten,
    ];

    /// The code that is kept until the next page.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::ProposedBefore => "proposed-before",
            Self::Approved => "approved",
            Self::ApprovedInPart => "approved-in-part",
            Self::Rejected => "rejected",
            Self::DecidedBefore => "decided-before",
            Self::Withdrawn => "withdrawn",
            Self::UndoProposed => "undo-proposed",
            Self::CheckAsked => "check-asked",
            Self::Ignored => "ignored",
            Self::Unignored => "unignored",
            Self::ErrandAsked => "errand-asked",
            Self::SessionEnded => "session-ended",
            Self::SessionGone => "session-gone",
            Self::OthersEnded => "others-ended",
            Self::StaffChanged => "staff-changed",
            Self::FormForgotten => "form-forgotten",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Proposed => "Proposed. It waits for a colleague's decision.",
            Self::ProposedBefore => "You had sent this form before: here is the proposal that it made.",
            Self::Approved => "Approved. It will be sent to the cloud.",
            Self::ApprovedInPart => "Your approval is noted; another one is needed.",
            Self::Rejected => "Rejected. Nothing will be written.",
            Self::DecidedBefore => "You had decided this already; nothing more was done.",
            Self::Withdrawn => "Withdrawn. Nothing will be written.",
            Self::UndoProposed => "The undo is proposed. It waits for a colleague's decision.",
            Self::Ignored => "Ignored until its time is over. It is in the audit log.",
            Self::Unignored => "It is told of again.",
            Self::ErrandAsked => "Asked for. How far it is stands below; load the page again to see more.",
            Self::SessionEnded => "Ended: that browser is signed out.",
            Self::SessionGone => "There is no such session any more.",
            Self::OthersEnded => "Ended: you are signed in here, and nowhere else.",
            Self::StaffChanged => "Said. It holds from the next request on.",
            Self::FormForgotten => "Forgotten. Nothing was done.",
            Self::CheckAsked => "A look at the cloud was asked for. Its result will be here in a moment.",
        }
    }

    const fn tone(self) -> FlashTone {
        match self {
            Self::Proposed
            | Self::Approved
            | Self::Rejected
            | Self::Withdrawn
            | Self::UndoProposed
            | Self::Ignored
            | Self::Unignored
            | Self::SessionEnded
            | Self::OthersEnded
            | Self::StaffChanged => FlashTone::Good,
            Self::ProposedBefore
            | Self::ApprovedInPart
            | Self::DecidedBefore
            | Self::CheckAsked
            | Self::ErrandAsked
            | Self::SessionGone
            | Self::FormForgotten => FlashTone::Note,
        }
    }
}

/// The words of messages that were kept. One with a code of another release is dropped.
pub(super) fn flashes(kept: &[session::Flash]) -> Vec<Flash> {
    let told = |flash: &session::Flash| Told::ALL.into_iter().find(|told| told.code() == flash.code);
    let shown = |told: Told| Flash { tone: told.tone(), text: told.sentence().to_owned() };
    kept.iter().filter_map(|flash| told(flash).map(shown).or_else(|| rules::told::flash(flash))).collect()
}

/// Where a page is shown, and what it tells once.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) here: String,
    pub(super) flashes: Vec<Flash>,
    pub(super) request_id: &'a str,
    pub(super) live: Option<Live>,
}

/// Where a page stands that is about to be made. Ask before anything that the page shows: what happens in between is
/// told rather than missed.
pub(super) async fn live(desk: &Desk, session: &SessionRef, request_id: &str) -> Option<Live> {
    let ends = session.ends.min(session.idles);
    match desk.store().place().await {
        Ok(place) => Some(Live {
            place: live::words(place),
            seconds: ends.since(desk.now()).as_secs(),
            can_stay: session.idles < session.ends,
        }),
        Err(cause) => {
            let cause = anyhow::Error::new(cause);
            error!(error.id = request_id, "Where the page stands could not be read: {cause:#}");
            None
        }
    }
}

/// The reader of a page.
pub(super) async fn viewer(desk: &Desk, person: Option<&Actor>, frame: Frame<'_>) -> Viewer {
    let settings = desk.settings();
    let (mut flashes, lease) = (frame.flashes, desk.store().lease_answer().await);
    if person.is_some() && lease == Lease::Another {
        flashes.insert(0, Flash { tone: FlashTone::Bad, text: Reason::SecondBox.sentence().to_owned() });
    }
    let counts = match person {
        None => None,
        Some(_) => counts(desk).await.map_or_else(
            |cause| {
                let cause = anyhow::Error::new(cause);
                error!(error.id = frame.request_id, "The numbers beside the navigation could not be read: {cause:#}");
                None
            },
            Some,
        ),
    };
    let silent = person.is_some() && is_silent(desk).await;
    Viewer {
        person: person.map(|actor| facts::actor(&actor.person())),
        studio: settings.studio_name.clone(),
        zone: settings.zone.clone(),
        environment: settings.environment.clone(),
        theme: theme(frame.headers),
        writes: match (desk.gate().settings().writes, stop(desk, person).await, lease) {
            (Writes::Off, _, _) => WriteSwitch::Off { why: Reason::WritesOff.sentence().to_owned() },
            (Writes::On, Some(stopped), _) => stopped,
            (Writes::On, None, _) if silent => WriteSwitch::Off { why: SILENT.to_owned() },
            (Writes::On, None, Lease::Another) => WriteSwitch::Off { why: Reason::SecondBox.sentence().to_owned() },
            (Writes::On, None, Lease::Ours | Lease::Unknown) => WriteSwitch::On,
        },
        counts,
        flashes,
        now: desk.now().to_jiff(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        here: frame.here,
        live: frame.live,
    }
}

/// How the switch stops writes, if it does; strangers are not told.
async fn stop(desk: &Desk, person: Option<&Actor>) -> Option<WriteSwitch> {
    person?;
    let switch = desk.store().kill_switch().await;
    let by = |state: &SwitchState| match state {
        SwitchState::Stopped { last } if last.step == SwitchStep::ResumeRequested => {
            Some(format!("{} asked to resume; another person has to confirm.", last.by.name))
        }
        SwitchState::Stopped { last } => Some(format!("{} stopped all writes.", last.by.name)),
        SwitchState::Running { .. } | SwitchState::Unreadable { .. } => None,
    };
    match switch.may_write() {
        Ok(()) => None,
        Err(reason) => Some(match by(&switch.studio).or_else(|| by(&switch.global)) {
            Some(why) => WriteSwitch::Off { why },
            None if reason == Reason::KillSwitchUnknown => WriteSwitch::Unknown,
            None => WriteSwitch::Off { why: reason.sentence().to_owned() },
        }),
    }
}

/// What is said when the cloud was not heard for too long.
const SILENT: &str = "Read only: the cloud was not heard for too long. Pages show how things stood then.";

/// Was the cloud not heard for longer than anything may rely on the mirror? What can't be read says nothing here.
async fn is_silent(desk: &Desk) -> bool {
    let Ok(targets) = desk.store().targets().await else { return false };
    let heard = targets.iter().filter_map(|target| target.read_time).max();
    heard.is_some_and(|heard| desk.now().since(heard) > desk.settings().bounds.stale_after)
}

async fn counts(desk: &Desk) -> store::Result<Counts> {
    let (proposals, _) = desk.store().proposal_counts().await?;
    let findings = desk.store().finding_count().await?;
    let writes = desk.store().writes_open_count().await?;
    let (intake, _) = desk.store().intake_counts().await?;
    Ok(Counts { proposals, findings, writes, intake })
}

fn theme(headers: &HeaderMap) -> Theme {
    Cookie::Theme.preference(headers).and_then(Theme::parse).unwrap_or_default()
}

/// Makes the browser remember the chosen colours.
pub(super) fn theme_cookie(origin: &PublicOrigin, theme: Theme) -> HeaderValue {
    Cookie::Theme.prefer(origin, theme.word())
}
