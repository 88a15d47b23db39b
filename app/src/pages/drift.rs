//! Differences between the mirror and the cloud.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        drift::{
            Check, CheckOutcome, Drift, DriftFilter, Finding, FindingKind, FindingState, Fix, Question, QuestionState,
            StateFilter,
        },
        facts::FieldChange,
    },
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        badge::{Badge, Notice, Tone},
        button::{Button, ButtonLink},
        diff::{Diff, Sides, tally},
        field::SelectField,
        icon::Glyph,
        naming::{Code, Fact, Facts, Layout},
        pager::{Neighbour, Pager},
        state,
        tabs::{Chip, Chips},
        when::{When, counted, number},
    },
    paths,
};

/// More changed fields than this are folded away.
const FEW_CHANGES: usize = 6;

/// The page.
pub(crate) fn sheet(drift: Drift, filter: &DriftFilter) -> Sheet {
    let count = drift.matching.unwrap_or_default();
    let title =
        if count == 0 { "Drift".to_owned() } else { format!("{} · Drift", counted(count, "finding", "findings")) };
    let asked = drift.asked;
    let (matching, unfiltered) = (drift.matching, drift.unfiltered);
    let compared = matches!(drift.last_check, Ok(Some(_)));
    let filter_now = filter.clone();
    let lede = view! { <p>"Where the mirror, the cloud and what was approved do not agree."</p> }.into_any();
    let body = view! {
        <PageHead title="Drift" lede=lede actions=Some(look_again()) />
        {asked.map(asked_notice)}
        {(!drift.stale.is_empty()).then(|| stale_notice(drift.stale))}
        {panel(drift.last_check, last_check)}
        {panel(drift.questions, questions)}
        {filters(filter, drift.collections)}
        {panel(drift.findings, move |findings| list(findings, (matching, unfiltered), compared, &filter_now))}
    }
    .into_any();
    Sheet::new(Section::Drift, title, body)
}

fn look_again() -> AnyView {
    view! {
        <form method="post" action=paths::DRIFT_CHECK>
            <Button label="Look again now" glyph=Glyph::Refresh />
        </form>
    }
    .into_any()
}

fn asked_notice(at: Timestamp) -> AnyView {
    view! {
        <Notice tone=Tone::Active glyph=Glyph::Clock>
            <p>"A new look was asked for " <When at=at /> " and has not finished. Reload to see its result."</p>
        </Notice>
    }
    .into_any()
}

fn last_check(check: Option<Check>) -> AnyView {
    let Some(check) = check else {
        return view! {
            <Notice tone=Tone::Quiet glyph=Glyph::Question>
                <p>"Mirror and cloud have not been compared yet, so nothing is known about drift."</p>
            </Notice>
        }
        .into_any();
    };
    let read = format!("{} read.", counted(check.documents_read, "document", "documents"));
    let at = check.at;
    match check.outcome {
        CheckOutcome::Same => view! {
            <Notice tone=Tone::Good glyph=Glyph::Checked>
                <p><strong>"Same. "</strong> "The last look found no difference, " <When at=at /> ". " {read}</p>
            </Notice>
        }
        .into_any(),
        CheckOutcome::Drift { findings } => view! {
            <Notice tone=Tone::Warn glyph=Glyph::Drift>
                <p>
                    <strong>"Drift. "</strong>
                    {format!("The last look left {} open, ", counted(findings, "finding", "findings"))} <When at=at /> ". "
                    {read}
                </p>
            </Notice>
        }
        .into_any(),
        CheckOutcome::CouldNotTell { why } => view! {
            <Notice tone=Tone::Bad glyph=Glyph::Question>
                <p><strong>"Could not tell. "</strong> {why} " " <When at=at /> ". " {read}</p>
            </Notice>
        }
        .into_any(),
    }
}

/// What is too old is said in words, before anything that rests on it.
fn stale_notice(stale: Vec<String>) -> AnyView {
    view! {
        <Notice tone=Tone::Bad glyph=Glyph::Warning>
            <p><strong>"Stale. "</strong> "Part of the mirror is too old to rely on."</p>
            <ul>{stale.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
        </Notice>
    }
    .into_any()
}

fn questions(questions: Vec<Question>) -> AnyView {
    if questions.is_empty() {
        return ().into_any();
    }
    let row = |question: Question| {
        let (tone, glyph, word, why) = match question.state {
            QuestionState::InSync => (Tone::Good, Glyph::Checked, "In sync".to_owned(), None),
            QuestionState::Drifted(count) => (Tone::Warn, Glyph::Drift, format!("{} open", number(count)), None),
            QuestionState::Stale => (Tone::Quiet, Glyph::Clock, "Stale".to_owned(), None),
            QuestionState::Unknown { why } => (Tone::Quiet, Glyph::Question, "Unknown".to_owned(), Some(why)),
        };
        view! {
            <Fact name=question.name>
                <Badge tone=tone glyph=glyph word=word />
                {why.map(|why| view! { " " <span class="aside">{why}</span> })}
                {question.looked_at.map(|at| view! { " " <When at=at /> })}
            </Fact>
        }
    };
    view! {
        <section aria-labelledby="questions">
            <h2 id="questions" class="hidden">"What the last look said"</h2>
            <Facts layout=Layout::Inline>{questions.into_iter().map(row).collect_view()}</Facts>
        </section>
    }
    .into_any()
}

fn filters(filter: &DriftFilter, collections: Vec<String>) -> AnyView {
    let any = |word: &str| (String::new(), word.to_owned());
    let kinds = FindingKind::ALL.into_iter().map(|kind| (kind.word().to_owned(), state::kind_word(kind).to_owned()));
    let names = collections.into_iter().map(|name| (name.clone(), name));
    let states = StateFilter::ALL.into_iter().map(|each| (each.word().to_owned(), state_filter_word(each).to_owned()));
    view! {
        <search>
            <form class="filters" method="get" action=paths::DRIFT>
                <SelectField
                    id="kind"
                    label="Kind"
                    options=std::iter::once(any("Any kind")).chain(kinds).collect()
                    chosen=filter.kind.map_or("", FindingKind::word)
                />
                <SelectField
                    id="collection"
                    label="Collection"
                    options=std::iter::once(any("Any collection")).chain(names).collect()
                    chosen=filter.collection.clone().unwrap_or_default()
                />
                <SelectField id="state" label="State" options=states.collect() chosen=filter.state.word() />
                <Button label="Show" />
            </form>
        </search>
        <Chips chips=chips(filter) clear=paths::DRIFT />
    }
    .into_any()
}

fn chips(filter: &DriftFilter) -> Vec<Chip> {
    let filter = &filter.on_page(0);
    let chip = |name: &str, value: String, without: DriftFilter| Chip {
        name: name.to_owned(),
        value,
        without: paths::drift(&without),
    };
    let kind = filter
        .kind
        .map(|kind| chip("Kind", state::kind_word(kind).to_owned(), DriftFilter { kind: None, ..filter.clone() }));
    let collection = filter
        .collection
        .as_ref()
        .map(|name| chip("Collection", name.clone(), DriftFilter { collection: None, ..filter.clone() }));
    let open = StateFilter::default();
    let state = (filter.state != open).then(|| {
        chip("State", state_filter_word(filter.state).to_owned(), DriftFilter { state: open, ..filter.clone() })
    });
    kind.into_iter().chain(collection).chain(state).collect()
}

fn state_filter_word(state: StateFilter) -> &'static str {
    match state {
        StateFilter::Open => "Open",
        StateFilter::Resolved => "Resolved",
        StateFilter::All => "All",
    }
}

fn list(
    findings: Vec<Finding>,
    (matching, unfiltered): (Option<u64>, Option<u64>),
    compared: bool,
    filter: &DriftFilter,
) -> AnyView {
    if findings.is_empty() && (filter.narrows() || filter.page > 0) {
        let what = match unfiltered {
            Some(count) => format!("None of {} matches", counted(count, "finding", "findings")),
            None => "No finding matches".to_owned(),
        };
        return view! { <FilteredEmpty what=what clear=paths::DRIFT /> }.into_any();
    }
    if findings.is_empty() && !compared {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="Nothing is known yet"
                more="No finding is recorded, but whether there is drift is told only by a finished comparison."
            />
        }
        .into_any();
    }
    if findings.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Checked
                what="No open findings"
                more="When mirror and cloud differ, or a document holds a word nobody knows, it is listed here."
            />
        }
        .into_any();
    }
    let first = u64::from(filter.page) * DriftFilter::PAGE as u64;
    let last = first + findings.len() as u64;
    let all = matching.unwrap_or(last);
    let place = format!("{} to {} of {}", number(first + 1), number(last), number(all));
    let page = |page: u32, name: &str| Neighbour { href: paths::drift(&filter.on_page(page)), name: name.to_owned() };
    let previous = (filter.page > 0).then(|| page(filter.page - 1, "Previous page"));
    let next = (last < all).then(|| page(filter.page + 1, "Next page"));
    view! {
        <p class="list-count">{place.clone()}</p>
        <div class="findings">{findings.into_iter().map(card).collect_view()}</div>
        <Pager label="Pages of findings" previous=previous next=next place=place />
    }
    .into_any()
}

fn card(finding: Finding) -> AnyView {
    let heading = format!("finding-{}-name", finding.id);
    let labelled = heading.clone();
    let ended = match &finding.state {
        FindingState::Open => None,
        FindingState::Resolved { at } => Some(("Resolved", view! { <When at=*at /> }.into_any())),
        FindingState::CouldNotTell { why } => Some(("Could not tell", why.clone().into_any())),
        FindingState::Ignored(ignored) => {
            Some(("Ignored until", view! { <When at=ignored.until /> " by " {ignored.by.clone()} }.into_any()))
        }
        FindingState::Stale => Some(("Stale", "it was looked at too long ago".into_any())),
    };
    let page = paths::finding(&finding.id);
    let name = finding.document.clone().unwrap_or_else(|| finding.collection.clone());
    view! {
        <article class="finding" id=format!("finding-{}", finding.id) aria-labelledby=labelled>
            <header>
                <Badge tone=Tone::Quiet glyph=Glyph::Drift word=state::kind_word(finding.kind) />
                {state::finding(&finding.state)}
            </header>
            <h2 id=heading>
                {finding.title.map(|title| view! { <span>{title}</span> " " })} <Code text=name.clone() />
            </h2>
            <p>{finding.summary}</p>
            {changes(finding.changes, finding.kind)}
            <Facts layout=Layout::Inline>
                <Fact name="Since">
                    <When at=finding.since />
                </Fact>
                <Fact name="Last looked at">
                    <When at=finding.looked_at />
                </Fact>
                {ended.map(|(name, value)| view! { <Fact name=name>{value}</Fact> })}
            </Facts>
            <p class="finding-actions">
                {fix(finding.fix, &finding.id)}
                <a href=page>"Evidence"</a>
                {finding.write_id.map(|id| view! { <a href=paths::write(&id)>"The overwritten write"</a> })}
                {finding.document.map(|path| view! { <a href=paths::audit_of(&path)>"Audit of this document"</a> })}
            </p>
        </article>
    }
    .into_any()
}

/// The fields that differ, with what each side is called.
pub(super) fn changes(changes: Vec<FieldChange>, kind: FindingKind) -> AnyView {
    if changes.is_empty() {
        return ().into_any();
    }
    let sides = match kind {
        FindingKind::WriteOverwritten => {
            Sides { caption: "What was approved and what is there", before: "Approved", after: "Cloud now" }
        }
        FindingKind::UnknownWord
        | FindingKind::FlagsDisagree
        | FindingKind::NewField
        | FindingKind::WrongType
        | FindingKind::MissingField
        | FindingKind::DanglingReference
        | FindingKind::RuleBroken => {
            Sides { caption: "What is there and what was expected", before: "Found", after: "Expected" }
        }
        FindingKind::MirrorDiffers
        | FindingKind::MissingInMirror
        | FindingKind::ExtraInMirror
        | FindingKind::CountDiffers => Sides { caption: "Mirror and cloud", before: "Mirror", after: "Cloud" },
        FindingKind::NumberDiffers | FindingKind::ClockDiffers | FindingKind::ConfigDiffers => {
            Sides { caption: "Here and in the cloud", before: "Here", after: "Cloud" }
        }
    };
    if changes.len() <= FEW_CHANGES {
        return view! { <Diff changes=changes sides=sides /> }.into_any();
    }
    let summary = format!("Fields: {}", tally(&changes));
    view! {
        <details>
            <summary>{summary}</summary>
            <Diff changes=changes sides=sides />
        </details>
    }
    .into_any()
}

/// What can be done about it.
pub(super) fn fix(fix: Fix, finding_id: &str) -> AnyView {
    match fix {
        Fix::None => view! { <span class="missing">"No capability covers a fix"</span> }.into_any(),
        Fix::Propose => view! {
            <ButtonLink label="Propose a fix" href=paths::fix(finding_id) glyph=Glyph::Edit />
        }
        .into_any(),
        Fix::Proposed { proposal_id } => {
            view! { <a href=paths::proposal(&proposal_id)>"A fix is proposed"</a> }.into_any()
        }
    }
}
