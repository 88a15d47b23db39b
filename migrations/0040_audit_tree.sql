-- The audit log becomes a Merkle log (RFC 6962): what is hashed is what is stored, and the tree is stored beside it.
-- The rows of before, each of which held the hash of the row before, wait in audit_chained: the service plants them into
-- the tree, word for word as they were hashed, when it next opens the database (src/store/audit/planting.rs).
drop trigger audit_refuses_update;
drop trigger audit_refuses_delete;
drop index audit_by_target;
drop index audit_by_action;
drop index audit_by_actor;
alter table audit rename to audit_chained;

-- One row per thing that happened or was denied, written in the transaction of the change itself.
-- Every column but the first two is read out of the entry, so that nothing can disagree with what was hashed.
create table audit (
    sequence integer primary key, -- 1, 2, 3 … without gaps
    entry text, -- the canonical text: a leaf of the tree; null when its payload was dropped, which an entry must cover
    actor text generated always as (json_extract(entry, '$.actor')) virtual,
    actor_name text generated always as (json_extract(entry, '$.name')) virtual,
    action text generated always as (json_extract(entry, '$.action')) virtual,
    target text generated always as (json_extract(entry, '$.target')) virtual,
    reason text generated always as (json_extract(entry, '$.reason')) virtual,
    details text generated always as (json_extract(entry, '$.details')) virtual
) strict;

create index audit_by_target on audit (target, sequence);
create index audit_by_action on audit (action, sequence);
create index audit_by_actor on audit (actor, actor_name);

-- The tree: with each entry its leaf's hash, and then those of the subtrees that it completes. Never dropped.
create table audit_tree (
    sequence integer primary key, -- that of the entry
    hashes blob not null constraint audit_tree_hashes check (length(hashes) >= 32 and length(hashes) % 32 = 0)
) strict;

-- Signed heads of the tree: C2SP tlog-checkpoints.
create table audit_checkpoints (
    number integer primary key, -- 1, 2, 3 … without gaps
    size integer not null constraint audit_checkpoint_size check (size > 0), -- how many entries it covers
    note text not null -- the signed note
) strict;

-- Where a checkpoint was anchored. It proves nothing, and can be found out again.
create table audit_anchors (
    number integer primary key, -- that of the checkpoint
    sealed_us integer not null, -- when it was signed
    logged_us integer, -- when it was written to the log of the service
    firestore_us integer -- when Firestore was known to have it
) strict;

-- How what is anchored in Firestore stood to this log when that was last looked at.
create table audit_standing (
    one integer primary key constraint audit_standing_is_one check (one = 1),
    checked_us integer not null,
    standing text not null constraint audit_standing_word check (standing in ('consistent', 'behind', 'forked')),
    size integer not null, -- of the anchor that tells so; 0 when there is none
    trouble text -- why the newest checkpoint is not anchored, if that was tried in vain
) strict;

-- Only a payload may go, and only one that an entry of the log says is dropped.
create trigger audit_refuses_update before update on audit
when not (
    new.sequence = old.sequence and new.entry is null and exists (
        select 1 from audit as pruned
        where pruned.action = 'audit.pruned' and pruned.sequence > old.sequence
            and cast(json_extract(pruned.details, '$.through') as integer) >= old.sequence
    )
)
begin
    select raise(abort, 'the audit log refuses UPDATE');
end;

create trigger audit_refuses_delete before delete on audit
begin
    select raise(abort, 'the audit log refuses DELETE');
end;

create trigger audit_tree_refuses_update before update on audit_tree
begin
    select raise(abort, 'the tree of the audit log refuses UPDATE');
end;

create trigger audit_tree_refuses_delete before delete on audit_tree
begin
    select raise(abort, 'the tree of the audit log refuses DELETE');
end;

create trigger audit_checkpoints_refuses_update before update on audit_checkpoints
begin
    select raise(abort, 'the checkpoints of the audit log refuse UPDATE');
end;

create trigger audit_checkpoints_refuses_delete before delete on audit_checkpoints
begin
    select raise(abort, 'the checkpoints of the audit log refuse DELETE');
end;
