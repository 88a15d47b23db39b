//! The start page: is the mirror true, and what waits for me.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet, viewer},
    model::{
        drift::DriftFilter,
        overview::{Backfill, CollectionMirror, FindingCounts, Freshness, Mirror, Overview, Proof, Stream},
        proposals::ProposalRow,
        trouble::Panel,
        viewer::WriteSwitch,
        writes::WriteRow,
    },
    pages::reads,
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        icon::Glyph,
        rows::{ProposalTable, WriteTable},
        state,
        when::{When, counted, length, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(overview: Overview) -> Sheet {
    let waiting = overview.to_decide.as_ref().map_or(0, Vec::len);
    let title = if waiting == 0 { "Today".to_owned() } else { format!("{waiting} for you · Today") };
    let body = view! {
        <PageHead title="Today" lede=lede(&overview.mirror) />
        {tiles(&overview)}
        <section aria-labelledby="waits">
            <h2 id="waits">"Waits for you"</h2>
            {panel(overview.to_decide, to_decide)}
            {panel(overview.stuck_writes, stuck_writes)}
        </section>
        <section aria-labelledby="mirror">
            <h2 id="mirror">"Mirror"</h2>
            {panel(overview.mirror, mirror)}
            <h3>"Reads today"</h3>
            {panel(overview.reads, reads::part)}
        </section>
        <div class="halves">
            <section aria-labelledby="findings">
                <h2 id="findings">"Open findings"</h2>
                {panel(overview.findings, findings)}
            </section>
            <section aria-labelledby="recent">
                <h2 id="recent">"Latest writes"</h2>
                {panel(overview.recent_writes, recent_writes)}
            </section>
        </div>
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

fn tiles(overview: &Overview) -> AnyView {
    let collections = overview.mirror.as_ref().map_or(&[][..], |mirror| &mirror.collections);
    let documents = collections.iter().filter_map(|each| each.documents).reduce(|sum, each| sum + each);
    let unknown = collections.iter().filter(|each| each.documents.is_none()).count() as u64;
    let oldest = collections.iter().filter_map(|each| each.as_of).min();
    let findings = overview.findings.as_ref().ok().and_then(open_findings);
    let (switch, switch_note) = match &viewer().writes {
        WriteSwitch::On => ("On", "Approved writes are sent".to_owned()),
        WriteSwitch::Off { why } => ("Off", why.clone()),
        WriteSwitch::Unknown => ("Unknown", "Counts as off until it can be read".to_owned()),
    };
    view! {
        <div class="tiles">
            <div class="tile">
                <p class="tile-name">"Documents mirrored"</p>
                <p class="tile-value">{shown(documents)}</p>
                <p class="tile-note">
                    {match oldest {
                        Some(at) => view! { "Derived from cloud, as of " <When at=at /> }.into_any(),
                        None => view! { "As of: unknown" }.into_any(),
                    }}
                    {(documents.is_some() && unknown > 0)
                        .then(|| format!("; {} not known", counted(unknown, "collection", "collections")))}
                </p>
            </div>
            <a class="tile" href=paths::PROPOSALS>
                <span class="tile-name">"Proposals you can decide"</span>
                <span class="tile-value">
                    {shown(overview.to_decide.as_ref().ok().map(|rows| rows.len() as u64))}
                </span>
                <span class="tile-note">"Open the queue"</span>
            </a>
            <a class="tile" href=paths::DRIFT>
                <span class="tile-name">"Open findings"</span>
                <span class="tile-value">{shown(findings)}</span>
                <span class="tile-note">"Where things differ"</span>
            </a>
            <div class="tile">
                <p class="tile-name">"Writes"</p>
                <p class="tile-value">{switch}</p>
                <p class="tile-note">{switch_note}</p>
            </div>
        </div>
    }
    .into_any()
}

/// Open findings; unknown while nothing was found and nothing was compared.
fn open_findings(counts: &FindingCounts) -> Option<u64> {
    let open = counts.by_kind.iter().map(|(_, count)| count).sum();
    (open > 0 || counts.compared_at.is_some()).then_some(open)
}

fn shown(value: Option<u64>) -> String {
    value.map_or_else(|| "Unknown".to_owned(), number)
}

fn to_decide(rows: Vec<ProposalRow>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Checked
                what="No proposal waits for your decision"
                more="Proposals made by your colleagues and by agents appear here."
            />
        }
        .into_any();
    }
    view! { <ProposalTable rows=rows caption="Proposals you can decide" /> }.into_any()
}

fn stuck_writes(rows: Vec<WriteRow>) -> AnyView {
    if rows.is_empty() {
        return ().into_any();
    }
    view! {
        <h3>"Writes that need a look"</h3>
        <WriteTable rows=rows caption="Writes whose outcome is unknown, or that are stuck" />
    }
    .into_any()
}

fn mirror(mirror: Mirror) -> AnyView {
    if mirror.collections.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="No collection is mirrored"
                more="The configuration names none. An operator can add some under mirror.collections."
            />
        }
        .into_any();
    }
    view! {
        <table class="list">
            <caption class="hidden">"Mirrored collections, derived from cloud"</caption>
            <thead>
                <tr>
                    <th scope="col">"Collection"</th>
                    <th scope="col" class="number">"Documents"</th>
                    <th scope="col">"Derived from cloud, as of"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"First read"</th>
                    <th scope="col">"Proved equal, as of"</th>
                    <th scope="col" class="number">"Findings"</th>
                </tr>
            </thead>
            <tbody>{mirror.collections.into_iter().map(collection_row).collect_view()}</tbody>
        </table>
        {unreadable(mirror.unreadable, mirror.unreadable_count)}
        {not_mirrored(mirror.not_mirrored)}
    }
    .into_any()
}

fn unreadable(documents: Vec<(String, String)>, count: u64) -> AnyView {
    if count == 0 {
        return ().into_any();
    }
    let more = count.saturating_sub(documents.len() as u64);
    view! {
        <h3>{format!("{} that can't be kept", counted(count, "document", "documents"))}</h3>
        <ul>
            {documents
                .into_iter()
                .map(|(path, why)| view! { <li><code class="code">{path}</code>": "{why}</li> })
                .collect_view()}
        </ul>
        {(more > 0).then(|| view! { <p class="aside">{format!("and {} more", number(more))}</p> })}
    }
    .into_any()
}

fn not_mirrored(collections: Vec<String>) -> AnyView {
    if collections.is_empty() {
        return ().into_any();
    }
    let names = collections.into_iter().map(|name| view! { <code class="code">{name}</code>" " }).collect_view();
    view! {
        <p class="aside">"In the cloud but not mirrored, because the configuration does not name them: " {names}</p>
    }
    .into_any()
}

fn collection_row(collection: CollectionMirror) -> AnyView {
    let filter = DriftFilter { collection: Some(collection.collection.clone()), ..DriftFilter::default() };
    let trusted = match collection.freshness {
        Freshness::Fresh | Freshness::Aging => "",
        Freshness::Stale | Freshness::Unknown => "doubtful",
    };
    view! {
        <tr class=trusted>
            <th scope="row" data-label="Collection">
                <code class="code">{collection.collection}</code>
            </th>
            <td class="number" data-label="Documents">{shown(collection.documents)}</td>
            <td data-label="As of">
                {match collection.as_of {
                    Some(at) => view! { <When at=at /> }.into_any(),
                    None => view! { <span class="missing">"unknown"</span> }.into_any(),
                }}
            </td>
            <td data-label="State">{state::freshness(collection.freshness)}</td>
            <td data-label="First read">{backfill(collection.backfill)}</td>
            <td data-label="Proved">{proof(collection.proof)}</td>
            <td class="number" data-label="Findings">
                {match collection.open_findings {
                    Some(0) => view! { "0" }.into_any(),
                    Some(count) => view! { <a href=paths::drift(&filter)>{number(count)}</a> }.into_any(),
                    None => view! { <span class="missing">"unknown"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
    .into_any()
}

fn backfill(backfill: Backfill) -> AnyView {
    match backfill {
        Backfill::Waiting => view! { <span class="missing">"not begun"</span> }.into_any(),
        Backfill::Done => view! { "whole" }.into_any(),
        Backfill::Running { done, total: None, .. } => view! { {format!("{} read so far", number(done))} }.into_any(),
        Backfill::Running { done, total: Some(total), per_second, left } => view! {
            <span class="progress">
                <progress max=total.to_string() value=done.to_string() aria-label="First read"></progress>
                <span>{format!("{} of {}{}", number(done), number(total), pace(per_second, left))}</span>
            </span>
        }
        .into_any(),
    }
}

/// How fast, and how long still.
fn pace(per_second: Option<u64>, left: Option<Duration>) -> String {
    let rate = per_second.map_or_else(String::new, |rate| format!(", {} per second", number(rate)));
    let left = left.map_or_else(String::new, |left| format!(", about {} left", length(left.as_secs())));
    format!("{rate}{left}")
}

fn proof(proof: Proof) -> AnyView {
    match proof {
        Proof::Never => view! { <span class="missing">"not yet"</span> }.into_any(),
        Proof::Proved { as_of, hash } => view! {
            <When at=as_of />
            " "
            <code class="code">{hash}</code>
        }
        .into_any(),
        Proof::Differed { documents, repaired, as_of } => view! {
            {format!("{} differed, {repaired} put right, ", counted(documents, "document", "documents"))}
            <When at=as_of />
        }
        .into_any(),
        Proof::Unknown { why, proved: Some(at) } => view! {
            <When at=at />
            {format!("; since then unknown: {why}")}
        }
        .into_any(),
        Proof::Unknown { why, proved: None } => view! { {format!("unknown: {why}")} }.into_any(),
    }
}

fn findings(counts: FindingCounts) -> AnyView {
    if counts.by_kind.is_empty() && counts.could_not_tell == 0 {
        return match counts.compared_at {
            None => view! {
                <Empty
                    glyph=Glyph::Question
                    what="Nothing is known yet"
                    more="Mirror and cloud have not been compared since the service was set up."
                />
            }
            .into_any(),
            Some(at) => view! {
                <Empty glyph=Glyph::Checked what="Nothing found" more="Mirror and cloud were the same when last compared." />
                <p class="aside">"Compared " <When at=at /></p>
            }
            .into_any(),
        };
    }
    view! {
        <ul class="tally">
            {counts
                .by_kind
                .into_iter()
                .map(|(kind, count)| {
                    let filter = DriftFilter { kind: Some(kind), ..DriftFilter::default() };
                    view! {
                        <li>
                            <a href=paths::drift(&filter)>{state::kind_word(kind)}</a>
                            <span class="number">{number(count)}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        {(counts.could_not_tell > 0)
            .then(|| {
                view! {
                    <p class="aside">
                        {counted(counts.could_not_tell, "finding", "findings")} " could not be judged by the last check."
                    </p>
                }
            })}
        {counts.compared_at.map(|at| view! { <p class="aside">"Compared " <When at=at /></p> })}
    }
    .into_any()
}

fn recent_writes(rows: Vec<WriteRow>) -> AnyView {
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
