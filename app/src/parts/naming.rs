//! Who and what: people, documents and hashes.

use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::model::facts::{Actor, ActorKind};

/// A person or a machine, with what kind of actor it is.
#[component]
pub(crate) fn Who(actor: Actor) -> impl IntoView {
    let glyph = match actor.kind {
        ActorKind::Member | ActorKind::Staff | ActorKind::Admin | ActorKind::Operator => Glyph::Person,
        ActorKind::Agent => Glyph::Agent,
        ActorKind::Service => Glyph::Service,
    };
    view! {
        <span class="who" title=actor.id>
            <Icon glyph=glyph />
            <span class="who-name">{actor.name}</span>
            " "
            <span class="who-kind">{kind_word(actor.kind)}</span>
        </span>
    }
}

/// What kind of actor, in a word.
pub(crate) fn kind_word(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Member => "member",
        ActorKind::Staff => "staff",
        ActorKind::Admin => "admin",
        ActorKind::Operator => "operator",
        ActorKind::Agent => "agent",
        ActorKind::Service => "service",
    }
}

/// A document's path, or anything else that is code.
#[component]
pub(crate) fn Code(#[prop(into)] text: String) -> impl IntoView {
    view! { <code class="code">{text}</code> }
}

/// A hash, shortened; the whole of it in the title.
#[component]
pub(crate) fn ShortHash(#[prop(into)] hash: String) -> impl IntoView {
    let short: String = hash.chars().take(10).collect();
    view! { <code class="code hash" title=hash>{short}</code> }
}

/// A name and its value in a list of facts.
#[component]
pub(crate) fn Fact(#[prop(into)] name: String, children: Children) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
