//! The pages of the rules in every state worth looking at.

use studio_cockpit::{
    model::{
        acts::{ActForm, ActProblem},
        agents::{AgentFilter, DenialFilter},
        capabilities::CapabilityFilter,
        exemptions::{ExemptionField, ExemptionFilter, ExemptionForm, ExemptionShow},
        facts::Risk,
        intake::{IntakeCategory, IntakeFilter, ReviewForm},
        keys::{KeyField, KeyForm, ShownOnce},
        may_i::MayQuestion,
        policy::{SwitchForm, SwitchScope},
        quotas::QuotaFilter,
        viewer::{Viewer, WriteSwitch},
    },
    render::{Page, Rendered, RulesPage},
};

use super::{TYPED, show};
use crate::studio::{Mood, viewer};

/// Every scene of the rules by name.
pub(super) fn all() -> Vec<(&'static str, Rendered)> {
    let me = viewer();
    let stopped = Viewer { writes: WriteSwitch::Off { why: "Ines Okafor stopped all writes.".to_owned() }, ..viewer() };
    let scene = |page: RulesPage, mood| show(Page::Rules(page), mood, &me);
    let short = || ActProblem::Reason("Give a reason of at least 10 characters.".to_owned());
    let wrong = |problem| ActForm {
        word: "resume".to_owned(),
        reason: TYPED.to_owned(),
        idempotency_key: "k1".to_owned(),
        problem: Some(problem),
    };
    let switch = |scope, act| SwitchForm { scope, act };
    let word = || ActProblem::Word("Type RESUME in capitals, as shown.".to_owned());
    let of_box = Some(SwitchScope::Box);
    let question = |act: &str| MayQuestion { act: act.to_owned(), ..MayQuestion::default() };
    let counter =
        |form| RulesPage::Counter { bucket: "actor ops_note.append 3600s agent:agent-ops-sweeper".to_owned(), form };
    let exemption = |id: &str, form| RulesPage::Exemption { id: id.to_owned(), form };
    let agent = |id: &str, form| RulesPage::Agent { id: id.to_owned(), form };
    let key = |prefix: &str, shown: Option<&str>, form| RulesPage::Key {
        prefix: prefix.to_owned(),
        shown: shown.map(|key| ShownOnce::new(key.to_owned())),
        form,
    };
    let item = |id: &str, form| RulesPage::IntakeItem { id: id.to_owned(), form };
    let granting = ExemptionForm {
        owner: "mara quill".to_owned(),
        reason: TYPED.to_owned(),
        idempotency_key: "k1".to_owned(),
        problem: Some((ExemptionField::Owner, "Give the id of one owner, such as uid_mara_quill.".to_owned())),
        ..ExemptionForm::default()
    };
    let issuing = KeyForm {
        name: TYPED.to_owned(),
        scopes: vec!["batches:read".to_owned()],
        problem: Some((KeyField::Agent, "Choose an agent.".to_owned())),
        ..KeyForm::default()
    };
    let reviewing = ReviewForm { reason: TYPED.to_owned(), problem: Some(short()), ..ReviewForm::default() };
    let ended = ExemptionFilter { show: ExemptionShow::Ended, ..ExemptionFilter::default() };
    let of_one =
        ExemptionFilter { capability: Some("reservation.status.set".to_owned()), ..ExemptionFilter::default() };
    let counted = QuotaFilter { subject: Some("nobody".to_owned()), ..QuotaFilter::default() };
    let critical = CapabilityFilter { risk: Some(Risk::High), ..CapabilityFilter::default() };
    let denied = DenialFilter { agent: Some("agent-of-yesterday".to_owned()), ..DenialFilter::default() };
    let named = AgentFilter { name: Some("nobody".to_owned()), ..AgentFilter::default() };
    let decided = IntakeFilter { decided: true, ..IntakeFilter::default() };
    let weapons = IntakeFilter { category: Some(IntakeCategory::Fraud), ..IntakeFilter::default() };
    vec![
        ("policy", show(Page::Rules(RulesPage::Policy), Mood::Busy, &stopped)),
        ("policy-empty", scene(RulesPage::Policy, Mood::Empty)),
        ("policy-trouble", scene(RulesPage::Policy, Mood::Trouble)),
        ("stop", scene(RulesPage::Stop(SwitchForm::default()), Mood::Empty)),
        ("stop-error", scene(RulesPage::Stop(switch(of_box, wrong(short()))), Mood::Busy)),
        ("resume", scene(RulesPage::Resume(SwitchForm::default()), Mood::Busy)),
        ("resume-error", scene(RulesPage::Resume(switch(None, wrong(word()))), Mood::Busy)),
        ("resume-confirm", scene(RulesPage::Resume(switch(of_box, ActForm::default())), Mood::Busy)),
        ("resume-nothing", scene(RulesPage::Resume(SwitchForm::default()), Mood::Empty)),
        ("resume-unreadable", scene(RulesPage::Resume(SwitchForm::default()), Mood::Trouble)),
        ("lease", scene(RulesPage::Lease(ActForm::default()), Mood::Busy)),
        ("lease-ours", scene(RulesPage::Lease(ActForm::default()), Mood::Empty)),
        ("exemptions", scene(RulesPage::Exemptions(ExemptionFilter::default()), Mood::Busy)),
        ("exemptions-ended-empty", scene(RulesPage::Exemptions(ended), Mood::Empty)),
        ("exemptions-filtered", scene(RulesPage::Exemptions(of_one), Mood::Empty)),
        ("exemptions-trouble", scene(RulesPage::Exemptions(ExemptionFilter::default()), Mood::Trouble)),
        ("exemption-new", scene(RulesPage::NewExemption(ExemptionForm::default()), Mood::Busy)),
        ("exemption-new-error", scene(RulesPage::NewExemption(granting), Mood::Busy)),
        ("exemption", scene(exemption("e1", ActForm::default()), Mood::Busy)),
        ("exemption-error", scene(exemption("e1", wrong(short())), Mood::Busy)),
        ("exemption-ended", scene(exemption("e2", ActForm::default()), Mood::Busy)),
        ("quotas", scene(RulesPage::Quotas(QuotaFilter::default()), Mood::Busy)),
        ("quotas-empty", scene(RulesPage::Quotas(QuotaFilter::default()), Mood::Empty)),
        ("quotas-filtered", scene(RulesPage::Quotas(counted), Mood::Empty)),
        ("quotas-trouble", scene(RulesPage::Quotas(QuotaFilter::default()), Mood::Trouble)),
        ("counter", scene(counter(ActForm::default()), Mood::Busy)),
        ("counter-error", scene(counter(wrong(short())), Mood::Busy)),
        ("capabilities", scene(RulesPage::Capabilities(CapabilityFilter::default()), Mood::Busy)),
        ("capabilities-filtered", scene(RulesPage::Capabilities(critical), Mood::Busy)),
        ("capability", scene(RulesPage::Capability { id: "reservation.status.set".to_owned() }, Mood::Busy)),
        ("capability-read", scene(RulesPage::Capability { id: "hubitat.devices.read".to_owned() }, Mood::Busy)),
        ("may-i", scene(RulesPage::MayI(MayQuestion::default()), Mood::Busy)),
        ("may-i-yes", scene(RulesPage::MayI(question("propose")), Mood::Busy)),
        ("may-i-no", scene(RulesPage::MayI(question("approve")), Mood::Busy)),
        ("may-i-unclear", scene(RulesPage::MayI(question("dance")), Mood::Busy)),
        ("may-i-trouble", scene(RulesPage::MayI(question("approve")), Mood::Trouble)),
        ("agents", scene(RulesPage::Agents(AgentFilter { all_keys: true, name: None }), Mood::Busy)),
        ("agents-empty", scene(RulesPage::Agents(AgentFilter::default()), Mood::Empty)),
        ("agents-filtered", show(Page::Rules(RulesPage::Agents(named)), Mood::Busy, &me)),
        ("agents-trouble", scene(RulesPage::Agents(AgentFilter::default()), Mood::Trouble)),
        ("agent", scene(agent("agent-ops-sweeper", ActForm::default()), Mood::Busy)),
        ("agent-error", scene(agent("agent-ops-sweeper", wrong(short())), Mood::Busy)),
        ("agent-quiet", scene(agent("agent-glaze-scout", ActForm::default()), Mood::Busy)),
        ("denials", scene(RulesPage::Denials(DenialFilter::default()), Mood::Busy)),
        ("denials-empty", scene(RulesPage::Denials(DenialFilter::default()), Mood::Empty)),
        ("denials-filtered", scene(RulesPage::Denials(denied), Mood::Empty)),
        ("denials-trouble", scene(RulesPage::Denials(DenialFilter::default()), Mood::Trouble)),
        ("key-new", scene(RulesPage::NewKey(KeyForm::default()), Mood::Busy)),
        ("key-new-error", scene(RulesPage::NewKey(issuing), Mood::Busy)),
        ("key-new-empty", scene(RulesPage::NewKey(KeyForm::default()), Mood::Empty)),
        ("key-new-forbidden", scene(RulesPage::NewKey(KeyForm::default()), Mood::Trouble)),
        (
            "key-shown",
            scene(key("0123456789abcdef", Some("sbak1_0123456789abcdef_c2VjcmV0"), ActForm::default()), Mood::Busy),
        ),
        ("key-error", scene(key("0123456789abcdef", None, wrong(short())), Mood::Busy)),
        ("key-revoked", scene(key("fedcba9876543210", None, ActForm::default()), Mood::Busy)),
        ("intake", scene(RulesPage::Intake(IntakeFilter::default()), Mood::Busy)),
        ("intake-decided", scene(RulesPage::Intake(decided), Mood::Busy)),
        ("intake-empty", scene(RulesPage::Intake(IntakeFilter::default()), Mood::Empty)),
        ("intake-filtered", scene(RulesPage::Intake(weapons), Mood::Empty)),
        ("intake-trouble", scene(RulesPage::Intake(IntakeFilter::default()), Mood::Trouble)),
        ("intake-item", scene(item("1", ReviewForm::default()), Mood::Busy)),
        ("intake-item-error", scene(item("1", reviewing), Mood::Busy)),
        ("intake-item-own", scene(item("2", ReviewForm::default()), Mood::Busy)),
    ]
}
