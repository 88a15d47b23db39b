-- The read-cost ledger: the reads that Firestore bills because of us, and the budget of each day.
-- Counted where they happen, written in batches: a crash forgets the last few seconds.

create table reads (
    day integer not null, -- days since 1970-01-01, in UTC
    collection text not null,
    cause text not null constraint reads_cause check (
        cause in ('backfill', 'relist', 'tail', 'verify', 'drift', 'push', 'drill', 'discovery', 'doctor', 'other')
    ),
    reads integer not null constraint reads_count check (reads >= 0),
    primary key (day, cause, collection)
) strict, without rowid;

create table read_budgets (
    day integer primary key,
    budget integer not null constraint read_budgets_positive check (budget > 0) -- as configured when it was last counted
) strict;
