//! What may be done without its approval, for a while: the list, and one of them.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActForm,
        exemptions::{ExemptionDetail, ExemptionFilter, ExemptionRow, ExemptionShow, ExemptionStanding, Exemptions},
        facts::{Capability, May},
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Badge, Tone},
        button::{Button, ButtonLink, WhyNot},
        confirm::{Confirm, Question},
        field::{ErrorSummary, SelectField},
        icon::Glyph,
        naming::{Code, Fact, Facts, Who},
        pager::{Neighbour, Pager},
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        timeline::Timeline,
        when::{When, counted},
    },
    paths,
};

/// The list.
pub(super) fn sheet(found: Exemptions, filter: &ExemptionFilter) -> Sheet {
    let lede = view! {
        <p>"What may be done without its approval, for one owner and for a while. Never longer than 72 hours, never for what is critical."</p>
    };
    let new = view! { <ButtonLink label="Grant an exemption…" href=paths::NEW_EXEMPTION glyph=Glyph::Plus /> };
    let (live, ended) = found.counts.unzip();
    let tabs = ExemptionShow::ALL
        .into_iter()
        .map(|show| {
            let (name, count) = match show {
                ExemptionShow::Live => ("In force", live),
                ExemptionShow::Ended => ("Ended", ended),
                ExemptionShow::All => ("All", live.zip(ended).map(|(live, ended)| live + ended)),
            };
            let there = ExemptionFilter { show, before: None, ..filter.clone() };
            Tab { name: name.to_owned(), href: paths::exemptions(&there), is_current: show == filter.show, count }
        })
        .collect();
    let older = found.older.map(|before| Neighbour {
        href: paths::exemptions(&ExemptionFilter { before: Some(before), ..filter.clone() }),
        name: "Older".to_owned(),
    });
    let newest = filter.before.is_some().then(|| Neighbour {
        href: paths::exemptions(&ExemptionFilter { before: None, ..filter.clone() }),
        name: "Newest".to_owned(),
    });
    let filter_now = filter.clone();
    let title = live
        .filter(|live| *live > 0)
        .map_or_else(|| "Exemptions · Policy".to_owned(), |live| format!("{live} in force · Exemptions · Policy"));
    let body = view! {
        <PageHead
            title="Exemptions"
            lede=lede.into_any()
            back=Some((paths::POLICY, "Policy"))
            actions=Some(new.into_any())
        />
        <Tabs label="Which exemptions" tabs=tabs />
        {narrowing(filter, found.capabilities)}
        {panel(found.rows, move |rows| list(rows, &filter_now))}
        <Pager label="Pages" previous=newest next=older />
    };
    Sheet::new(Section::Policy, title, body.into_any())
}

fn narrowing(filter: &ExemptionFilter, capabilities: Vec<Capability>) -> AnyView {
    let options = [(String::new(), "Any capability".to_owned())]
        .into_iter()
        .chain(capabilities.into_iter().map(|capability| (capability.id, capability.title)))
        .collect();
    let chosen = filter.capability.clone().unwrap_or_default();
    let without = ExemptionFilter { capability: None, before: None, ..filter.clone() };
    let show = (filter.show != ExemptionShow::default())
        .then(|| view! { <input type="hidden" name="show" value=filter.show.word() /> });
    view! {
        <search>
            <form class="filters" method="get" action=paths::EXEMPTIONS>
                {show}
                <SelectField id="capability" label="Capability" options=options chosen=chosen />
                <Button label="Show" />
                {filter
                    .capability
                    .is_some()
                    .then(|| view! { <a class="clear" href=paths::exemptions(&without)>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(rows: Vec<ExemptionRow>, filter: &ExemptionFilter) -> AnyView {
    if !rows.is_empty() {
        return table(rows, "Exemptions, newest first");
    }
    if filter.capability.is_some() {
        let clear = paths::exemptions(&ExemptionFilter { capability: None, before: None, ..filter.clone() });
        return view! { <FilteredEmpty what="No exemption matches" clear=clear /> }.into_any();
    }
    let (what, more) = match filter.show {
        ExemptionShow::Live => ("No exemption is in force", "Everything that needs an approval waits for one."),
        ExemptionShow::Ended => ("None has ended yet", "Those that were taken back or ran out are kept here."),
        ExemptionShow::All => ("No exemption was granted yet", "Granting one takes a reason and an end."),
    };
    view! { <Empty glyph=Glyph::Policy what=what more=more /> }.into_any()
}

/// Exemptions as a table.
pub(super) fn table(rows: Vec<ExemptionRow>, caption: &'static str) -> AnyView {
    let columns = ["Lets through", "For", "Ends", "Granted by", "State"].map(Column::text);
    let columns = columns.into_iter().chain([Column::number("Used")]).collect();
    let rows = rows.into_iter().map(|row| {
        let covers = row.document.clone().unwrap_or_else(|| "every document of theirs".to_owned());
        Row::of(vec![
            view! {
                <a class="row-title" href=paths::exemption(&row.id)>{row.capability.title}</a>
                <span class="row-note">{row.reason}</span>
            }
            .into_any(),
            view! { <Code text=row.owner /> <span class="row-note">{covers}</span> }.into_any(),
            view! { <When at=row.expires /> }.into_any(),
            view! { <Who actor=row.granted_by /> }.into_any(),
            standing(row.standing),
            row.uses.to_string().into_any(),
        ])
    });
    view! { <Table caption=caption columns=columns rows=rows.collect() /> }.into_any()
}

fn standing(standing: ExemptionStanding) -> AnyView {
    let (tone, glyph, word) = match standing {
        ExemptionStanding::Live => (Tone::Active, Glyph::Clock, "In force"),
        ExemptionStanding::Revoked => (Tone::Quiet, Glyph::Cross, "Taken back"),
        ExemptionStanding::Expired => (Tone::Quiet, Glyph::Level, "Over"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}

/// One exemption.
pub(super) fn one(detail: ExemptionDetail, form: ActForm) -> Sheet {
    let status = form.status();
    let problems = form.summary();
    let row = detail.row;
    let name = row.capability.title.clone();
    let lede = view! { <p class="badges">{standing(row.standing)} <span>"Without its approval, for " <Code text=row.owner.clone() /></span></p> };
    let end = match detail.may_revoke {
        None => ().into_any(),
        Some(May::No { why }) => view! { <WhyNot why=why /> }.into_any(),
        Some(May::Yes) => revoke_form(&row.id, form),
    };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=name.clone() lede=lede.into_any() back=Some((paths::EXEMPTIONS, "Exemptions")) />
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="terms">
                    <h2 id="terms">"Its terms"</h2>
                    {terms(&row)}
                </section>
                {end}
            </div>
            <aside class="split-side" aria-label="About this exemption">
                <section aria-labelledby="history">
                    <h2 id="history">"What happened"</h2>
                    {panel(detail.timeline, |events| view! { <Timeline events=events /> }.into_any())}
                </section>
            </aside>
        </div>
    };
    Sheet::new(Section::Policy, format!("{name} · Exemptions"), body.into_any()).with_status(status)
}

fn terms(row: &ExemptionRow) -> AnyView {
    let row = row.clone();
    let covers = match row.document {
        Some(path) => view! { <Code text=path /> }.into_any(),
        None => "every document of the owner".into_any(),
    };
    view! {
        <Facts>
            <Fact name="Capability"><a href=paths::capability(&row.capability.id)><Code text=row.capability.id.clone() /></a></Fact>
            <Fact name="In the name of"><Code text=row.owner /></Fact>
            <Fact name="Covers">{covers}</Fact>
            <Fact name="Who gains by it"><Code text=row.beneficiary /></Fact>
            <Fact name="Granted by"><Who actor=row.granted_by /></Fact>
            <Fact name="Why">{row.reason}</Fact>
            <Fact name="Granted"><When at=row.granted /></Fact>
            <Fact name="Ends"><When at=row.expires /></Fact>
            <Fact name="Used">{counted(row.uses, "time", "times")}</Fact>
            <Fact name="Id"><Code text=row.id /></Fact>
        </Facts>
    }
    .into_any()
}

fn revoke_form(id: &str, form: ActForm) -> AnyView {
    let question = Question {
        title: "Take it back?".to_owned(),
        effects: vec![
            "From now on this needs its approval again.".to_owned(),
            "What was let through already stays, and can be undone.".to_owned(),
        ],
        word: None,
        answer: "Take it back".to_owned(),
        is_grave: false,
    };
    let hidden = vec![("idempotency_key", form.idempotency_key.clone())];
    view! {
        <Confirm
            question=question
            typed=form.into()
            action=paths::exemption_end(id)
            hidden=hidden
            back=paths::EXEMPTIONS
        />
    }
    .into_any()
}
