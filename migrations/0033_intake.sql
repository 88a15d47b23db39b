-- Texts that a person had to look at, and what people decided. Of a text, only its hash and a short excerpt without
-- names, numbers and addresses are kept. Nothing here is ever changed or deleted: a new decision is a new row.
create table intake_items (
    id integer primary key,
    subject text not null, -- what the text belongs to, such as proposal:<uuid> or document:agentRequests/r-1
    requester text not null, -- who wrote it, such as agent:agent-glaze-scout
    requester_name text not null,
    text_hash blob not null constraint intake_items_hash check (length(text_hash) = 32),
    category text not null constraint intake_items_category check (
        category in ('weaponization', 'illegal_content', 'fraud_risk', 'ip_infringement', 'unknown')
    ),
    score integer not null constraint intake_items_score check (score between 0 and 100),
    rules text not null constraint intake_items_rules check (json_valid(rules)), -- the ids of the rules that matched
    rules_version text not null,
    excerpt text not null constraint intake_items_excerpt check (length(excerpt) <= 160),
    at_us integer not null,
    constraint intake_items_once unique (subject, text_hash, category)
) strict;

-- The newest decision about an item counts. `id` says which is newest, not the clock.
create table intake_decisions (
    id integer primary key,
    item integer not null references intake_items (id),
    choice text not null constraint intake_decisions_choice check (choice in ('grant', 'deny')),
    code text not null,
    reason text not null,
    actor text not null,
    actor_name text not null,
    at_us integer not null
) strict;

create index intake_decisions_by_item on intake_decisions (item, id);

create trigger intake_items_refuse_update before update on intake_items
begin
    select raise(abort, 'intake items refuse UPDATE');
end;

create trigger intake_items_refuse_delete before delete on intake_items
begin
    select raise(abort, 'intake items refuse DELETE');
end;

create trigger intake_decisions_refuse_update before update on intake_decisions
begin
    select raise(abort, 'intake decisions refuse UPDATE');
end;

create trigger intake_decisions_refuse_delete before delete on intake_decisions
begin
    select raise(abort, 'intake decisions refuse DELETE');
end;
