//! One proposal: what it would do, whether it still fits, who decided, and the form to decide.

use leptos::prelude::*;

use super::{changes, decide};
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::TimelineEvent,
        forms::{DecisionForm, FormProblem},
        proposals::{Choice, Decision, DocumentChange, PolicyCheck, ProposalDetail, ProposalState},
        queue::{Neighbours, ProposalFilter},
        trouble::Panel,
    },
    parts::{
        absence::panel,
        badge::{Badge, Notice, Tone},
        diff::tally,
        field::ErrorSummary,
        icon::Glyph,
        naming::{Code, Fact, ShortHash, Who},
        pager::{Neighbour, Pager},
        state,
        timeline::Timeline,
        when::{When, counted},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(proposal: ProposalDetail, form: DecisionForm, queue: Option<ProposalFilter>) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = match &form.problem {
        None => Vec::new(),
        Some(FormProblem::Reason(message)) => vec![(Some("reason"), message.clone())],
        Some(FormProblem::Whole(message)) => vec![(None, message.clone())],
    };
    let title = format!("{} · Proposal", proposal.row.summary);
    let aside = facts(&proposal);
    let deciding = decide::panel(&proposal, form, queue.as_ref());
    let ProposalDetail {
        row,
        reason,
        documents,
        rollback,
        blast,
        checks,
        policies,
        decisions,
        timeline,
        neighbours,
        ..
    } = proposal;
    let lede = view! {
        <p class="badges">{state::proposal(&row.state)} {state::risk(row.risk)} <span>{row.capability.title}</span></p>
        <p>{in_short(&documents)}</p>
    }
    .into_any();
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=row.summary lede=lede back=Some((paths::PROPOSALS, "Proposals")) />
        {queue.zip(neighbours).map(|(queue, beside)| panel(beside, |beside| in_queue(beside, &queue)))}
        {ended(&row.state)}
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="why">
                    <h2 id="why">"Why"</h2>
                    <blockquote>{reason}</blockquote>
                    <p class="aside"><Who actor=row.proposer /> ", " <When at=row.proposed_at /></p>
                </section>
                {changes::part(documents)}
                {sentences("blast", "What it touches", blast)}
                {sentences("rollback", "If it turns out wrong", rollback)}
                <section aria-labelledby="history">
                    <h2 id="history">"What happened so far"</h2>
                    {panel(timeline, history)}
                </section>
            </div>
            <aside class="split-side" aria-label="Decision and facts">
                {given(decisions)} {deciding} {looked_at(checks, policies)} {aside}
            </aside>
        </div>
    }
    .into_any();
    Sheet::new(Section::Proposals, title, body).with_status(status)
}

/// How much it changes, in one line.
fn in_short(documents: &[DocumentChange]) -> String {
    let all: Vec<_> = documents.iter().flat_map(|document| document.changes.clone()).collect();
    format!("{} · {}", counted(documents.len() as u64, "document", "documents"), tally(&all))
}

/// The way back, and a step to either side.
fn in_queue(beside: Neighbours, queue: &ProposalFilter) -> AnyView {
    let step = |id: Option<String>, name: &str| {
        id.map(|id| Neighbour { href: paths::proposal_in(&id, queue), name: name.to_owned() })
    };
    let (previous, next) = (step(beside.previous, "Previous"), step(beside.next, "Next"));
    view! {
        <div class="in-queue">
            <a href=paths::proposals(queue)>"Back to the queue"</a>
            <Pager label="Proposals beside this one in the queue" previous=previous next=next />
        </div>
    }
    .into_any()
}

fn sentences(id: &'static str, title: &'static str, sentences: Vec<String>) -> Option<AnyView> {
    (!sentences.is_empty()).then(|| {
        view! {
            <section aria-labelledby=id>
                <h2 id=id>{title}</h2>
                <ul class="sentences">{sentences.into_iter().map(|each| view! { <li>{each}</li> }).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

/// Everything that is looked at before it is sent, and what stands in the way.
fn looked_at(checks: Panel<Vec<PolicyCheck>>, policies: Vec<String>) -> Option<AnyView> {
    if matches!(&checks, Ok(checks) if checks.is_empty()) {
        return None;
    }
    let line = |check: PolicyCheck| {
        let (tone, glyph, word) = if check.against.is_empty() {
            (Tone::Good, Glyph::Check, "Passes")
        } else {
            (Tone::Warn, Glyph::Lock, "Held")
        };
        view! {
            <li>
                <p><strong>{check.name}</strong> " " <Badge tone=tone glyph=glyph word=word /></p>
                {check.against.into_iter().map(|why| view! { <p class="aside">{why}</p> }).collect_view()}
            </li>
        }
    };
    Some(
        view! {
            <section class="card" aria-labelledby="checks">
                <h2 id="checks">"Before it can be sent"</h2>
                {panel(
                    checks,
                    |checks| view! { <ul class="checks">{checks.into_iter().map(line).collect_view()}</ul> }.into_any(),
                )}
                {(!policies.is_empty())
                    .then(|| {
                        view! {
                            <details>
                                <summary>"Policies that decide"</summary>
                                <ul>{policies.into_iter().map(|id| view! { <li><Code text=id /></li> }).collect_view()}</ul>
                            </details>
                        }
                    })}
            </section>
        }
        .into_any(),
    )
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

fn facts(proposal: &ProposalDetail) -> AnyView {
    let row = proposal.row.clone();
    let (expires_at, content_hash) = (proposal.expires_at, proposal.content_hash.clone());
    let undo_of = match proposal.documents.as_slice() {
        [only] => only.undo_of.clone(),
        _ => None,
    };
    let finding_id = proposal.finding_id.clone();
    let more = (row.more > 0).then(|| format!(" and {} more", row.more));
    let (page, link) = (paths::document(&row.document), paths::proposal(&row.id));
    view! {
        <section class="card" aria-labelledby="facts">
            <h2 id="facts">"Facts"</h2>
            <dl class="facts stacked">
                <Fact name="Document"><a href=page><Code text=row.document /></a>{more}</Fact>
                <Fact name="Capability"><Code text=row.capability.id /></Fact>
                <Fact name="Approvals">{format!("{} of {}", row.approvals_given, row.approvals_needed)}</Fact>
                {expires_at.map(|at| view! { <Fact name="Expires"><When at=at /></Fact> })}
                <Fact name="Content hash"><ShortHash hash=content_hash /></Fact>
                {undo_of.map(|id| view! { <Fact name="Undoes"><a href=paths::write(&id)>"An earlier write"</a></Fact> })}
                {finding_id.map(|id| view! { <Fact name="Made from"><a href=paths::finding(&id)>"A finding"</a></Fact> })}
                <Fact name="Proposal"><Code text=row.id /></Fact>
                <Fact name="Link to it"><Code text=link /></Fact>
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
