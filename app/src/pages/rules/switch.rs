//! The switch: where it stands, stopping in one step, and resuming by two people.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        acts::ActForm,
        facts::May,
        policy::{Position, Switch, SwitchForm, SwitchScope, SwitchStep, Switches},
    },
    parts::{
        absence::{Empty, panel},
        badge::{Notice, Tone},
        button::{ButtonLink, Emphasis, WhyNot},
        confirm::{Confirm, Question},
        field::{Choice, ChoiceField, ErrorSummary},
        icon::Glyph,
        naming::Who,
        table::{Column, Row, Table},
        tabs::{Tab, Tabs},
        titled::Titled,
        when::When,
    },
    paths,
};

/// The word that resuming asks for.
const RESUME_WORD: &str = "RESUME";

/// What a switch is called.
pub(super) fn name(scope: SwitchScope) -> &'static str {
    match scope {
        SwitchScope::Studio => "This studio",
        SwitchScope::Box => "The whole box",
    }
}

/// Where a switch stands, who moved it and why, and what can be done.
pub(super) fn position(switch: &Switch) -> AnyView {
    let scope = name(switch.scope);
    match switch.position.clone() {
        Position::Running { since } => view! {
            <Notice tone=Tone::Good glyph=Glyph::Checked>
                <p><strong>{scope} ": writes may leave. "</strong> "So since " <When at=since /> "."</p>
            </Notice>
        }
        .into_any(),
        Position::Stopped { by, at, reason } => view! {
            <Notice tone=Tone::Bad glyph=Glyph::Stop>
                <p><strong>{scope} ": stopped, nothing is sent. "</strong> <Who actor=by /> " stopped it " <When at=at /> "."</p>
                <blockquote>{reason}</blockquote>
            </Notice>
        }
        .into_any(),
        Position::ResumeRequested { by, at, reason, until } => view! {
            <Notice tone=Tone::Warn glyph=Glyph::Clock>
                <p>
                    <strong>{scope} ": stopped; somebody has asked to resume. "</strong>
                    <Who actor=by /> " asked " <When at=at /> ". Another person may confirm until " <When at=until /> "."
                </p>
                <blockquote>{reason}</blockquote>
            </Notice>
        }
        .into_any(),
        Position::Unreadable { why } => view! {
            <Notice tone=Tone::Bad glyph=Glyph::Question>
                <p>
                    <strong>{scope} ": can’t be read, so nothing is sent. "</strong>
                    {why} ". Two people who have looked at it may resume."
                </p>
            </Notice>
        }
        .into_any(),
    }
}

/// Does nothing leave because of it?
pub(super) fn is_stopped(switch: &Switch) -> bool {
    match switch.position {
        Position::Running { .. } => false,
        Position::Stopped { .. } | Position::ResumeRequested { .. } | Position::Unreadable { .. } => true,
    }
}

/// What was done with the switches, newest first.
pub(super) fn history(steps: Vec<SwitchStep>) -> AnyView {
    if steps.is_empty() {
        return view! { <Empty glyph=Glyph::Stop what="The history is empty" more="That counts as stopped." /> }
            .into_any();
    }
    let columns = ["When", "What", "Switch", "Who", "Why"].map(Column::text).into();
    let rows = steps.into_iter().map(|step| {
        Row::of(vec![
            view! { <When at=step.at /> }.into_any(),
            step.what.into_any(),
            name(step.scope).into_any(),
            view! { <Who actor=step.by /> }.into_any(),
            step.reason.into_any(),
        ])
    });
    view! { <Table caption="What was done with the switches, newest first" columns=columns rows=rows.collect() /> }
        .into_any()
}

/// Stopping.
pub(super) fn stop_sheet(switches: Switches, form: SwitchForm) -> Sheet {
    let status = form.act.status();
    let problems = form.act.summary();
    let now = switches.each.iter().filter(|switch| is_stopped(switch)).map(position).collect_view();
    let scope = form.scope.unwrap_or_default();
    let asked = match switches.may_stop {
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
        May::Yes => stop_form(scope, form.act),
    };
    let lede = view! { <p>"One person stops, in one step. It takes effect before the next write leaves."</p> };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title="Stop writes" lede=lede.into_any() back=Some((paths::POLICY, "Policy")) />
        {now}
        {asked}
    };
    Sheet::new(Section::Policy, "Stop writes", body.into_any()).with_status(status)
}

fn stop_form(scope: SwitchScope, act: ActForm) -> AnyView {
    let question = Question {
        title: "Stop all writes?".to_owned(),
        effects: vec![
            "Nothing more is sent to the cloud; what was approved waits.".to_owned(),
            "What is under way right now may still land: the answer says whether everything is at rest.".to_owned(),
            "The mirror goes on reading, and people may go on proposing.".to_owned(),
            "Resuming takes two people.".to_owned(),
        ],
        word: None,
        answer: "Stop all writes".to_owned(),
        is_grave: true,
    };
    let choice = |scope: SwitchScope, about: &str| Choice {
        value: scope.word().to_owned(),
        title: name(scope).to_owned(),
        about: about.to_owned(),
    };
    let choices = vec![
        choice(SwitchScope::Studio, "Writes of this studio stop."),
        choice(SwitchScope::Box, "The box’s own switch, as this studio’s database keeps it."),
    ];
    let chosen = Some(scope.word().to_owned());
    let first = view! { <ChoiceField id="scope" legend="What is stopped" choices=choices chosen=chosen /> };
    let hidden = vec![("idempotency_key", act.idempotency_key.clone())];
    view! {
        <Confirm
            question=question
            typed=act.into()
            action=paths::STOP
            hidden=hidden
            first=Some(first.into_any())
            back=paths::POLICY
        />
    }
    .into_any()
}

/// Resuming: asking for it, or confirming what somebody else asked for.
pub(super) fn resume_sheet(switches: Switches, form: SwitchForm) -> Sheet {
    let status = form.act.status();
    let problems = form.act.summary();
    let chosen = switches.each.iter().find(|switch| match form.scope {
        Some(scope) => switch.scope == scope,
        None => is_stopped(switch),
    });
    let stopped: Vec<SwitchScope> =
        switches.each.iter().filter(|switch| is_stopped(switch)).map(|switch| switch.scope).collect();
    let tabs = (stopped.len() > 1).then(|| {
        let tab = |scope: SwitchScope| Tab {
            name: name(scope).to_owned(),
            href: paths::resume(scope),
            is_current: chosen.is_some_and(|switch| switch.scope == scope),
            count: None,
        };
        view! { <Tabs label="Which switch" tabs=stopped.iter().copied().map(tab).collect() /> }
    });
    let content = match chosen.filter(|switch| is_stopped(switch)) {
        Some(switch) => view! { {position(switch)} {resuming(switch, form.act)} }.into_any(),
        None => view! {
            <Empty
                glyph=Glyph::Checked
                what="Nothing is stopped"
                more="Writes may leave, as far as the switch is concerned: there is nothing to resume."
            />
            {(!form.act.reason.is_empty()).then(|| view! { <p class="aside">"You had typed: " {form.act.reason.clone()}</p> })}
        }
        .into_any(),
    };
    let history = panel(switches.history, history);
    let lede = view! { <p>"One person asks, another one confirms. Until then nothing is sent."</p> };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title="Resume writes" lede=lede.into_any() back=Some((paths::POLICY, "Policy")) />
        {tabs}
        {content}
        <Titled id="history" title="What was done">{history}</Titled>
    };
    Sheet::new(Section::Policy, "Resume writes", body.into_any()).with_status(status)
}

fn resuming(switch: &Switch, act: ActForm) -> AnyView {
    let is_asked = matches!(switch.position, Position::ResumeRequested { .. });
    if is_asked && switch.may_confirm == May::Yes {
        return resume_form(switch, act, Step::Confirm);
    }
    let why_not = match &switch.may_confirm {
        May::No { why } if is_asked => Some(view! { <WhyNot why=why.clone() /> }),
        May::Yes | May::No { .. } => None,
    };
    match (&switch.may_ask, is_asked) {
        (May::Yes, false) => resume_form(switch, act, Step::Ask),
        (May::No { why }, false) => view! { <WhyNot why=why.clone() /> }.into_any(),
        (May::Yes | May::No { .. }, true) => view! {
            {why_not}
            <p class="aside">"A second stop voids the request: " <a href=paths::STOP>"stop again"</a> "."</p>
        }
        .into_any(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Ask,
    Confirm,
}

fn resume_form(switch: &Switch, act: ActForm, step: Step) -> AnyView {
    let (title, effects, answer, action) = match step {
        Step::Ask => (
            "Ask to resume?",
            [
                "Nothing is sent yet: another person has to confirm within a day.",
                "Your reason is what they will read before they do.",
            ],
            "Ask to resume",
            paths::RESUME,
        ),
        Step::Confirm => (
            "Confirm that writes go on?",
            [
                "What was approved and has not expired is sent, beginning at once.",
                "You have looked at why it was stopped, and that it is over.",
            ],
            "Confirm and resume",
            paths::RESUME_CONFIRM,
        ),
    };
    let question = Question {
        title: title.to_owned(),
        effects: effects.map(str::to_owned).to_vec(),
        word: Some(RESUME_WORD),
        answer: answer.to_owned(),
        is_grave: step == Step::Confirm,
    };
    let hidden = vec![
        ("scope", switch.scope.word().to_owned()),
        ("mark", switch.mark.clone()),
        ("idempotency_key", act.idempotency_key.clone()),
    ];
    view! { <Confirm question=question typed=act.into() action=action hidden=hidden back=paths::POLICY /> }.into_any()
}

/// The way to stop, or to resume.
pub(super) fn way_on(switches: &Switches) -> AnyView {
    let stop =
        view! { <ButtonLink label="Stop writes…" href=paths::STOP emphasis=Emphasis::Danger glyph=Glyph::Stop /> };
    let resume = switches.each.iter().any(is_stopped).then(|| {
        let confirms = switches.each.iter().any(|switch| is_stopped(switch) && switch.may_confirm == May::Yes);
        let label = if confirms { "Confirm resuming…" } else { "Resume writes…" };
        view! { <ButtonLink label=label href=paths::RESUME emphasis=Emphasis::Primary /> }
    });
    view! { {resume} {stop} }.into_any()
}
