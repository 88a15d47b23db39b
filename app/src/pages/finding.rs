//! One finding: what differs, what it rests on, what would mend it, and not being told of it for a while.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::drift::{Confidence, FindingDetail, FindingState, IgnoreForm, Ignored},
    pages::drift,
    parts::{
        badge::{Badge, Notice, Tone},
        button::Button,
        field::{ErrorSummary, SelectField, TextField},
        icon::Glyph,
        naming::{Code, Fact, Facts, Layout},
        state,
        when::When,
    },
    paths,
};

/// For how long one may choose not to be told.
const DAYS: [(&str, &str); 4] = [("1", "A day"), ("7", "A week"), ("30", "30 days"), ("90", "90 days")];

/// The page.
pub(crate) fn sheet(detail: FindingDetail, form: IgnoreForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = form.problem.iter().map(|problem| (Some("reason"), problem.clone())).collect::<Vec<_>>();
    let finding = detail.finding;
    let kind = state::kind_word(finding.kind);
    let name = finding.document.clone().unwrap_or_else(|| finding.collection.clone());
    let title = format!("{kind} · {name}");
    let lede = view! { <p class="badges">{state::finding(&finding.state)} <span>{finding.summary.clone()}</span></p> };
    let ignoring = ignoring(&finding.id, &finding.state, form);
    let (tone, sure) = match finding.confidence {
        Confidence::High => (Tone::Good, "High"),
        Confidence::Medium => (Tone::Warn, "Medium: what it rests on is no longer fresh"),
        Confidence::Low => (Tone::Bad, "Low: what it rests on is too old"),
    };
    let differs = (!finding.changes.is_empty()).then(|| {
        view! {
            <section aria-labelledby="differs">
                <h2 id="differs">"What differs"</h2>
                {drift::changes(finding.changes, finding.kind)}
            </section>
        }
    });
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=name lede=lede.into_any() back=Some((paths::DRIFT, "Drift")) />
        <div class="split">
            <div class="split-main">
                {differs} <section aria-labelledby="evidence">
                    <h2 id="evidence">"Evidence"</h2>
                    {evidence(finding.facts.into_iter().map(|fact| (fact.field, fact.value)).collect(), finding.evidence)}
                </section>
            </div>
            <aside class="split-side" aria-label="About this finding">
                <section class="card" aria-labelledby="about">
                    <h2 id="about">"About it"</h2>
                    <Facts layout=Layout::Stacked>
                        <Fact name="Kind">{kind}</Fact>
                        <Fact name="Collection"><Code text=finding.collection.clone() /></Fact>
                        {finding.rule.map(|rule| view! { <Fact name="Rule, field or number"><Code text=rule /></Fact> })}
                        <Fact name="Since"><When at=finding.since /></Fact>
                        <Fact name="Last looked at"><When at=finding.looked_at /></Fact>
                        {finding.as_of.map(|at| view! { <Fact name="As of"><When at=at /></Fact> })}
                        <Fact name="Confidence"><Badge tone=tone glyph=Glyph::Info word=sure /></Fact>
                    </Facts>
                    <p class="finding-actions">
                        {drift::fix(finding.fix, &finding.id)}
                        {finding.write_id.map(|id| view! { <a href=paths::write(&id)>"The overwritten write"</a> })}
                        {finding
                            .document
                            .filter(|path| !path.ends_with('…'))
                            .map(|path| view! { <a href=paths::document(&path)>"The document"</a> " " <a href=paths::audit_of(&path)>"Audit of this document"</a> })}
                    </p>
                </section>
                {ignoring}
            </aside>
        </div>
    }
    .into_any();
    Sheet::new(Section::Drift, title, body).with_status(status)
}

fn evidence(facts: Vec<(String, String)>, documents: Vec<String>) -> AnyView {
    if facts.is_empty() && documents.is_empty() {
        return view! { <p class="aside">"Nothing but what is said above."</p> }.into_any();
    }
    let fact = |(name, value): (String, String)| {
        view! {
            <Fact name=name><Code text=value /></Fact>
        }
    };
    let document = |path: String| {
        // A name that is shortened leads nowhere.
        let page = (!path.ends_with('…')).then(|| paths::document(&path));
        match page {
            Some(page) => view! { <li><a href=page><Code text=path /></a></li> }.into_any(),
            None => view! { <li><Code text=path /></li> }.into_any(),
        }
    };
    let (has_facts, has_documents) = (!facts.is_empty(), !documents.is_empty());
    view! {
        {has_facts.then(|| view! { <Facts layout=Layout::Stacked>{facts.into_iter().map(fact).collect_view()}</Facts> })}
        {has_documents
            .then(|| {
                view! {
                    <h3>"Documents that it rests on"</h3>
                    <ul>{documents.into_iter().map(document).collect_view()}</ul>
                }
            })}
    }
    .into_any()
}

fn ignoring(id: &str, state: &FindingState, form: IgnoreForm) -> AnyView {
    let content = match state {
        FindingState::Resolved { .. } => return ().into_any(),
        FindingState::Ignored(ignored) => ignored_now(id, ignored),
        FindingState::Open | FindingState::CouldNotTell { .. } | FindingState::Stale => ignore_form(id, form),
    };
    view! {
        <section class="card" aria-labelledby="ignore">
            <h2 id="ignore">"Ignore it"</h2>
            {content}
        </section>
    }
    .into_any()
}

fn ignored_now(id: &str, ignored: &Ignored) -> AnyView {
    let (by, reason, until) = (ignored.by.clone(), ignored.reason.clone(), ignored.until);
    view! {
        <Notice tone=Tone::Quiet glyph=Glyph::Info>
            <p>{by} " said: " {reason} " Until " <When at=until /> "."</p>
        </Notice>
        <form method="post" action=paths::unignore(id)>
            <input type="hidden" name="rule" value=ignored.rule_id.clone() />
            <Button label="Tell of it again" />
        </form>
    }
    .into_any()
}

fn ignore_form(id: &str, form: IgnoreForm) -> AnyView {
    let days = if form.days.is_empty() { "7".to_owned() } else { form.days };
    view! {
        <p>"It stays listed, and counts as nothing until the time is over."</p>
        <form method="post" action=paths::ignore(id)>
            <TextField
                id="reason"
                label="Why it does not matter"
                hint="10 to 1,000 characters; it is kept in the audit log"
                value=form.reason
                problem=form.problem
            />
            <SelectField
                id="days"
                label="For how long"
                options=DAYS.map(|(value, word)| (value.to_owned(), word.to_owned())).into()
                chosen=days
            />
            <SelectField
                id="scope"
                label="What"
                options=[("this", "This finding"), ("alike", "All that are alike in this collection")]
                    .map(|(value, word)| (value.to_owned(), word.to_owned()))
                    .into()
                chosen=if form.alike { "alike" } else { "this" }
            />
            <Button label="Ignore it" glyph=Glyph::Minus />
        </form>
    }
    .into_any()
}
