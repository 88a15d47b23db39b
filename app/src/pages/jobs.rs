//! What the box does by itself, and what it can be asked to do.

use std::time::Duration;

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        facts::May,
        jobs::{Asked, Ending, Errand, Job, Jobs, Now, Progress, Run, Wish},
    },
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        button::{Button, WhyNot},
        icon::Glyph,
        naming::{Code, Who},
        table::{Column, Row, Table},
        titled::Titled,
        when::{When, counted, length, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(jobs: Jobs) -> Sheet {
    let failing = jobs.jobs.iter().filter(|job| job.failures > 0 || matches!(job.now, Now::Ended { .. })).count();
    let title = match failing {
        0 => "Jobs".to_owned(),
        some => format!("{some} failing · Jobs"),
    };
    let lede =
        view! { <p>"What this box does by itself, how that went, and what it can be asked to do now."</p> }.into_any();
    let since = match jobs.since {
        Some(at) => view! { <p class="aside">"Remembered since this process started, " <When at=at /> ". What was before is in the log."</p> }.into_any(),
        None => view! { <p class="aside">"It is not known since when this process runs."</p> }.into_any(),
    };
    let count = (!jobs.jobs.is_empty()).then_some(jobs.jobs.len() as u64);
    let body = view! {
        <PageHead title="Jobs" lede=lede />
        <Titled id="ask" title="Ask for it now">
            <div class="choices">{jobs.wishes.into_iter().map(wish).collect_view()}</div>
        </Titled>
        <Titled id="jobs" title="Every job" count=count>
            {since}
            {list(jobs.jobs)}
        </Titled>
    }
    .into_any();
    Sheet::new(Section::Jobs, title, body)
}

/// What an errand is called, what it does, and what its button says.
fn about(errand: Errand) -> (&'static str, &'static str, &'static str) {
    match errand {
        Errand::Check => (
            "Look at the cloud",
            "Compares the mirror, what we wrote and the key numbers with the cloud. It costs some reads of the day's budget.",
            "Look now",
        ),
        Errand::Verification => (
            "Proof of the mirror",
            "Proves each collection to be what the cloud has, by counting and by digests; what differs is read again.",
            "Prove now",
        ),
        Errand::Snapshot => (
            "Snapshot of the state",
            "Keeps the studio's numbers as they are now, to compare with later.",
            "Keep one now",
        ),
        Errand::Rebuild => (
            "Ledger from its receipts",
            "Reads the receipts in the cloud and adds the writes that this ledger does not have. Nothing is removed.",
            "Rebuild now",
        ),
    }
}

fn wish(wish: Wish) -> AnyView {
    let (title, what, button) = about(wish.errand);
    let id = wish.errand.word();
    let form = match wish.may {
        May::Yes => view! {
            <form method="post" action=paths::errand(wish.errand)>
                <Button label=button glyph=Glyph::Refresh />
            </form>
        }
        .into_any(),
        May::No { why } => view! { <WhyNot why=why /> }.into_any(),
    };
    view! {
        <section class="card" aria-labelledby=id>
            <h3 id=id>{title}</h3>
            <p>{what}</p>
            {panel(wish.last, last)}
            {form}
        </section>
    }
    .into_any()
}

fn last(asked: Option<Asked>) -> AnyView {
    let Some(asked) = asked else {
        return view! {
            <p class="badges"><Badge tone=Tone::Quiet glyph=Glyph::Question word="Never yet" /></p>
        }
        .into_any();
    };
    let by = match asked.by {
        Some(actor) => view! { "asked for by " <Who actor=actor /> }.into_any(),
        None => view! { "it was due" }.into_any(),
    };
    let begun = view! { <span class="aside">{by} " " <When at=asked.at /></span> }.into_any();
    match asked.progress {
        Progress::Waiting => view! {
            <p class="badges"><Badge tone=Tone::Active glyph=Glyph::Clock word="Waits" /> {begun}</p>
            <p class="aside">"It begins with the next look of its job. Reload to see how far it is."</p>
        }
        .into_any(),
        Progress::Running { done, of, unit } => view! {
            <p class="badges"><Badge tone=Tone::Active glyph=Glyph::Refresh word="Under way" /> {begun}</p>
            <p>
                <progress max=of.to_string() value=done.to_string() aria-label="How far it is"></progress>
                {format!(" {} of {} {unit}, when this page was made.", number(done), number(of))}
            </p>
        }
        .into_any(),
        Progress::Well { at, what } => over((Tone::Good, Glyph::Checked, "Well"), at, what, begun),
        Progress::Look { at, what } => over((Tone::Warn, Glyph::Warning, "Look at it"), at, what, begun),
        Progress::Untold { at, why } => over((Tone::Quiet, Glyph::Question, "Could not tell"), at, why, begun),
    }
}

/// What came of something that is over.
fn over((tone, glyph, word): (Tone, Glyph, &'static str), at: Timestamp, what: String, begun: AnyView) -> AnyView {
    view! {
        <p class="badges"><Badge tone=tone glyph=glyph word=word /> <span>{what}</span></p>
        <p class="aside">"Over " <When at=at /> "; " {begun}</p>
    }
    .into_any()
}

fn list(jobs: Vec<Job>) -> AnyView {
    if jobs.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="Nothing is known of any job"
                more="This process does not say which jobs it runs. That is not the same as all of them being well."
            />
        }
        .into_any();
    }
    let columns = ["Job", "Now", "Last look", "Last run that did something", "How it ended"].map(Column::text);
    let columns = columns.into_iter().chain([Column::number("Took")]).collect();
    let rows = jobs.into_iter().map(row).collect();
    view! { <Table caption="Jobs, what they do, and how their last run ended" columns=columns rows=rows /> }.into_any()
}

fn row(job: Job) -> Row {
    let never = || view! { <span class="missing">"not since the start"</span> }.into_any();
    let name = view! {
        <span class="row-title">{job.name}</span>
        <span class="row-note">{job.about}</span>
    };
    let took = job.last.as_ref().map(|last| last.took);
    Row::of(vec![
        name.into_any(),
        now(job.now, job.failures),
        job.looked.map_or_else(never, |at| view! { <When at=at /> }.into_any()),
        job.last.as_ref().map_or_else(never, |last| view! { <When at=last.at /> }.into_any()),
        job.last.map_or_else(|| view! { <span class="missing">"unknown"</span> }.into_any(), ending),
        took.map_or_else(|| view! { <span class="missing">"unknown"</span> }.into_any(), |took| short(took).into_any()),
    ])
}

fn now(now: Now, failures: u32) -> AnyView {
    let failed = (failures > 0).then(|| format!("{} in a row failed", counted(failures.into(), "run", "runs")));
    let (tone, glyph, word, rest) = match now {
        Now::NotBegun => (Tone::Quiet, Glyph::Question, "Not begun", None),
        Now::Running { since } => (Tone::Active, Glyph::Refresh, "Runs", Some(("since ", since))),
        Now::Resting { until } => (Tone::Quiet, Glyph::Clock, "Rests", Some(("looks again at a change, or ", until))),
        Now::Waiting { until } => (Tone::Bad, Glyph::Warning, "Failing", Some(("tries again ", until))),
        Now::Ended { at } => (Tone::Bad, Glyph::Stop, "Ended", at.map(|at| ("last heard of ", at))),
    };
    view! {
        <Badge tone=tone glyph=glyph word=word />
        " "
        {failed}
        {rest.map(|(words, at)| view! { " " <span class="aside">{words} <When at=at /></span> })}
    }
    .into_any()
}

fn ending(run: Run) -> AnyView {
    match run.ending {
        Ending::Worked { code } => view! {
            <Badge tone=Tone::Good glyph=Glyph::Check word="Worked" />
            " "
            <Code text=code />
        }
        .into_any(),
        Ending::Failed { code, why } => view! {
            <Badge tone=Tone::Bad glyph=Glyph::Warning word="Failed" />
            " "
            <Code text=code />
            " "
            <span>{why}</span>
            " "
            {run
                .id
                .map(|id| {
                    view! { <span class="aside">"The log tells the cause under run " <Code text=id /></span> }
                })}
        }
        .into_any(),
    }
}

/// How long something took, in the unit in which people think of it.
fn short(took: Duration) -> String {
    match took.as_millis() {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms @ 1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => length(took.as_secs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_in_the_unit_people_think_of() {
        let told = |ms| short(Duration::from_millis(ms));
        assert_eq!([told(0), told(999), told(1_250), told(61_000)], ["0 ms", "999 ms", "1.2 s", "1 min"]);
    }
}
