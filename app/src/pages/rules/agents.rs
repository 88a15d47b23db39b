//! Programs with a key of their own: who they are, how they stand, and their keys.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        agents::{AgentFilter, AgentRow, AgentStanding, Agents, DenialFilter, KeyRow, KeyStanding, Within},
        facts::May,
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Badge, Notice, Tone},
        button::{Button, ButtonLink, WhyNot},
        field::LineField,
        icon::Glyph,
        naming::{Code, Who},
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        titled::Titled,
        when::{When, counted},
    },
    paths,
};

/// The page.
pub(super) fn sheet(found: Agents, filter: &AgentFilter) -> Sheet {
    let lede = view! {
        <p>"Programs that may propose in members’ names. An agent never approves, and does no more than its key and an owner’s delegation both allow."</p>
    };
    let (issue, why_not) = match found.may_issue {
        May::Yes => {
            let link = view! { <ButtonLink label="Issue a key…" href=paths::NEW_KEY glyph=Glyph::Plus /> };
            (Some(link.into_any()), None)
        }
        May::No { why } => (None, Some(view! { <WhyNot why=format!("Issuing and revoking keys: {why}") /> })),
    };
    let paused =
        found.agents.iter().flatten().filter(|row| matches!(row.standing, AgentStanding::Paused { .. })).count();
    let title = if paused > 0 { format!("{paused} paused · Agents") } else { "Agents".to_owned() };
    let agents_count = found.agents.as_ref().ok().map(|rows| rows.len() as u64);
    let (unfiltered, filter_now) = (found.unfiltered, filter.clone());
    let key_tabs = [(false, "Good"), (true, "All")]
        .map(|(all_keys, name)| Tab {
            name: name.to_owned(),
            href: paths::agents(&AgentFilter { all_keys, ..filter.clone() }),
            is_current: filter.all_keys == all_keys,
            count: None,
        })
        .to_vec();
    let all_keys = filter.all_keys;
    let narrowed = narrowing(filter);
    let denials = view! { <a href=paths::DENIALS>"All denials"</a> };
    let body = view! {
        <PageHead title="Agents" lede=lede.into_any() actions=issue />
        {why_not}
        <Titled id="suspicious" title="Denied" actions=Some(denials.into_any())>{panel(found.suspicious, suspicious)}</Titled>
        <Titled id="agents" title="Agents" count=agents_count>
            {narrowed}
            {panel(found.agents, move |rows| list(rows, unfiltered, &filter_now))}
        </Titled>
        <Titled id="keys" title="Keys">
            <Tabs label="Which keys" tabs=key_tabs />
            {panel(found.keys, move |rows| keys(rows, all_keys))}
        </Titled>
    };
    Sheet::new(Section::Agents, title, body.into_any())
}

fn suspicious(count: u64) -> AnyView {
    let week = DenialFilter { within: Within::Week, ..DenialFilter::default() };
    let href = paths::denials(&week);
    if count == 0 {
        return view! {
            <Notice tone=Tone::Good glyph=Glyph::Checked>
                <p>"Nobody tried to act with rights that were not meant for them in the last seven days. " <a href=href>"Denials of the week"</a></p>
            </Notice>
        }
        .into_any();
    }
    view! {
        <Notice tone=Tone::Warn glyph=Glyph::Warning>
            <p>
                <strong>{counted(count, "attempt", "attempts")}</strong>
                " to act with rights that were not meant for the agent, in the last seven days. "
                <a href=href>"Look at them"</a>
            </p>
        </Notice>
    }
    .into_any()
}

fn narrowing(filter: &AgentFilter) -> AnyView {
    let keys = filter.all_keys.then(|| view! { <input type="hidden" name="keys" value="all" /> });
    let without = AgentFilter { name: None, ..filter.clone() };
    view! {
        <search>
            <form class="filters" method="get" action=paths::AGENTS>
                {keys}
                <LineField id="name" label="Id or name contains" value=filter.name.clone().unwrap_or_default() kind="search" />
                <Button label="Show" />
                {filter.name.is_some().then(|| view! { <a class="clear" href=paths::agents(&without)>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(rows: Vec<AgentRow>, unfiltered: Option<u64>, filter: &AgentFilter) -> AnyView {
    if rows.is_empty() && filter.name.is_some() && unfiltered != Some(0) {
        let clear = paths::agents(&AgentFilter { name: None, ..filter.clone() });
        return view! { <FilteredEmpty what="No agent matches" clear=clear /> }.into_any();
    }
    if rows.is_empty() {
        return view! {
            <Empty glyph=Glyph::Agent what="The mirror knows no agent" more="Agents are registered in the cloud, in agentClients; they appear here once that was read." />
        }
        .into_any();
    }
    let columns = ["Agent", "State", "Last used"].map(Column::text);
    let columns = columns.into_iter().chain([Column::number("Good keys")]).collect();
    let rows = rows.into_iter().map(|row| {
        let used = row.last_used.map_or_else(
            || view! { <span class="missing">"unknown"</span> }.into_any(),
            |at| view! { <When at=at /> }.into_any(),
        );
        Row::of(vec![
            view! {
                <a class="row-title" href=paths::agent(&row.id)>{row.name}</a>
                <span class="row-note"><Code text=row.id /></span>
            }
            .into_any(),
            standing(&row.standing),
            used,
            row.good_keys.to_string().into_any(),
        ])
    });
    view! { <Table caption="Agents, by id" columns=columns rows=rows.collect() /> }.into_any()
}

/// How an agent stands.
pub(super) fn standing(standing: &AgentStanding) -> AnyView {
    match standing.clone() {
        AgentStanding::Active => view! { <Badge tone=Tone::Good glyph=Glyph::Checked word="May work" /> }.into_any(),
        AgentStanding::Paused { until, .. } => view! {
            <Badge tone=Tone::Warn glyph=Glyph::Clock word="Paused" />
            " until "
            <When at=until />
        }
        .into_any(),
        AgentStanding::OutOfService(word) => {
            view! { <Badge tone=Tone::Bad glyph=Glyph::Lock word=format!("Out of service: {word}") /> }.into_any()
        }
        AgentStanding::Unknown => {
            view! { <Badge tone=Tone::Quiet glyph=Glyph::Question word="Unknown to the mirror" /> }.into_any()
        }
    }
}

/// Keys as a table.
pub(super) fn keys(rows: Vec<KeyRow>, all_keys: bool) -> AnyView {
    if rows.is_empty() {
        let (what, more) = if all_keys {
            ("No key was issued", "An agent without a key can do nothing here.")
        } else {
            ("No key is good now", "Those that were revoked or are over are under All.")
        };
        return view! { <Empty glyph=Glyph::Lock what=what more=more /> }.into_any();
    }
    let columns = ["Key", "Agent", "State", "Issued", "Ends", "May do at most"].map(Column::text).into();
    let rows = rows.into_iter().map(|row| {
        let scopes = row.scopes.into_iter().map(|scope| view! { <Code text=scope /> " " }).collect_view();
        Row::of(vec![
            view! { <a href=paths::agent_key(&row.prefix)><Code text=row.prefix.clone() /></a> }.into_any(),
            view! { <a href=paths::agent(&row.agent)>{row.name}</a> }.into_any(),
            key_standing(row.standing),
            view! { <When at=row.issued /> <span class="row-note"><Who actor=row.issued_by /></span> }.into_any(),
            view! { <When at=row.expires /> }.into_any(),
            scopes.into_any(),
        ])
    });
    view! { <Table caption="Keys, newest first" columns=columns rows=rows.collect() /> }.into_any()
}

/// Whether a key is good.
pub(super) fn key_standing(standing: KeyStanding) -> AnyView {
    match standing {
        KeyStanding::Good => view! { <Badge tone=Tone::Good glyph=Glyph::Checked word="Good" /> }.into_any(),
        KeyStanding::Revoked { at } => {
            view! { <Badge tone=Tone::Quiet glyph=Glyph::Cross word="Revoked" /> " " <When at=at /> }.into_any()
        }
        KeyStanding::Expired => view! { <Badge tone=Tone::Quiet glyph=Glyph::Level word="Over" /> }.into_any(),
    }
}
