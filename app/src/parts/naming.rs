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

/// How a list of facts is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Names beside values.
    Beside,
    /// Names above values, one below the other: for narrow places.
    Stacked,
    /// Names above values, side by side: for a few short ones.
    Inline,
}

/// A list of facts.
#[component]
pub(crate) fn Facts(#[prop(default = Layout::Beside)] layout: Layout, children: Children) -> impl IntoView {
    let class = match layout {
        Layout::Beside => "facts",
        Layout::Stacked => "facts stacked",
        Layout::Inline => "facts inline",
    };
    view! { <dl class=class>{children()}</dl> }
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
