//! The registry: what can be done, by whom, and how often.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        capabilities::{Capabilities, CapabilityFilter, CapabilityRow},
        facts::Risk,
    },
    parts::{
        absence::{Empty, FilteredEmpty},
        button::Button,
        field::{LineField, SelectField},
        icon::Glyph,
        naming::Code,
        state,
        table::{Column, Row, Table},
        when::counted,
    },
    paths,
};

/// The page.
pub(super) fn sheet(found: Capabilities, filter: &CapabilityFilter) -> Sheet {
    let lede = view! { <p>"What can be done here, and nothing else. Each stands in the registry, and changes only with it."</p> };
    let shared = found.shared.into_iter().map(|each| view! { <li>{each}</li> }).collect_view();
    let body = view! {
        <PageHead title="Capabilities" lede=lede.into_any() back=Some((paths::POLICY, "Policy")) />
        {narrowing(filter)}
        {list(found.rows, found.unfiltered, filter)}
        <section aria-labelledby="shared">
            <h2 id="shared">"What everything together may use"</h2>
            <ul class="plain-list">{shared}</ul>
        </section>
    };
    Sheet::new(Section::Policy, "Capabilities · Policy", body.into_any())
}

fn narrowing(filter: &CapabilityFilter) -> AnyView {
    let risks = [(String::new(), "Any risk".to_owned())]
        .into_iter()
        .chain(Risk::ALL.map(|risk| (risk.word().to_owned(), state::risk_word(risk).to_owned())))
        .collect();
    view! {
        <search>
            <form class="filters" method="get" action=paths::CAPABILITIES>
                <SelectField id="risk" label="Risk" options=risks chosen=filter.risk.map_or("", Risk::word) />
                <LineField
                    id="about"
                    label="Name or target contains"
                    value=filter.about.clone().unwrap_or_default()
                    kind="search"
                />
                <Button label="Show" />
                {filter.narrows().then(|| view! { <a class="clear" href=paths::CAPABILITIES>"Clear filters"</a> })}
            </form>
        </search>
    }
    .into_any()
}

fn list(rows: Vec<CapabilityRow>, unfiltered: u64, filter: &CapabilityFilter) -> AnyView {
    if rows.is_empty() && filter.narrows() {
        let what = format!("None of {} matches", counted(unfiltered, "capability", "capabilities"));
        return view! { <FilteredEmpty what=what clear=paths::CAPABILITIES /> }.into_any();
    }
    if rows.is_empty() {
        return view! { <Empty glyph=Glyph::Policy what="The registry is empty" more="So nothing can be done." /> }
            .into_any();
    }
    let columns = ["What it does", "About", "Risk", "Proposed by", "Approved by"].map(Column::text).into();
    let rows = rows.into_iter().map(|row| {
        let approval = match (row.writes, row.approvals) {
            (false, _) => "it only reads: nobody has to approve".to_owned(),
            (true, (count, 0)) => {
                format!("{} by {}", counted(count.into(), "approval", "approvals"), row.approve.join(", "))
            }
            (true, (count, admins)) => format!(
                "{} by {}; {}",
                counted(count.into(), "approval", "approvals"),
                row.approve.join(", "),
                counted(admins.into(), "has to be an admin’s", "have to be admins’"),
            ),
        };
        Row::of(vec![
            view! {
                <a class="row-title" href=paths::capability(&row.capability.id)>{row.capability.title}</a>
                <span class="row-note"><Code text=row.capability.id /></span>
            }
            .into_any(),
            row.targets.into_iter().map(|target| view! { <Code text=target /> " " }).collect_view().into_any(),
            state::risk(row.risk),
            row.propose.join(", ").into_any(),
            approval.into_any(),
        ])
    });
    view! { <Table caption="Capabilities, by id" columns=columns rows=rows.collect() /> }.into_any()
}
