-- A proposal may change up to 100 documents in one commit, so that what it does to each is a row of its own, and so is
-- each document's write in the ledger. `writes` is made anew, because a table can't lose a constraint.

create table changes (
    proposal text not null references proposals (id),
    place integer not null constraint changes_place check (place between 1 and 100), -- in the order of the commit
    subject text not null, -- the document that it is about; a note is about another one than it creates
    path text not null, -- the document that is written
    write text not null, -- canonical text of the exact write
    undoes text references writes_by_document (id), -- the write that it takes back
    primary key (proposal, place)
) strict, without rowid;

create unique index changes_of_distinct_documents on changes (proposal, path);
create index changes_by_undo on changes (undoes) where undoes is not null;

-- One row per document that was meant to be written. It is stored, with the before-image, before Firestore is asked.
create table writes_by_document (
    id text primary key, -- idempotency key and receipt id: uuid v5 of proposal and path
    proposal text not null references proposals (id),
    place integer not null, -- among the changes of its proposal
    path text not null,
    write text not null, -- canonical text of the exact write
    content_hash blob not null constraint writes_hash check (length(content_hash) = 32), -- what the approval covered
    effect blob constraint writes_effect check (length(effect) = 32), -- hash of what it does, whatever the document's base
    before text, -- canonical fields before; null: the document did not exist
    undoes text references writes_by_document (id),
    rebuilt integer not null default 0 constraint writes_rebuilt check (rebuilt in (0, 1)), -- 1: known from its receipt only
    intended_us integer not null,
    sent_us integer, -- when it was last sent
    lost_us integer, -- when an answer was lost
    state text not null constraint writes_state check (
        state in ('intended', 'unknown', 'landed', 'observed', 'stale', 'refused', 'conflicted', 'abandoned')
    ),
    settled_us integer, -- when we learned what became of it, or that the answer was lost
    landed_us integer, -- Firestore's update time (for a delete: commit time)
    observed_us integer, -- when the mirror had seen it
    reason text, -- the code of a refusal, or why it was abandoned
    answer text, -- what Firestore said when it refused
    constraint writes_once unique (proposal, place), -- an approval is spent once
    constraint writes_landing check ((state in ('landed', 'observed')) = (landed_us is not null)),
    constraint writes_observed check ((state = 'observed') = (observed_us is not null)),
    constraint writes_settled check ((state = 'intended') = (settled_us is null)),
    constraint writes_answer check ((state = 'refused') = (answer is not null)),
    constraint writes_refused check ((state in ('refused', 'abandoned')) = (reason is not null))
) strict;

insert into writes_by_document (id, proposal, place, path, write, content_hash, before, undoes, intended_us, state,
    settled_us, landed_us, observed_us, reason, answer)
select id, proposal, 1, path, write, content_hash, before, undoes, intended_us, state, settled_us, landed_us,
    observed_us, reason, answer
from writes order by intended_us;

insert into changes (proposal, place, subject, path, write, undoes)
select id, 1, subject, path, write, undoes from proposals;

alter table findings add column of_write text references writes_by_document (id);
update findings set of_write = write;
alter table findings drop column write;
alter table findings rename column of_write to write;

drop index proposals_by_undo;
alter table proposals drop column undoes;
alter table proposals drop column write;
alter table proposals drop column path;
alter table proposals drop column subject;

alter table quota_tickets add column weight integer not null default 1; -- how many documents it was for

drop table writes;
alter table writes_by_document rename to writes;

create index writes_by_state on writes (state, intended_us);
create index writes_by_path on writes (path, intended_us);
create index writes_by_undo on writes (undoes) where undoes is not null;
create index writes_by_effect on writes (effect) where effect is not null;
