//! One text: why it was held, what was decided about it, and deciding.

use leptos::prelude::*;

use super::intake;
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActProblem,
        facts::May,
        intake::{IntakeDecision, IntakeDetail, ReviewChoice, ReviewForm},
    },
    parts::{
        badge::{Badge, Notice, Tone},
        button::{Button, Emphasis, WhyNot},
        field::{Choice, ChoiceField, ErrorSummary, TextField},
        icon::Glyph,
        naming::{Code, Fact, Facts, ShortHash, Who},
        pager::{Neighbour, Pager},
        when::When,
    },
    paths,
};

/// The page.
pub(super) fn sheet(detail: IntakeDetail, form: ReviewForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = match &form.problem {
        None => Vec::new(),
        Some(ActProblem::Word(said)) => vec![(Some("code"), said.clone())],
        Some(ActProblem::Reason(said)) => vec![(Some("reason"), said.clone())],
        Some(ActProblem::Whole(said)) => vec![(None, said.clone())],
    };
    let row = detail.row.clone();
    let title = row.category.title();
    let lede = view! { <p class="badges">{intake::standing(row.standing)} <span>"Held since " <When at=row.since /></span></p> };
    let outdated = detail.is_outdated.then(|| {
        view! {
            <Notice tone=Tone::Warn glyph=Glyph::Warning>
                <p><strong>"The document says something else now. "</strong> "A decision about this text lets nothing else through."</p>
            </Notice>
        }
    });
    let (previous, next) = detail.neighbours;
    let neighbour = |id: u64, name: &str| Neighbour { href: paths::intake_item(id), name: name.to_owned() };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=title lede=lede.into_any() back=Some((paths::INTAKE, "Intake")) />
        {outdated}
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="why">
                    <h2 id="why">"Why it was held"</h2>
                    {why(&detail)}
                </section>
                <section aria-labelledby="decided">
                    <h2 id="decided">"What was decided"</h2>
                    {decisions(detail.decisions.clone())}
                </section>
            </div>
            <aside class="split-side" aria-label="Deciding">{decide(&detail, form)}</aside>
        </div>
        <Pager
            label="Texts that wait"
            previous=previous.map(|id| neighbour(id, "Previous"))
            next=next.map(|id| neighbour(id, "Next"))
        />
    };
    Sheet::new(Section::Intake, format!("{title} · Intake"), body.into_any()).with_status(status)
}

fn why(detail: &IntakeDetail) -> AnyView {
    let (row, hash, version) = (detail.row.clone(), detail.text_hash.clone(), detail.rules_version.clone());
    let rules = detail.rules.clone().into_iter().map(|rule| view! { <Code text=rule /> " " }).collect_view();
    view! {
        <Facts>
            <Fact name="May be about">{row.category.title()} {format!(", {} % sure", row.score)}</Fact>
            <Fact name="Rules that matched">{rules}</Fact>
            <Fact name="Around the first find">{intake::excerpt(row.excerpt)}</Fact>
            <Fact name="Belongs to">{intake::subject(row.subject)}</Fact>
            <Fact name="Written by"><Who actor=row.requester /></Fact>
            <Fact name="Hash of the text"><ShortHash hash=hash /></Fact>
            <Fact name="Version of the rules"><Code text=version /></Fact>
        </Facts>
        <p class="aside">"The text itself is not kept here: read it where it belongs. What is decided is about this text only; another one is held anew."</p>
    }
    .into_any()
}

fn decisions(decisions: Vec<IntakeDecision>) -> AnyView {
    if decisions.is_empty() {
        return view! { <p class="aside">"Nobody has decided yet, so it does not go on."</p> }.into_any();
    }
    let last = decisions.len() - 1;
    let items = decisions.into_iter().enumerate().map(|(at, decision)| {
        let (tone, glyph) =
            if decision.choice.grants() { (Tone::Good, Glyph::Checked) } else { (Tone::Bad, Glyph::Refused) };
        let counts = (at == last).then(|| view! { <strong>"This one counts."</strong> });
        view! {
            <li>
                <div class="timeline-what">
                    <Badge tone=tone glyph=glyph word=name(decision.choice) />
                    <Who actor=decision.by />
                    {counts}
                </div>
                <blockquote>{decision.reason}</blockquote>
                <div class="timeline-when"><When at=decision.at /></div>
            </li>
        }
    });
    view! { <ol class="timeline">{items.collect_view()}</ol> }.into_any()
}

fn name(choice: ReviewChoice) -> &'static str {
    match choice {
        ReviewChoice::Harmless => "May go on: harmless here",
        ReviewChoice::RightsProved => "May go on: rights proved",
        ReviewChoice::Confirmed => "Stopped: it is what it seems",
        ReviewChoice::Unlawful => "Stopped: against the law",
    }
}

fn about(choice: ReviewChoice) -> &'static str {
    match choice {
        ReviewChoice::Harmless => "You read it where it belongs, and the words mean something harmless.",
        ReviewChoice::RightsProved => "The requester has shown that the design is theirs to use.",
        ReviewChoice::Confirmed => "The studio must not do it.",
        ReviewChoice::Unlawful => "The studio must not do it, and others may have to be told.",
    }
}

fn decide(detail: &IntakeDetail, form: ReviewForm) -> AnyView {
    let open: Vec<Choice> = detail
        .choices
        .iter()
        .filter(|(_, may)| *may == May::Yes)
        .map(|(choice, _)| Choice {
            value: choice.word().to_owned(),
            title: name(*choice).to_owned(),
            about: about(*choice).to_owned(),
        })
        .collect();
    let closed = detail
        .choices
        .iter()
        .filter_map(|(choice, may)| match may {
            May::Yes => None,
            May::No { why } => Some(view! { <WhyNot why=format!("{}: {why}", name(*choice)) /> }),
        })
        .collect_view();
    if open.is_empty() {
        return view! {
            <section class="card" aria-labelledby="decide">
                <h2 id="decide">"Your decision"</h2>
                {closed}
            </section>
        }
        .into_any();
    }
    let (word, reason) = match form.problem {
        Some(ActProblem::Word(said)) => (Some(said), None),
        Some(ActProblem::Reason(said)) => (None, Some(said)),
        Some(ActProblem::Whole(_)) | None => (None, None),
    };
    let chosen = Some(form.code).filter(|code| !code.is_empty());
    view! {
        <section class="card decide" aria-labelledby="decide">
            <h2 id="decide">{if detail.decisions.is_empty() { "Your decision" } else { "Decide again" }}</h2>
            <form method="post" action=paths::intake_decision(detail.row.id)>
                <input type="hidden" name="text_hash" value=detail.text_hash.clone() />
                <input type="hidden" name="seen" value=detail.decisions.len().to_string() />
                <input type="hidden" name="idempotency_key" value=form.idempotency_key />
                <ChoiceField id="code" legend="What you have checked" choices=open chosen=chosen problem=word />
                <TextField
                    id="reason"
                    label="Why"
                    hint="At least 10 characters. It is kept in the audit log."
                    value=form.reason
                    problem=reason
                    longest=1_000
                />
                <div class="buttons">
                    <Button label="Decide" emphasis=Emphasis::Primary />
                </div>
            </form>
            {closed}
        </section>
    }
    .into_any()
}
