//! Every page in every state worth looking at.

#[path = "rule_scenes.rs"]
mod rules;

use std::{
    future::Future,
    pin::pin,
    sync::LazyLock,
    task::{Context, Poll, Waker},
};

use studio_cockpit::{
    model::{
        audit::{AuditFilter, Verdict},
        bulk::BulkForm,
        documents::{DocumentChoice, DocumentFilter, RestoreForm},
        drift::{DriftFilter, FindingKind, IgnoreForm},
        facts::Risk,
        forms::{DecisionForm, DraftField, DraftForm, DraftProblem, FormProblem, SignInForm, UndoForm},
        queue::{ProposalFilter, Proposers, Show},
        reads::ReadsChoice,
        sessions::{SessionFilter, StaffForm},
        sign_in::KeptForm,
        state::StateChoice,
        trouble::Trouble,
        viewer::{Environment, Flash, FlashTone, Viewer, WriteSwitch},
        writes::{WriteFilter, WriteState},
    },
    render::{Failure, Page, Rendered, error_page, render},
};

use crate::studio::{Mood, Studio, signing::late_form, viewer};

/// What somebody typed: markup and quotes must come out as text.
pub(crate) const TYPED: &str = "too <b>\"short\"</b> & </textarea>";

/// Every scene by name. They are drawn once: each test looks at all of them.
pub(crate) fn all() -> Vec<(&'static str, Rendered)> {
    static DRAWN: LazyLock<Vec<(&'static str, Rendered)>> = LazyLock::new(draw);
    DRAWN.clone()
}

fn draw() -> Vec<(&'static str, Rendered)> {
    let me = viewer();
    let stranger = Viewer { person: None, here: "/sign-in".to_owned(), ..viewer() };
    let told = Viewer {
        flashes: vec![Flash { tone: FlashTone::Good, text: "Approved. It is sent with the next pass.".to_owned() }],
        writes: WriteSwitch::Off { why: "Turned off by Juno Reyes: kiln controller maintenance.".to_owned() },
        environment: Environment::Production { project: "monsoon-west".to_owned() },
        ..viewer()
    };
    let finding = |id: &str| Page::Finding { id: id.to_owned(), form: IgnoreForm::default() };
    let drift_of = |kind| DriftFilter { kind: Some(kind), ..DriftFilter::default() };
    let behind = StateChoice { number: Some("figures/batchesActive".to_owned()), ..StateChoice::default() };
    let trouble = || Trouble { what: "The overview could not be read.".to_owned(), error_id: "01J9-7F3K".to_owned() };
    let mut scenes = vec![
        (
            "sign-in",
            show(
                Page::SignIn(SignInForm { next: Some("/drift".to_owned()), ..SignInForm::default() }),
                Mood::Busy,
                &stranger,
            ),
        ),
        (
            "sign-in-error",
            show(
                Page::SignIn(SignInForm {
                    next: None,
                    problem: Some("There is no such persona. Choose one of these.".to_owned()),
                    again: false,
                }),
                Mood::Busy,
                &stranger,
            ),
        ),
        ("sign-in-nowhere", show(Page::SignIn(SignInForm::default()), Mood::Empty, &stranger)),
        ("overview", show(Page::Overview(StateChoice::default()), Mood::Busy, &me)),
        ("overview-empty", show(Page::Overview(StateChoice::default()), Mood::Empty, &told)),
        ("overview-trouble", show(Page::Overview(StateChoice::default()), Mood::Trouble, &me)),
        ("state", show(Page::State(StateChoice::default()), Mood::Busy, &me)),
        ("state-behind", show(Page::State(behind), Mood::Busy, &me)),
        ("state-empty", show(Page::State(StateChoice::default()), Mood::Empty, &me)),
        ("state-trouble", show(Page::State(StateChoice::default()), Mood::Trouble, &me)),
        ("drift", show(Page::Drift(DriftFilter::default()), Mood::Busy, &me)),
        ("drift-empty", show(Page::Drift(DriftFilter::default()), Mood::Empty, &me)),
        ("drift-filtered", show(Page::Drift(drift_of(FindingKind::CountDiffers)), Mood::Empty, &me)),
        ("drift-trouble", show(Page::Drift(DriftFilter::default()), Mood::Trouble, &me)),
        ("finding", show(finding("f1"), Mood::Busy, &me)),
        ("finding-ignored", show(finding("f6"), Mood::Busy, &me)),
        ("finding-missing", show(finding("none"), Mood::Busy, &me)),
        ("proposals", show(Page::Proposals(ProposalFilter::default()), Mood::Busy, &me)),
        (
            "proposals-all",
            show(Page::Proposals(ProposalFilter { show: Show::All, ..ProposalFilter::default() }), Mood::Busy, &me),
        ),
        (
            "proposals-decided",
            show(Page::Proposals(ProposalFilter { show: Show::Decided, ..ProposalFilter::default() }), Mood::Busy, &me),
        ),
        ("proposals-filtered", show(Page::Proposals(risky()), Mood::Busy, &me)),
        ("bulk", show(Page::Bulk(chosen(&["mine-to-decide", "mine-too"], false)), Mood::Busy, &me)),
        ("bulk-mixed", show(Page::Bulk(chosen(&["mine-to-decide", "swept"], false)), Mood::Busy, &me)),
        ("bulk-done", show(Page::Bulk(chosen(&["mine-to-decide", "mine-too"], true)), Mood::Busy, &me)),
        ("bulk-empty", show(Page::Bulk(BulkForm::default()), Mood::Busy, &me)),
        (
            "bulk-error",
            show(
                Page::Bulk(BulkForm {
                    reason: TYPED.to_owned(),
                    problem: Some(FormProblem::Reason("The reason needs at least 10 characters.".to_owned())),
                    ..chosen(&["mine-to-decide", "mine-too"], false)
                }),
                Mood::Busy,
                &me,
            ),
        ),
        ("proposals-empty", show(Page::Proposals(ProposalFilter::default()), Mood::Empty, &me)),
        ("proposals-trouble", show(Page::Proposals(ProposalFilter::default()), Mood::Trouble, &me)),
    ];
    scenes.extend(proposal_scenes(&me, &told));
    scenes.extend(document_scenes(&me));
    scenes.extend(rules::all());
    scenes.extend(box_scenes(&me));
    scenes.extend([
        ("writes", show(Page::Writes(WriteFilter::default()), Mood::Busy, &me)),
        ("writes-empty", show(Page::Writes(WriteFilter::default()), Mood::Empty, &me)),
        (
            "writes-filtered",
            show(Page::Writes(WriteFilter { state: Some(WriteState::Refused), turn: None }), Mood::Empty, &me),
        ),
        ("writes-trouble", show(Page::Writes(WriteFilter::default()), Mood::Trouble, &me)),
        ("write", show(write("observed", UndoForm::default()), Mood::Busy, &me)),
        (
            "write-error",
            show(
                write(
                    "observed",
                    UndoForm {
                        reason: TYPED.to_owned(),
                        idempotency_key: "k1".to_owned(),
                        problem: Some(FormProblem::Reason("The reason needs at least 10 characters.".to_owned())),
                    },
                ),
                Mood::Busy,
                &me,
            ),
        ),
        ("write-unknown", show(write("unknown", UndoForm::default()), Mood::Busy, &me)),
        ("audit", show(Page::Audit(AuditFilter::default()), Mood::Busy, &me)),
        ("audit-empty", show(Page::Audit(AuditFilter::default()), Mood::Empty, &me)),
        (
            "audit-filtered",
            show(Page::Audit(AuditFilter { verdict: Some(Verdict::Deny), ..AuditFilter::default() }), Mood::Empty, &me),
        ),
        (
            "audit-error",
            show(
                Page::Audit(AuditFilter {
                    from: Some("yesterday".to_owned()),
                    before: Some(9),
                    ..AuditFilter::default()
                }),
                Mood::Busy,
                &me,
            ),
        ),
        ("audit-trouble", show(Page::Audit(AuditFilter::default()), Mood::Trouble, &me)),
        ("audit-entry", show(Page::AuditEntry { sequence: 1_041 }, Mood::Busy, &me)),
        ("missing", show(proposal("nowhere", DecisionForm::default()), Mood::Closed, &me)),
        ("forbidden", show(Page::Audit(AuditFilter::default()), Mood::Closed, &me)),
        ("design", show(Page::Design, Mood::Busy, &me)),
        ("internal", error_page(Failure::Internal { trouble: trouble() }, &me)),
        ("cross-site", error_page(Failure::CrossSite, &stranger)),
        ("not-signed-in", error_page(Failure::NotSignedIn, &stranger)),
    ]);
    scenes.extend(door_scenes(&me, &stranger));
    scenes
}

/// What the box is, what it does by itself and what that costs.
fn box_scenes(me: &Viewer) -> Vec<(&'static str, Rendered)> {
    let reads = || Page::Reads(ReadsChoice::default());
    let refused = Page::AuditKept {
        filter: AuditFilter { verdict: Some(Verdict::Allow), ..AuditFilter::default() },
        problem: "This is more than 50,000 entries. Choose a shorter time.".to_owned(),
    };
    vec![
        ("connectors", show(Page::Connectors, Mood::Busy, me)),
        ("connectors-empty", show(Page::Connectors, Mood::Empty, me)),
        ("connectors-trouble", show(Page::Connectors, Mood::Trouble, me)),
        ("jobs", show(Page::Jobs, Mood::Busy, me)),
        ("jobs-empty", show(Page::Jobs, Mood::Empty, me)),
        ("jobs-trouble", show(Page::Jobs, Mood::Trouble, me)),
        ("reads", show(reads(), Mood::Busy, me)),
        ("reads-empty", show(reads(), Mood::Empty, me)),
        ("reads-trouble", show(reads(), Mood::Trouble, me)),
        ("scorecard", show(Page::Scorecard, Mood::Busy, me)),
        ("scorecard-empty", show(Page::Scorecard, Mood::Empty, me)),
        ("scorecard-trouble", show(Page::Scorecard, Mood::Trouble, me)),
        ("recommendations", show(Page::Recommendations, Mood::Busy, me)),
        ("recommendations-empty", show(Page::Recommendations, Mood::Empty, me)),
        ("recommendations-trouble", show(Page::Recommendations, Mood::Trouble, me)),
        ("studios", show(Page::Studios, Mood::Busy, me)),
        ("studios-trouble", show(Page::Studios, Mood::Trouble, me)),
        ("help", show(Page::Help, Mood::Busy, me)),
        ("audit-refused", show(refused, Mood::Busy, me)),
        ("jobs-forbidden", show(Page::Jobs, Mood::Closed, me)),
    ]
}

fn door_scenes(me: &Viewer, stranger: &Viewer) -> Vec<(&'static str, Rendered)> {
    let again = SignInForm {
        next: Some("/kept".to_owned()),
        problem: Some("What you want to do needs a sign-in of the last few minutes.".to_owned()),
        again: true,
    };
    let narrowed = SessionFilter { person: Some("uid_nobody".to_owned()) };
    let wrong = StaffForm {
        person: "uid_staff_dov".to_owned(),
        rule: "deny".to_owned(),
        reason: TYPED.to_owned(),
        reason_problem: Some("Give a reason of at least 10 characters.".to_owned()),
        ..StaffForm::default()
    };
    vec![
        ("sign-in-again", show(Page::SignIn(again), Mood::Busy, me)),
        ("sign-in-scripts", show(Page::SignIn(SignInForm::default()), Mood::Trouble, stranger)),
        ("kept", show(Page::Kept(KeptForm::Ready(late_form())), Mood::Busy, me)),
        ("kept-signed-out", show(Page::Kept(KeptForm::SignedOut(late_form())), Mood::Busy, stranger)),
        ("kept-nothing", show(Page::Kept(KeptForm::Nothing), Mood::Busy, me)),
        ("sessions", show(Page::Sessions(SessionFilter::default()), Mood::Busy, me)),
        ("sessions-empty", show(Page::Sessions(SessionFilter::default()), Mood::Empty, me)),
        ("sessions-filtered", show(Page::Sessions(narrowed), Mood::Busy, me)),
        ("sessions-trouble", show(Page::Sessions(SessionFilter::default()), Mood::Trouble, me)),
        ("staff", show(Page::Staff(StaffForm::default()), Mood::Busy, me)),
        ("staff-error", show(Page::Staff(wrong), Mood::Busy, me)),
        ("staff-empty", show(Page::Staff(StaffForm::default()), Mood::Empty, me)),
        ("staff-trouble", show(Page::Staff(StaffForm::default()), Mood::Trouble, me)),
    ]
}

fn proposal_scenes(me: &Viewer, told: &Viewer) -> Vec<(&'static str, Rendered)> {
    let kept =
        |problem| DecisionForm { reason: TYPED.to_owned(), idempotency_key: "k1".to_owned(), problem: Some(problem) };
    let short = FormProblem::Reason("The reason needs at least 10 characters.".to_owned());
    let draft = |capability: &str, document: &str| DraftForm {
        capability: Some(capability.to_owned()),
        document: Some(document.to_owned()),
        ..DraftForm::default()
    };
    let wrong = DraftForm {
        reason: TYPED.to_owned(),
        problems: vec![
            DraftProblem { field: DraftField::Status, message: "Choose the new status.".to_owned() },
            DraftProblem { field: DraftField::Reason, message: "The reason needs at least 10 characters.".to_owned() },
        ],
        ..draft("reservation.status.set", "reservations/r-0042")
    };
    vec![
        ("proposal", show(proposal("mine-to-decide", DecisionForm::default()), Mood::Busy, me)),
        (
            "proposal-in-queue",
            show(
                Page::Proposal {
                    id: "mine-to-decide".to_owned(),
                    form: DecisionForm::default(),
                    queue: Some(ProposalFilter::default()),
                },
                Mood::Busy,
                me,
            ),
        ),
        ("proposal-error", show(proposal("mine-to-decide", kept(short)), Mood::Busy, me)),
        ("proposal-own", show(proposal("own", DecisionForm::default()), Mood::Busy, me)),
        ("proposal-sent", show(proposal("sent", DecisionForm::default()), Mood::Busy, told)),
        ("proposal-stale", show(proposal("stale", DecisionForm::default()), Mood::Busy, me)),
        ("proposal-new", show(Page::NewProposal(DraftForm::default()), Mood::Busy, me)),
        ("proposal-new-empty", show(Page::NewProposal(DraftForm::default()), Mood::Empty, me)),
        ("proposal-new-missing", show(Page::NewProposal(draft("ops_note.append", "batches/b-9999")), Mood::Busy, me)),
        (
            "proposal-new-status",
            show(Page::NewProposal(draft("reservation.status.set", "reservations/r-0042")), Mood::Busy, me),
        ),
        ("proposal-new-status-error", show(Page::NewProposal(wrong), Mood::Busy, me)),
        (
            "proposal-new-final",
            show(Page::NewProposal(draft("reservation.status.set", "reservations/r-0007")), Mood::Busy, me),
        ),
        ("proposal-new-note", show(Page::NewProposal(draft("ops_note.append", "batches/b-0031")), Mood::Busy, me)),
    ]
}

fn document_scenes(me: &Viewer) -> Vec<(&'static str, Rendered)> {
    let of = |filter: DocumentFilter| DocumentFilter { collection: Some("batches".to_owned()), ..filter };
    let titled = || of(DocumentFilter { title: Some("kiln".to_owned()), ..DocumentFilter::default() });
    let document =
        |choice: DocumentChoice, form| Page::Document { path: "reservations/r-0042".to_owned(), choice, form };
    let two = DocumentChoice { from: Some("a".to_owned()), to: Some("b".to_owned()), ..DocumentChoice::default() };
    let back = || DocumentChoice { restore: Some("a".to_owned()), ..DocumentChoice::default() };
    let short = RestoreForm {
        reason: TYPED.to_owned(),
        idempotency_key: "k1".to_owned(),
        problem: Some(FormProblem::Reason("The reason needs at least 10 characters.".to_owned())),
    };
    let list = |filter, mood| show(Page::Documents(filter), mood, me);
    let one = |choice, form, mood| show(document(choice, form), mood, me);
    vec![
        ("documents", list(DocumentFilter::default(), Mood::Busy)),
        ("documents-empty", list(DocumentFilter::default(), Mood::Empty)),
        ("documents-trouble", list(of(DocumentFilter::default()), Mood::Trouble)),
        ("documents-list", list(titled(), Mood::Busy)),
        ("documents-list-empty", list(of(DocumentFilter::default()), Mood::Empty)),
        ("documents-filtered", list(titled(), Mood::Empty)),
        ("document", one(DocumentChoice::default(), RestoreForm::default(), Mood::Busy)),
        ("document-gone", one(DocumentChoice::default(), RestoreForm::default(), Mood::Empty)),
        ("document-trouble", one(DocumentChoice::default(), RestoreForm::default(), Mood::Trouble)),
        ("document-compared", one(two, RestoreForm::default(), Mood::Busy)),
        ("document-restore", one(back(), RestoreForm::default(), Mood::Busy)),
        ("document-restore-error", one(back(), short, Mood::Busy)),
    ]
}

fn risky() -> ProposalFilter {
    ProposalFilter { risk: Some(Risk::Critical), by: Some(Proposers::Agents), ..ProposalFilter::default() }
}

fn chosen(ids: &[&str], is_done: bool) -> BulkForm {
    BulkForm { ids: ids.iter().map(|&id| id.to_owned()).collect(), is_done, ..BulkForm::default() }
}

fn proposal(id: &str, form: DecisionForm) -> Page {
    Page::Proposal { id: id.to_owned(), form, queue: None }
}

fn write(id: &str, form: UndoForm) -> Page {
    Page::Write { id: id.to_owned(), form }
}

/// Renders a page; the studio answers at once, so one poll is enough.
pub(crate) fn show(page: Page, mood: Mood, viewer: &Viewer) -> Rendered {
    let studio = Studio { mood };
    let future = pin!(render(page, &studio, viewer));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(rendered) => rendered,
        Poll::Pending => unreachable!("BUG: the made-up studio never waits"),
    }
}
