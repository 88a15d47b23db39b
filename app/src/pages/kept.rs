//! A form that was sent when its session was over, or its sign-in too old: nothing that was typed is lost.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Sheet},
    model::sign_in::{KeptForm, SentForm},
    parts::{
        absence::Empty,
        badge::{Notice, Tone},
        button::{Button, ButtonLink, Emphasis},
        field::{TextArea, words_of},
        icon::Glyph,
        naming::{Code, Fact, Facts},
    },
    paths,
};

/// The longest text that is shown whole.
const LONGEST: usize = 1_000;

/// The page.
pub(crate) fn sheet(form: KeptForm) -> Sheet {
    match form {
        KeptForm::Ready(form) => ready(form),
        KeptForm::SignedOut(form) => signed_out(form),
        KeptForm::Nothing => nothing(),
    }
}

fn ready(form: SentForm) -> Sheet {
    let lede = view! { <p>"Nothing has been done yet. Look at it once more, then send it."</p> }.into_any();
    let (typed, rest): (Vec<_>, Vec<_>) = form.fields.into_iter().partition(|(name, _)| is_typed(name));
    let facts = facts(&rest);
    let page = form.page.clone();
    let body = view! {
        <PageHead title="What you were about to send" lede=lede />
        <section class="card" aria-labelledby="kept">
            <h2 id="kept">{doing(&form.path)}</h2>
            {facts}
            <form method="post" action=form.path>
                {rest
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
                    .collect_view()}
                {typed.into_iter().map(|(name, value)| view! { <TextArea name=name value=value /> }).collect_view()}
                <div class="buttons">
                    <Button label="Send it now" emphasis=Emphasis::Primary glyph=Glyph::Check />
                    <ButtonLink label="Back to its page" href=page emphasis=Emphasis::Plain />
                </div>
            </form>
            <form method="post" action=paths::KEPT_DISCARD>
                <Button label="Forget it" emphasis=Emphasis::Plain glyph=Glyph::Cross />
            </form>
        </section>
    }
    .into_any();
    Sheet { status: 200, title: "What you were about to send".to_owned(), section: None, body }
}

fn signed_out(form: SentForm) -> Sheet {
    let typed: Vec<(String, String)> = form.fields.into_iter().filter(|(name, _)| !is_machine(name)).collect();
    let sign_in = format!("{}?next={}", paths::SIGN_IN, paths::encoded(&form.page));
    let body = view! {
        <div class="entrance">
            <h1>"You are signed out"</h1>
            <Notice tone=Tone::Warn glyph=Glyph::Warning>
                <p>
                    <strong>"Nothing was done. "</strong>
                    "Here is what you typed: copy what you need, then sign in and send it again."
                </p>
            </Notice>
            {typed.into_iter().map(|(name, value)| view! { <TextArea name=name value=value /> }).collect_view()}
            <p>
                <ButtonLink label="Sign in" href=sign_in emphasis=Emphasis::Primary />
            </p>
        </div>
    }
    .into_any();
    Sheet { status: 401, title: "You are signed out".to_owned(), section: None, body }
}

fn nothing() -> Sheet {
    let lede = view! { <p>"A form that is sent too late waits here for an hour, for the person who filled it in."</p> };
    let body = view! {
        <PageHead title="Kept forms" lede=lede.into_any() />
        <Empty
            glyph=Glyph::Checked
            what="Nothing of yours waits in this browser"
            more="It was sent already, an hour has passed, or somebody else filled it in."
        />
        <p>
            <ButtonLink label="Go to the overview" href=paths::OVERVIEW />
        </p>
    }
    .into_any();
    Sheet { status: 200, title: "Kept forms".to_owned(), section: None, body }
}

/// Fields that a person can still change: sentences of their own.
fn is_typed(name: &str) -> bool {
    ["reason", "note", "confirm"].contains(&name)
}

/// Fields that mean nothing to a person.
fn is_machine(name: &str) -> bool {
    name.ends_with("hash") || name.ends_with("key") || name == "return_to"
}

fn facts(fields: &[(String, String)]) -> Option<AnyView> {
    let told: Vec<_> = fields.iter().filter(|(name, value)| !is_machine(name) && !value.is_empty()).cloned().collect();
    (!told.is_empty()).then(|| {
        view! {
            <Facts>
                {told
                    .into_iter()
                    .map(|(name, value)| {
                        let shown: String = value.chars().take(LONGEST).collect();
                        view! { <Fact name=words_of(&name)>{shown}</Fact> }
                    })
                    .collect_view()}
            </Facts>
        }
        .into_any()
    })
}

/// What the form does, as far as its address tells.
fn doing(path: &str) -> AnyView {
    let place = path.split('?').next().unwrap_or_default().to_owned();
    let words = match (place.as_str(), place.rsplit('/').next().unwrap_or_default()) {
        (paths::PROPOSALS, _) => "Propose a change",
        (_, "decision") => "Decide a proposal",
        (_, "undo") => "Propose an undo",
        (_, "withdraw") => "Withdraw a proposal",
        (_, "resume") => "Let writes go on",
        (_, "stop") => "Stop writes",
        (paths::STAFF, _) => "Say who may sign in",
        _ => "",
    };
    if words.is_empty() { view! { "For " <Code text=place /> }.into_any() } else { view! { {words} }.into_any() }
}
