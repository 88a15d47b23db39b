//! What the gate denies, and everything that it says about it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use studio_brain::domain::actor::Actor;
use studio_brain::domain::change::Changes;
use studio_brain::domain::decision::{Act, Base, Intake, Lease, Stop};
use studio_brain::domain::freshness::FreshnessBounds;
use studio_brain::domain::ids::{CollectionId, StudioId};
use studio_brain::domain::proposal::{Choice, ProposalState};
use studio_brain::domain::reason::Reason;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Value};
use studio_brain::domain::write::Write;
use studio_brain::gate::circumstances::Circumstances;
use studio_brain::gate::facts::Facts;
use studio_brain::gate::policy::{Policy, PolicyFile, PolicyFiles};

use super::stage::{NOW, Stage, denied, minutes};

#[tokio::test]
async fn a_mirror_that_is_too_old_is_relied_on_by_nobody() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    stage.approve(&stage.dov, id).await.expect("may be approved");
    let late = NOW.plus(minutes(15)).plus(Duration::from_secs(1));
    let request = stage.request("reservation.status.set", "r-1", &[("status", "CANCELLED")]);
    let answer = stage.propose_as(&stage.dov, request.clone(), late).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::MirrorNotReady);
    let decision = stage.may_apply(id, late).await;
    assert_eq!(decision.asked(), Err(Reason::MirrorNotReady));
    assert!(decision.passes(), "it waits until the mirror is fresh");
    stage.read_at(late).await;
    assert!(stage.propose_as(&stage.dov, request, late).await.is_ok());
    assert_eq!(stage.may_apply(id, late).await.asked(), Ok(()));
}

#[tokio::test]
async fn each_capability_has_its_own_bound_of_freshness() {
    let stage = Stage::open().await;
    let late = NOW.plus(minutes(6));
    let close = stage.request("batch.close", "b-1", &[("state", "CLOSED_PICKED_UP")]);
    let answer = stage.propose_as(&stage.ines, close, late).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::MirrorNotReady);
    let note = stage.request("ops_note.append", "b-1", &[("note", "Two tall vases.")]);
    assert!(stage.propose_as(&stage.ines, note, late).await.is_ok());
}

#[tokio::test]
async fn a_collection_that_is_older_than_its_own_bound_is_relied_on_by_nobody() {
    let mut stage = Stage::open().await;
    let mut bounds = FreshnessBounds::of_all(minutes(2), minutes(15));
    bounds.stale_after_of.insert(CollectionId::parse("reservations").expect("legal"), minutes(3));
    stage.gate = stage.gate.clone().bounded(bounds);
    let id = stage.propose().await;
    let late = NOW.plus(minutes(4));
    let request = stage.request("reservation.status.set", "r-1", &[("status", "CANCELLED")]);
    let answer = stage.propose_as(&stage.dov, request.clone(), late).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::MirrorNotReady);
    stage.approve(&stage.dov, id).await.expect("may be approved");
    assert_eq!(stage.may_apply(id, late).await.asked(), Err(Reason::MirrorNotReady), "what was approved waits");
    let note = stage.request("ops_note.append", "b-1", &[("note", "Two tall vases.")]);
    assert!(stage.propose_as(&stage.ines, note, late).await.is_ok(), "other collections have another bound");
    stage.read_at(late).await;
    assert!(stage.propose_as(&stage.dov, request, late).await.is_ok());
}

#[tokio::test]
async fn everything_that_is_missing_is_told_at_once() {
    let stage = Stage::open().await;
    let id = stage.propose_close().await;
    let (proposal, around) = (stage.proposal(id).await, stage.gate.around(NOW.plus(minutes(24 * 60))).await);
    let mut around = around.expect("reads");
    around.stop = Stop::On;
    let stranger = Actor::system(&StudioId::parse("juniper-east").expect("legal"), "push");
    let decision =
        stage.gate.judge(&stranger, Act::Apply, (&proposal, &[]), (Base::Moved, None), (&around, Circumstances::CALM));
    let reasons: Vec<Reason> = decision.missing.iter().map(|missing| missing.reason).collect();
    for reason in [
        Reason::TenantMismatch,
        Reason::Expired,
        Reason::StaleBase,
        Reason::ApprovalRequired,
        Reason::KillSwitchOn,
        Reason::MirrorNotReady,
    ] {
        assert!(reasons.contains(&reason), "{reason} is not told: {reasons:?}");
    }
    assert_eq!(decision.reason, Reason::TenantMismatch);
    assert!(decision.policies.contains(&"forbid.tenant".to_owned()), "{:?}", decision.policies);
    assert!(!decision.passes());
}

#[tokio::test]
async fn a_stop_covers_what_was_approved_and_what_was_claimed_and_lets_people_take_back() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    let waiting = stage.proposal(id).await;
    stage.approve(&stage.dov, id).await.expect("may be approved");
    let (approved, verdicts) = (stage.proposal(id).await, stage.store.verdicts(id).await.expect("reads"));
    let mut claimed = approved.clone();
    claimed.state = ProposalState::Sent;
    let push = Actor::system(stage.store.studio(), "push");
    for (stop, reason) in [(Stop::On, Reason::KillSwitchOn), (Stop::Unknown, Reason::KillSwitchUnknown)] {
        let mut around = stage.gate.around(NOW).await.expect("reads");
        around.stop = stop;
        let ask = |who, act, proposal| {
            let about = (proposal, verdicts.as_slice());
            stage.gate.judge(who, act, about, (Base::Current, None), (&around, Circumstances::CALM)).asked()
        };
        assert_eq!(ask(&push, Act::Apply, &approved), Err(reason));
        assert_eq!(ask(&push, Act::Send, &claimed), Err(reason));
        assert_eq!(ask(&stage.juno, Act::Approve, &waiting), Err(reason));
        assert_eq!(ask(&stage.juno, Act::Reject, &waiting), Ok(()));
        assert_eq!(ask(&stage.juno, Act::Stop, &approved), Ok(()));
        assert_eq!(ask(&stage.ines, Act::Withdraw, &approved), Ok(()));
    }
    assert_eq!(Stop::default(), Stop::Unknown, "what was never written down is no permission");
}

#[tokio::test]
async fn a_second_box_holds_back_what_would_leave_and_nothing_else() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    let waiting = stage.proposal(id).await;
    stage.approve(&stage.dov, id).await.expect("may be approved");
    let (approved, verdicts) = (stage.proposal(id).await, stage.store.verdicts(id).await.expect("reads"));
    let mut claimed = approved.clone();
    claimed.state = ProposalState::Sent;
    let push = Actor::system(stage.store.studio(), "push");
    for (lease, reason) in [(Lease::Another, Reason::SecondBox), (Lease::Unknown, Reason::LeaseUnknown)] {
        let mut around = stage.gate.around(NOW).await.expect("reads");
        around.lease = lease;
        let ask = |who, act, proposal| {
            let about = (proposal, verdicts.as_slice());
            stage.gate.judge(who, act, about, (Base::Current, None), (&around, Circumstances::CALM))
        };
        for (act, proposal) in [(Act::Apply, &approved), (Act::Send, &claimed)] {
            let decision = ask(&push, act, proposal);
            assert_eq!(decision.asked(), Err(reason));
            assert!(decision.passes(), "it waits for an operator");
        }
        assert_eq!(ask(&stage.juno, Act::Approve, &waiting).asked(), Ok(()));
        assert_eq!(ask(&stage.ines, Act::Withdraw, &approved).asked(), Ok(()));
    }
    assert_eq!(Lease::default(), Lease::Unknown, "what nobody looked at is no permission");
}

#[tokio::test]
async fn a_stored_write_that_reaches_further_than_its_capability_is_not_sent() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    stage.approve(&stage.dov, id).await.expect("may be approved");
    let mut proposal = stage.proposal(id).await;
    let mut change = proposal.changes.first().clone();
    let Write::Update { changes, .. } = &mut change.write else { panic!("an update") };
    changes.insert(FieldPath::top("ownerUid"), Some(Value::text("uid_thief")));
    proposal.changes = Changes::one(change);
    let around = stage.gate.around(NOW).await.expect("reads");
    let push = Actor::system(stage.store.studio(), "push");
    let decision =
        stage.gate.judge(&push, Act::Apply, (&proposal, &[]), (Base::Current, None), (&around, Circumstances::CALM));
    let reasons: Vec<Reason> = decision.missing.iter().map(|missing| missing.reason).collect();
    assert_eq!(reasons, [Reason::ApprovalRequired, Reason::OutsideCapability], "the approval was of other content");
}

#[tokio::test]
async fn quota_and_intake_are_denied_with_their_own_codes() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    let (proposal, around) = (stage.proposal(id).await, stage.gate.around(NOW).await.expect("reads"));
    let capability = stage.gate.registry().find("reservation.status.set").expect("is there");
    let judge = |facts: Facts<'_>| stage.gate.policy().judge(&facts).asked();
    let propose = Facts::asking(&stage.dov, Act::Propose, capability, &around);
    assert_eq!(judge(propose.clone()), Ok(()));
    let spent = Circumstances { quota_left: false, ..Circumstances::CALM };
    assert_eq!(judge(propose.beside(spent)), Err(Reason::RateLimited));
    let approve =
        Facts::asking(&stage.dov, Act::Approve, capability, &around).about(&proposal, &[], Base::Current, None);
    for (intake, answer) in [
        (Intake::Clear, Ok(())),
        (Intake::Granted, Ok(())),
        (Intake::Review, Err(Reason::BlockedByIntake)),
        (Intake::Denied, Err(Reason::BlockedByIntake)),
    ] {
        let looked = Circumstances { intake, ..Circumstances::CALM };
        assert_eq!(judge(approve.clone().beside(looked)), answer, "{intake:?}");
    }
}

#[tokio::test]
async fn a_studio_may_forbid_more_and_an_error_in_a_policy_is_a_no() {
    let mut stage = Stage::open().await;
    let extra = |text: &str| {
        let mut files = PolicyFiles::shipped();
        files.policies.push(PolicyFile { name: "ours.cedar".to_owned(), text: text.to_owned() });
        Arc::new(Policy::parse(&files).expect("a policy"))
    };
    let no_notes = extra(
        "@id(\"ours.notes\") @reason(\"BLOCKED_BY_POLICY\")
         forbid (principal, action == Action::\"propose\", resource == Capability::\"ops_note.append\");",
    );
    stage.gate = stage.gate.with_policy(no_notes);
    let note = stage.request("ops_note.append", "b-1", &[("note", "Two tall vases.")]);
    let answer = stage.propose_as(&stage.ines, note, NOW).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::BlockedByPolicy);

    // Long numbers overflow: the policy fails when it is evaluated, and Cedar alone would leave the forbid out.
    let failing = extra(
        "@id(\"ours.failing\") @reason(\"BLOCKED_BY_POLICY\")
         forbid (principal, action == Action::\"propose\", resource) when { context.now * 9223372036854775807 == 0 };",
    );
    stage.gate = stage.gate.with_policy(failing);
    let request = stage.request("reservation.status.set", "r-1", &[("status", "CONFIRMED")]);
    let answer = stage.propose_as(&stage.ines, request, NOW).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::PolicyError);
}

#[tokio::test]
async fn what_a_field_update_may_set_is_all_that_it_sets() {
    let stage = Stage::open().await;
    let report = [("status", Value::text("open")), ("severity", Value::text("low")), ("note", Value::text("kept"))];
    stage.put("communityReports/c-1", &report, NOW).await;
    let request = stage.request("report.triage.set", "c-1", &[("status", "triaged"), ("severity", "high")]);
    let id = stage.propose_as(&stage.ines, request, NOW).await.expect("may be proposed");
    let proposal = stage.proposal(id).await;
    let before: BTreeMap<String, Value> = report.map(|(name, value)| (name.to_owned(), value)).into();
    let after = proposal.changes.first().write.applied_to(Some(&before)).expect("is there");
    assert_eq!(after.get("status"), Some(&Value::text("triaged")));
    assert_eq!(after.get("severity"), Some(&Value::text("high")));
    assert_eq!(after.get("assigneeUid"), Some(&Value::text(stage.ines.uid().as_str())));
    assert_eq!(after.get("note"), Some(&Value::text("kept")));
    assert_eq!(after.get("updatedAt"), Some(&Value::Timestamp(NOW)));
    assert_eq!(proposal.summary, "Triage report c-1: from open to triaged");
    let skip = stage.request("report.triage.set", "c-1", &[("status", "resolved")]);
    let answer = stage.propose_as(&stage.ines, skip, NOW).await.expect_err("is denied");
    assert_eq!(denied(answer), Reason::TransitionNotAllowed);
}

#[tokio::test]
async fn an_order_is_marked_only_when_it_is_paid_and_a_firing_only_once() {
    let stage = Stage::open().await;
    let order = |status: &str| [("status", Value::text(status)), ("paymentStatus", Value::text("paid"))];
    let mark = |capability: &'static str, document: &'static str, now: Timestamp| {
        let request = stage.request(capability, document, &[]);
        let stage = &stage;
        async move { stage.propose_as(&stage.ines, request, now).await.map_err(denied) }
    };
    stage.put("materialsOrders/o-1", &order("checkout_pending"), NOW).await;
    stage.put("materialsOrders/o-2", &order("paid"), NOW).await;
    assert_eq!(mark("order.pickup.mark", "o-1", NOW).await, Err(Reason::RequirementNotMet));
    assert!(mark("order.pickup.mark", "o-2", NOW).await.is_ok());
    stage.put("kilnFirings/f-1", &[("status", Value::text("completed"))], NOW).await;
    assert!(mark("firing.unloaded.mark", "f-1", NOW).await.is_ok());
    let done = [("status", Value::text("completed")), ("unloadedAt", Value::Timestamp(NOW))];
    stage.put("kilnFirings/f-1", &done, NOW.plus(minutes(1))).await;
    assert_eq!(mark("firing.unloaded.mark", "f-1", NOW).await, Err(Reason::RequirementNotMet));
}

#[tokio::test]
async fn nobody_rejects_stops_or_withdraws_in_place_of_others() {
    let stage = Stage::open().await;
    let id = stage.propose().await;
    assert_eq!(stage.gate.withdraw(&stage.dov, id, NOW).await.map_err(denied), Err(Reason::NotProposer));
    assert_eq!(stage.decide(&stage.ines, id, Choice::Reject, NOW).await, Err(Reason::SelfApproval));
    stage.gate.withdraw(&stage.ines, id, NOW).await.expect("it is hers");
    assert_eq!(stage.approve(&stage.dov, id).await, Err(Reason::NotWaiting));
}

#[tokio::test]
async fn connectors_are_read_by_people_and_jobs_and_never_written() {
    let stage = Stage::open().await;
    let around = stage.gate.around(NOW).await.expect("reads");
    let job = Actor::system(stage.store.studio(), "probe");
    for id in ["hubitat.devices.read", "vacuum.devices.read"] {
        let capability = stage.gate.registry().find(id).expect("is there");
        for who in [&stage.ines, &stage.juno, &job] {
            let read = Facts::asking(who, Act::Read, capability, &around);
            assert_eq!(stage.gate.policy().judge(&read).asked(), Ok(()), "{id}");
            let propose = Facts::asking(who, Act::Propose, capability, &around);
            assert_eq!(stage.gate.policy().judge(&propose).asked(), Err(Reason::RoleMissing), "{id}");
        }
    }
    let capability = stage.gate.registry().find("drill.document.set").expect("is there");
    let read = Facts::asking(&stage.juno, Act::Read, capability, &around);
    assert_eq!(stage.gate.policy().judge(&read).asked(), Err(Reason::RoleMissing));
}
