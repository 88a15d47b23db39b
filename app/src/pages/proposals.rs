//! The queue of proposals.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::May,
        proposals::{ProposalFilter, ProposalQueue, ProposalRow, QueueCounts},
    },
    parts::{
        absence::{Empty, panel},
        button::{ButtonLink, Emphasis, WhyNot},
        icon::Glyph,
        rows::ProposalTable,
        tabs::{Tab, Tabs},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(queue: ProposalQueue, tab: ProposalFilter) -> Sheet {
    let title = match queue.counts {
        Some(counts) if counts.waiting > 0 => format!("{} waiting · Proposals", counts.waiting),
        Some(_) | None => "Proposals".to_owned(),
    };
    let lede =
        view! { <p>"Changes somebody wants made in the cloud. Each needs a colleague who did not propose it."</p> }
            .into_any();
    let body = view! {
        <PageHead title="Proposals" lede=lede actions=Some(propose(queue.may_propose)) />
        <Tabs label="Which proposals" tabs=ProposalFilter::ALL.map(|each| tab_of(each, tab, queue.counts)).into() />
        {panel(queue.rows, move |rows| list(rows, tab))}
    }
    .into_any();
    Sheet::new(Section::Proposals, title, body)
}

fn propose(may: May) -> AnyView {
    match may {
        May::Yes => view! {
            <ButtonLink label="New proposal" href=paths::NEW_PROPOSAL emphasis=Emphasis::Primary glyph=Glyph::Plus />
        }
        .into_any(),
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
    }
}

fn tab_of(each: ProposalFilter, current: ProposalFilter, counts: Option<QueueCounts>) -> Tab {
    let (name, count) = match each {
        ProposalFilter::Waiting => ("Waiting", counts.map(|counts| counts.waiting)),
        ProposalFilter::Decided => ("Decided", counts.map(|counts| counts.decided)),
        ProposalFilter::All => ("All", counts.map(|counts| counts.waiting + counts.decided)),
    };
    Tab { name: name.to_owned(), href: paths::proposals(each), is_current: each == current, count }
}

fn list(rows: Vec<ProposalRow>, tab: ProposalFilter) -> AnyView {
    if !rows.is_empty() {
        return view! { <ProposalTable rows=rows caption="Proposals" /> }.into_any();
    }
    let (what, more) = match tab {
        ProposalFilter::Waiting => ("Nothing waits", "New proposals appear here until somebody decides them."),
        ProposalFilter::Decided => ("Nothing was decided yet", "Approved, rejected and ended proposals are kept here."),
        ProposalFilter::All => ("Nobody proposed anything yet", "Start with a finding, or make a new proposal."),
    };
    view! { <Empty glyph=Glyph::Proposal what=what more=more /> }.into_any()
}
