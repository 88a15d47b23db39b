-- What was proposed, what people decided, and what became of each write. Rows are never deleted: this is the undo history.

create table proposals (
    id text primary key, -- uuid v7
    request_key text constraint proposals_request_once unique, -- proposer and their idempotency key: one form, one proposal
    capability text not null, -- such as reservation.status.set
    write text not null, -- canonical text of the exact write
    content_hash blob not null constraint proposals_hash check (length(content_hash) = 32), -- what an approval covers
    path text not null, -- the document
    summary text not null,
    reason text not null,
    proposer text not null, -- such as staff:uid
    proposer_name text not null,
    undoes text references writes (id), -- the write that this proposal takes back
    finding text, -- the finding that it was made from
    created_us integer not null,
    expires_us integer not null,
    state text not null constraint proposals_state check (
        state in ('waiting', 'approved', 'sent', 'rejected', 'withdrawn', 'expired', 'stale', 'denied')
    ),
    state_reason text constraint proposals_denied_says_why check ((state = 'denied') = (state_reason is not null)),
    state_us integer not null -- since when it stands there
) strict;

create index proposals_by_state on proposals (state, created_us);
create index proposals_by_undo on proposals (undoes) where undoes is not null;
create index proposals_by_finding on proposals (finding) where finding is not null;

create table verdicts (
    proposal text not null references proposals (id),
    actor text not null,
    actor_name text not null,
    choice text not null constraint verdicts_choice check (choice in ('approve', 'reject')),
    reason text not null,
    content_hash blob not null constraint verdicts_hash check (length(content_hash) = 32), -- what they looked at
    at_us integer not null,
    primary key (proposal, actor)
) strict;

-- One row per write that was meant to go out. It is stored, with the before-image, before Firestore is asked.
create table writes (
    id text primary key, -- idempotency key and receipt id: uuid v5 of proposal and path
    proposal text not null constraint writes_once unique references proposals (id), -- an approval is spent once
    path text not null,
    write text not null, -- canonical text of the exact write
    content_hash blob not null constraint writes_hash check (length(content_hash) = 32),
    before text, -- canonical fields before; null: the document did not exist
    undoes text references writes (id),
    intended_us integer not null,
    state text not null constraint writes_state check (
        state in ('intended', 'unknown', 'landed', 'observed', 'stale', 'refused')
    ),
    settled_us integer, -- when we learned what became of it, or that the answer was lost
    landed_us integer, -- Firestore's update time (for a delete: commit time)
    observed_us integer, -- when the mirror had seen it
    reason text, -- the code of a refusal
    answer text, -- what Firestore said when it refused
    constraint writes_landing check ((state in ('landed', 'observed')) = (landed_us is not null)),
    constraint writes_observed check ((state = 'observed') = (observed_us is not null)),
    constraint writes_settled check ((state = 'intended') = (settled_us is null)),
    constraint writes_refused check ((state = 'refused') = (reason is not null and answer is not null))
) strict;

create index writes_by_state on writes (state, intended_us);
create index writes_by_path on writes (path, intended_us);
create index writes_by_undo on writes (undoes) where undoes is not null;
