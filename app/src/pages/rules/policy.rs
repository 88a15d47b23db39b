//! What holds for every write: the switch first, then what stands close to a bound.

use leptos::prelude::*;

use super::{exemptions, lease, quotas, switch};
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        capabilities::CapabilityRow,
        exemptions::{ExemptionFilter, ExemptionRow},
        policy::{Lease, Policy},
        quotas::{Counter, QuotaFilter},
    },
    parts::{
        absence::{Empty, panel},
        badge::{Notice, Tone},
        icon::Glyph,
        state,
        titled::Titled,
        when::counted,
    },
    paths,
};

/// The page.
pub(super) fn sheet(policy: Policy) -> Sheet {
    let title = if policy.switches.stopped.is_some() { "Stopped · Policy" } else { "Policy" };
    let lede = view! { <p>"The rules that every write has to keep, and who may change what."</p> };
    let actions = switch::way_on(&policy.switches);
    let live = policy.exemptions.as_ref().ok().map(|rows| rows.len() as u64);
    let near = policy.near.as_ref().ok().map(|rows| rows.len() as u64);
    let all = |href: String, name: &'static str| view! { <a href=href>{name}</a> }.into_any();
    let body = view! {
        <PageHead title="Policy" lede=lede.into_any() actions=Some(actions) />
        <div class="split">
            <div class="split-main">
                <Titled id="switch" title="The switch">
                    {policy.switches.stopped.clone().map(stopped)}
                    {policy.switches.each.iter().map(switch::position).collect_view()}
                </Titled>
                <Titled
                    id="exemptions"
                    title="Exemptions in force"
                    count=live
                    actions=Some(all(paths::exemptions(&ExemptionFilter::default()), "All exemptions"))
                >
                    {panel(policy.exemptions, in_force)}
                </Titled>
                <Titled
                    id="quotas"
                    title="Limits of which little is left"
                    count=near
                    actions=Some(all(paths::quotas(&QuotaFilter::default()), "All counters"))
                >
                    {panel(policy.near, little_left)}
                </Titled>
                <Titled id="history" title="What was done with the switch">
                    {panel(policy.switches.history, switch::history)}
                </Titled>
            </div>
            <aside class="split-side" aria-label="More about the rules">
                <section class="card" aria-labelledby="lease">
                    <h2 id="lease">"Which box sends"</h2>
                    {panel(policy.lease, lease_card)}
                </section>
                <section class="card" aria-labelledby="capabilities">
                    <h2 id="capabilities">"What can be done"</h2>
                    {capabilities(&policy.capabilities)}
                </section>
                <section class="card" aria-labelledby="may-i">
                    <h2 id="may-i">"May I?"</h2>
                    <p>"Ask whether you may do something, and what stands in the way."</p>
                    <p><a class="button" href=paths::MAY_I>"May I, and why not?"</a></p>
                </section>
            </aside>
        </div>
    };
    Sheet::new(Section::Policy, title, body.into_any())
}

fn stopped(why: String) -> AnyView {
    view! {
        <Notice tone=Tone::Bad glyph=Glyph::Stop>
            <p><strong>"Nothing is sent. "</strong> {why}</p>
        </Notice>
    }
    .into_any()
}

fn in_force(rows: Vec<ExemptionRow>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty glyph=Glyph::Policy what="No exemption is in force" more="Everything that needs an approval waits for one." />
        }
        .into_any();
    }
    exemptions::table(rows, "Exemptions in force, those first that end first")
}

fn little_left(rows: Vec<Counter>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty glyph=Glyph::Checked what="Every limit has room" more="Of each, more than a fifth is left." />
        }
        .into_any();
    }
    quotas::table(rows, "Counters of which a fifth or less is left")
}

fn lease_card(known: Lease) -> AnyView {
    view! {
        {lease::facts(&known)}
        <p><a href=paths::LEASE>"Which box sends, and taking the lease"</a></p>
    }
    .into_any()
}

fn capabilities(rows: &[CapabilityRow]) -> AnyView {
    let list = rows.iter().map(|row| {
        view! {
            <li>
                <a href=paths::capability(&row.capability.id)>{row.capability.title.clone()}</a>
                {state::risk(row.risk)}
            </li>
        }
    });
    view! {
        <ul class="plain-list">{list.collect_view()}</ul>
        <p><a href=paths::CAPABILITIES>{counted(rows.len() as u64, "capability", "capabilities")} ", who may use them and how"</a></p>
    }
    .into_any()
}
