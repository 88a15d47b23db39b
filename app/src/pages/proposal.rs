//! One proposal: what it would do, whether it still fits, who decided, and the form to decide.

use leptos::prelude::*;

use super::decide;
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::{Effect, FieldChange, TimelineEvent},
        forms::{DecisionForm, FormProblem},
        proposals::{Choice, Decision, DocumentChange, DryRun, DryRunVerdict, ProposalDetail, ProposalState},
    },
    parts::{
        absence::panel,
        badge::{Badge, Notice, Tone},
        diff::{Diff, Sides, tally},
        field::ErrorSummary,
        icon::{Glyph, Icon},
        naming::{Code, Fact, ShortHash, Who},
        state,
        timeline::Timeline,
        when::{Revision, When},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(proposal: ProposalDetail, form: DecisionForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = match &form.problem {
        None => Vec::new(),
        Some(FormProblem::Reason(message)) => vec![(Some("reason"), message.clone())],
        Some(FormProblem::Whole(message)) => vec![(None, message.clone())],
    };
    let title = format!("{} · Proposal", proposal.row.summary);
    let aside = facts(&proposal);
    let deciding = decide::panel(&proposal, form);
    let ProposalDetail { row, reason, documents, rollback, missing, decisions, timeline, .. } = proposal;
    let lede = view! {
        <p class="badges">{state::proposal(&row.state)} {state::risk(row.risk)} <span>{row.capability.title}</span></p>
    }
    .into_any();
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=row.summary lede=lede back=Some((paths::PROPOSALS, "Proposals")) />
        {ended(&row.state)}
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="why">
                    <h2 id="why">"Why"</h2>
                    <blockquote>{reason}</blockquote>
                    <p class="aside"><Who actor=row.proposer /> ", " <When at=row.proposed_at /></p>
                </section>
                {changes(documents)}
                <section aria-labelledby="rollback">
                    <h2 id="rollback">"If it turns out wrong"</h2>
                    <p>{rollback}</p>
                </section>
                <section aria-labelledby="history">
                    <h2 id="history">"What happened so far"</h2>
                    {panel(timeline, history)}
                </section>
            </div>
            <aside class="split-side" aria-label="Decision and facts">{given(decisions)} {still_missing(missing)} {deciding} {aside}</aside>
        </div>
    }
    .into_any();
    Sheet::new(Section::Proposals, title, body).with_status(status)
}

fn ended(state: &ProposalState) -> Option<AnyView> {
    let (tone, glyph, text) = match state {
        ProposalState::Waiting | ProposalState::Approved | ProposalState::Rejected | ProposalState::Withdrawn => {
            return None;
        }
        ProposalState::Sent { write_id, write } => {
            let href = paths::write(write_id);
            let meaning = state::write_meaning(*write);
            return Some(
                view! {
                    <Notice tone=Tone::Active glyph=Glyph::Write>
                        <p>{meaning} " " <a href=href>"See the write"</a></p>
                    </Notice>
                }
                .into_any(),
            );
        }
        ProposalState::Expired => (
            Tone::Quiet,
            Glyph::Clock,
            "It expired before it could be sent. Propose it again if it is still wanted.".to_owned(),
        ),
        ProposalState::Stale => (
            Tone::Warn,
            Glyph::Warning,
            "The document changed after this was proposed. Nothing was written; propose it again from its state now."
                .to_owned(),
        ),
        ProposalState::Denied { why } => {
            (Tone::Bad, Glyph::Lock, format!("It was denied when it was about to be sent: {why}"))
        }
    };
    Some(view! { <Notice tone=tone glyph=glyph><p>{text}</p></Notice> }.into_any())
}

/// Each document's change, one by one; a single one needs no heading of its own.
fn changes(documents: Vec<DocumentChange>) -> AnyView {
    let count = documents.len();
    if count == 1 {
        return documents.into_iter().map(only_change).collect_view().into_any();
    }
    view! {
        <section aria-labelledby="change">
            <h2 id="change">{format!("Changes to {count} documents")}</h2>
            <p class="aside">"One commit: all of them land, or none."</p>
            {documents.into_iter().enumerate().map(|(at, document)| one_of_many(at + 1, document)).collect_view()}
        </section>
    }
    .into_any()
}

fn only_change(document: DocumentChange) -> AnyView {
    let DocumentChange { effect, changes, base, dry_run, .. } = document;
    view! {
        <section aria-labelledby="change">
            <h2 id="change">"Change"</h2>
            {fields(effect, changes)}
        </section>
        <section aria-labelledby="dry-run">
            <h2 id="dry-run">"Dry run"</h2>
            {panel(dry_run, move |run| dry(run, base))}
        </section>
    }
    .into_any()
}

fn one_of_many(place: usize, document: DocumentChange) -> AnyView {
    let id = format!("change-{place}");
    let labelled = id.clone();
    let DocumentChange { document, effect, changes, base, dry_run, write_id, undo_of } = document;
    view! {
        <section aria-labelledby=labelled class="card">
            <h3 id=id>{format!("{place}. ")} <Code text=document /></h3>
            {write_id.map(|id| view! { <p><a href=paths::write(&id)>"See its write"</a></p> })}
            {undo_of.map(|id| view! { <p><a href=paths::write(&id)>"The write that it undoes"</a></p> })}
            {fields(effect, changes)}
            {panel(dry_run, move |run| dry(run, base))}
        </section>
    }
    .into_any()
}

fn fields(effect: Effect, changes: Vec<FieldChange>) -> AnyView {
    let what = match effect {
        Effect::Create => "Creates a document",
        Effect::Update => "Changes a document",
        Effect::Delete => "Deletes a document",
    };
    let summary = format!("{what}: {}", tally(&changes));
    let sides = Sides { caption: "Fields before and after", before: "Now", after: "After" };
    view! {
        <p class="aside">{summary}</p>
        <Diff changes=changes sides=sides />
    }
    .into_any()
}

fn dry(run: DryRun, base: Option<jiff::Timestamp>) -> AnyView {
    let (tone, glyph, word, sentence) = match run.verdict {
        DryRunVerdict::Current => {
            let sentence = match base {
                Some(_) => "The document is as it was when this was proposed. The write would land.",
                None => "The document does not exist yet, as it should. The write would land.",
            };
            (Tone::Good, Glyph::Checked, "Would land", sentence.to_owned())
        }
        DryRunVerdict::Moved { .. } => (
            Tone::Warn,
            Glyph::Warning,
            "Would be refused",
            "The document changed after this was proposed. Firestore would refuse the write.".to_owned(),
        ),
        DryRunVerdict::Gone => (
            Tone::Warn,
            Glyph::Warning,
            "Would be refused",
            "The document is gone. Firestore would refuse the write.".to_owned(),
        ),
        DryRunVerdict::Appeared => (
            Tone::Warn,
            Glyph::Warning,
            "Would be refused",
            "The document exists although it must not. Firestore would refuse the write.".to_owned(),
        ),
        DryRunVerdict::AlreadySo => {
            (Tone::Quiet, Glyph::Check, "Already so", "The document already holds these values.".to_owned())
        }
        DryRunVerdict::CouldNotTell { ref why } => (Tone::Quiet, Glyph::Question, "Could not tell", why.clone()),
    };
    let moved = match run.verdict {
        DryRunVerdict::Moved { updated_at } => Some(updated_at),
        DryRunVerdict::Current
        | DryRunVerdict::Gone
        | DryRunVerdict::Appeared
        | DryRunVerdict::AlreadySo
        | DryRunVerdict::CouldNotTell { .. } => None,
    };
    view! {
        <p><Badge tone=tone glyph=glyph word=word /> " " {sentence}</p>
        <dl class="facts">
            <Fact name="Bound to revision">
                {match base {
                    Some(at) => view! { <Revision at=at /> }.into_any(),
                    None => view! { "Document must not exist" }.into_any(),
                }}
            </Fact>
            {moved.map(|at| view! { <Fact name="Revision now"><Revision at=at /></Fact> })}
            <Fact name="Judged against the mirror">
                "derived from cloud, as of " <When at=run.as_of />
            </Fact>
        </dl>
        <p class="aside">"Firestore checks the revision again when the write is sent."</p>
    }
    .into_any()
}

fn given(decisions: Vec<Decision>) -> Option<AnyView> {
    (!decisions.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="given">
                <h2 id="given">"Decisions"</h2>
                <ul class="decisions">
                    {decisions
                        .into_iter()
                        .map(|decision| {
                            let (tone, glyph, word) = match decision.choice {
                                Choice::Approve => (Tone::Good, Glyph::Check, "Approved"),
                                Choice::Reject => (Tone::Bad, Glyph::Cross, "Rejected"),
                            };
                            view! {
                                <li>
                                    <p><Badge tone=tone glyph=glyph word=word /> " " <Who actor=decision.by /></p>
                                    <blockquote>{decision.reason}</blockquote>
                                    <p class="aside"><When at=decision.at /></p>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </section>
        }
        .into_any()
    })
}

fn still_missing(missing: Vec<String>) -> Option<AnyView> {
    (!missing.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="missing">
                <h2 id="missing">"Before it can be sent"</h2>
                <ul class="missing-list">
                    {missing.into_iter().map(|what| view! { <li><Icon glyph=Glyph::Circle /><span>{what}</span></li> }).collect_view()}
                </ul>
            </section>
        }
        .into_any()
    })
}

fn facts(proposal: &ProposalDetail) -> AnyView {
    let row = proposal.row.clone();
    let (expires_at, content_hash) = (proposal.expires_at, proposal.content_hash.clone());
    let undo_of = match proposal.documents.as_slice() {
        [only] => only.undo_of.clone(),
        _ => None,
    };
    let finding_id = proposal.finding_id.clone();
    let more = (row.more > 0).then(|| format!(" and {} more", row.more));
    view! {
        <section class="card" aria-labelledby="facts">
            <h2 id="facts">"Facts"</h2>
            <dl class="facts stacked">
                <Fact name="Document"><Code text=row.document />{more}</Fact>
                <Fact name="Capability"><Code text=row.capability.id /></Fact>
                <Fact name="Approvals">{format!("{} of {}", row.approvals_given, row.approvals_needed)}</Fact>
                {expires_at.map(|at| view! { <Fact name="Expires"><When at=at /></Fact> })}
                <Fact name="Content hash"><ShortHash hash=content_hash /></Fact>
                {undo_of.map(|id| view! { <Fact name="Undoes"><a href=paths::write(&id)>"An earlier write"</a></Fact> })}
                {finding_id.map(|id| view! { <Fact name="Made from"><a href=paths::finding(&id)>"A finding"</a></Fact> })}
                <Fact name="Proposal"><Code text=row.id /></Fact>
            </dl>
        </section>
    }
    .into_any()
}

fn history(events: Vec<TimelineEvent>) -> AnyView {
    if events.is_empty() {
        return view! { <p class="missing">"Nothing is recorded yet."</p> }.into_any();
    }
    view! { <Timeline events=events /> }.into_any()
}
