-- The audit log: one row per thing that happened or was denied, written in the transaction of the change itself.
-- Every row holds the hash of the row before, so that a change, removal or insertion shows. Rows are never changed.
create table audit (
    sequence integer primary key, -- 1, 2, 3 … without gaps
    at_us integer not null, -- microseconds since 1970
    studio text not null,
    actor text not null, -- such as staff:uid, sandbox:staff:uid, system:push
    actor_name text not null, -- as it was shown then
    action text not null, -- such as proposal.approved
    target text not null, -- such as proposal:<uuid>
    reason text not null, -- OK, or the code of a denial
    input blob constraint audit_input check (input is null or length(input) = 32), -- SHA-256 of what went in
    output blob constraint audit_output check (output is null or length(output) = 32), -- SHA-256 of what came out
    details text not null constraint audit_details check (json_valid(details)), -- further facts by name
    previous blob not null constraint audit_previous check (length(previous) = 32), -- hash of the row before
    hash blob not null constraint audit_hash check (length(hash) = 32) -- hash of this row's canonical text
) strict;

create index audit_by_target on audit (target, sequence);
create index audit_by_action on audit (action, sequence);
create index audit_by_actor on audit (actor, sequence);

create trigger audit_refuses_update before update on audit
begin
    select raise(abort, 'the audit log refuses UPDATE');
end;

create trigger audit_refuses_delete before delete on audit
begin
    select raise(abort, 'the audit log refuses DELETE');
end;
