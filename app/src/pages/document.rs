//! One document: what it holds, how it came to, and what was proposed, written and found about it.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        documents::{
            Compared, DocumentChoice, DocumentDetail, DocumentFilter, Field, FindingLine, Holding, RestoreForm,
            Restoring,
        },
        facts::{FieldValue, May},
        forms::FormProblem,
        overview::Freshness,
    },
    pages::versions,
    parts::{
        absence::{Empty, panel},
        button::{Button, ButtonLink, Emphasis, WhyNot},
        diff::{Diff, Sides, kind_word, tally},
        field::{ErrorSummary, TextField},
        icon::Glyph,
        naming::{Code, Fact, Facts, Layout, ShortHash},
        rows::{ProposalTable, WriteTable},
        state,
        table::{Column, Row, Table},
        when::{Exactly, Revision, When},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(detail: DocumentDetail, address: &str, choice: &DocumentChoice, form: RestoreForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = match &form.problem {
        None => Vec::new(),
        Some(FormProblem::Reason(message)) => vec![(Some("reason"), message.clone())],
        Some(FormProblem::Whole(message)) => vec![(None, message.clone())],
    };
    let name = detail.title.clone().unwrap_or_else(|| detail.path.clone());
    let of = DocumentFilter { collection: Some(detail.collection.clone()), ..DocumentFilter::default() };
    let lede = view! {
        <p class="badges">
            {detail.title.is_some().then(|| view! { <Code text=detail.path.clone() /> })}
            {state::freshness(detail.freshness)}
            {match detail.as_of {
                Some(at) => view! { <span>"Derived from cloud, as of " <When at=at /></span> }.into_any(),
                None => view! { <span>"Its collection was never read"</span> }.into_any(),
            }}
            <a href=paths::documents(&of)>{format!("All of {}", detail.collection)}</a>
        </p>
    }
    .into_any();
    let (may_restore, is_shortened) = (detail.may_restore, detail.is_shortened);
    let older = address.to_owned();
    let stale = matches!(detail.freshness, Freshness::Stale | Freshness::Unknown);
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title=name lede=lede back=Some((paths::DOCUMENTS, "Documents")) />
        {stale.then(|| view! { <p class="aside">"What is shown here is too old to rely on; look again once the mirror follows the cloud."</p> })}
        {detail.restoring.map(|chosen| panel(chosen, |chosen| restoring(chosen, address, &may_restore, form)))}
        {detail.compared.map(|compared| panel(compared, compare))}
        <div class="split">
            <div class="split-main">
                <section aria-labelledby="fields">
                    <h2 id="fields">"Fields"</h2>
                    {panel(detail.held.clone(), move |held| fields(held, is_shortened))}
                </section>
            </div>
            <aside class="split-side" aria-label="About this document">
                {facts(detail.held.ok().flatten(), &detail.path)}
                <section class="card" aria-labelledby="findings">
                    <h2 id="findings">"Open findings"</h2>
                    {panel(detail.findings, findings)}
                </section>
            </aside>
        </div>
        <section aria-labelledby="versions">
            <h2 id="versions">"Versions that were seen"</h2>
            {panel(detail.history, |history| versions::part(history, &older, choice, &may_restore))}
        </section>
        <section aria-labelledby="proposals">
            <h2 id="proposals">"Proposals about it"</h2>
            {panel(detail.proposals, |rows| if rows.is_empty() { none("Nobody has proposed to change it.") } else {
                view! { <ProposalTable rows=rows caption="Proposals about this document" /> }.into_any()
            })}
        </section>
        <section aria-labelledby="writes">
            <h2 id="writes">"Our writes to it"</h2>
            {panel(detail.writes, |rows| if rows.is_empty() { none("Nothing was ever written to it from here.") } else {
                view! { <WriteTable rows=rows caption="Writes to this document" /> }.into_any()
            })}
        </section>
    }
    .into_any();
    Sheet::new(Section::Documents, format!("{} · Document", detail.path), body).with_status(status)
}

fn none(what: &'static str) -> AnyView {
    view! { <p class="missing">{what}</p> }.into_any()
}

fn fields(held: Option<Holding>, is_shortened: bool) -> AnyView {
    let Some(held) = held else {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="The mirror has no such document now"
                more="It was deleted, can't be kept, or its collection is not read. Versions that were seen are below."
            />
        }
        .into_any();
    };
    let columns = ["Field", "Type", "Value"].map(Column::text).into();
    let row = |field: Field| {
        let (kind, text) = match field.value {
            FieldValue::Missing => ("", String::new()),
            FieldValue::Present { kind, text } => (kind_word(kind), text),
        };
        Row::of(vec![
            view! { <Code text=field.path /> }.into_any(),
            view! { <span class="kind">{kind}</span> }.into_any(),
            view! { <span class="value">{text}</span> }.into_any(),
        ])
    };
    let rows = held.fields.into_iter().map(row).collect();
    view! {
        {is_shortened
            .then(|| view! { <p class="aside">"Names and ids of people are shortened: only an admin reads them whole."</p> })}
        <Table caption="Fields of the document" columns=columns rows=rows class="list fields" />
    }
    .into_any()
}

fn facts(held: Option<Holding>, path: &str) -> AnyView {
    let (audit, path) = (paths::audit_of(path), path.to_owned());
    view! {
        <section class="card" aria-labelledby="facts">
            <h2 id="facts">"Facts"</h2>
            <Facts layout=Layout::Stacked>
                <Fact name="Path"><Code text=path /></Fact>
                {held
                    .map(|held| {
                        view! {
                            <Fact name="Revision"><Revision at=held.updated_at /></Fact>
                            <Fact name="Last changed"><When at=held.updated_at /></Fact>
                            <Fact name="Created"><When at=held.created_at /></Fact>
                            <Fact name="Taken in"><Exactly at=held.read_at /></Fact>
                            <Fact name="Hash"><ShortHash hash=held.hash /></Fact>
                        }
                    })}
                <Fact name="Audit"><a href=audit>"What is recorded about it"</a></Fact>
            </Facts>
        </section>
    }
    .into_any()
}

fn findings(lines: Vec<FindingLine>) -> AnyView {
    if lines.is_empty() {
        return none("None is open.");
    }
    let line = |line: FindingLine| {
        view! {
            <li>
                <a href=paths::finding(&line.id)>{state::kind_word(line.kind)}</a>
                <p>{line.summary}</p>
                <p class="aside"><When at=line.since /></p>
            </li>
        }
    };
    view! { <ul class="feed">{lines.into_iter().map(line).collect_view()}</ul> }.into_any()
}

fn compare(compared: Compared) -> AnyView {
    let sides = Sides { caption: "Two versions", before: "Earlier", after: "Later" };
    let shown = match compared.changes {
        None => none("One of them could not be kept, so they can't be compared."),
        Some(changes) if changes.is_empty() => none("They hold the same."),
        Some(changes) => {
            let summary = tally(&changes);
            view! { <p class="aside">{summary}</p> <Diff changes=changes sides=sides /> }.into_any()
        }
    };
    view! {
        <section aria-labelledby="compared">
            <h2 id="compared">"Two versions"</h2>
            <p class="aside">"Seen " <Exactly at=compared.from /> " and " <Exactly at=compared.to /></p>
            {shown}
        </section>
    }
    .into_any()
}

/// The form that proposes to bring a version back, with what that would change.
fn restoring(chosen: Restoring, address: &str, may: &May, form: RestoreForm) -> AnyView {
    let problem = match form.problem {
        Some(FormProblem::Reason(message)) => Some(message),
        Some(FormProblem::Whole(_)) | None => None,
    };
    let sides = Sides { caption: "What restoring would change", before: "Now", after: "Restored" };
    let same = chosen.changes.is_empty();
    let form = match may {
        May::No { why } => view! { <WhyNot why=why.clone() /> }.into_any(),
        May::Yes if same => none("The document already holds what this version held."),
        May::Yes => view! {
            <form method="post" action=address.to_owned()>
                <input type="hidden" name="at" value=chosen.at />
                <input type="hidden" name="idempotency_key" value=form.idempotency_key />
                <TextField
                    id="reason"
                    label="Reason"
                    hint="At least 10 characters. It is kept in the audit log."
                    value=form.reason
                    problem=problem
                />
                <div class="buttons">
                    <Button label="Propose to restore it" emphasis=Emphasis::Primary glyph=Glyph::Undo />
                    <ButtonLink label="Go back" href=address.to_owned() emphasis=Emphasis::Plain />
                </div>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="card" aria-labelledby="restore">
            <h2 id="restore">"Restore this version?"</h2>
            <p>"It was seen " <Exactly at=chosen.observed /> ". Nothing is written before an admin has approved it."</p>
            {(!same).then(|| view! { <Diff changes=chosen.changes sides=sides /> })}
            {form}
        </section>
    }
    .into_any()
}
