//! Who is looking, and what every page's frame shows.

use axum::http::{HeaderMap, HeaderValue, header};
use studio_cockpit::model::viewer::{Counts, Flash, FlashTone, Theme, Viewer, WriteSwitch};
use tracing::error;

use crate::domain::actor::Actor;
use crate::domain::decision::Lease;
use crate::domain::reason::Reason;
use crate::domain::session;
use crate::gate::Writes;
use crate::store;
use crate::web::cockpit::facts;
use crate::web::desk::Desk;

/// The cookie that keeps the chosen colours: a preference, and no secret.
const THEME: &str = "sb-theme";

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
}

impl Told {
    const ALL: [Self; 11] = [
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
            | Self::Unignored => FlashTone::Good,
            Self::ProposedBefore | Self::ApprovedInPart | Self::DecidedBefore | Self::CheckAsked => FlashTone::Note,
        }
    }
}

/// The words of messages that were kept. One with a code of another release is dropped.
pub(super) fn flashes(kept: &[session::Flash]) -> Vec<Flash> {
    let told = |flash: &session::Flash| Told::ALL.into_iter().find(|told| told.code() == flash.code);
    kept.iter().filter_map(told).map(|told| Flash { tone: told.tone(), text: told.sentence().to_owned() }).collect()
}

/// Where a page is shown, and what it tells once.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) here: String,
    pub(super) flashes: Vec<Flash>,
    pub(super) request_id: &'a str,
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
    Viewer {
        person: person.map(|actor| facts::actor(&actor.person())),
        studio: settings.studio_name.clone(),
        zone: settings.zone.clone(),
        environment: settings.environment.clone(),
        theme: theme(frame.headers),
        writes: match (desk.gate().settings().writes, lease) {
            (Writes::On, Lease::Another) => WriteSwitch::Off { why: Reason::SecondBox.sentence().to_owned() },
            (Writes::On, Lease::Ours | Lease::Unknown) => WriteSwitch::On,
            (Writes::Off, _) => WriteSwitch::Off { why: Reason::WritesOff.sentence().to_owned() },
        },
        counts,
        flashes,
        now: desk.now().to_jiff(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        here: frame.here,
    }
}

async fn counts(desk: &Desk) -> store::Result<Counts> {
    let (proposals, _) = desk.store().proposal_counts().await?;
    let findings = desk.store().finding_count().await?;
    let writes = desk.store().write_open_count().await?;
    Ok(Counts { proposals, findings, writes })
}

fn theme(headers: &HeaderMap) -> Theme {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == THEME).and_then(|(_, word)| Theme::parse(word)).unwrap_or_default()
}

/// Makes the browser remember the chosen colours.
pub(super) fn theme_cookie(theme: Theme) -> HeaderValue {
    let cookie = format!("{THEME}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", theme.word());
    HeaderValue::from_str(&cookie).expect("BUG: a theme's word is printable")
}
