//! One agent: its keys, what owners let it do, what was denied to it, and letting it go on.

use leptos::prelude::*;

use super::{agents, denials};
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActForm,
        agents::{AgentDetail, AgentStanding, DelegationRow, DelegationStanding, DenialFilter},
        facts::May,
    },
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Notice, Tone},
        button::{ButtonLink, WhyNot},
        confirm::{Confirm, Question},
        field::ErrorSummary,
        icon::Glyph,
        naming::Code,
        table::{Column, Row, Table},
        timeline::Timeline,
        titled::Titled,
        when::When,
    },
    paths,
};

/// The page.
pub(super) fn sheet(detail: AgentDetail, form: ActForm) -> Sheet {
    let status = form.status();
    let problems = form.summary();
    let row = detail.row;
    let lede = view! { <p class="badges">{agents::standing(&row.standing)} <Code text=row.id.clone() /></p> };
    let pause = match (&row.standing, detail.may_resume) {
        (AgentStanding::Paused { since, .. }, Some(may)) => Some(paused(&row.id, *since, may, form)),
        (AgentStanding::Paused { .. }, None)
        | (AgentStanding::Active | AgentStanding::OutOfService(_) | AgentStanding::Unknown, _) => None,
    };
    let own = DenialFilter { agent: Some(row.id.clone()), ..DenialFilter::default() };
    let more = view! { <a href=paths::denials(&own)>"All of its denials"</a> };
    let issue = view! { <ButtonLink label="Issue a key…" href=paths::new_key_for(&row.id) glyph=Glyph::Plus /> };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead
            title=row.name.clone()
            lede=lede.into_any()
            back=Some((paths::AGENTS, "Agents"))
            actions=Some(issue.into_any())
        />
        {pause}
        <Titled id="keys" title="Its keys">{panel(detail.keys, |rows| agents::keys(rows, true))}</Titled>
        <Titled id="delegations" title="What owners let it do">{panel(detail.delegations, delegations)}</Titled>
        <Titled id="denials" title="Denied last" actions=Some(more.into_any())>
            {panel(detail.denials, |rows| {
                if rows.is_empty() {
                    view! { <Empty glyph=Glyph::Checked what="Nothing was denied to it" more="Of what is kept." /> }.into_any()
                } else {
                    denials::table(rows, "What was denied to this agent, newest first")
                }
            })}
        </Titled>
        <Titled id="history" title="What happened">
            {panel(detail.timeline, |events| {
                if events.is_empty() {
                    view! { <p class="aside">"Nobody has issued it a key or let it go on."</p> }.into_any()
                } else {
                    view! { <Timeline events=events /> }.into_any()
                }
            })}
        </Titled>
    };
    Sheet::new(Section::Agents, format!("{} · Agents", row.name), body.into_any()).with_status(status)
}

fn paused(id: &str, since: jiff::Timestamp, may: May, form: ActForm) -> AnyView {
    let why = view! {
        <Notice tone=Tone::Warn glyph=Glyph::Clock>
            <p>"It was denied too often, so it pauses since " <When at=since /> ". Look at what was denied before you let it go on."</p>
        </Notice>
    };
    let asked = match may {
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
        May::Yes => {
            let question = Question {
                title: "Let it go on now?".to_owned(),
                effects: vec![
                    "It may ask for changes again at once; the count of its denials begins anew.".to_owned(),
                    "Its keys and delegations stay as they are.".to_owned(),
                ],
                word: None,
                answer: "Let it go on".to_owned(),
                is_grave: false,
            };
            let hidden = vec![("idempotency_key", form.idempotency_key.clone())];
            view! {
                <Confirm
                    question=question
                    typed=form.into()
                    action=paths::agent_resume(id)
                    hidden=hidden
                    back=paths::AGENTS
                />
            }
            .into_any()
        }
    };
    view! { {why} {asked} }.into_any()
}

fn delegations(rows: Vec<DelegationRow>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty glyph=Glyph::Agent what="Nobody delegates anything to it" more="So nothing that it asks for is let through." />
        }
        .into_any();
    }
    let columns = ["Delegation", "Owner", "Lets it", "With", "State"].map(Column::text).into();
    let rows = rows.into_iter().map(|row| {
        let scopes = row.scopes.into_iter().map(|scope| view! { <Code text=scope /> " " }).collect_view();
        let with = if row.resources.is_empty() { "everything of theirs".to_owned() } else { row.resources.join(", ") };
        Row::of(vec![
            view! { <Code text=row.id /> }.into_any(),
            view! { <Code text=row.owner /> }.into_any(),
            scopes.into_any(),
            with.into_any(),
            standing(row.standing),
        ])
    });
    view! { <Table caption="Delegations to this agent, newest first" columns=columns rows=rows.collect() /> }.into_any()
}

fn standing(standing: DelegationStanding) -> AnyView {
    match standing {
        DelegationStanding::Active { until } => {
            view! { <Badge tone=Tone::Good glyph=Glyph::Checked word="Holds" /> " until " <When at=until /> }.into_any()
        }
        DelegationStanding::Revoked => {
            view! { <Badge tone=Tone::Quiet glyph=Glyph::Cross word="Revoked" /> }.into_any()
        }
        DelegationStanding::Expired { at } => {
            view! { <Badge tone=Tone::Quiet glyph=Glyph::Level word="Over" /> " since " <When at=at /> }.into_any()
        }
        DelegationStanding::Unclear { why } => {
            view! { <Badge tone=Tone::Bad glyph=Glyph::Question word="Not clear" /> " " {why} }.into_any()
        }
    }
}
