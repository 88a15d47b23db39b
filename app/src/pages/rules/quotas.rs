//! How often things may be done: the counters, who was told to wait, and one counter.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActForm,
        facts::May,
        quotas::{Counter, CounterDetail, Limited, QuotaFilter, QuotaShow, Quotas},
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Notice, Tone},
        button::{Button, WhyNot},
        confirm::{Confirm, Question},
        field::{ErrorSummary, LineField},
        icon::Glyph,
        level::Level,
        naming::{Code, Fact, Facts, Who},
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        timeline::Timeline,
        titled::Titled,
        when::{When, counted, length, number},
    },
    paths,
};

/// The page.
pub(super) fn sheet(found: Quotas, filter: &QuotaFilter) -> Sheet {
    let lede =
        view! { <p>"How often things may be done, counted for each actor, owner and capability, and together."</p> };
    let tabs = QuotaShow::ALL
        .into_iter()
        .map(|show| {
            let name = match show {
                QuotaShow::Used => "In use",
                QuotaShow::Near => "Little left",
                QuotaShow::All => "All",
            };
            let there = QuotaFilter { show, ..filter.clone() };
            Tab { name: name.to_owned(), href: paths::quotas(&there), is_current: show == filter.show, count: None }
        })
        .collect();
    let unfiltered = found.unfiltered;
    let filter_now = filter.clone();
    let shared = found.shared.into_iter().map(|each| view! { <li>{each}</li> }).collect_view();
    let body = view! {
        <PageHead title="Limits" lede=lede.into_any() back=Some((paths::POLICY, "Policy")) />
        {panel(found.faults, faults)}
        <Tabs label="Which counters" tabs=tabs />
        {narrowing(filter)}
        {panel(found.counters, move |rows| list(rows, unfiltered, &filter_now))}
        <div class="halves">
            <Titled id="limited" title="Told to wait in the last seven days">{panel(found.limited, limited)}</Titled>
            <Titled id="shared" title="What everything together may use">
                <ul class="plain-list">{shared}</ul>
            </Titled>
        </div>
    };
    Sheet::new(Section::Policy, "Limits · Policy", body.into_any())
}

fn faults(faults: Vec<(String, &'static str)>) -> AnyView {
    if faults.is_empty() {
        return ().into_any();
    }
    let lines = faults.into_iter().map(|(bucket, what)| view! { <li><Code text=bucket /> " " {what}</li> });
    view! {
        <div role="alert">
            <Notice tone=Tone::Bad glyph=Glyph::Warning>
                <p><strong>"Something else has changed counters. "</strong> "They do not fit the audit log:"</p>
                <ul>{lines.collect_view()}</ul>
            </Notice>
        </div>
    }
    .into_any()
}

fn narrowing(filter: &QuotaFilter) -> AnyView {
    let show = (filter.show != QuotaShow::default())
        .then(|| view! { <input type="hidden" name="show" value=filter.show.word() /> });
    let without = QuotaFilter { subject: None, ..filter.clone() };
    view! {
        <search>
            <form class="filters" method="get" action=paths::QUOTAS>
                {show}
                <LineField
                    id="subject"
                    label="Counter contains"
                    value=filter.subject.clone().unwrap_or_default()
                    kind="search"
                />
                <Button label="Show" />
                {filter
                    .subject
                    .is_some()
                    .then(|| view! { <a class="clear" href=paths::quotas(&without)>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(rows: Vec<Counter>, unfiltered: Option<u64>, filter: &QuotaFilter) -> AnyView {
    if !rows.is_empty() {
        return table(rows, "Counters, those first that take longest to be full again");
    }
    if unfiltered == Some(0) {
        return view! {
            <Empty glyph=Glyph::Cost what="Nothing was counted yet" more="The first use of a capability makes its counters." />
        }
        .into_any();
    }
    if filter.subject.is_some() {
        return view! { <FilteredEmpty what="No counter matches" clear=paths::QUOTAS /> }.into_any();
    }
    let (what, more) = match filter.show {
        QuotaShow::Used => ("Every counter is full", "Nothing was used lately that has not come back."),
        QuotaShow::Near => ("Every limit has room", "Of each, more than a fifth is left."),
        QuotaShow::All => ("There is no counter", "The first use of a capability makes its counters."),
    };
    view! { <Empty glyph=Glyph::Checked what=what more=more /> }.into_any()
}

/// Counters as a table.
pub(super) fn table(rows: Vec<Counter>, caption: &'static str) -> AnyView {
    let columns = ["Counts", "Of", "Left", "In each", "All back"].map(Column::text).into();
    let rows = rows.into_iter().map(|row| {
        let name = format!("Left of {}, {} {}", row.counts, row.scope, row.subject);
        Row::of(vec![
            view! { <a class="row-title" href=paths::counter(&row.bucket)>{row.counts.clone()}</a> }.into_any(),
            view! { {row.scope.clone()} " " <Code text=row.subject.clone() /> }.into_any(),
            view! { <Level remaining=row.remaining limit=row.limit name=name /> }.into_any(),
            length(row.window).into_any(),
            view! { <When at=row.full /> }.into_any(),
        ])
    });
    view! { <Table caption=caption columns=columns rows=rows.collect() /> }.into_any()
}

fn limited(rows: Vec<Limited>) -> AnyView {
    if rows.is_empty() {
        return view! { <Empty glyph=Glyph::Checked what="Nobody was told to wait" more="In the last seven days." /> }
            .into_any();
    }
    let columns = vec![Column::text("Who"), Column::text("For what"), Column::number("How often")];
    let rows = rows.into_iter().map(|row| {
        Row::of(vec![
            view! { <Who actor=row.actor /> }.into_any(),
            view! { <Code text=row.capability /> }.into_any(),
            number(row.denied).into_any(),
        ])
    });
    view! { <Table caption="Who was told to wait most often" columns=columns rows=rows.collect() /> }.into_any()
}

/// One counter.
pub(super) fn one(detail: CounterDetail, form: ActForm) -> Sheet {
    let status = form.status();
    let problems = form.summary();
    let counter = detail.counter;
    let bucket = counter.bucket.clone();
    let lede = view! { <p>{counter.scope.clone()} " " <Code text=counter.subject.clone() /></p> };
    let reset = match detail.may_reset {
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
        May::Yes => reset_form(&bucket, form),
    };
    let title = counter.counts.clone();
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=title.clone() lede=lede.into_any() back=Some((paths::QUOTAS, "Limits")) />
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="level">
                    <h2 id="level">"What is left"</h2>
                    <Facts>
                        <Fact name="Left">
                            <Level remaining=counter.remaining limit=counter.limit name="Left of this counter" />
                        </Fact>
                        <Fact name="In each">{length(counter.window)}</Fact>
                        <Fact name="All back"><When at=counter.full /></Fact>
                        <Fact name="Counter"><Code text=bucket /></Fact>
                    </Facts>
                </section>
                {reset}
            </div>
            <aside class="split-side" aria-label="About this counter">
                <section aria-labelledby="history">
                    <h2 id="history">"Filled up before"</h2>
                    {panel(detail.timeline, |events| {
                        if events.is_empty() {
                            view! { <p class="aside">"Nobody has filled it up."</p> }.into_any()
                        } else {
                            let count = counted(events.len() as u64, "entry", "entries");
                            view! { <p class="list-count">{count}</p> <Timeline events=events /> }.into_any()
                        }
                    })}
                </section>
            </aside>
        </div>
    };
    Sheet::new(Section::Policy, format!("{title} · Limits"), body.into_any()).with_status(status)
}

fn reset_form(bucket: &str, form: ActForm) -> AnyView {
    let question = Question {
        title: "Fill this counter up?".to_owned(),
        effects: vec![
            "All of it can be used again at once.".to_owned(),
            "Other counters that count the same use stay as they are.".to_owned(),
        ],
        word: None,
        answer: "Fill it up".to_owned(),
        is_grave: false,
    };
    let hidden = vec![("bucket", bucket.to_owned()), ("idempotency_key", form.idempotency_key.clone())];
    view! { <Confirm question=question typed=form.into() action=paths::COUNTER hidden=hidden back=paths::QUOTAS /> }
        .into_any()
}
