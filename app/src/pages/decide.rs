//! Deciding a proposal: the form, or why the viewer may not; and withdrawing one's own.

use leptos::prelude::*;

use crate::{
    model::{
        facts::May,
        forms::{DecisionForm, FormProblem},
        proposals::{Choice, ProposalDetail, ProposalState},
        queue::ProposalFilter,
    },
    parts::{
        button::{Button, ButtonOff, Emphasis, WhyNot},
        field::TextField,
        icon::Glyph,
    },
    paths,
};

/// The form, while there is something to decide.
pub(super) fn panel(proposal: &ProposalDetail, form: DecisionForm, queue: Option<&ProposalFilter>) -> AnyView {
    let id = &proposal.id;
    let action = queue.map_or_else(|| paths::decision(id), |queue| paths::decision_in(id, queue));
    let written = form.reason.clone();
    // What stands in its place says why there is nothing to decide.
    let Ok(standing) = &proposal.standing else { return kept(written).into_any() };
    let decision = match (&standing.state, &standing.may_decide) {
        (ProposalState::Waiting, May::Yes) => Some(open(action, &proposal.content_hash, form)),
        (ProposalState::Waiting, May::No { why }) => Some(view! { {closed(why.clone())} {kept(written)} }.into_any()),
        (
            ProposalState::Approved
            | ProposalState::Sent { .. }
            | ProposalState::Rejected
            | ProposalState::Withdrawn
            | ProposalState::Expired
            | ProposalState::Stale
            | ProposalState::Denied { .. },
            May::Yes | May::No { .. },
        ) => kept(written),
    };
    let withdrawal = standing.may_withdraw.clone().map(|may| withdraw(id, may));
    view! { {decision} {withdrawal} }.into_any()
}

fn open(action: String, content_hash: &str, form: DecisionForm) -> AnyView {
    let problem = match form.problem {
        Some(FormProblem::Reason(message)) => Some(message),
        Some(FormProblem::Whole(_)) | None => None,
    };
    view! {
        <section class="card decide" aria-labelledby="decide">
            <h2 id="decide">"Your decision"</h2>
            <form method="post" action=action>
                <input type="hidden" name="content_hash" value=content_hash.to_owned() />
                <input type="hidden" name="idempotency_key" value=form.idempotency_key />
                <TextField
                    id="reason"
                    label="Reason"
                    hint="At least 10 characters. It is kept in the audit log."
                    value=form.reason
                    problem=problem
                />
                <div class="buttons">
                    <Button
                        label="Approve"
                        emphasis=Emphasis::Primary
                        glyph=Glyph::Check
                        sends=("decision", Choice::Approve.word())
                    />
                    <Button
                        label="Reject"
                        emphasis=Emphasis::Danger
                        glyph=Glyph::Cross
                        sends=("decision", Choice::Reject.word())
                    />
                </div>
                <p class="aside">"Your approval covers exactly the change shown here, and is used once."</p>
            </form>
        </section>
    }
    .into_any()
}

fn closed(why: String) -> AnyView {
    view! {
        <section class="card decide" aria-labelledby="decide">
            <h2 id="decide">"Your decision"</h2>
            <WhyNot id="why-not" why=why />
            <div class="buttons">
                <ButtonOff label="Approve" why_id="why-not" />
                <ButtonOff label="Reject" why_id="why-not" />
            </div>
        </section>
    }
    .into_any()
}

/// What was written to a form that is no longer there: nobody has to write it twice.
fn kept(written: String) -> Option<AnyView> {
    (!written.trim().is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="written">
                <h2 id="written">"What you wrote"</h2>
                <p>"It was not sent with a decision. Copy it if you still need it."</p>
                <blockquote>{written}</blockquote>
            </section>
        }
        .into_any()
    })
}

fn withdraw(id: &str, may: May) -> AnyView {
    match may {
        May::Yes => view! {
            <section class="card" aria-labelledby="withdraw">
                <h2 id="withdraw">"No longer wanted?"</h2>
                <form method="post" action=paths::withdrawal(id)>
                    <Button label="Withdraw this proposal" glyph=Glyph::Undo />
                </form>
            </section>
        }
        .into_any(),
        May::No { why } => view! {
            <section class="card" aria-labelledby="withdraw">
                <h2 id="withdraw">"Withdrawing"</h2>
                <WhyNot why=why />
            </section>
        }
        .into_any(),
    }
}
