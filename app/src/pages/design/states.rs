//! States in words: badges, notices, and parts of a page that are empty, stale or not there.

use jiff::ToSpan;
use leptos::prelude::*;

use super::{side_by_side, specimen, state};
use crate::{
    frame::viewer,
    model::{
        facts::Risk,
        overview::Freshness,
        proposals::ProposalState,
        trouble::Trouble,
        viewer::{Flash, FlashTone},
        writes::WriteState,
    },
    parts::{
        absence::{Empty, Failed, FilteredEmpty, Forbidden},
        badge::{Badge, Notice, Tone},
        flash::Flashes,
        icon::Glyph,
        state as states,
        titled::{Standing, Titled},
    },
    paths,
};

/// Badges, messages and panels.
pub(super) fn part() -> AnyView {
    view! {
        {specimen(
            "badges",
            "A state: word, icon and colour. The same word always means the same.",
            side_by_side(badges()),
        )}
        {specimen(
            "messages",
            "A flash is shown once after an action; a notice as long as what it says is so. Only what went wrong interrupts.",
            messages(),
        )}
        {specimen(
            "panels",
            "A part of a page says what it is, how old it is, and why it is empty. One that fails leaves the others alone.",
            side_by_side(panels()),
        )}
    }
    .into_any()
}

fn badges() -> Vec<AnyView> {
    let tones = [
        (Tone::Quiet, Glyph::Circle, "Nothing to do"),
        (Tone::Good, Glyph::Checked, "As it should be"),
        (Tone::Active, Glyph::Clock, "Under way"),
        (Tone::Warn, Glyph::Warning, "Look at it"),
        (Tone::Bad, Glyph::Refused, "Went wrong"),
    ];
    let tones = tones.map(|(tone, glyph, word)| view! { <Badge tone=tone glyph=glyph word=word /> }.into_any());
    let row = |badges: Vec<AnyView>| view! { <div class="row">{badges}</div> }.into_any();
    let proposals = [
        ProposalState::Waiting,
        ProposalState::Approved,
        ProposalState::Rejected,
        ProposalState::Withdrawn,
        ProposalState::Expired,
        ProposalState::Stale,
        ProposalState::Denied { why: String::new() },
    ];
    vec![
        state("Tones", row(tones.into())),
        state("Risk", row([Risk::Low, Risk::Medium, Risk::High, Risk::Critical].map(states::risk).into())),
        state("Proposals", row(proposals.iter().map(states::proposal).collect())),
        state("Writes", row(WriteState::ALL.into_iter().map(states::write).collect())),
        state(
            "How far to trust a number",
            row([Freshness::Fresh, Freshness::Aging, Freshness::Stale, Freshness::Unknown]
                .map(states::freshness)
                .into()),
        ),
    ]
}

fn messages() -> AnyView {
    let flash = |tone, text: &str| Flash { tone, text: text.to_owned() };
    let flashes = vec![
        flash(FlashTone::Good, "Approved. It will be sent to the cloud."),
        flash(FlashTone::Note, "You had decided this already; nothing more was done."),
        flash(FlashTone::Bad, "Nothing was sent: another colleague decided while you were reading."),
    ];
    view! {
        <Flashes flashes=flashes />
        <Notice tone=Tone::Quiet glyph=Glyph::Question>
            <p>"The log was not verified yet."</p>
        </Notice>
        <Notice tone=Tone::Warn glyph=Glyph::Stop>
            <p><strong>"Writes are stopped. "</strong> "Juno Reyes, since 09:12: kiln controller maintenance."</p>
        </Notice>
    }
    .into_any()
}

fn panels() -> Vec<AnyView> {
    let now = viewer().now;
    let actions = view! { <a href=paths::AUDIT>"All entries"</a> }.into_any();
    let trouble =
        Trouble { what: "Open findings could not be read.".to_owned(), error_id: "01J9-7F3K-QX2M".to_owned() };
    vec![
        view! {
            <Titled id="panel-sound" title="Sound" count=Some(3) actions=Some(actions)>
                <ul class="tally">
                    <li>"Kiln firings" <span class="number">"12"</span></li>
                    <li>"Reservations" <span class="number">"384"</span></li>
                </ul>
            </Titled>
        }
        .into_any(),
        view! {
            <Titled id="panel-stale" title="Stale" standing=Standing::Stale { as_of: now - 95.minutes(), bound: 900 }>
                <ul class="tally">
                    <li>"Reservations" <span class="number">"381"</span></li>
                </ul>
            </Titled>
        }
        .into_any(),
        view! {
            <Titled
                id="panel-read-only"
                title="Read only"
                standing=Standing::ReadOnly { why: "The cloud has been out of reach for 20 min; deciding waits until it is back.".to_owned() }
            >
                <p>"Everything can still be read."</p>
            </Titled>
        }
        .into_any(),
        view! {
            <Titled id="panel-empty" title="Empty">
                <Empty glyph=Glyph::Checked what="Nothing waits for you" more="Last looked just now." />
            </Titled>
        }
        .into_any(),
        view! {
            <Titled id="panel-filtered" title="Nothing matches the filter">
                <FilteredEmpty what="None of 1,204 entries matches" clear=paths::DESIGN />
            </Titled>
        }
        .into_any(),
        view! {
            <Titled id="panel-failed" title="Could not be read">
                <Failed trouble=trouble />
            </Titled>
        }
        .into_any(),
        view! {
            <Titled id="panel-forbidden" title="Not for this reader">
                <Forbidden why="Only administrators see agents' keys. You are staff." />
            </Titled>
        }
        .into_any(),
    ]
}
