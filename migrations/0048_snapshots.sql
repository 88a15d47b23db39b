-- The studio's state as it was: the newest, those that are kept, and what was asked for.

create table snapshots (
    id integer primary key,
    taken_us integer not null, -- our clock
    day text not null constraint snapshot_day check (day glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'), -- the studio's
    document text not null constraint snapshot_json check (json_valid(document)) -- docs/SNAPSHOT.md
) strict;
create index snapshots_by_time on snapshots (taken_us);
create index snapshots_by_day on snapshots (day, taken_us);

create table snapshot_newest (
    id integer primary key constraint snapshot_newest_one check (id = 1),
    document text not null constraint snapshot_newest_json check (json_valid(document))
) strict;

create table snapshot_runs (
    id integer primary key,
    requested_by text not null, -- such as operator:root
    requested_us integer not null,
    is_from_nothing integer not null constraint snapshot_run_from_nothing check (is_from_nothing in (0, 1)),
    finished_us integer,
    snapshot integer, -- the one that was kept
    is_same integer constraint snapshot_run_same check (is_same in (0, 1)), -- counted again it came to the same; null: it was not
    constraint snapshot_run_finished check ((finished_us is null) = (snapshot is null))
) strict;
create index snapshot_runs_open on snapshot_runs (id) where finished_us is null;
