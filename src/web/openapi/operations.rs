//! One line about each operation of the API, in the order of the table.

use serde_json::Value;
use utoipa::openapi::schema::Type;

use crate::web::api::agents::{Agents, Denials, IssuedKey, KeyRequest};
use crate::web::api::audit::{AuditPage, SealAsked, SealState, SealWish};
use crate::web::api::capabilities::Capabilities;
use crate::web::api::changes::Change;
use crate::web::api::checks::{Check, CheckAsked, Drift};
use crate::web::api::documents::Document;
use crate::web::api::drift::{Finding, Findings};
use crate::web::api::drills::{DrillBegin, DrillFinish, DrillStart, DrillStarted, DrillUndo};
use crate::web::api::exemptions::{Exemption, ExemptionRequest, Exemptions};
use crate::web::api::history::History;
use crate::web::api::ignores::{IgnoreRequest, IgnoreRule, Ignores};
use crate::web::api::intake::{Intake, ReviewRequest, Reviewed};
use crate::web::api::kill_switch::{KillSwitch, Stopped, SwitchRequest};
use crate::web::api::lease::Lease;
use crate::web::api::ledger::{Rebuild, RebuildAsked, RebuildRequest};
use crate::web::api::may::MayI;
use crate::web::api::proposals::{DecisionRequest, Moved, Proposal, Proposed};
use crate::web::api::propose::ProposalRequest;
use crate::web::api::quotas::{QuotaReset, Quotas};
use crate::web::api::rehearsals::{Rehearsal, RehearsalRequest};
use crate::web::api::review::Because;
use crate::web::api::snapshots::{SnapshotAsked, SnapshotDiff, SnapshotRequest, SnapshotRun, Snapshots};
use crate::web::api::state::DocumentsBehind;
use crate::web::api::status::Status;
use crate::web::api::verifications::{VerificationAsked, VerificationRequest, VerificationRun};
use crate::web::api::writes::{UndoRequest, Write};
use crate::web::openapi::operation::{Described, get, post};

const FOUND: &str = "As it is now";
const MADE: &str = "The proposal was made";
const REPLAYED: &str = "The same request had made it before";
const MOVED: &str = "Where it stands now";
const AUDITED: &str = "It is done, and in the audit log";
const ASKED: &str = "The wish is noted, or joined to one under way";

/// One that the sample studio has.
const DOCUMENT: &str = "reservations/r-canceled-one-l";

/// Every operation.
pub(super) fn all() -> Vec<Described> {
    let mut all = working();
    all.extend(governing());
    all
}

/// Looking, proposing, deciding, undoing, proving.
fn working() -> Vec<Described> {
    use Type::{Boolean, Integer, String as Text};
    vec![
        get("/openapi.json", "This document").gives::<Value>(200, FOUND),
        get("/status", "How the studio stands").gives::<Status>(200, FOUND),
        post("/proposals", "Asks for a change")
            .takes::<ProposalRequest>()
            .gives::<Proposed>(201, MADE)
            .gives::<Proposed>(200, REPLAYED)
            .decided(),
        get("/proposals/{id}", "Reads a proposal; an agent reads its own").gives::<Proposal>(200, FOUND),
        post("/proposals/{id}/decision", "Approves or rejects a proposal of somebody else")
            .takes::<DecisionRequest>()
            .gives::<Moved>(200, MOVED)
            .decided(),
        post("/proposals/{id}/withdraw", "Takes one's own proposal back").gives::<Moved>(200, MOVED).decided(),
        post("/proposals/{id}/stop", "Stops an approved proposal before it is sent")
            .takes::<Because>()
            .gives::<Moved>(200, MOVED)
            .decided(),
        post("/proposals/{id}/reopen", "Opens a rejected proposal again")
            .takes::<Because>()
            .gives::<Moved>(200, MOVED)
            .decided(),
        get("/may-i", "Says whether the caller may, and everything that stands in the way")
            .needs("act", Text, "Such as `propose` or `approve`")
            .asks("capability", Text, "Which capability, unless a proposal is named")
            .asks("document", Text, "With which document, when no proposal is named")
            .asks("proposal", Text, "Which proposal")
            .example("act", "propose")
            .example("capability", "ops_note.append")
            .gives::<MayI>(200, FOUND)
            .decided(),
        get("/writes/{id}", "Reads a write of the ledger").gives::<Write>(200, FOUND),
        post("/writes/{id}/undo", "Proposes to take a write back")
            .takes::<UndoRequest>()
            .gives::<Proposed>(201, MADE)
            .gives::<Proposed>(200, REPLAYED)
            .decided(),
        post("/proposals/{id}/undo", "Proposes to take back everything that a proposal wrote")
            .takes::<UndoRequest>()
            .gives::<Proposed>(201, MADE)
            .gives::<Proposed>(200, REPLAYED)
            .decided(),
        post("/ledger/rebuild", "Asks for the ledger to be made again from the receipts in the cloud")
            .takes::<RebuildRequest>()
            .gives::<RebuildAsked>(202, ASKED),
        get("/ledger/rebuilds/{id}", "Reads what came of making the ledger again").gives::<Rebuild>(200, FOUND),
        get("/findings", "Lists what mirror, cloud and vocabulary disagree about")
            .asks("resolved", Boolean, "True for those that are gone")
            .gives::<Findings>(200, FOUND),
        get("/findings/{id}", "Reads a finding").gives::<Finding>(200, FOUND),
        post("/findings/{id}/ignore", "Ignores a finding for a while")
            .takes::<IgnoreRequest>()
            .gives::<IgnoreRule>(201, "It is ignored from now on")
            .decided(),
        get("/drift", "Says where each question of drift stands").gives::<Drift>(200, FOUND),
        get("/drift/ignores", "Lists what is ignored now").gives::<Ignores>(200, FOUND),
        post("/drift/ignores/{id}/end", "Ends a rule by which findings are ignored").gives_nothing(AUDITED).decided(),
        post("/drift/checks", "Asks for a look at the cloud").gives::<CheckAsked>(202, ASKED),
        get("/drift/checks/{id}", "Reads what came of a look at the cloud").gives::<Check>(200, FOUND),
        post("/mirror/verifications", "Asks for a proof of the mirror")
            .takes::<VerificationRequest>()
            .gives::<VerificationAsked>(202, ASKED),
        get("/mirror/verifications/{id}", "Reads what came of a proof").gives::<VerificationRun>(200, FOUND),
        get("/state", "Says how many of what there is, how old, and how sure that is (docs/SNAPSHOT.md)")
            .gives::<Value>(200, FOUND)
            .refuses(404, "It was not counted yet"),
        get("/state/documents", "Lists the documents behind a number of the state")
            .needs("number", Text, "Such as `figures/batchesActive` or `words/batches/state/LOADED`")
            .example("number", "figures/batchesActive")
            .asks("after", Text, "Only documents after this path")
            .asks("limit", Integer, "At most so many; 50 without it, 1000 at most")
            .gives::<DocumentsBehind>(200, FOUND)
            .refuses(404, "The state was not counted yet"),
        get("/snapshots", "Lists the snapshots that are kept, newest first")
            .asks("before", Integer, "Only snapshots before this one")
            .asks("limit", Integer, "At most so many; 50 without it, 1000 at most")
            .gives::<Snapshots>(200, FOUND),
        post("/snapshots", "Asks for a snapshot now").takes::<SnapshotRequest>().gives::<SnapshotAsked>(202, ASKED),
        get("/snapshots/runs/{id}", "Reads what came of a snapshot that was asked for")
            .gives::<SnapshotRun>(200, FOUND),
        get("/snapshots/{id}", "Reads a snapshot by number or day, or `yesterday` (docs/SNAPSHOT.md)")
            .example("id", "yesterday")
            .gives::<Value>(200, FOUND),
        get("/snapshots/{id}/diff", "Says which numbers differ from a later snapshot, with the documents behind them")
            .example("id", "yesterday")
            .asks("to", Text, "The later snapshot; without it the state as it is now")
            .asks("limit", Integer, "Most documents to name for each number; 20 without it, 1000 at most")
            .gives::<SnapshotDiff>(200, FOUND),
        get("/audit", "Reads a page of the audit log, newest first")
            .asks("before", Integer, "Only entries before this one")
            .asks("action", Text, "Such as `proposal.approved`")
            .asks("actor", Text, "Such as `staff:uid_staff_ines`")
            .asks("target", Text, "Such as `document:reservations/r-1`")
            .gives::<AuditPage>(200, FOUND),
        get("/audit/seal", "Says how the audit log is sealed and anchored").gives::<SealState>(200, FOUND),
        post("/audit/exports", "Records an export of the audit log, and has it sealed")
            .takes::<SealWish>()
            .gives::<SealAsked>(202, ASKED),
        post("/audit/key/rotations", "Asks for a new key of the audit log")
            .takes::<SealWish>()
            .gives::<SealAsked>(202, ASKED),
        get("/documents/{path}", "Reads a document as the mirror has it")
            .example("path", DOCUMENT)
            .gives::<Document>(200, FOUND),
        get("/history/{path}", "Lists the versions of a document that were observed")
            .example("path", DOCUMENT)
            .asks("before", Text, "Only versions observed before this moment")
            .asks("limit", Integer, "At most so many; 50 without it, 200 at most")
            .gives::<History>(200, FOUND),
        get("/changes", "Waits until something changes")
            .asks("after", Integer, "The number that is known")
            .asks("wait", Integer, "How many seconds to wait; 25 at most")
            .gives::<Change>(200, FOUND),
        post("/drills", "Begins a rollback drill").takes::<DrillStart>().gives::<DrillStarted>(201, MADE).decided(),
        post("/drills/undo", "Proposes to take the drill's write back")
            .takes::<DrillUndo>()
            .gives::<Proposed>(201, MADE)
            .gives::<Proposed>(200, REPLAYED)
            .decided(),
        post("/drills/begin", "Says that a drill begins").takes::<DrillBegin>().gives_nothing(AUDITED),
        post("/drills/finish", "Says how a drill ended").takes::<DrillFinish>().gives_nothing(AUDITED),
        post("/drills/rehearse", "Takes back every write that stands, on paper")
            .takes::<RehearsalRequest>()
            .gives::<Rehearsal>(200, "How each undo would go"),
    ]
}

/// Stopping, exempting, resetting, reviewing, and agents.
fn governing() -> Vec<Described> {
    vec![
        get("/kill-switch", "Says whether anything may be written, and who said so").gives::<KillSwitch>(200, FOUND),
        post("/kill-switch/stop", "Stops everything that is written, in one step")
            .takes::<SwitchRequest>()
            .gives::<Stopped>(200, "Everything is stopped")
            .decided(),
        post("/kill-switch/resume", "Asks to let writes go on; another person confirms")
            .takes::<SwitchRequest>()
            .gives::<KillSwitch>(200, MOVED)
            .decided(),
        post("/kill-switch/resume/confirm", "Lets writes go on, as somebody else has asked")
            .takes::<SwitchRequest>()
            .gives::<KillSwitch>(200, MOVED)
            .decided(),
        get("/lease", "Says which of the studio's boxes writes").gives::<Lease>(200, FOUND),
        post("/lease/take", "Decides that this box writes, whichever did")
            .takes::<Because>()
            .gives::<Lease>(202, ASKED)
            .decided(),
        get("/exemptions", "Lists what may be done without its approval").gives::<Exemptions>(200, FOUND),
        post("/exemptions", "Lets something be done without its approval, for a while")
            .takes::<ExemptionRequest>()
            .gives::<Exemption>(201, "It holds from now on")
            .decided(),
        post("/exemptions/{id}/revoke", "Takes an exemption back").takes::<Because>().gives_nothing(AUDITED).decided(),
        get("/quotas", "Lists what is counted, and who was told to wait").gives::<Quotas>(200, FOUND),
        post("/quotas/reset", "Fills a counter up").takes::<QuotaReset>().gives_nothing(AUDITED).decided(),
        get("/intake", "Lists texts that wait for a review")
            .asks("reviewed", Type::Boolean, "True for those that were reviewed")
            .gives::<Intake>(200, FOUND),
        post("/intake/{id}/review", "Decides about a text")
            .takes::<ReviewRequest>()
            .gives::<Reviewed>(200, MOVED)
            .decided(),
        get("/agents", "Lists agents' keys and pauses").gives::<Agents>(200, FOUND),
        post("/agents/keys", "Issues a key; it is shown this once")
            .takes::<KeyRequest>()
            .gives::<IssuedKey>(201, "The key was issued")
            .decided(),
        post("/agents/keys/{prefix}/revoke", "Takes a key back").takes::<Because>().gives_nothing(AUDITED).decided(),
        post("/agents/{uid}/resume", "Ends an agent's pause").takes::<Because>().gives_nothing(AUDITED).decided(),
        get("/agents/denials", "Lists what was denied to agents").gives::<Denials>(200, FOUND),
        get("/capabilities", "Lists what can be done, by whom, and how often").gives::<Capabilities>(200, FOUND),
    ]
}
