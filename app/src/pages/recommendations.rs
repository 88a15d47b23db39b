//! What might be done. Advisors come later; what is known today are findings whose fix can be proposed.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::recommendations::{Fixable, Recommendations},
    parts::{
        absence::{Empty, panel},
        icon::Glyph,
        naming::Code,
        table::{Column, Row, Table},
        titled::Titled,
    },
    paths,
};

/// The page.
pub(crate) fn sheet(recommendations: Recommendations) -> Sheet {
    let lede = view! { <p>"What might be done next. Nothing here happens by itself: each is a proposal that people decide."</p> }.into_any();
    let body = view! {
        <PageHead title="Recommendations" lede=lede />
        <Titled id="advisors" title="From advisors">
            <Empty
                glyph=Glyph::Advice
                what="No advisor looks at the studio yet"
                more="Advice on operations, marketing, money and intake comes with a later version, with drafts to look through. None is made up until then."
            />
        </Titled>
        <Titled id="fixes" title="Differences that can be put right">{panel(recommendations.fixable, fixes)}</Titled>
    }
    .into_any();
    Sheet::new(Section::Recommendations, "Recommendations", body)
}

fn fixes(fixable: Vec<Fixable>) -> AnyView {
    if fixable.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Checked
                what="No open finding has a fix to propose"
                more="Findings without one stand on the drift page, with what is known about each."
            />
            <p><a href=paths::DRIFT>"To the drift page"</a></p>
        }
        .into_any();
    }
    let row = |one: Fixable| {
        let href = paths::fix(&one.id);
        Row::of(vec![
            view! { <a class="row-title" href=paths::finding(&one.id)>{one.summary}</a> }.into_any(),
            view! { <Code text=one.document.clone() /> }.into_any(),
            view! { <a href=href>"Propose the fix" <span class="hidden">{format!(" of {}", one.document)}</span></a> }
                .into_any(),
        ])
    };
    let columns = ["Finding", "Document", "Fix"].map(Column::text).into();
    let rows = fixable.into_iter().map(row).collect();
    view! {
        <Table caption="Open findings whose fix can be proposed" columns=columns rows=rows />
        <p><a href=paths::DRIFT>"All findings"</a></p>
    }
    .into_any()
}
