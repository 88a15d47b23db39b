-- Disagreements between mirror, cloud, our writes and the vocabulary, each with its onset; and the looks that found them.

create table findings (
    id text primary key, -- uuid v5 of kind, place and write: the same disagreement keeps its onset
    kind text not null,
    collection text not null,
    path text, -- null: about the whole collection
    summary text not null,
    changes text not null constraint findings_changes check (json_valid(changes)), -- [[field, ours, theirs], …] in canonical text
    write text references writes (id),
    since_us integer not null,
    looked_us integer not null,
    resolved_us integer -- null while it is open
) strict;

create index findings_open on findings (kind, collection) where resolved_us is null;

create table drift_checks (
    id integer primary key,
    requested_by text, -- null: it was due
    requested_us integer not null,
    finished_us integer,
    outcome text constraint drift_checks_outcome check (outcome in ('same', 'drift', 'unknown')),
    why text, -- what could not be told, and why
    documents_read integer not null default 0,
    constraint drift_checks_finished check ((finished_us is null) = (outcome is null))
) strict;
