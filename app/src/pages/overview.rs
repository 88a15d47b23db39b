//! Today: what waits for me, what is wrong, how things stand, and what changed.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        overview::{KeyFigure, Mirror, Moved, MovedNumber, Overview, Stream, ToDecide},
        queue::ProposalFilter,
        state::{Since, StateChoice},
        trouble::Panel,
        writes::WriteRow,
    },
    pages::{mirror, reads, wrong},
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        icon::{Glyph, Icon},
        naming::Code,
        rows::ProposalTable,
        stat::{Stat, Trend},
        state,
        tabs::{Tab, Tabs},
        titled::Titled,
        when::{When, counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(overview: Overview, choice: &StateChoice) -> Sheet {
    let waiting = overview.to_decide.as_ref().map_or(0, |waiting| waiting.rows.len());
    let more = overview.to_decide.as_ref().is_ok_and(|waiting| waiting.is_more);
    let title = match waiting {
        0 => "Today".to_owned(),
        some => format!("{some}{} for you · Today", if more { "+" } else { "" }),
    };
    let (lede, since) = (lede(&overview.mirror), choice.since);
    let wrong = wrong::part(&overview);
    let Overview { to_decide, figures, changes, mirror, reads, recent_writes, .. } = overview;
    let count = to_decide.as_ref().ok().filter(|waiting| !waiting.is_more).map(|waiting| waiting.rows.len() as u64);
    let body = view! {
        <PageHead title="Today" lede=lede />
        <Titled id="waits" title="Waits for you" count=count>
            {panel(to_decide, mine)}
        </Titled>
        <Titled id="wrong" title="What is wrong">
            {wrong}
        </Titled>
        <Titled id="numbers" title="The studio in numbers">
            {panel(figures, |figures| numbers(figures, since))}
        </Titled>
        <div class="halves">
            <Titled id="changed" title="What changed">
                <Tabs label="Since when" tabs=Since::ALL.map(|each| since_tab(each, since)).into() />
                {panel(changes, |changes| moved(changes, since))}
            </Titled>
            <Titled id="recent" title="Latest writes">
                {panel(recent_writes, recent)}
            </Titled>
        </div>
        <Titled id="mirror" title="The mirror">
            {panel(mirror, mirror::part)}
        </Titled>
        <Titled id="reads" title="Reads today">
            {panel(reads, reads::part)}
        </Titled>
    }
    .into_any();
    Sheet::new(Section::Overview, title, body)
}

fn lede(mirror: &Panel<Mirror>) -> AnyView {
    let Ok(mirror) = mirror else {
        return view! { <p>"Whether the cloud is being followed could not be read."</p> }.into_any();
    };
    match mirror.stream.clone() {
        Stream::Listening { heard } => view! {
            <p>
                <Badge tone=Tone::Good glyph=Glyph::Checked word="Following the cloud" />
                ", last heard "
                <When at=heard />
            </p>
        }
        .into_any(),
        Stream::Backfilling { since } => view! {
            <p>
                <Badge tone=Tone::Active glyph=Glyph::Refresh word="Reading the cloud" />
                " since "
                <When at=since />
                ". Numbers grow until it is done."
            </p>
        }
        .into_any(),
        Stream::Reconnecting { since, why } => view! {
            <p>
                <Badge tone=Tone::Warn glyph=Glyph::Warning word="Cloud out of reach" />
                " since "
                <When at=since />
                {format!(". {why}")}
            </p>
        }
        .into_any(),
        Stream::Unknown => view! {
            <p>
                <Badge tone=Tone::Quiet glyph=Glyph::Question word="Not known yet" />
                " The mirror has not reported since the service started."
            </p>
        }
        .into_any(),
    }
}

fn mine(waiting: ToDecide) -> AnyView {
    if waiting.rows.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Checked
                what="No proposal waits for your decision"
                more="Proposals made by your colleagues and by agents appear here."
            />
        }
        .into_any();
    }
    let rest = if waiting.is_more { "All that wait, in the queue" } else { "Open the queue" };
    view! {
        <ProposalTable rows=waiting.rows caption="Proposals you can decide" queue=Some(ProposalFilter::default()) />
        <p class="aside"><a href=paths::PROPOSALS>{rest}</a></p>
    }
    .into_any()
}

fn numbers(figures: Vec<KeyFigure>, since: Since) -> AnyView {
    if figures.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::State
                what="Nothing was counted yet"
                more="The state is counted once the first collection was read."
            />
        }
        .into_any();
    }
    let stat = |figure: KeyFigure| {
        let whole = |value: i64| u64::try_from(value).ok();
        let value = figure.value.and_then(whole);
        let days = figure.days.len();
        let mut values: Vec<Option<u64>> = figure.days.into_iter().map(|day| day.and_then(whole)).collect();
        values.push(value);
        let since_when = format!("in {}", counted(days as u64, "day", "days"));
        let note = view! { "Documents behind it" }.into_any();
        let href = paths::behind(&figure.number, since);
        if days > 0 {
            let trend = Trend { values, since: since_when };
            view! { <Stat name=figure.meaning value=value note=note href=href trend=trend /> }.into_any()
        } else {
            view! { <Stat name=figure.meaning value=value note=note href=href /> }.into_any()
        }
    };
    view! {
        <div class="tiles">{figures.into_iter().map(stat).collect_view()}</div>
        <p class="aside"><a href=paths::STATE>"All numbers"</a></p>
    }
    .into_any()
}

fn since_tab(since: Since, chosen: Since) -> Tab {
    let name = match since {
        Since::Yesterday => "Since yesterday",
        Since::LastVisit => "Since my last visit",
    };
    Tab { name: name.to_owned(), href: paths::today(since), is_current: since == chosen, count: None }
}

fn moved(changes: Moved, since: Since) -> AnyView {
    let (at, numbers, more) = match changes {
        Moved::Nothing { why } => {
            return view! { <Empty glyph=Glyph::Clock what="Nothing to compare with" more=why /> }.into_any();
        }
        Moved::Since { at, numbers, more } => (at, numbers, more),
    };
    let all = paths::state(&StateChoice { since, ..StateChoice::default() });
    if numbers.is_empty() {
        return view! {
            <Empty glyph=Glyph::Checked what="Every number is the same" more="Nothing that is counted has changed." />
            <p class="aside">"Compared with " <When at=at /></p>
        }
        .into_any();
    }
    let line = |each: MovedNumber| {
        let (glyph, word) = step(&each);
        view! {
            <li>
                <a href=paths::behind(&each.number, since)>
                    {if each.meaning == each.number {
                        view! { <Code text=each.number.clone() /> }.into_any()
                    } else {
                        each.meaning.clone().into_any()
                    }}
                </a>
                <span class="number"><Icon glyph=glyph /> {word}</span>
            </li>
        }
    };
    view! {
        <p class="aside">"Compared with " <When at=at /></p>
        <ul class="tally">{numbers.into_iter().map(line).collect_view()}</ul>
        <p class="aside">
            {(more > 0).then(|| format!("and {} more. ", number(more)))} <a href=all>"With the documents behind them"</a>
        </p>
    }
    .into_any()
}

/// From what to what, and which way.
fn step(moved: &MovedNumber) -> (Glyph, String) {
    let word = |value: Option<i64>| value.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
    let glyph = match (moved.before, moved.after) {
        (Some(before), Some(after)) if after > before => Glyph::Rising,
        (Some(before), Some(after)) if after < before => Glyph::Falling,
        (Some(_), Some(_)) => Glyph::Level,
        (None, _) | (_, None) => Glyph::Question,
    };
    (glyph, format!("{} → {}", word(moved.before), word(moved.after)))
}

fn recent(rows: Vec<WriteRow>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty glyph=Glyph::Write what="Nothing was written yet" more="Approved proposals end up here." />
        }
        .into_any();
    }
    view! {
        <ul class="feed">
            {rows
                .into_iter()
                .map(|row| {
                    view! {
                        <li>
                            <a href=paths::write(&row.id)>{row.summary}</a>
                            <p>{state::write(row.state)} " " <When at=row.at /></p>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <p class="aside"><a href=paths::WRITES>"All writes"</a></p>
    }
    .into_any()
}
