//! Signing in.

use leptos::prelude::*;

use crate::{
    frame::Sheet,
    model::{
        forms::SignInForm,
        sign_in::{Persona, SignIn},
    },
    parts::{
        absence::Empty,
        badge::{Notice, Tone},
        field::ErrorSummary,
        icon::{Glyph, Icon},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(ways: SignIn, form: SignInForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems: Vec<_> = form.problem.map(|problem| (None, problem)).into_iter().collect();
    let body = view! {
        <div class="entrance">
            <p class="entrance-brand">
                <Icon glyph=Glyph::Brand />
                <span>"Studio Brain"</span>
            </p>
            <h1>"Sign in"</h1>
            <ErrorSummary problems=problems />
            {match ways {
                SignIn::Sandbox { personas } => sandbox(personas, form.next),
                SignIn::Nowhere => {
                    view! {
                        <Empty
                            glyph=Glyph::Lock
                            what="Nobody can sign in yet"
                            more="No identity provider is configured. An operator can set one and restart the service."
                        />
                    }
                        .into_any()
                }
            }}
        </div>
    }
    .into_any();
    Sheet { status, title: "Sign in".to_owned(), section: None, body }
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
                                {next.clone().map(|next| view! { <input type="hidden" name="next" value=next /> })}
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
