//! The audit log.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet, viewer},
    model::{
        audit::{AnchorStanding, AuditEntry, AuditFilter, AuditLog, Chain, Seal, Target, TimeField, Verdict},
        facts::{Actor, May},
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Notice, Tone},
        button::{Button, WhyNot},
        field::{ErrorSummary, LineField, SelectField},
        icon::Glyph,
        naming::{Code, Fact, Facts, ShortHash, Who, kind_word},
        pager::{Neighbour, Pager},
        state,
        table::{Column, Row, Table},
        tabs::{Chip, Chips},
        when::{Exactly, When, counted, number},
    },
    paths,
};

/// The page. A copy that was not made says why.
pub(crate) fn sheet(log: AuditLog, filter: &AuditFilter, refused: Option<String>) -> Sheet {
    let page = |before, after| paths::audit(&AuditFilter { before, after, ..filter.clone() });
    let older = log.older.map(|before| Neighbour { href: page(Some(before), None), name: "Older entries".to_owned() });
    let newer = log.newer.map(|after| Neighbour { href: page(None, Some(after)), name: "Newer entries".to_owned() });
    let is_newest = filter.before.is_none() && filter.after.is_none();
    let newest = (!is_newest).then(|| view! { <a href=page(None, None)>"To the newest"</a> }.into_any());
    let problems = log.problems;
    let wrong = problems.iter().map(|(field, sentence)| (Some(id_of(*field)), sentence.clone()));
    let summary: Vec<_> = wrong.chain(refused.map(|problem| (None, problem))).collect();
    let status = if summary.is_empty() { 200 } else { 422 };
    let shown = filter.clone();
    let copy = export(filter, log.may_export);
    let lede =
        view! { <p>"Who did what, and what was denied. Each entry is a leaf of a tree of hashes, whose head is signed every minute."</p> }.into_any();
    let body = view! {
        <PageHead title="Audit" lede=lede />
        <ErrorSummary problems=summary />
        {panel(log.chain, chain)}
        {panel(log.seal, seal)}
        {filters(filter, log.actions, log.actors, log.reasons, &problems)}
        <Chips chips=chips(filter) clear=paths::AUDIT />
        {newest}
        {panel(log.entries, move |entries| list(entries, &shown))}
        <Pager label="Pages of the audit log" previous=newer next=older />
        {copy}
    }
    .into_any();
    Sheet::new(Section::Audit, "Audit", body).with_status(status)
}

fn id_of(field: TimeField) -> &'static str {
    match field {
        TimeField::From => "from",
        TimeField::To => "to",
    }
}

fn chain(chain: Chain) -> AnyView {
    match chain {
        Chain::Holds { entries, at } => view! {
            <Notice tone=Tone::Good glyph=Glyph::Chain>
                <p>
                    <strong>"The log holds. "</strong>
                    {format!("{} verified; all of them were last walked along ", counted(entries, "entry", "entries"))}
                    <When at=at /> "."
                </p>
            </Notice>
        }
        .into_any(),
        Chain::Broken { sequence, at } => view! {
            <div role="alert">
                <Notice tone=Tone::Bad glyph=Glyph::Warning>
                    <p>
                        <strong>"The log is broken. "</strong> "Entry "
                        <a href=paths::audit_entry(sequence)>{number(sequence)}</a>
                        " is not what was recorded; found " <When at=at />
                        ". Entries from there on cannot be trusted."
                    </p>
                </Notice>
            </div>
        }
        .into_any(),
        Chain::NotChecked => view! {
            <Notice tone=Tone::Quiet glyph=Glyph::Question>
                <p>
                    "The whole log was not walked along since the service started. Its seal job does that when it starts and every hour."
                </p>
            </Notice>
        }
        .into_any(),
    }
}

/// How the log is sealed, in words, folded away unless somebody has to look.
fn seal(seal: Seal) -> AnyView {
    let Seal { entries, sealed, anchored, standing, looked, trouble } = seal;
    let never = |what: &'static str| view! { <span class="missing">{what}</span> }.into_any();
    let covers = |(size, at): (u64, jiff::Timestamp)| {
        let left = entries.saturating_sub(size);
        let rest = if left == 0 { String::new() } else { format!("; {} newer", number(left)) };
        view! { {format!("{}{rest}, ", counted(size, "entry", "entries"))} <When at=at /> }.into_any()
    };
    let (foreign, word) = match standing {
        Some(AnchorStanding::Consistent) => (false, "It is of this log"),
        Some(AnchorStanding::Behind) => (true, "It is of a longer log: this database is an older copy"),
        Some(AnchorStanding::Forked) => (true, "It is of another log: another box may write for this studio"),
        None => (false, "Nobody has looked yet"),
    };
    let summary = match (&sealed, foreign, &trouble) {
        (_, true, _) => "What is kept outside is not of this log",
        (_, false, Some(_)) => "Signed, and not kept outside right now",
        (Some(_), false, None) => "How it is signed and kept outside",
        (None, false, None) => "Not signed yet",
    };
    let needs_look = foreign || trouble.is_some();
    let signed = sealed.map_or_else(|| never("not yet: within a minute"), covers);
    let kept = anchored.map_or_else(|| never("not yet"), covers);
    let facts = view! {
        <Facts>
            <Fact name="Signed">{signed}</Fact>
            <Fact name="Kept in the cloud">{kept}</Fact>
            <Fact name="What is kept there">{word} {looked.map(|at| view! { ", looked at " <When at=at /> })}</Fact>
            {trouble.map(|trouble| view! { <Fact name="Last trouble">{trouble}</Fact> })}
        </Facts>
    };
    view! {
        <details class="seal" open=needs_look>
            <summary>{summary}</summary>
            {facts}
            <p class="aside">
                "Verify it yourself, at the box: " <Code text="studio-brain audit verify" />
                ". A copy that proves itself: " <Code text="studio-brain audit export FILE" /> "."
            </p>
        </details>
    }
    .into_any()
}

fn filters(
    filter: &AuditFilter,
    actions: Vec<String>,
    actors: Vec<Actor>,
    reasons: Vec<String>,
    problems: &[(TimeField, String)],
) -> AnyView {
    let choices = |any: &str, words: Vec<String>, chosen: &Option<String>| {
        // What is chosen can be chosen again, whether or not it was met.
        let unmet = chosen.iter().filter(|chosen| !words.contains(chosen)).cloned().collect::<Vec<_>>();
        let words = words.into_iter().chain(unmet).map(|word| (word.clone(), word));
        [(String::new(), any.to_owned())].into_iter().chain(words).collect::<Vec<_>>()
    };
    let unmet = filter.actor.iter().filter(|chosen| !actors.iter().any(|actor| actor.id == **chosen)).cloned();
    let unmet = unmet.map(|actor| (actor.clone(), actor)).collect::<Vec<_>>();
    let actors = [(String::new(), "Anybody".to_owned())]
        .into_iter()
        .chain(actors.into_iter().map(|actor| (actor.id, format!("{} ({})", actor.name, kind_word(actor.kind)))))
        .chain(unmet)
        .collect::<Vec<_>>();
    let verdicts = [("", "Any verdict"), (Verdict::Allow.word(), "Allowed"), (Verdict::Deny.word(), "Denied")];
    let verdicts = verdicts.map(|(value, shown)| (value.to_owned(), shown.to_owned())).to_vec();
    let (actions, reasons) =
        (choices("Any action", actions, &filter.action), choices("Any reason code", reasons, &filter.reason));
    let problem = |field| problems.iter().find(|(each, _)| *each == field).map(|(_, sentence)| sentence.clone());
    let zone = viewer().zone.iana_name().unwrap_or("UTC").to_owned();
    let chosen = filter.clone();
    let verdict = chosen.verdict.map_or("", Verdict::word);
    view! {
        <search>
            <form class="filters" method="get" action=paths::AUDIT>
                <SelectField id="actor" label="Actor" options=actors chosen=chosen.actor.unwrap_or_default() />
                <SelectField id="action" label="Action" options=actions chosen=chosen.action.unwrap_or_default() />
                <SelectField id="verdict" label="Verdict" options=verdicts chosen=verdict />
                <SelectField id="reason" label="Reason code" options=reasons chosen=chosen.reason.unwrap_or_default() />
                <LineField id="target" label="Target contains" value=chosen.target.unwrap_or_default() kind="search" />
                <LineField
                    id="from"
                    label=format!("From ({zone})")
                    value=chosen.from.unwrap_or_default()
                    problem=problem(TimeField::From)
                    kind="datetime-local"
                />
                <LineField
                    id="to"
                    label=format!("To ({zone})")
                    value=chosen.to.unwrap_or_default()
                    problem=problem(TimeField::To)
                    kind="datetime-local"
                />
                <Button label="Show" />
            </form>
        </search>
    }
    .into_any()
}

/// The filters in force, each with the list without it.
fn chips(filter: &AuditFilter) -> Vec<Chip> {
    let chip = |(name, value): (&'static str, &str)| Chip {
        name: match name {
            "actor" => "Actor",
            "action" => "Action",
            "target" => "Target contains",
            "verdict" => "Verdict",
            "reason" => "Reason code",
            "from" => "From",
            _ => "To",
        }
        .to_owned(),
        value: value.to_owned(),
        without: paths::audit(&filter.without(name)),
    };
    filter.narrowings().map(chip).collect()
}

/// What is shown as a file, for those who may.
fn export(filter: &AuditFilter, may: May) -> AnyView {
    let form = match may {
        May::Yes => view! {
            <form method="post" action=paths::AUDIT_EXPORT>
                {filter
                    .narrowings()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> })
                    .collect_view()}
                <div class="buttons">
                    <Button label="As CSV" glyph=Glyph::Export sends=("format", "csv") />
                    <Button label="As JSON Lines" glyph=Glyph::Export sends=("format", "jsonl") />
                </div>
            </form>
        }
        .into_any(),
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
    };
    let what = if filter.narrows() { "Everything that the filters in force show" } else { "The whole log" };
    view! {
        <section class="card" aria-labelledby="export">
            <h2 id="export">"Take a copy"</h2>
            <p>{what} ", at most 50,000 entries. That somebody took it is recorded here, too."</p>
            {form}
        </section>
    }
    .into_any()
}

fn list(entries: Vec<AuditEntry>, filter: &AuditFilter) -> AnyView {
    let is_paged = filter.before.is_some() || filter.after.is_some();
    if entries.is_empty() && filter.narrows() {
        return view! { <FilteredEmpty what="No entry matches" clear=paths::AUDIT /> }.into_any();
    }
    if entries.is_empty() && is_paged {
        return view! { <Empty glyph=Glyph::Audit what="No entries there" more="The log begins or ends before that." /> }
            .into_any();
    }
    if entries.is_empty() {
        return view! {
            <Empty glyph=Glyph::Audit what="Nothing was recorded yet" more="Every action and every denial is kept here." />
        }
        .into_any();
    }
    let columns = ["Time", "Actor", "Action", "Target", "Verdict", "Hash"].map(Column::text);
    let columns = [Column::number("No.")].into_iter().chain(columns).collect();
    let rows = entries.into_iter().map(row).collect();
    view! { <Table caption="Audit entries, newest first" columns=columns rows=rows class="list ledger" /> }.into_any()
}

fn row(entry: AuditEntry) -> Row {
    let verdict = view! { {state::verdict(entry.verdict)} " " <span class="reason-code">{entry.reason_code}</span> };
    Row::of(vec![
        view! { <a href=paths::audit_entry(entry.sequence)>{entry.sequence.to_string()}</a> }.into_any(),
        view! { <Exactly at=entry.at /> }.into_any(),
        view! { <Who actor=entry.actor /> }.into_any(),
        view! { <Code text=entry.action /> }.into_any(),
        target(entry.target),
        verdict.into_any(),
        view! { <ShortHash hash=entry.hash /> }.into_any(),
    ])
}

/// What an action was about, with a link where there is a page of it.
pub(super) fn target(target: Option<Target>) -> AnyView {
    match target {
        None => view! { <span class="missing">"nothing in particular"</span> }.into_any(),
        Some(Target::Document(path)) => view! { <Code text=path /> }.into_any(),
        Some(Target::Proposal(id)) => {
            let href = paths::proposal(&id);
            view! { "Proposal " <a class="code" href=href>{id}</a> }.into_any()
        }
        Some(Target::Write(id)) => {
            let href = paths::write(&id);
            view! { "Write " <a class="code" href=href>{id}</a> }.into_any()
        }
        Some(Target::Other(text)) => view! { {text} }.into_any(),
    }
}
