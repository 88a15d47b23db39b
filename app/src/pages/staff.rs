//! Who may sign in: the studio's own word, which outranks the identity provider and holds from the next request on.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Sheet},
    model::sessions::{Staff, StaffForm, StaffRow, StaffRule, StaffWord},
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        button::{Button, Emphasis},
        field::{ErrorSummary, LineField, SelectField, TextField},
        icon::Glyph,
        naming::Code,
        table::{Column, Row, Table},
        titled::Titled,
        when::{When, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(staff: Staff, form: StaffForm) -> Sheet {
    let lede = view! {
        <p>
            "What the studio says here outranks the configuration and the identity provider, from the next request on."
        </p>
    }
    .into_any();
    let problems: Vec<(Option<&'static str>, String)> = [
        form.problem.clone().map(|problem| (None, problem)),
        form.person_problem.clone().map(|problem| (Some("person"), problem)),
        form.reason_problem.clone().map(|problem| (Some("reason"), problem)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let status = if problems.is_empty() { 200 } else { 422 };
    let body = view! {
        <PageHead title="Who may sign in" lede=lede back=Some((paths::SESSIONS, "Sessions")) />
        <ErrorSummary problems=problems />
        <Titled id="people" title="People">{panel(staff.people, people)}</Titled>
        {say(form)}
    }
    .into_any();
    Sheet { status, title: "Who may sign in".to_owned(), section: None, body }
}

fn people(rows: Vec<StaffRow>) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty glyph=Glyph::Person what="Nobody has signed in yet" more="Whoever does is listed here." />
        }
        .into_any();
    }
    let columns = vec![
        Column::text("Person"),
        Column::text("The studio says"),
        Column::text("Why"),
        Column::number("Signed in"),
        Column::text("Action"),
    ];
    let rows = rows.into_iter().map(|row| {
        let change = format!("{}?person={}#say", paths::STAFF, paths::encoded(&row.uid));
        let sessions = format!("{}?person={}", paths::SESSIONS, paths::encoded(&row.uid));
        Row::of(vec![
            view! { <Code text=row.uid /> " " {row.emails.join(", ")} }.into_any(),
            said(row.word.as_ref()),
            why(row.word),
            view! { <a href=sessions>{number(row.sessions)}</a> }.into_any(),
            view! { <a href=change>"Change"</a> }.into_any(),
        ])
    });
    view! { <Table caption="Everybody who has signed in or is named here" columns=columns rows=rows.collect() /> }
        .into_any()
}

fn said(word: Option<&StaffWord>) -> AnyView {
    let (tone, glyph, word) = match word.map(|word| word.rule) {
        None => (Tone::Quiet, Glyph::Level, "Nothing of its own"),
        Some(StaffRule::Staff) => (Tone::Good, Glyph::Checked, "Staff"),
        Some(StaffRule::Admin) => (Tone::Good, Glyph::Checked, "Administrator"),
        Some(StaffRule::Deny) => (Tone::Bad, Glyph::Refused, "May not sign in"),
    };
    view! { <Badge tone=tone glyph=glyph word=word /> }.into_any()
}

fn why(word: Option<StaffWord>) -> AnyView {
    match word {
        None => view! { "The configuration and the identity provider decide." }.into_any(),
        Some(word) => view! { {word.reason} " " <Code text=word.by /> " " <When at=word.at /> }.into_any(),
    }
}

fn say(form: StaffForm) -> AnyView {
    let options = [
        ("deny", "May not sign in"),
        ("staff", "May sign in as staff"),
        ("admin", "May sign in as administrator"),
        ("none", "Nothing of its own: others decide"),
    ];
    let options = options.map(|(value, shown)| (value.to_owned(), shown.to_owned())).into();
    let chosen = if form.rule.is_empty() { "deny".to_owned() } else { form.rule };
    view! {
        <section class="card" aria-labelledby="say">
            <h2 id="say">"Say who may sign in"</h2>
            <form method="post" action=paths::STAFF>
                <LineField
                    id="person"
                    label="Person’s id"
                    hint="As the table above and the audit log name them."
                    value=form.person
                    problem=form.person_problem
                    is_required=true
                />
                <SelectField id="rule" label="The studio says" options=options chosen=chosen />
                <TextField
                    id="reason"
                    label="Reason"
                    hint="At least 10 characters. It is kept in the audit log."
                    value=form.reason
                    problem=form.reason_problem
                />
                <div class="buttons">
                    <Button label="Say so" emphasis=Emphasis::Primary />
                </div>
                <p class="aside">"Shutting out ends every session with its next request. Letting in wants a recent sign-in."</p>
            </form>
        </section>
    }
    .into_any()
}
