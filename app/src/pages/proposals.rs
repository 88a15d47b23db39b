//! The queue of proposals.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::{May, Risk},
        proposals::PolicyResult,
        queue::{ProposalFilter, ProposalQueue, Proposers, QueueCounts, QueuePart, QueueSort, Show, Turn},
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        button::{Button, ButtonLink, Emphasis, WhyNot},
        field::SelectField,
        icon::Glyph,
        pager::{Neighbour, Pager},
        rows::ProposalTable,
        state,
        tabs::{Chip, Chips, Tab, Tabs},
        when::{counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(queue: ProposalQueue, filter: &ProposalFilter) -> Sheet {
    let title = match queue.counts {
        Some(counts) if counts.waiting > 0 => format!("{} waiting · Proposals", number(counts.waiting)),
        Some(_) | None => "Proposals".to_owned(),
    };
    let lede =
        view! { <p>"Changes somebody wants made in the cloud. Each needs a colleague who did not propose it."</p> }
            .into_any();
    let ProposalQueue { rows, counts, matching, capabilities, may_propose } = queue;
    let body = view! {
        <PageHead title="Proposals" lede=lede actions=Some(propose(may_propose)) />
        <Tabs label="Which proposals" tabs=Show::ALL.map(|each| tab_of(each, filter, counts)).into() />
        {filters(filter, &capabilities)}
        <Chips chips=chips(filter, &capabilities) clear=paths::proposals(&filter.cleared()) />
        {panel(rows, |part| list(part, matching, filter))}
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

fn tab_of(each: Show, current: &ProposalFilter, counts: Option<QueueCounts>) -> Tab {
    let (name, count) = match each {
        Show::Waiting => ("Waiting", counts.map(|counts| counts.waiting)),
        Show::Decided => ("Decided", counts.map(|counts| counts.decided)),
        Show::All => ("All", counts.map(|counts| counts.waiting + counts.decided)),
    };
    let href = paths::proposals(&ProposalFilter { show: each, ..ProposalFilter::default() });
    Tab { name: name.to_owned(), href, is_current: each == current.show, count }
}

const fn sort_word(sort: QueueSort) -> &'static str {
    match sort {
        QueueSort::Risk => "By risk",
        QueueSort::Oldest => "Oldest first",
        QueueSort::Newest => "Newest first",
    }
}

const fn by_word(by: Proposers) -> &'static str {
    match by {
        Proposers::People => "People",
        Proposers::Agents => "Agents",
    }
}

fn filters(filter: &ProposalFilter, capabilities: &[(String, String)]) -> AnyView {
    let any = |word: &str| (String::new(), word.to_owned());
    let risks = Risk::ALL.into_iter().rev().map(|risk| (risk.word().to_owned(), state::risk_word(risk).to_owned()));
    let by = Proposers::ALL.into_iter().map(|by| (by.word().to_owned(), by_word(by).to_owned()));
    let sorts = QueueSort::ALL.into_iter().map(|sort| (sort.word().to_owned(), sort_word(sort).to_owned()));
    let kinds = capabilities.iter().cloned();
    view! {
        <search>
            <form method="get" action=paths::PROPOSALS class="filters">
                <input type="hidden" name="show" value=filter.show.word() />
                <SelectField
                    id="risk"
                    label="Risk"
                    options=std::iter::once(any("Any risk")).chain(risks).collect()
                    chosen=filter.risk.map_or("", Risk::word)
                />
                <SelectField
                    id="capability"
                    label="Kind of change"
                    options=std::iter::once(any("Any kind")).chain(kinds).collect()
                    chosen=filter.capability.clone().unwrap_or_default()
                />
                <SelectField
                    id="by"
                    label="Proposed by"
                    options=std::iter::once(any("Anybody")).chain(by).collect()
                    chosen=filter.by.map_or("", Proposers::word)
                />
                <SelectField id="sort" label="Order" options=sorts.collect() chosen=filter.order().word() />
                <Button label="Show" />
            </form>
        </search>
    }
    .into_any()
}

fn chips(filter: &ProposalFilter, capabilities: &[(String, String)]) -> Vec<Chip> {
    let start = filter.from_start();
    let chip = |name: &str, value: String, without: ProposalFilter| Chip {
        name: name.to_owned(),
        value,
        without: paths::proposals(&without),
    };
    let mut chips = Vec::new();
    if let Some(risk) = filter.risk {
        let without = ProposalFilter { risk: None, ..start.clone() };
        chips.push(chip("Risk", state::risk_word(risk).to_owned(), without));
    }
    if let Some(id) = &filter.capability {
        let title = capabilities.iter().find(|(known, _)| known == id).map_or(id, |(_, title)| title);
        chips.push(chip("Kind", title.clone(), ProposalFilter { capability: None, ..start.clone() }));
    }
    if let Some(by) = filter.by {
        chips.push(chip("Proposed by", by_word(by).to_owned(), ProposalFilter { by: None, ..start }));
    }
    chips
}

fn list(part: QueuePart, matching: Option<u64>, filter: &ProposalFilter) -> AnyView {
    if part.rows.is_empty() {
        return nothing(filter);
    }
    let page = |turn: Turn| paths::proposals(&ProposalFilter { turn: Some(turn), ..filter.clone() });
    let previous = part.previous.map(|turn| Neighbour { href: page(turn), name: "Previous page".to_owned() });
    let next = part.next.map(|turn| Neighbour { href: page(turn), name: "Next page".to_owned() });
    let several = part.rows.iter().filter(|row| row.may_bulk()).count() > 1;
    let held = part.rows.iter().filter(|row| matches!(row.policy, Some(PolicyResult::Held { .. }))).count() as u64;
    let shown = counted(part.rows.len() as u64, "proposal", "proposals");
    let place = match matching {
        Some(all) if all > part.rows.len() as u64 => format!("{shown} of {}", number(all)),
        Some(_) | None => shown,
    };
    let order = match filter.order() {
        QueueSort::Risk => "what you can decide first, then by risk, then the oldest".to_owned(),
        other @ (QueueSort::Oldest | QueueSort::Newest) => sort_word(other).to_lowercase(),
    };
    let held = if held > 0 { format!(" · {} held by the policy", number(held)) } else { String::new() };
    let table = view! { <ProposalTable rows=part.rows caption="Proposals" queue=Some(filter.clone()) picks=several /> };
    view! {
        <p class="list-count">{format!("{place} · {order}{held}")}</p>
        {if several {
            view! {
                <form method="get" action=paths::BULK class="bulk">
                    {table}
                    <div class="buttons">
                        <Button label="Look at the chosen ones together" glyph=Glyph::Proposal />
                        <span class="aside">"Only changes of low risk and of one kind can be decided together."</span>
                    </div>
                </form>
            }
                .into_any()
        } else {
            table.into_any()
        }}
        <Pager label="Pages of the queue" previous=previous next=next place=place />
    }
    .into_any()
}

fn nothing(filter: &ProposalFilter) -> AnyView {
    if filter.narrows() || filter.turn.is_some() {
        return view! { <FilteredEmpty what="No proposal matches" clear=paths::proposals(&filter.cleared()) /> }
            .into_any();
    }
    let (what, more) = match filter.show {
        Show::Waiting => ("Nothing waits", "New proposals appear here until somebody decides them."),
        Show::Decided => ("Nothing was decided yet", "Approved, rejected and ended proposals are kept here."),
        Show::All => ("Nobody proposed anything yet", "Start with a finding, or make a new proposal."),
    };
    view! { <Empty glyph=Glyph::Proposal what=what more=more /> }.into_any()
}
