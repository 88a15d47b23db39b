-- Findings say more: by which rule, how sure, resting on which documents, as of when. A look answers six questions, each
-- for itself.

alter table findings add column rule text; -- the rule, field or number, where kind and place do not say it all
alter table findings add column confidence text not null default 'high'
    constraint findings_confidence check (confidence in ('high', 'medium', 'low'));
alter table findings add column evidence text not null default '[]'
    constraint findings_evidence check (json_valid(evidence)); -- paths of other documents that it rests on
alter table findings add column as_of_us integer; -- the server's time as of which it was seen; null: it was not seen there

-- What a look said about each of its questions.
create table drift_answers (
    check_id integer not null references drift_checks (id) on delete cascade,
    family text not null constraint drift_answers_family check (
        family in ('mirror', 'numbers', 'writes', 'schema', 'rules', 'settings')
    ),
    looked_us integer not null,
    untold text, -- what could not be told, and why
    found integer not null, -- findings that were there and not ignored
    primary key (check_id, family)
) strict, without rowid;
