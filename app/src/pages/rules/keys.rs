//! Agents' keys: issuing one, seeing its secret once, taking it back.

use leptos::prelude::*;

use super::agents;
use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActForm,
        facts::May,
        keys::{Issuing, KeyDetail, KeyField, KeyForm, ShownOnce},
    },
    parts::{
        absence::{Empty, panel},
        badge::{Notice, Tone},
        button::{Button, ButtonLink, Emphasis, WhyNot},
        confirm::{Confirm, Question},
        field::{Choice, ErrorSummary, LineField, ManyField, SelectField},
        icon::Glyph,
        naming::{Code, Fact, Facts, Who},
        timeline::Timeline,
        when::When,
    },
    paths,
};

/// For how many days a key may be good.
const DAYS: [(&str, &str); 5] =
    [("7", "A week"), ("30", "30 days"), ("90", "90 days"), ("180", "Half a year"), ("366", "A year")];

/// Issuing one.
pub(super) fn new_sheet(offered: Issuing, form: KeyForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = form.problem.iter().map(|(field, said)| (field.id(), said.clone())).collect::<Vec<_>>();
    let lede = view! {
        <p>"The whole key is shown once, on the next page, and kept nowhere. Only its name and a hash are stored."</p>
    };
    let content = match offered.may.clone() {
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
        May::Yes if offered.agents.is_empty() => view! {
            <Empty glyph=Glyph::Agent what="The mirror knows no agent" more="Agents are registered in the cloud, in agentClients: wait until that was read." />
        }
        .into_any(),
        May::Yes => fields(offered, form),
    };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title="Issue a key" lede=lede.into_any() back=Some((paths::AGENTS, "Agents")) />
        {content}
    };
    Sheet::new(Section::Agents, "Issue a key · Agents", body.into_any()).with_status(status)
}

fn fields(offered: Issuing, form: KeyForm) -> AnyView {
    let problem =
        |field: KeyField| form.problem.as_ref().filter(|(wrong, _)| *wrong == field).map(|(_, said)| said.clone());
    let named = |(id, name): (String, String)| (id.clone(), format!("{name} ({id})"));
    let agents =
        [(String::new(), "Choose one".to_owned())].into_iter().chain(offered.agents.into_iter().map(named)).collect();
    let scopes =
        offered.scopes.into_iter().map(|(scope, about)| Choice { value: scope.clone(), title: scope, about }).collect();
    let days = DAYS.map(|(value, shown)| (value.to_owned(), shown.to_owned())).to_vec();
    let chosen = if form.days.is_empty() { "90".to_owned() } else { form.days.clone() };
    view! {
        <form class="card form" method="post" action=paths::AGENT_KEYS>
            <input type="hidden" name="idempotency_key" value=form.idempotency_key.clone() />
            <SelectField
                id="agent"
                label="Agent"
                options=agents
                chosen=form.agent.clone()
                problem=problem(KeyField::Agent)
            />
            <LineField
                id="name"
                label="Name to show"
                hint="1 to 80 characters; it is shown wherever the agent acted with this key."
                value=form.name.clone()
                problem=problem(KeyField::Name)
                is_required=true
            />
            <ManyField
                id="scopes"
                legend="What it may do at most, whatever owners delegate"
                choices=scopes
                chosen=form.scopes.clone()
                problem=problem(KeyField::Scopes)
            />
            <SelectField id="days" label="Good for" options=days chosen=chosen problem=problem(KeyField::Days) />
            <div class="buttons">
                <Button label="Issue the key" emphasis=Emphasis::Primary />
                <ButtonLink label="Go back" href=paths::AGENTS emphasis=Emphasis::Plain />
            </div>
        </form>
    }
    .into_any()
}

/// One key; its secret on the one page that shows it.
pub(super) fn sheet(detail: KeyDetail, shown: Option<ShownOnce>, form: ActForm) -> Sheet {
    let status = form.status();
    let problems = form.summary();
    let row = detail.row;
    let prefix = row.prefix.clone();
    let lede =
        view! { <p class="badges">{agents::key_standing(row.standing)} <span>"Key of " {row.name.clone()}</span></p> };
    let end = match detail.may_revoke {
        None => ().into_any(),
        Some(May::No { why }) => view! { <WhyNot why=why /> }.into_any(),
        Some(May::Yes) => revoke_form(&prefix, form),
    };
    let scopes = row.scopes.into_iter().map(|scope| view! { <Code text=scope /> " " }).collect_view();
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=format!("Key {prefix}") lede=lede.into_any() back=Some((paths::AGENTS, "Agents")) />
        {shown.map(secret)}
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="facts">
                    <h2 id="facts">"What is known of it"</h2>
                    <Facts>
                        <Fact name="Name of the key"><Code text=prefix /></Fact>
                        <Fact name="Agent"><a href=paths::agent(&row.agent)><Code text=row.agent.clone() /></a></Fact>
                        <Fact name="May do at most">{scopes}</Fact>
                        <Fact name="Issued by"><Who actor=row.issued_by /> " " <When at=row.issued /></Fact>
                        <Fact name="Ends"><When at=row.expires /></Fact>
                    </Facts>
                </section>
                {end}
            </div>
            <aside class="split-side" aria-label="About this key">
                <section aria-labelledby="history">
                    <h2 id="history">"What happened"</h2>
                    {panel(detail.timeline, |events| view! { <Timeline events=events /> }.into_any())}
                </section>
            </aside>
        </div>
    };
    Sheet::new(Section::Agents, "Key · Agents", body.into_any()).with_status(status)
}

fn secret(shown: ShownOnce) -> AnyView {
    let key = shown.reveal();
    view! {
        <section class="card" aria-labelledby="secret">
            <h2 id="secret">"The key, shown this once"</h2>
            <p>"Give it to the agent now, on a way that nobody else reads. When you leave this page it is gone; then revoke it and issue another."</p>
            <p class="secret" tabindex="0" role="group" aria-label="The whole key"><code class="code">{key}</code></p>
            <Notice tone=Tone::Warn glyph=Glyph::Lock>
                <p>"It is in no log, no database and no backup. Whoever has it can act as this agent until it is revoked."</p>
            </Notice>
        </section>
    }
    .into_any()
}

fn revoke_form(prefix: &str, form: ActForm) -> AnyView {
    let question = Question {
        title: "Revoke this key?".to_owned(),
        effects: vec![
            "It is refused from the next request on, and can’t be made good again.".to_owned(),
            "What the agent proposed with it is not sent any more.".to_owned(),
        ],
        word: None,
        answer: "Revoke it".to_owned(),
        is_grave: true,
    };
    let hidden = vec![("idempotency_key", form.idempotency_key.clone())];
    view! {
        <Confirm
            question=question
            typed=form.into()
            action=paths::agent_key_end(prefix)
            hidden=hidden
            back=paths::AGENTS
        />
    }
    .into_any()
}
