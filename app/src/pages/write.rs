//! One write: its steps, what it changed, its receipt, and its undo.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::{Effect, May},
        forms::{FormProblem, UndoForm},
        trouble::Panel,
        writes::{Step, StepKind, StepState, Undo, Undoing, WriteDetail},
    },
    parts::{
        absence::{Failed, panel},
        badge::{Notice, Tone},
        button::{Button, WhyNot},
        diff::{Diff, Sides, tally},
        field::{ErrorSummary, TextField},
        icon::{Glyph, Icon},
        naming::{Code, Fact, ShortHash, Who},
        state,
        timeline::Timeline,
        when::{Exactly, Revision},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(write: WriteDetail, form: UndoForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = match &form.problem {
        None => Vec::new(),
        Some(FormProblem::Reason(message)) => vec![(Some("reason"), message.clone())],
        Some(FormProblem::Whole(message)) => vec![(None, message.clone())],
    };
    let name = match &write.origin {
        Ok(origin) => origin.summary.clone(),
        Err(_) => format!("Write to {}", write.document),
    };
    let title = format!("{name} · Write");
    let receipt = receipt(write.clone());
    let undoing = undoing(&write.id, write.undoing.clone(), form);
    let WriteDetail { state, effect, steps, changes, answer, timeline, .. } = write;
    let meaning = state::write_meaning(state);
    let lede = view! { <p class="badges">{state::write(state)} <span>{meaning}</span></p> }.into_any();
    let what = match effect {
        Effect::Create => "Created a document",
        Effect::Update => "Changed a document",
        Effect::Delete => "Deleted a document",
    };
    let summary = format!("{what}: {}", tally(&changes));
    let sides = Sides { caption: "Fields before and after the write", before: "Before", after: "After" };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=name lede=lede back=Some((paths::WRITES, "Writes")) />
        {answer
            .map(|answer| {
                view! {
                    <Notice tone=Tone::Warn glyph=Glyph::Info>
                        <p>{answer}</p>
                    </Notice>
                }
            })}
        <section aria-labelledby="steps">
            <h2 id="steps" class="hidden">"Steps"</h2>
            {panel(
                steps,
                |steps| view! { <ol class="steps">{steps.into_iter().map(step).collect_view()}</ol> }.into_any(),
            )}
        </section>
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="change">
                    <h2 id="change">"Change"</h2>
                    <p class="aside">{summary}</p>
                    <Diff changes=changes sides=sides />
                </section>
                <section aria-labelledby="history">
                    <h2 id="history">"What happened so far"</h2>
                    {panel(timeline, |events| view! { <Timeline events=events /> }.into_any())}
                </section>
            </div>
            <aside class="split-side" aria-label="Undo and receipt">{undoing} {receipt}</aside>
        </div>
    }
    .into_any();
    Sheet::new(Section::Writes, title, body).with_status(status)
}

fn step(step: Step) -> AnyView {
    let name = match step.kind {
        StepKind::Proposed => "Proposed",
        StepKind::Approved => "Approved",
        StepKind::Claimed => "Claimed",
        StepKind::Intended => "Intent stored",
        StepKind::Sent => "Sent",
        StepKind::Landed => "Landed",
        StepKind::Observed => "Observed",
    };
    let (class, glyph, detail) = match step.state {
        StepState::Done { at, by } => (
            "step done",
            Glyph::Check,
            view! { <Exactly at=at /> {by.map(|actor| view! { <Who actor=actor /> })} }.into_any(),
        ),
        StepState::Waiting => ("step waiting", Glyph::Clock, view! { <span>"not yet"</span> }.into_any()),
        StepState::Failed { at, why } => {
            ("step failed", Glyph::Cross, view! { <Exactly at=at /> <span>{why}</span> }.into_any())
        }
        StepState::Skipped => ("step skipped", Glyph::Minus, view! { <span>"did not happen"</span> }.into_any()),
    };
    view! {
        <li class=class>
            <span class="step-mark">
                <Icon glyph=glyph />
            </span>
            <strong>{name}</strong>
            {detail}
        </li>
    }
    .into_any()
}

fn receipt(write: WriteDetail) -> AnyView {
    let hash = |hash: Option<String>, absent: &'static str| match hash {
        Some(hash) => view! { <ShortHash hash=hash /> }.into_any(),
        None => view! { <span class="missing">{absent}</span> }.into_any(),
    };
    let audit = paths::audit_of(&write.document);
    let unknown = || view! { <span class="missing">"could not be read"</span> }.into_any();
    let (approved_by, together) = match write.origin {
        Ok(origin) => (origin.approved_by.ok(), origin.together),
        Err(_) => (None, 1),
    };
    let approved_by = approved_by.map_or_else(unknown, |people| {
        people.into_iter().map(|actor| view! { <Who actor=actor /> }).collect_view().into_any()
    });
    let (before_hash, after_hash) = (hash(write.before_hash, "did not exist"), hash(write.after_hash, "not known"));
    view! {
        <section class="card" aria-labelledby="receipt">
            <h2 id="receipt">"Receipt"</h2>
            <dl class="facts stacked">
                <Fact name="Document"><Code text=write.document /></Fact>
                <Fact name="Receipt in the cloud"><Code text=write.receipt /></Fact>
                <Fact name="Bound to revision">
                    {match write.base {
                        Some(at) => view! { <Revision at=at /> }.into_any(),
                        None => view! { "Document must not exist" }.into_any(),
                    }}
                </Fact>
                <Fact name="Landed as revision">
                    {match write.landed_as {
                        Some(at) => view! { <Revision at=at /> }.into_any(),
                        None => view! { <span class="missing">"not known"</span> }.into_any(),
                    }}
                </Fact>
                <Fact name="Content hash"><ShortHash hash=write.content_hash /></Fact>
                <Fact name="Before">{before_hash}</Fact>
                <Fact name="After">{after_hash}</Fact>
                <Fact name="Approved by">{approved_by}</Fact>
                <Fact name="Proposal"><a href=paths::proposal(&write.proposal_id)>"See the proposal"</a></Fact>
                {(together > 1).then(|| view! { <Fact name="Written together with">{others(together)}</Fact> })}
                {write.rebuilt.then(|| view! { <Fact name="Known from">"its receipt: the ledger was rebuilt"</Fact> })}
                {write.undo_of.map(|id| view! { <Fact name="Undoes"><a href=paths::write(&id)>"An earlier write"</a></Fact> })}
                <Fact name="Write"><Code text=write.id /></Fact>
            </dl>
            <p class="aside"><a href=audit>"Audit of this document"</a></p>
        </section>
    }
    .into_any()
}

fn others(together: usize) -> String {
    match together - 1 {
        1 => "1 other document".to_owned(),
        more => format!("{more} other documents"),
    }
}

fn undoing(id: &str, undoing: Panel<Undoing>, form: UndoForm) -> AnyView {
    let Undoing { undo, may } = match undoing {
        Ok(undoing) => undoing,
        Err(trouble) => return view! { <Failed trouble=trouble /> }.into_any(),
    };
    let content = match (undo, may) {
        (Undo::Undone { write_id }, _) => view! {
            <p>"This write was undone by " <a href=paths::write(&write_id)>"a later write"</a> "."</p>
        }
        .into_any(),
        (Undo::Proposed { proposal_id }, _) => view! {
            <p>"An undo is proposed: " <a href=paths::proposal(&proposal_id)>"see the proposal"</a> "."</p>
        }
        .into_any(),
        (Undo::None, None) => return ().into_any(),
        (Undo::None, Some(May::No { why })) => view! { <WhyNot why=why /> }.into_any(),
        (Undo::None, Some(May::Yes)) => undo_form(id, form),
    };
    view! {
        <section class="card" aria-labelledby="undo">
            <h2 id="undo">"Undo"</h2>
            {content}
        </section>
    }
    .into_any()
}

fn undo_form(id: &str, form: UndoForm) -> AnyView {
    let problem = match form.problem {
        Some(FormProblem::Reason(message)) => Some(message),
        Some(FormProblem::Whole(_)) | None => None,
    };
    view! {
        <p>"An undo is a proposal like any other: a colleague decides it."</p>
        <form method="post" action=paths::undo(id)>
            <input type="hidden" name="idempotency_key" value=form.idempotency_key />
            <TextField
                id="reason"
                label="Reason"
                hint="At least 10 characters. Whoever decides reads this first."
                value=form.reason
                problem=problem
            />
            <div class="buttons">
                <Button label="Propose the undo" glyph=Glyph::Undo />
            </div>
        </form>
    }
    .into_any()
}
