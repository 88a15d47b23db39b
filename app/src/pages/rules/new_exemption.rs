//! Granting an exemption.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::{
        exemptions::{Exempting, ExemptionField, ExemptionForm},
        facts::Capability,
    },
    parts::{
        button::{Button, ButtonLink, Emphasis},
        field::{ErrorSummary, LineField, SelectField, TextField},
    },
    paths,
};

/// How long it may be.
const HOURS: [(&str, &str); 6] =
    [("1", "1 hour"), ("4", "4 hours"), ("8", "8 hours"), ("24", "A day"), ("48", "2 days"), ("72", "3 days")];

/// The form.
pub(super) fn sheet(offered: Exempting, form: ExemptionForm) -> Sheet {
    let status = if form.problem.is_some() { 422 } else { 200 };
    let problems = form.problem.iter().map(|(field, said)| (field.id(), said.clone())).collect::<Vec<_>>();
    let lede = view! {
        <p>"For a while, something is done without its approval. Nobody grants one to themselves, and it ends by itself."</p>
    };
    let body = view! {
        <ErrorSummary problems=problems />
        <PageHead title="Grant an exemption" lede=lede.into_any() back=Some((paths::EXEMPTIONS, "Exemptions")) />
        {fields(offered, form)}
    };
    Sheet::new(Section::Policy, "Grant an exemption", body.into_any()).with_status(status)
}

fn fields(offered: Exempting, form: ExemptionForm) -> AnyView {
    let problem = |field: ExemptionField| {
        form.problem.as_ref().filter(|(wrong, _)| *wrong == field).map(|(_, said)| said.clone())
    };
    let named = |capability: Capability| (capability.id.clone(), format!("{} ({})", capability.title, capability.id));
    let capabilities = [(String::new(), "Choose one".to_owned())]
        .into_iter()
        .chain(offered.capabilities.into_iter().map(named))
        .collect();
    let hours = HOURS.map(|(value, shown)| (value.to_owned(), shown.to_owned())).to_vec();
    let chosen = if form.hours.is_empty() { "4".to_owned() } else { form.hours.clone() };
    let never = (!offered.critical.is_empty()).then(|| {
        let names: Vec<String> = offered.critical.iter().map(|capability| capability.title.clone()).collect();
        view! { <p class="aside">"Never for what is critical: " {names.join(", ")} "."</p> }
    });
    view! {
        <form class="card form" method="post" action=paths::EXEMPTIONS>
            <input type="hidden" name="idempotency_key" value=form.idempotency_key.clone() />
            <SelectField
                id="capability"
                label="What is let through"
                options=capabilities
                chosen=form.capability.clone()
                problem=problem(ExemptionField::Capability)
            />
            {never}
            <LineField
                id="owner"
                label="In whose name"
                hint="One owner, by id, such as uid_mara_quill."
                value=form.owner.clone()
                problem=problem(ExemptionField::Owner)
                is_required=true
            />
            <LineField
                id="document"
                label="Only for this document"
                hint="A path such as reservations/r-1. Left empty: every document of the owner."
                value=form.document.clone()
                problem=problem(ExemptionField::Document)
            />
            <LineField
                id="beneficiary"
                label="Who asked for it"
                hint="Whoever gains by it, by id. That can’t be you."
                value=form.beneficiary.clone()
                problem=problem(ExemptionField::Beneficiary)
                is_required=true
            />
            <SelectField
                id="hours"
                label="How long"
                options=hours
                chosen=chosen
                problem=problem(ExemptionField::Hours)
            />
            <TextField
                id="reason"
                label="Why the studio can do without the approval"
                hint="At least 10 characters. It is kept in the audit log."
                value=form.reason.clone()
                problem=problem(ExemptionField::Reason)
                longest=1_000
            />
            <div class="buttons">
                <Button label="Grant it" emphasis=Emphasis::Primary />
                <ButtonLink label="Go back" href=paths::EXEMPTIONS emphasis=Emphasis::Plain />
            </div>
        </form>
    }
    .into_any()
}
