//! What the box measures of itself now; a score over weeks is not made yet, and none is shown.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::scorecard::{Bound, Measure, Measured, Scorecard},
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Tone},
        icon::Glyph,
        titled::Titled,
    },
};

/// The page.
pub(crate) fn sheet(card: Scorecard) -> Sheet {
    let is_beyond =
        |measure: &&Measure| matches!(&measure.measured, Ok(Measured::Known { bound: Bound::Beyond(_), .. }));
    let title = match card.measures.iter().filter(is_beyond).count() {
        0 => "Scorecard".to_owned(),
        some => format!("{some} beyond bounds · Scorecard"),
    };
    let lede = view! { <p>"What this box measures of itself now. Each number says what it rests on."</p> }.into_any();
    let body = view! {
        <PageHead title="Scorecard" lede=lede />
        <Titled id="now" title="Measured now">
            <div class="choices">{card.measures.into_iter().map(measure).collect_view()}</div>
        </Titled>
        <Titled id="score" title="Score over weeks">
            <Empty
                glyph=Glyph::Clock
                what="There is no score yet"
                more="Weekly scores with targets, and how they move, come with a later version. No score is made up until then."
            />
        </Titled>
    }
    .into_any();
    Sheet::new(Section::Scorecard, title, body)
}

fn measure(measure: Measure) -> AnyView {
    view! {
        <section class="card measure">
            <h3><a href=measure.href>{measure.name}</a></h3>
            {panel(measure.measured, measured)}
            <p class="aside">{measure.about}</p>
        </section>
    }
    .into_any()
}

fn measured(measured: Measured) -> AnyView {
    match measured {
        Measured::Unknown { why } => view! {
            <p class="tile-value">"Unknown"</p>
            <p class="badges"><Badge tone=Tone::Quiet glyph=Glyph::Question word="Unknown" /> <span>{why}</span></p>
        }
        .into_any(),
        Measured::Known { value, rests_on, bound } => {
            let bound = match bound {
                Bound::Within(what) => Some((Tone::Good, Glyph::Checked, "Within", what)),
                Bound::Beyond(what) => Some((Tone::Bad, Glyph::Warning, "Beyond", what)),
                Bound::None => None,
            };
            view! {
                <p class="tile-value">{value}</p>
                {bound
                    .map(|(tone, glyph, word, what)| {
                        view! { <p class="badges"><Badge tone=tone glyph=glyph word=word /> <span>{what}</span></p> }
                    })}
                <p>{rests_on}</p>
            }
            .into_any()
        }
    }
}
