-- Approvals: a person may change their mind, so the newest verdict of each counts; a rejected proposal may be opened
-- again, and then only the verdicts of the new round count; the push job says why it holds an approved proposal back.

alter table proposals add column round integer not null default 1;
alter table proposals add column held text; -- the reason code, while it is held back

create table verdicts_of_rounds (
    id integer primary key, -- in the order in which they were given
    proposal text not null references proposals (id),
    round integer not null,
    actor text not null,
    actor_name text not null,
    choice text not null constraint verdicts_choice check (choice in ('approve', 'reject')),
    code text constraint verdicts_code check (code is null or choice = 'reject'),
    reason text not null,
    content_hash blob not null constraint verdicts_hash check (length(content_hash) = 32), -- what they looked at
    at_us integer not null
) strict;

insert into verdicts_of_rounds (proposal, round, actor, actor_name, choice, reason, content_hash, at_us)
select proposal, 1, actor, actor_name, choice, reason, content_hash, at_us from verdicts order by at_us;

drop table verdicts;
alter table verdicts_of_rounds rename to verdicts;
create index verdicts_by_proposal on verdicts (proposal, id);
