//! Deciding a proposal: the form, or why the viewer may not; and withdrawing one's own.

use leptos::prelude::*;

use crate::{
    model::{
        facts::May,
        forms::{DecisionForm, FormProblem},
        proposals::{Choice, ProposalDetail, ProposalState},
    },
    parts::{
        field::TextField,
        icon::{Glyph, Icon},
    },
    paths,
};

/// The form, while there is something to decide.
pub(super) fn panel(proposal: &ProposalDetail, form: DecisionForm) -> AnyView {
    let id = &proposal.row.id;
    let decision = match (&proposal.row.state, &proposal.row.may_decide) {
        (ProposalState::Waiting, May::Yes) => Some(open(id, &proposal.content_hash, form)),
        (ProposalState::Waiting, May::No { why }) => Some(closed(why.clone())),
        (
            ProposalState::Approved
            | ProposalState::Sent { .. }
            | ProposalState::Rejected
            | ProposalState::Withdrawn
            | ProposalState::Expired
            | ProposalState::Stale
            | ProposalState::Denied { .. },
            May::Yes | May::No { .. },
        ) => None,
    };
    let withdrawal = proposal.may_withdraw.clone().map(|may| withdraw(id, may));
    view! { {decision} {withdrawal} }.into_any()
}

fn open(id: &str, content_hash: &str, form: DecisionForm) -> AnyView {
    let problem = match form.problem {
        Some(FormProblem::Reason(message)) => Some(message),
        Some(FormProblem::Whole(_)) | None => None,
    };
    view! {
        <section class="card decide" aria-labelledby="decide">
            <h2 id="decide">"Your decision"</h2>
            <form method="post" action=paths::decision(id)>
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
                    <button class="button primary" type="submit" name="decision" value=Choice::Approve.word()>
                        <Icon glyph=Glyph::Check />
                        <span>"Approve"</span>
                    </button>
                    <button class="button danger" type="submit" name="decision" value=Choice::Reject.word()>
                        <Icon glyph=Glyph::Cross />
                        <span>"Reject"</span>
                    </button>
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
            <p class="why-not" id="why-not">
                <Icon glyph=Glyph::Lock />
                <span>{why}</span>
            </p>
            <div class="buttons">
                <button class="button" type="button" disabled aria-describedby="why-not">"Approve"</button>
                <button class="button" type="button" disabled aria-describedby="why-not">"Reject"</button>
            </div>
        </section>
    }
    .into_any()
}

fn withdraw(id: &str, may: May) -> AnyView {
    match may {
        May::Yes => view! {
            <section class="card" aria-labelledby="withdraw">
                <h2 id="withdraw">"No longer wanted?"</h2>
                <form method="post" action=paths::withdrawal(id)>
                    <button class="button" type="submit">
                        <Icon glyph=Glyph::Undo />
                        <span>"Withdraw this proposal"</span>
                    </button>
                </form>
            </section>
        }
        .into_any(),
        May::No { why } => view! {
            <section class="card" aria-labelledby="withdraw">
                <h2 id="withdraw">"Withdrawing"</h2>
                <p class="why-not">
                    <Icon glyph=Glyph::Lock />
                    <span>{why}</span>
                </p>
            </section>
        }
        .into_any(),
    }
}
