//! Who does what here, how a change happens, what the words mean, the keys, and how to tell of a problem.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    parts::{
        icon::{Glyph, Icon},
        naming::{Fact, Facts},
        table::{Column, Row, Table},
        titled::Titled,
    },
    paths,
};

/// What each kind of person does here.
const PEOPLE: [(&str, &str); 4] = [
    (
        "Staff",
        "See everything about the studio, propose changes, and decide what a colleague proposed. Nobody approves what they proposed themselves.",
    ),
    (
        "Admins",
        "Do what staff do, and also let writes go on after a stop, issue keys to agents, have the ledger rebuilt and take copies of the audit log.",
    ),
    (
        "Operators",
        "Stand at the box itself, with the command line. They start and stop the service, verify the audit log and bring backups back.",
    ),
    ("Agents", "Are programs with a key. They may propose what was delegated to them, and never decide anything."),
];

/// How a change happens, step by step.
const STEPS: [(&str, &str, Glyph); 6] = [
    ("Seen", "The mirror hears of a change in the cloud.", Glyph::Refresh),
    ("Found", "Something disagrees, or somebody wants it otherwise.", Glyph::Drift),
    ("Proposed", "A person or an agent says exactly what is to change, and why.", Glyph::Proposal),
    ("Decided", "A colleague looks at that very change and approves or rejects it.", Glyph::Check),
    ("Sent", "One write, on the condition that nothing moved since.", Glyph::Write),
    ("Seen again", "The mirror hears of our own write. It can be taken back.", Glyph::Checked),
];

/// The words of the pages.
const WORDS: [(&str, &str); 18] = [
    (
        "Mirror",
        "The copy of the studio’s collections that this box keeps. The cloud is right; the mirror says as of when it agrees.",
    ),
    ("As of", "The cloud’s own time at which what is shown was true."),
    ("Fresh, aging, stale", "How old that is: within the first bound, past it, or too old to base anything on."),
    ("Unknown", "It could not be read, or nobody has looked. It is never shown as zero, and never as well."),
    ("Drift", "Where the mirror, the cloud and what was approved do not agree."),
    ("Finding", "One such disagreement, with what is known about it."),
    ("Proposal", "A change that somebody asks for: the document, the fields, old and new, and a reason."),
    ("Approval", "A colleague’s yes to exactly one content, by its hash. It expires and is used once."),
    ("Stale proposal", "The document changed after the proposal was made. Nothing is written; propose it again."),
    ("Write", "An approved change on its way to the cloud, with everything that became of it."),
    ("Intended, landed, observed", "The intent is stored; the cloud accepted it; the mirror has seen it."),
    ("Receipt", "A document in the cloud that is written together with a change, and proves that it happened once."),
    ("Undo", "A new proposal with the values from before. It is decided like any other."),
    ("Capability", "A kind of change that the studio allows, with who may ask for it and who decides."),
    ("Kill switch", "Stops every write at once. One person may stop; two are needed to resume."),
    ("Lease", "Says which of several boxes writes. The others only mirror."),
    ("Audit log", "Every action and every denial, each a leaf of a tree of hashes."),
    ("Seal, anchor", "The signed head of that tree, made every minute; and a copy of it kept outside of this box."),
];

/// What keys do, when scripts are on.
const KEYS: [(&str, &str); 13] = [
    ("?", "Show these keys"),
    ("/", "Search"),
    ("g t", "Go to today"),
    ("g s", "Go to state"),
    ("g d", "Go to drift"),
    ("g o", "Go to documents"),
    ("g p", "Go to proposals"),
    ("g w", "Go to writes"),
    ("g a", "Go to the audit log"),
    ("j", "Next row of a list"),
    ("k", "Row before"),
    ("Enter", "Open the row"),
    ("x", "Select the row, where several can be chosen"),
];

/// The page. Nothing is asked for it.
pub(crate) fn sheet() -> Sheet {
    let lede = view! { <p>"Who does what here, how a change happens, and what the words mean."</p> }.into_any();
    let body = view! {
        <PageHead title="Help" lede=lede />
        <nav class="contents" aria-label="On this page">
            <ul>
                <li><a href="#change">"How a change happens"</a></li>
                <li><a href="#people">"Who does what"</a></li>
                <li><a href="#problem">"Tell of a problem"</a></li>
                <li><a href="#keys">"Keys"</a></li>
                <li><a href="#words">"Words"</a></li>
            </ul>
        </nav>
        <Titled id="change" title="How a change happens">{change()}</Titled>
        <Titled id="people" title="Who does what">
            <div class="card"><Facts>{facts(&PEOPLE)}</Facts></div>
        </Titled>
        <Titled id="problem" title="Tell of a problem">{problem()}</Titled>
        <Titled id="keys" title="Keys">{keys()}</Titled>
        <Titled id="words" title="Words">
            <div class="card"><Facts>{facts(&WORDS)}</Facts></div>
        </Titled>
    }
    .into_any();
    Sheet::new(Section::Help, "Help", body)
}

fn facts(all: &'static [(&'static str, &'static str)]) -> Vec<AnyView> {
    all.iter().map(|(name, about)| view! { <Fact name=*name>{*about}</Fact> }.into_any()).collect()
}

/// The circle, as a figure that is text as well.
fn change() -> AnyView {
    view! {
        <figure class="circle">
            <ol class="steps">
                {STEPS
                    .into_iter()
                    .map(|(name, about, glyph)| {
                        view! {
                            <li class="step done">
                                <span class="step-mark"><Icon glyph=glyph /></span>
                                <strong>{name}</strong>
                                <span>{about}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
            <figcaption class="aside">
                "There is no other way to the cloud, also not for an undo or an agent. The cloud stays right: what moved there in the meantime stops the write, and nothing is overwritten."
            </figcaption>
        </figure>
        <p>
            <a href=paths::NEW_PROPOSAL>"Propose a change"</a> " · "
            <a href=paths::PROPOSALS>"Decide what waits"</a> " · "
            <a href=paths::WRITES>"Take a write back"</a>
        </p>
    }
    .into_any()
}

fn problem() -> AnyView {
    view! {
        <div class="card">
            <p>
                "A part of a page that could not be read says so, with an error id. Tell an operator that id, what you did, and when: the log has the cause under it. Nothing is lost by loading the page again; a form that was sent twice counts once."
            </p>
            <p>
                "If something is about to be written that should not be, do not wait for an answer: stop all writes first, and ask afterwards."
            </p>
            <p><a href=paths::AUDIT>"What happened so far is in the audit log"</a></p>
        </div>
    }
    .into_any()
}

fn keys() -> AnyView {
    let row = |(key, does): (&'static str, &'static str)| {
        let keys = key.split(' ').map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
        Row::of(vec![keys.into_any(), does.into_any()])
    };
    let rows = KEYS.into_iter().map(row).collect();
    let columns = ["Key", "What it does"].map(Column::text).into();
    view! {
        <p class="aside">
            "They need scripts, and everything they do can be done without them. No single key ever approves, sends or stops anything. All of them can be switched off in the list that ? shows."
        </p>
        <Table caption="Keys and what they do" columns=columns rows=rows class="list ledger" />
    }
    .into_any()
}
