//! The states of our own things, each with a tone, an icon and words.

use leptos::prelude::*;

use super::{
    badge::{Badge, Tone},
    icon::Glyph,
};
use crate::model::{
    audit::Verdict,
    drift::{FindingKind, FindingState},
    facts::Risk,
    overview::Freshness,
    proposals::{PolicyResult, ProposalState},
    writes::WriteState,
};

/// How far a derived number can be trusted.
pub(crate) fn freshness(freshness: Freshness) -> AnyView {
    let (tone, glyph, word) = match freshness {
        Freshness::Fresh => (Tone::Good, Glyph::Checked, "Fresh"),
        Freshness::Aging => (Tone::Warn, Glyph::Clock, "Aging"),
        Freshness::Stale => (Tone::Bad, Glyph::Warning, "Stale"),
        Freshness::Unknown => (Tone::Quiet, Glyph::Question, "Unknown"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}

/// Where a write stands.
pub(crate) fn write(state: WriteState) -> AnyView {
    let (tone, glyph) = match state {
        WriteState::Intended => (Tone::Active, Glyph::Clock),
        WriteState::Landed => (Tone::Active, Glyph::Check),
        WriteState::Observed => (Tone::Good, Glyph::Checked),
        WriteState::Refused => (Tone::Bad, Glyph::Refused),
        WriteState::Stale => (Tone::Warn, Glyph::Warning),
        WriteState::Unknown => (Tone::Warn, Glyph::Question),
        WriteState::Conflicted => (Tone::Bad, Glyph::Warning),
        WriteState::Abandoned => (Tone::Quiet, Glyph::Cross),
    };
    view! { <Badge tone=tone glyph=glyph word=write_word(state) /> }.into_any()
}

/// A write's state in words.
pub(crate) fn write_word(state: WriteState) -> &'static str {
    match state {
        WriteState::Intended => "Intended",
        WriteState::Landed => "Landed",
        WriteState::Observed => "Observed",
        WriteState::Refused => "Refused",
        WriteState::Stale => "Stale",
        WriteState::Unknown => "Unknown",
        WriteState::Conflicted => "Conflicted",
        WriteState::Abandoned => "Abandoned",
    }
}

/// What a write's state means, in a sentence.
pub(crate) fn write_meaning(state: WriteState) -> &'static str {
    match state {
        WriteState::Intended => "The intent is stored; Firestore has not answered yet.",
        WriteState::Landed => "Firestore accepted it; the mirror has not seen it yet.",
        WriteState::Observed => "Firestore accepted it and the mirror has seen it.",
        WriteState::Refused => "Firestore refused it. Nothing was written.",
        WriteState::Stale => "The document had changed since the approval. Nothing was written.",
        WriteState::Conflicted => {
            "The receipt with this write's key is about another content. Nothing was written; look at both."
        }
        WriteState::Abandoned => "The gate said no before it was sent. Nothing was written.",
        WriteState::Unknown => {
            "The answer was lost. The receipt is being looked up; it is never guessed and never sent twice."
        }
    }
}

/// Where a proposal stands.
pub(crate) fn proposal(state: &ProposalState) -> AnyView {
    let (tone, glyph, word) = match state {
        ProposalState::Waiting => (Tone::Active, Glyph::Clock, "Waiting"),
        ProposalState::Approved => (Tone::Active, Glyph::Check, "Approved"),
        ProposalState::Sent { write: state, .. } => return write(*state),
        ProposalState::Rejected => (Tone::Quiet, Glyph::Cross, "Rejected"),
        ProposalState::Withdrawn => (Tone::Quiet, Glyph::Undo, "Withdrawn"),
        ProposalState::Expired => (Tone::Quiet, Glyph::Clock, "Expired"),
        ProposalState::Stale => (Tone::Warn, Glyph::Warning, "Stale"),
        ProposalState::Denied { .. } => (Tone::Bad, Glyph::Lock, "Denied"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}

/// Where a finding stands.
pub(crate) fn finding(state: &FindingState) -> AnyView {
    let (tone, glyph, word) = match state {
        FindingState::Open => (Tone::Warn, Glyph::Circle, "Open"),
        FindingState::Resolved { .. } => (Tone::Good, Glyph::Checked, "Resolved"),
        FindingState::CouldNotTell { .. } => (Tone::Quiet, Glyph::Question, "Could not tell"),
        FindingState::Ignored(_) => (Tone::Quiet, Glyph::Info, "Ignored"),
        FindingState::Stale => (Tone::Quiet, Glyph::Clock, "Stale"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}

/// What kind of finding, in words.
pub(crate) fn kind_word(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::MirrorDiffers => "Mirror differs",
        FindingKind::MissingInMirror => "Missing in mirror",
        FindingKind::ExtraInMirror => "Extra in mirror",
        FindingKind::CountDiffers => "Count differs",
        FindingKind::WriteOverwritten => "Write overwritten",
        FindingKind::UnknownWord => "Unknown word",
        FindingKind::FlagsDisagree => "Flags disagree",
        FindingKind::NumberDiffers => "Number differs",
        FindingKind::NewField => "New field",
        FindingKind::WrongType => "Wrong type",
        FindingKind::MissingField => "Missing field",
        FindingKind::DanglingReference => "Dangling reference",
        FindingKind::RuleBroken => "Rule broken",
        FindingKind::ClockDiffers => "Clock differs",
        FindingKind::ConfigDiffers => "Configuration differs",
    }
}

/// How much harm a change could do.
pub(crate) fn risk(risk: Risk) -> AnyView {
    let (tone, glyph) = match risk {
        Risk::Low => (Tone::Quiet, Glyph::Circle),
        Risk::Medium => (Tone::Warn, Glyph::Info),
        Risk::High | Risk::Critical => (Tone::Bad, Glyph::Warning),
    };
    view! { <Badge tone=tone glyph=glyph word=risk_word(risk) /> }.into_any()
}

/// The same in words.
pub(crate) const fn risk_word(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "Low risk",
        Risk::Medium => "Medium risk",
        Risk::High => "High risk",
        Risk::Critical => "Critical risk",
    }
}

/// What the policy says of sending a proposal now.
pub(crate) fn policy(result: PolicyResult) -> AnyView {
    match result {
        PolicyResult::Passes => view! { <Badge tone=Tone::Good glyph=Glyph::Checked word="Passes" /> }.into_any(),
        PolicyResult::NeedsApprovals => {
            view! { <Badge tone=Tone::Active glyph=Glyph::Person word="Needs approval" /> }.into_any()
        }
        PolicyResult::Held { why } => view! {
            <Badge tone=Tone::Warn glyph=Glyph::Lock word="Held" />
            <span class="row-note">{why}</span>
        }
        .into_any(),
    }
}

/// Whether the gate let it happen.
pub(crate) fn verdict(verdict: Verdict) -> AnyView {
    let (tone, glyph, word) = match verdict {
        Verdict::Allow => (Tone::Good, Glyph::Check, "Allowed"),
        Verdict::Deny => (Tone::Bad, Glyph::Lock, "Denied"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}
