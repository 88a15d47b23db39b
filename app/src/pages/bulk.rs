//! Several proposals decided at once: every one of them is listed, and each tells what came of it.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        bulk::{Bulk, BulkForm, BulkItem},
        facts::May,
        forms::FormProblem,
        proposals::{Choice, ProposalState},
    },
    parts::{
        absence::Empty,
        badge::{Badge, Tone},
        button::{Button, ButtonLink, Emphasis, WhyNot},
        field::{ErrorSummary, TextField},
        icon::Glyph,
        naming::{Code, Who},
        state,
        table::{Column, Row, Table},
        when::counted,
    },
    paths,
};

/// The page.
pub(crate) fn sheet(bulk: Bulk, form: BulkForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = match &form.problem {
        None => Vec::new(),
        Some(FormProblem::Reason(message)) => vec![(Some("reason"), message.clone())],
        Some(FormProblem::Whole(message)) => vec![(None, message.clone())],
    };
    let many = counted(bulk.items.len() as u64, "proposal", "proposals");
    let name = if form.is_done { "Decided together" } else { "Decide together" };
    let documents: usize = bulk.items.iter().map(|item| item.row.more + 1).sum();
    let kind = bulk.capability.as_ref().map(|capability| format!(": {}", capability.title)).unwrap_or_default();
    let total = format!("{many}, {}{kind}", counted(documents as u64, "document", "documents"));
    let lede = view! { <p>{total}</p> }.into_any();
    let (is_done, is_empty) = (form.is_done, bulk.items.is_empty());
    let deciding = (!is_done && !is_empty).then(|| decide(&bulk, form));
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=name lede=lede back=Some((paths::PROPOSALS, "Proposals")) />
        {if is_empty { nothing() } else { items(bulk.items, is_done) }}
        {deciding}
        {is_done.then(|| view! { <p><ButtonLink label="Back to the queue" href=paths::PROPOSALS /></p> })}
    }
    .into_any();
    Sheet::new(Section::Proposals, format!("{many} · {name}"), body).with_status(status)
}

fn nothing() -> AnyView {
    view! {
        <Empty
            glyph=Glyph::Proposal
            what="No proposal was chosen"
            more="Choose some of low risk and of one kind in the queue, and look at them together here."
        />
    }
    .into_any()
}

fn items(items: Vec<BulkItem>, is_done: bool) -> AnyView {
    let last = if is_done { "What came of it" } else { "May you" };
    let columns = ["Change", "Risk", "Proposed by", "State", last].map(Column::text).into();
    let rows = items.into_iter().map(|item| row(item, is_done)).collect();
    view! { <Table caption="The proposals that were chosen" columns=columns rows=rows /> }.into_any()
}

fn row(item: BulkItem, is_done: bool) -> Row {
    let BulkItem { row, decided, .. } = item;
    let came = match (is_done, decided, row.may_decide) {
        (true, Some(Choice::Approve), _) => {
            view! { <Badge tone=Tone::Good glyph=Glyph::Check word="You approved it" /> }.into_any()
        }
        (true, Some(Choice::Reject), _) => {
            view! { <Badge tone=Tone::Good glyph=Glyph::Cross word="You rejected it" /> }.into_any()
        }
        (true, None, May::Yes) => {
            view! { <Badge tone=Tone::Bad glyph=Glyph::Warning word="Nothing was done" /> }.into_any()
        }
        (false, _, May::Yes) => view! { <Badge tone=Tone::Good glyph=Glyph::Check word="Yes" /> }.into_any(),
        (_, _, May::No { why }) => view! { <WhyNot why=why /> }.into_any(),
    };
    let waits = row.state == ProposalState::Waiting;
    let change = view! {
        <a class="row-title" href=paths::proposal(&row.id)>
            {row.summary}
        </a>
        <span class="row-note">
            <Code text=row.document />
            {(row.more > 0).then(|| format!("and {} more", row.more))}
        </span>
    };
    Row {
        id: None,
        is_mine: waits && !is_done,
        cells: vec![
            change.into_any(),
            state::risk(row.risk),
            view! { <Who actor=row.proposer /> }.into_any(),
            state::proposal(&row.state),
            came,
        ],
    }
}

fn decide(bulk: &Bulk, form: BulkForm) -> AnyView {
    let why = match &bulk.may {
        May::Yes => None,
        May::No { why } => Some(why.clone()),
    };
    if let Some(why) = why {
        return view! {
            <section class="card decide" aria-labelledby="decide">
                <h2 id="decide">"Your decision"</h2>
                <WhyNot why=why />
                <div class="buttons">
                    <ButtonLink label="Back to the queue" href=paths::PROPOSALS />
                </div>
            </section>
        }
        .into_any();
    }
    let problem = match form.problem {
        Some(FormProblem::Reason(message)) => Some(message),
        Some(FormProblem::Whole(_)) | None => None,
    };
    let many = counted(bulk.items.len() as u64, "proposal", "proposals");
    let hidden = bulk.items.iter().map(|item| {
        let value = format!("{} {}", item.row.id, item.content_hash);
        view! { <input type="hidden" name="item" value=value /> }
    });
    view! {
        <section class="card decide" aria-labelledby="decide">
            <h2 id="decide">"Your decision about all of them"</h2>
            <form method="post" action=paths::BULK>
                {hidden.collect_view()}
                <TextField
                    id="reason"
                    label="Reason"
                    hint="At least 10 characters. It is kept in the audit log with each of them."
                    value=form.reason
                    problem=problem
                />
                <div class="buttons">
                    <Button
                        label=format!("Approve {many}")
                        emphasis=Emphasis::Primary
                        glyph=Glyph::Check
                        sends=("decision", Choice::Approve.word())
                    />
                    <Button
                        label=format!("Reject {many}")
                        emphasis=Emphasis::Danger
                        glyph=Glyph::Cross
                        sends=("decision", Choice::Reject.word())
                    />
                    <ButtonLink label="Go back" href=paths::PROPOSALS emphasis=Emphasis::Plain />
                </div>
                <p class="aside">"Each is decided by itself: one that can't be is left alone, and says why."</p>
            </form>
        </section>
    }
    .into_any()
}
