//! One capability: what it does to which fields, who may use it, and within which bounds.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        capabilities::{CapabilityDetail, FieldLine},
        facts::May,
        may_i::MayQuestion,
    },
    parts::{
        badge::{Notice, Tone},
        button::WhyNot,
        icon::Glyph,
        naming::{Code, Fact, Facts, Layout, ShortHash},
        state,
        table::{Column, Row, Table},
        when::{counted, length},
    },
    paths,
};

/// The page.
pub(super) fn sheet(detail: CapabilityDetail) -> Sheet {
    let id = detail.row.capability.id.clone();
    let title = detail.row.capability.title.clone();
    let lede = view! { <p class="badges">{state::risk(detail.row.risk)} <Code text=id.clone() /></p> };
    let may = match detail.may_use.clone() {
        May::Yes => view! {
            <Notice tone=Tone::Good glyph=Glyph::Checked>
                <p>{if detail.row.writes { "You may propose it now." } else { "You may read it now." }}</p>
            </Notice>
        }
        .into_any(),
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
    };
    let question = MayQuestion {
        act: if detail.row.writes { "propose" } else { "read" }.to_owned(),
        capability: id,
        ..MayQuestion::default()
    };
    let body = view! {
        <PageHead title=title.clone() lede=lede.into_any() back=Some((paths::CAPABILITIES, "Capabilities")) />
        <div class="split">
            <div class="split-main">
                {may}
                {fields(detail.fields.clone(), detail.row.writes)}
                {requires(detail.requires.clone())}
                {spec(detail.spec.clone())}
            </div>
            <aside class="split-side" aria-label="Its bounds">
                {bounds(detail)}
                <p><a href=paths::may_i(&question)>"May I, and why not?"</a></p>
            </aside>
        </div>
    };
    Sheet::new(Section::Policy, format!("{title} · Capabilities"), body.into_any())
}

fn fields(lines: Vec<FieldLine>, writes: bool) -> AnyView {
    if lines.is_empty() {
        let said = if writes { "It sets no field by itself." } else { "It reads and changes nothing." };
        return view! { <p class="aside">{said}</p> }.into_any();
    }
    let columns = ["Field", "Value", "Allowed"].map(Column::text).into();
    let rows = lines.into_iter().map(|line| {
        let values = if line.values.is_empty() { "any".into_any() } else { listed(line.values) };
        let transitions = (!line.transitions.is_empty()).then(|| {
            let count = counted(line.transitions.len() as u64, "step is allowed", "steps are allowed");
            view! { <details><summary>{count}</summary><ul class="plain-list">{items(line.transitions)}</ul></details> }
        });
        Row::of(vec![
            view! { <Code text=line.field /> }.into_any(),
            line.source.into_any(),
            view! { {values} {transitions} }.into_any(),
        ])
    });
    view! {
        <section aria-labelledby="fields">
            <h2 id="fields">"What it writes"</h2>
            <Table caption="The fields that it sets" columns=columns rows=rows.collect() />
        </section>
    }
    .into_any()
}

fn listed(values: Vec<String>) -> AnyView {
    values.into_iter().map(|value| view! { <Code text=value /> " " }).collect_view().into_any()
}

fn items(lines: Vec<String>) -> AnyView {
    lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view().into_any()
}

fn requires(rules: Vec<(String, String)>) -> AnyView {
    if rules.is_empty() {
        return ().into_any();
    }
    let rules = rules.into_iter().map(|(field, rule)| view! { <li><Code text=field /> " " {rule}</li> });
    view! {
        <section aria-labelledby="requires">
            <h2 id="requires">"What has to be so before"</h2>
            <ul class="plain-list">{rules.collect_view()}</ul>
        </section>
    }
    .into_any()
}

fn spec((path, text): (String, Option<String>)) -> AnyView {
    let text = text.map(|text| {
        view! {
            <details>
                <summary>"Read it here"</summary>
                <div class="scroll" tabindex="0" role="region" aria-label="The specification">
                    <pre class="spec">{text}</pre>
                </div>
            </details>
        }
    });
    view! {
        <section aria-labelledby="spec">
            <h2 id="spec">"Its specification"</h2>
            <p><Code text=path /></p>
            {text}
        </section>
    }
    .into_any()
}

fn bounds(detail: CapabilityDetail) -> AnyView {
    let row = detail.row;
    let (count, admins) = row.approvals;
    let approvals = row.writes.then(|| {
        let admins = (admins > 0).then(|| format!(", {} of an admin", admins));
        view! { <Fact name="Approvals">{counted(count.into(), "approval", "approvals")} {admins}</Fact> }
    });
    let people = |name: &'static str, roles: Vec<String>| {
        (!roles.is_empty()).then(|| view! { <Fact name=name>{roles.join(", ")}</Fact> })
    };
    let delay =
        (detail.delay > 0).then(|| view! { <Fact name="Waits before it is sent">{length(detail.delay)}</Fact> });
    view! {
        <section class="card" aria-labelledby="bounds">
            <h2 id="bounds">"Its bounds"</h2>
            <Facts layout=Layout::Stacked>
                <Fact name="About">{listed(row.targets)}</Fact>
                {people(if row.writes { "May propose" } else { "May read" }, row.propose)}
                {people("May approve and reject", row.approve)}
                {people("Carries it out", detail.apply)}
                {approvals}
                {detail.lifetime.map(|seconds| view! { <Fact name="An approval is good for">{length(seconds)}</Fact> })}
                {delay}
                <Fact name="The mirror may be this old">{length(detail.freshness)}</Fact>
                <Fact name="How often"><ul class="plain-list">{items(row.quotas)}</ul></Fact>
                {detail.rollback.map(|how| view! { <Fact name="How it is taken back">{how}</Fact> })}
                <Fact name="Answers for it">{detail.owner}</Fact>
                <Fact name="Whom to call">{detail.escalation.join(", then ")}</Fact>
                <Fact name="Entry in the registry"><ShortHash hash=detail.fingerprint /></Fact>
            </Facts>
        </section>
    }
    .into_any()
}
