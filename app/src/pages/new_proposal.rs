//! A new proposal: first what and where, then how it shall be, and why.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        drafting::{DraftChoice, Drafting, Subject, SubjectDocument, Transition},
        facts::May,
        forms::{DraftField, DraftForm},
    },
    parts::{
        absence::Empty,
        badge::{Notice, Tone},
        button::{Button, ButtonLink, Emphasis, WhyNot},
        field::{Choice, ChoiceField, ErrorSummary, TextField},
        icon::Glyph,
        naming::{Code, Fact},
        when::When,
    },
    paths,
};

/// The page.
pub(crate) fn sheet(drafting: Drafting, form: DraftForm) -> Sheet {
    let status = if form.problems.is_empty() { 200 } else { 422 };
    let problems =
        form.problems.iter().map(|problem| (field_id(problem.field), problem.message.clone())).collect::<Vec<_>>();
    let lede =
        view! { <p>"Nothing is written now. A colleague decides, and the cloud is asked only then."</p> }.into_any();
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title="New proposal" lede=lede back=Some((paths::PROPOSALS, "Proposals")) />
        {match drafting.subject {
            None => choices(drafting.choices, &form),
            Some(Subject::Missing { document }) => {
                let text = format!("The mirror has no document {document}. Check the id, or choose one of the suggestions.");
                view! {
                    <Notice tone=Tone::Warn glyph=Glyph::Question>
                        <p>{text}</p>
                    </Notice>
                    {choices(drafting.choices, &form)}
                }
                    .into_any()
            }
            Some(Subject::ReservationStatus { about, current, allowed }) => reservation(about, current, allowed, form),
            Some(Subject::OpsNote { about }) => note(about, form),
        }}
    }
    .into_any();
    Sheet::new(Section::Proposals, "New proposal", body).with_status(status)
}

fn field_id(field: DraftField) -> Option<&'static str> {
    match field {
        DraftField::Document => Some("document"),
        DraftField::Status => Some("status"),
        DraftField::Note => Some("note"),
        DraftField::Reason => Some("reason"),
        DraftField::Whole => None,
    }
}

fn choices(choices: Vec<DraftChoice>, form: &DraftForm) -> AnyView {
    if choices.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Lock
                what="Nothing can be proposed"
                more="No capability is enabled for this studio. An administrator can enable one."
            />
        }
        .into_any();
    }
    view! { <div class="choices">{choices.into_iter().enumerate().map(|(index, each)| choice(index, each, form)).collect_view()}</div> }
        .into_any()
}

fn choice(index: usize, choice: DraftChoice, form: &DraftForm) -> AnyView {
    // The first form's field is the one an error summary leads to.
    let field = if index == 0 { "document".to_owned() } else { format!("document-{index}") };
    let list = format!("{field}-suggestions");
    let chosen = form.capability.as_ref() == Some(&choice.capability.id);
    let typed = form.document.clone().filter(|_| chosen).unwrap_or_default();
    let heading = format!("choice-{index}");
    let labelled = heading.clone();
    let action = match choice.may {
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
        May::Yes => view! {
            <form method="get" action=paths::NEW_PROPOSAL>
                <input type="hidden" name="capability" value=choice.capability.id.clone() />
                <div class="field">
                    <label for=field.clone()>{choice.document_label}</label>
                    <input
                        id=field
                        name="document"
                        type="text"
                        list=list.clone()
                        value=typed
                        required
                        autocomplete="off"
                        spellcheck="false"
                    />
                    <datalist id=list>
                        {choice
                            .suggestions
                            .into_iter()
                            .map(|(path, title)| view! { <option value=path>{title}</option> })
                            .collect_view()}
                    </datalist>
                </div>
                <Button label="Continue" emphasis=Emphasis::Primary />
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby=labelled>
            <h2 id=heading>{choice.capability.title}</h2>
            <p>{choice.about}</p>
            {action}
        </section>
    }
    .into_any()
}

fn reservation(about: SubjectDocument, current: String, allowed: Vec<Transition>, form: DraftForm) -> AnyView {
    if allowed.is_empty() {
        let what = format!("A reservation that is {current} stays {current}");
        return view! {
            {subject(about)}
            <Empty glyph=Glyph::Lock what=what more="There is no status it may get from here." />
            <p><a href=paths::NEW_PROPOSAL>"Choose another"</a></p>
        }
        .into_any();
    }
    let problem = form.problem(DraftField::Status).map(str::to_owned);
    let document = about.path.clone();
    let chosen = form.status.clone();
    let choices = allowed
        .into_iter()
        .map(|transition| Choice {
            value: transition.status.clone(),
            title: transition.status,
            about: transition.meaning,
        })
        .collect();
    view! {
        {subject(about)}
        <form class="card form" method="post" action=paths::PROPOSALS>
            {hidden("reservation.status.set", document, &form)}
            <ChoiceField
                id="status"
                legend=format!("New status (now {current})")
                choices=choices
                chosen=chosen
                problem=problem
            />
            {reason_and_send(form)}
        </form>
    }
    .into_any()
}

fn note(about: SubjectDocument, form: DraftForm) -> AnyView {
    let document = about.path.clone();
    let problem = form.problem(DraftField::Note).map(str::to_owned);
    view! {
        {subject(about)}
        <form class="card form" method="post" action=paths::PROPOSALS>
            {hidden("ops_note.append", document, &form)}
            <TextField
                id="note"
                label="Note"
                hint="Between 5 and 500 characters. Staff will see it at this batch."
                value=form.note.clone()
                problem=problem
                shortest=5
            />
            {reason_and_send(form)}
        </form>
    }
    .into_any()
}

fn subject(about: SubjectDocument) -> AnyView {
    view! {
        <section class="card subject" aria-labelledby="subject">
            <h2 id="subject">{about.title.unwrap_or_else(|| about.path.clone())}</h2>
            <dl class="facts inline">
                <Fact name="Document"><Code text=about.path /></Fact>
                {about.facts.into_iter().map(|(name, text)| view! { <Fact name=name>{text}</Fact> }).collect_view()}
                <Fact name="Last changed in the cloud"><When at=about.updated_at /></Fact>
            </dl>
        </section>
    }
    .into_any()
}

fn hidden(capability: &'static str, document: String, form: &DraftForm) -> AnyView {
    view! {
        <input type="hidden" name="capability" value=capability />
        <input type="hidden" name="document" value=document />
        <input type="hidden" name="idempotency_key" value=form.idempotency_key.clone() />
        {form.finding.clone().map(|finding| view! { <input type="hidden" name="finding" value=finding /> })}
    }
    .into_any()
}

fn reason_and_send(form: DraftForm) -> AnyView {
    let problem = form.problem(DraftField::Reason).map(str::to_owned);
    view! {
        <TextField
            id="reason"
            label="Reason"
            hint="At least 10 characters. Whoever decides reads this first."
            value=form.reason
            problem=problem
        />
        <div class="buttons">
            <Button label="Propose" emphasis=Emphasis::Primary />
            <ButtonLink label="Start over" href=paths::NEW_PROPOSAL emphasis=Emphasis::Plain />
        </div>
    }
    .into_any()
}
