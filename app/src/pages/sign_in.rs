//! Signing in.

use leptos::prelude::*;

use crate::{
    assets::FIREBASE_SIGN_IN,
    frame::{Sheet, viewer},
    model::{
        forms::SignInForm,
        sign_in::{FirebaseScript, Persona, SignIn, Way},
    },
    parts::{
        absence::Empty,
        badge::{Notice, Tone},
        button::{Button, Emphasis},
        field::ErrorSummary,
        icon::{Glyph, Icon},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(sign_in: SignIn, form: SignInForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let title = if form.again { "Sign in again" } else { "Sign in" };
    let SignInForm { next, problem, again } = form;
    let said = if again {
        problem.map(again_notice)
    } else {
        let problems: Vec<_> = problem.map(|problem| (None, problem)).into_iter().collect();
        Some(view! { <ErrorSummary problems=problems /> }.into_any())
    };
    let ways = if sign_in.ways.is_empty() {
        view! {
            <Empty
                glyph=Glyph::Lock
                what="Nobody can sign in yet"
                more="No identity provider is configured. An operator can set one and restart the service."
            />
        }
        .into_any()
    } else {
        sign_in.ways.into_iter().map(|each| way(each, next.clone(), again)).collect_view().into_any()
    };
    let body = view! {
        <div class="entrance">
            <p class="entrance-brand">
                <Icon glyph=Glyph::Brand />
                <span>"Studio Brain"</span>
            </p>
            <h1>{title}</h1>
            {said}
            {ways}
        </div>
    }
    .into_any();
    Sheet { status, title: title.to_owned(), section: None, body }
}

/// Somebody is here already, and has to prove it once more.
fn again_notice(why: String) -> AnyView {
    let who = viewer().person.as_ref().map(|person| person.name.clone());
    view! {
        <Notice tone=Tone::Active glyph=Glyph::Lock>
            <p>
                {who.map(|who| view! { <strong>{format!("As {who}. ")}</strong> })} {why}
                " What you typed is kept, and comes next."
            </p>
        </Notice>
    }
    .into_any()
}

fn way(way: Way, next: Option<String>, again: bool) -> AnyView {
    match way {
        Way::Provider { name } => provider(&name, next, again),
        Way::Firebase(script) => firebase(script, next),
        Way::Sandbox { personas } => sandbox(personas, next),
    }
}

fn provider(name: &str, next: Option<String>, again: bool) -> AnyView {
    view! {
        <form method="post" action=paths::PROVIDER class="way">
            {hidden(next)}
            {again.then(|| view! { <input type="hidden" name="again" value="yes" /> })}
            <Button label=format!("Sign in with {name}") emphasis=Emphasis::Primary glyph=Glyph::Person />
        </form>
    }
    .into_any()
}

/// The only script of a page that every script may be kept from: without it, the button says so.
fn firebase(script: FirebaseScript, next: Option<String>) -> AnyView {
    view! {
        <form
            method="post"
            action=paths::SESSION
            class="way"
            id="firebase"
            data-folder=script.folder
            data-api-key=script.api_key
            data-auth-domain=script.auth_domain
            data-project=script.project
        >
            {hidden(next)} <input type="hidden" name="id_token" value="" />
            <button class="button" type="button" disabled aria-describedby="firebase-says">
                <Icon glyph=Glyph::Person />
                <span>"Sign in with Firebase"</span>
            </button>
            <p id="firebase-says" role="status">"This way needs scripts, which your browser has not run yet."</p>
        </form>
        <script type="module" src=FIREBASE_SIGN_IN.path()></script>
    }
    .into_any()
}

fn hidden(next: Option<String>) -> Option<AnyView> {
    next.map(|next| view! { <input type="hidden" name="next" value=next /> }.into_any())
}

fn sandbox(personas: Vec<Persona>, next: Option<String>) -> AnyView {
    view! {
        <Notice tone=Tone::Warn glyph=Glyph::Info>
            <p>
                <strong>"Sandbox sign-in. "</strong>
                "Choose who to be; no password is asked. Use two browsers to be two people at once."
            </p>
        </Notice>
        <ul class="personas">
            {personas
                .into_iter()
                .map(|persona| {
                    view! {
                        <li>
                            <form method="post" action=paths::PERSONA>
                                <input type="hidden" name="persona" value=persona.id />
                                {hidden(next.clone())}
                                <button type="submit" class="persona">
                                    <Icon glyph=Glyph::Person />
                                    <span class="persona-name">{persona.name}</span>
                                    <span class="persona-role">{persona.role}</span>
                                    <span class="persona-about">{persona.about}</span>
                                </button>
                            </form>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}
