//! Which of the studio's boxes sends, and deciding that it is this one.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActForm,
        facts::May,
        policy::{BoxName, Lease, LeaseStanding},
    },
    parts::{
        badge::{Badge, Notice, Tone},
        button::WhyNot,
        confirm::{Confirm, Question},
        field::ErrorSummary,
        icon::Glyph,
        naming::{Code, Fact, Facts, Layout, Who},
        when::When,
    },
    paths,
};

/// How this box stands to the lease, in a badge.
pub(super) fn badge(standing: LeaseStanding) -> AnyView {
    let (tone, glyph, word) = match standing {
        LeaseStanding::Ours => (Tone::Good, Glyph::Checked, "This box sends"),
        LeaseStanding::Second => (Tone::Bad, Glyph::Lock, "Another box sends"),
        LeaseStanding::Free => (Tone::Active, Glyph::Clock, "Nobody has it"),
        LeaseStanding::Unknown => (Tone::Quiet, Glyph::Question, "Unknown"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}

fn meaning(standing: LeaseStanding) -> &'static str {
    match standing {
        LeaseStanding::Ours => "What is approved here is sent from here.",
        LeaseStanding::Second => "This box only mirrors: nothing that is approved here is sent from here.",
        LeaseStanding::Free => "It is claimed as soon as writes may leave.",
        LeaseStanding::Unknown => "Nobody has looked since the service started, so nothing is sent.",
    }
}

/// What is known of the lease, for a narrow place.
pub(super) fn facts(lease: &Lease) -> AnyView {
    let lease = lease.clone();
    let holder = lease.holder.filter(|_| lease.standing == LeaseStanding::Second);
    let taking = lease.taking.map(|taking| {
        view! {
            <Fact name="To be taken">
                <Who actor=taking.by /> " decided so " <When at=taking.at /> ": " {taking.reason}
            </Fact>
        }
    });
    view! {
        <p>{badge(lease.standing)}</p>
        <p class="aside">{meaning(lease.standing)}</p>
        <Facts layout=Layout::Stacked>
            <Fact name="This box">{named(lease.here)}</Fact>
            {holder.map(|holder| view! { <Fact name="The box that sends">{named(holder)}</Fact> })}
            {lease.claimed.map(|at| view! { <Fact name="Claimed"><When at=at /></Fact> })}
            {lease.taken.map(|taken| view! { <Fact name="Taken from another box">{taken}</Fact> })}
            {taking}
            {lease.looked.map(|at| view! { <Fact name="Last looked"><When at=at /></Fact> })}
        </Facts>
    }
    .into_any()
}

fn named(known: BoxName) -> AnyView {
    let directory = if known.directory.is_empty() { "unnamed".to_owned() } else { known.directory };
    view! {
        <Code text=directory />
        " "
        <span class="aside">
            {(!known.version.is_empty()).then(|| format!("version {}", known.version))}
            {known.started.map(|at| view! { ", started " <When at=at /> })}
        </span>
    }
    .into_any()
}

/// The page.
pub(super) fn sheet(lease: Lease, form: ActForm) -> Sheet {
    let status = form.status();
    let problems = form.summary();
    let lede = view! { <p>"One box of the studio sends. A second one mirrors, and waits until somebody decides."</p> };
    let take = match (&lease.may_take, lease.standing) {
        (_, LeaseStanding::Ours) => view! {
            <Notice tone=Tone::Quiet glyph=Glyph::Info>
                <p>"This box has the lease: there is nothing to take."</p>
            </Notice>
        }
        .into_any(),
        (May::No { why }, LeaseStanding::Free | LeaseStanding::Second | LeaseStanding::Unknown) => {
            view! { <WhyNot why=why.clone() /> }.into_any()
        }
        (May::Yes, LeaseStanding::Free | LeaseStanding::Second | LeaseStanding::Unknown) => take_form(form),
    };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title="Which box sends" lede=lede.into_any() back=Some((paths::POLICY, "Policy")) />
        <div class="split">
            <div class="split-main">{take}</div>
            <aside class="split-side" aria-label="The lease">
                <section class="card" aria-labelledby="known">
                    <h2 id="known">"What is known"</h2>
                    {facts(&lease)}
                </section>
            </aside>
        </div>
    };
    Sheet::new(Section::Policy, "Which box sends", body.into_any()).with_status(status)
}

fn take_form(form: ActForm) -> AnyView {
    let question = Question {
        title: "Take the lease for this box?".to_owned(),
        effects: vec![
            "This box sends from then on; the other one becomes the second and only mirrors.".to_owned(),
            "It is carried out as soon as writes may leave. Until the service starts again, the decision stands."
                .to_owned(),
            "Make sure that the other box is stopped, or meant to be the second.".to_owned(),
        ],
        word: Some("TAKE"),
        answer: "Take the lease".to_owned(),
        is_grave: true,
    };
    let hidden = vec![("idempotency_key", form.idempotency_key.clone())];
    view! { <Confirm question=question typed=form.into() action=paths::LEASE hidden=hidden back=paths::POLICY /> }
        .into_any()
}
