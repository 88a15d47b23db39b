//! May I? Yes, or everything that stands in the way; the question is in the address.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::may_i::{Judged, MayAnswer, MayI, MayQuestion, Obstacle},
    parts::{
        absence::{Empty, panel},
        badge::{Badge, Notice, Tone},
        button::{Button, Emphasis},
        field::{LineField, SelectField},
        icon::Glyph,
        naming::Code,
        table::{Column, Row, Table},
    },
    paths,
};

/// The page.
pub(super) fn sheet(known: MayI, question: &MayQuestion) -> Sheet {
    let lede = view! { <p>"Asks the same rules that decide when a button is pressed. Nothing is done, and nothing is written down."</p> };
    let unclear = match &known.answer {
        Some(Ok(MayAnswer::Unclear { field, why })) => Some((*field, why.clone())),
        Some(Ok(MayAnswer::Judged(_)) | Err(_)) | None => None,
    };
    let answer = match known.answer {
        None => view! {
            <Empty
                glyph=Glyph::Question
                what="Choose what you want to do"
                more="The answer stays in the address, so that it can be sent to a colleague. It is about whoever opens it."
            />
        }
        .into_any(),
        Some(answer) => panel(answer, |answer| match answer {
            MayAnswer::Unclear { .. } => ().into_any(),
            MayAnswer::Judged(judged) => shown(judged),
        }),
    };
    let title = if question.is_asked() { format!("May I {}?", question.act) } else { "May I?".to_owned() };
    let acts = known.acts.into_iter().map(|act| (act.word, act.meaning)).collect();
    let capabilities = [(String::new(), "Choose one".to_owned())]
        .into_iter()
        .chain(known.capabilities.into_iter().map(|capability| {
            let shown = format!("{} ({})", capability.title, capability.id);
            (capability.id, shown)
        }))
        .collect();
    let body = view! {
        <PageHead title="May I, and why not?" lede=lede.into_any() back=Some((paths::POLICY, "Policy")) />
        <div class="split">
            <div class="split-main">
                <div role="status">{answer}</div>
            </div>
            <aside class="split-side" aria-label="The question">{form(question, acts, capabilities, unclear)}</aside>
        </div>
    };
    Sheet::new(Section::Policy, format!("{title} · Policy"), body.into_any())
}

fn form(
    question: &MayQuestion,
    acts: Vec<(String, String)>,
    capabilities: Vec<(String, String)>,
    unclear: Option<(&'static str, String)>,
) -> AnyView {
    let problem = |field: &str| unclear.as_ref().filter(|(wrong, _)| *wrong == field).map(|(_, why)| why.clone());
    let question = question.clone();
    let act = if question.act.is_empty() { "propose".to_owned() } else { question.act };
    view! {
        <form class="card form" method="get" action=paths::MAY_I>
            <h2>"The question"</h2>
            <SelectField id="act" label="What" options=acts chosen=act problem=problem("act") />
            <SelectField
                id="capability"
                label="With which capability"
                options=capabilities
                chosen=question.capability
                problem=problem("capability")
            />
            <LineField
                id="document"
                label="With which document"
                hint="A path such as batches/b-1; may be left empty."
                value=question.document
                problem=problem("document")
            />
            <LineField
                id="proposal"
                label="Or about which proposal"
                hint="Its id. Then capability and document are the proposal’s."
                value=question.proposal
                problem=problem("proposal")
            />
            <div class="buttons">
                <Button label="Ask" emphasis=Emphasis::Primary />
            </div>
        </form>
    }
    .into_any()
}

fn shown(judged: Judged) -> AnyView {
    let policies = (!judged.policies.is_empty()).then(|| {
        let list = judged.policies.into_iter().map(|policy| view! { <Code text=policy /> " " }).collect_view();
        view! { <p class="aside">"Policies that decided: " {list}</p> }
    });
    if judged.allowed {
        return view! {
            <Notice tone=Tone::Good glyph=Glyph::Checked>
                <p><strong>"Yes. "</strong> {judged.asked}</p>
            </Notice>
            {policies}
        }
        .into_any();
    }
    view! {
        <Notice tone=Tone::Bad glyph=Glyph::Refused>
            <p><strong>"No. "</strong> {judged.asked}</p>
        </Notice>
        {obstacles(judged.obstacles)}
        {policies}
    }
    .into_any()
}

fn obstacles(obstacles: Vec<Obstacle>) -> AnyView {
    let columns = ["Why not", "Code", "Passes by itself", "Said by"].map(Column::text).into();
    let rows = obstacles.into_iter().map(|obstacle| {
        let passes = if obstacle.passes {
            view! { <Badge tone=Tone::Active glyph=Glyph::Clock word="It passes" /> }
        } else {
            view! { <Badge tone=Tone::Quiet glyph=Glyph::Lock word="It stays" /> }
        };
        let said = if obstacle.policies.is_empty() {
            "no policy permits it".into_any()
        } else {
            obstacle.policies.into_iter().map(|policy| view! { <Code text=policy /> " " }).collect_view().into_any()
        };
        Row::of(vec![
            obstacle.sentence.into_any(),
            view! { <span class="reason-code">{obstacle.code}</span> }.into_any(),
            passes.into_any(),
            said,
        ])
    });
    view! { <Table caption="Everything that stands in the way" columns=columns rows=rows.collect() /> }.into_any()
}
