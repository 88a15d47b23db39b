//! What the box is connected to, and how each connection does.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::connectors::{Connectors, Failure, Firestore, Following, Health, Source, Stream},
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Notice, Tone},
        icon::Glyph,
        naming::{Code, Fact, Facts},
        state,
        table::{Column, Row, Table},
        titled::Titled,
        when::{When, counted, length},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(connectors: Connectors) -> Sheet {
    let title = match &connectors.firestore {
        Ok(firestore) => format!("Firestore: {} · Connectors", words(firestore.health).2),
        Err(_) => "Connectors".to_owned(),
    };
    let lede = view! { <p>"What this box listens to, and when it last heard of it."</p> }.into_any();
    let body = view! {
        <PageHead title="Connectors" lede=lede />
        <Titled id="firestore" title="Firestore">{panel(connectors.firestore, firestore)}</Titled>
        <Titled id="building" title="The building">
            <Empty
                glyph=Glyph::Connector
                what="No connector to the building is set up"
                more="Hubs and devices such as Hubitat or Home Assistant come with a later version. Until one is here, nothing is said about how any of them does."
            />
        </Titled>
    }
    .into_any();
    Sheet::new(Section::Connectors, title, body)
}

fn words(health: Health) -> (Tone, Glyph, &'static str, &'static str) {
    match health {
        Health::Well => (Tone::Good, Glyph::Checked, "well", "Every collection is heard of within its bound."),
        Health::Degraded => {
            (Tone::Warn, Glyph::Warning, "in part", "Some collections are not heard of as they should be.")
        }
        Health::Lost => {
            (Tone::Bad, Glyph::Warning, "lost", "No collection is heard of. What pages show is getting older.")
        }
        Health::Unknown => (Tone::Quiet, Glyph::Question, "unknown", "Nothing was heard yet, so nothing is known."),
    }
}

fn firestore(firestore: Firestore) -> AnyView {
    let (tone, glyph, word, sentence) = words(firestore.health);
    let mut letters = word.chars();
    let word: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let looked = match firestore.looked {
        Some(at) => view! { "Last asked which there are " <When at=at /> "." }.into_any(),
        None => view! { "It was not asked yet which there are." }.into_any(),
    };
    let other = if firestore.not_mirrored.is_empty() {
        view! { <span class="missing">"none known"</span> " " }.into_any()
    } else {
        view! { <Code text=firestore.not_mirrored.join(", ") /> " " }.into_any()
    };
    view! {
        <div class="card">
            <p class="badges"><Badge tone=tone glyph=glyph word=word /> <span>{sentence}</span></p>
            <Facts>
                <Fact name="Project">{named(firestore.project)}</Fact>
                <Fact name="Database">{named(firestore.database)}</Fact>
                <Fact name="Stream">{stream(firestore.stream)}</Fact>
                <Fact name="Not mirrored">{other} <span class="aside">{looked}</span></Fact>
                <Fact name="Cost"><a href=paths::READS>"Reads and their cost"</a></Fact>
                <Fact name="Mirror"><a href=paths::DRIFT>"Is it what the cloud has?"</a></Fact>
            </Facts>
        </div>
        {firestore.failure.map(failure)}
        {sources(firestore.sources)}
    }
    .into_any()
}

fn named(name: Option<String>) -> AnyView {
    match name {
        Some(name) => view! { <Code text=name /> }.into_any(),
        None => view! { <span class="missing">"not told"</span> }.into_any(),
    }
}

fn stream(stream: Stream) -> AnyView {
    match stream {
        Stream::Open { since } => view! { "Open since " <When at=since /> }.into_any(),
        Stream::Waiting { until, failures: 0 } => view! { "Opened again " <When at=until /> }.into_any(),
        Stream::Waiting { until, failures } => view! {
            {format!("Lost; {} in a row failed, the next one ", counted(failures.into(), "attempt", "attempts"))}
            <When at=until />
        }
        .into_any(),
        Stream::Ended { at } => view! {
            "Ended " {at.map(|at| view! { "after " <When at=at /> })} "; the service has to be started again"
        }
        .into_any(),
        Stream::Unknown => view! { <span class="missing">"unknown"</span> }.into_any(),
    }
}

fn failure(failure: Failure) -> AnyView {
    view! {
        <Notice tone=Tone::Warn glyph=Glyph::Warning>
            <p>
                <strong>"Last trouble: " <Code text=failure.class /> ". "</strong>
                {failure.meaning} " " <When at=failure.at />
            </p>
            <p class="aside">{failure.what}</p>
        </Notice>
    }
    .into_any()
}

fn sources(sources: Vec<Source>) -> AnyView {
    if sources.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Question
                what="No collection is mirrored yet"
                more="The mirror has not begun. This page says more once it has."
            />
        }
        .into_any();
    }
    let columns =
        ["Collection", "State", "Freshness", "As of", "Last heard", "Bound", "Last trouble"].map(Column::text);
    let rows = sources.into_iter().map(row).collect();
    view! { <Table caption="Mirrored collections and when each was last heard of" columns=columns.into() rows=rows class="list ledger" /> }
        .into_any()
}

fn row(source: Source) -> Row {
    let (tone, glyph, word) = match source.following {
        Following::Listening => (Tone::Good, Glyph::Check, "Listening"),
        Following::CatchingUp => (Tone::Active, Glyph::Refresh, "Catching up"),
        Following::Reading => (Tone::Active, Glyph::Refresh, "Being read"),
        Following::Refused => (Tone::Bad, Glyph::Refused, "Refused"),
    };
    let moment = |at: Option<jiff::Timestamp>, never: &'static str| match at {
        Some(at) => view! { <When at=at /> }.into_any(),
        None => view! { <span class="missing">{never}</span> }.into_any(),
    };
    let trouble = match source.failure {
        Some((at, what)) => view! { <span>{what}</span> " " <When at=at /> }.into_any(),
        None => view! { <span class="missing">"none"</span> }.into_any(),
    };
    Row::of(vec![
        view! { <Code text=source.collection /> }.into_any(),
        view! { <Badge tone=tone glyph=glyph word=word /> }.into_any(),
        state::freshness(source.freshness),
        moment(source.read, "never read"),
        moment(source.heard, "never"),
        length(source.bound).into_any(),
        trouble,
    ])
}
