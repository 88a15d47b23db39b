//! One proposal: what it would do, whether it still fits, who decided, and the form to decide.

use leptos::prelude::*;

use super::{changes, decide};
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::TimelineEvent,
        forms::{DecisionForm, FormProblem},
        proposals::{Choice, Decision, DocumentChange, PolicyCheck, ProposalDetail, ProposalStanding, ProposalState},
        queue::{Neighbours, ProposalFilter},
    },
    parts::{
        absence::{Failed, panel},
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
    let title = format!("{} · Proposal", proposal.summary);
    let aside = facts(&proposal);
    let deciding = decide::panel(&proposal, form, queue.as_ref());
    let ProposalDetail {
        summary,
        capability,
        proposer,
        proposed_at,
        risk,
        standing,
        reason,
        documents,
        rollback,
        blast,
        timeline,
        neighbours,
        ..
    } = proposal;
    let stands = standing.as_ref().ok().map(|standing| state::proposal(&standing.state));
    let came = standing.as_ref().ok().and_then(|standing| ended(&standing.state));
    let (decided, checked) = match standing {
        Ok(ProposalStanding { decisions, checks, policies, .. }) => (given(decisions), looked_at(checks, policies)),
        Err(trouble) => (Some(view! { <Failed trouble=trouble /> }.into_any()), None),
    };
    let lede = view! {
        <p class="badges">{stands} {state::risk(risk)} <span>{capability.title}</span></p>
        <p>{in_short(&documents)}</p>
    }
    .into_any();
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=summary lede=lede back=Some((paths::PROPOSALS, "Proposals")) />
        {queue.zip(neighbours).map(|(queue, beside)| panel(beside, |beside| in_queue(beside, &queue)))}
        {came}
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="why">
                    <h2 id="why">"Why"</h2>
                    <blockquote>{reason}</blockquote>
                    <p class="aside"><Who actor=proposer /> ", " <When at=proposed_at /></p>
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
                {decided} {deciding} {checked} {aside}
            </aside>
        </div>
    }
    .into_any();
    Sheet::new(Section::Proposals, title, body).with_status(status)
}

/// How much it changes, in one line.
fn in_short(documents: &[DocumentChange]) -> String {
    let count = counted(documents.len() as u64, "document", "documents");
    let all: Result<Vec<_>, _> = documents.iter().map(|document| document.changes.clone()).collect();
    match all {
        Ok(all) => format!("{count} · {}", tally(&all.concat())),
        Err(_) => count,
    }
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
fn looked_at(checks: Vec<PolicyCheck>, policies: Vec<String>) -> Option<AnyView> {
    if checks.is_empty() {
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
                <ul class="checks">{checks.into_iter().map(line).collect_view()}</ul>
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
    let (id, capability) = (proposal.id.clone(), proposal.capability.id.clone());
    let approvals = proposal.standing.as_ref().ok();
    let approvals = approvals.map(|standing| format!("{} of {}", standing.approvals_given, standing.approvals_needed));
    let document = proposal.documents.first().map(|first| first.document.clone());
    let (expires_at, content_hash) = (proposal.expires_at, proposal.content_hash.clone());
    let undo_of = match proposal.documents.as_slice() {
        [only] => only.undo_of.clone(),
        _ => None,
    };
    let finding_id = proposal.finding_id.clone();
    let more = proposal.documents.len().saturating_sub(1);
    let more = (more > 0).then(|| format!(" and {more} more"));
    let link = paths::proposal(&id);
    view! {
        <section class="card" aria-labelledby="facts">
            <h2 id="facts">"Facts"</h2>
            <dl class="facts stacked">
                {document
                    .map(|document| {
                        let page = paths::document(&document);
                        view! { <Fact name="Document"><a href=page><Code text=document /></a>{more}</Fact> }
                    })}
                <Fact name="Capability"><Code text=capability /></Fact>
                {approvals.map(|count| view! { <Fact name="Approvals">{count}</Fact> })}
                {expires_at.map(|at| view! { <Fact name="Expires"><When at=at /></Fact> })}
                <Fact name="Content hash"><ShortHash hash=content_hash /></Fact>
                {undo_of.map(|id| view! { <Fact name="Undoes"><a href=paths::write(&id)>"An earlier write"</a></Fact> })}
                {finding_id.map(|id| view! { <Fact name="Made from"><a href=paths::finding(&id)>"A finding"</a></Fact> })}
                <Fact name="Proposal"><Code text=id /></Fact>
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
