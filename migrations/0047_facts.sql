-- What the studio's state knows of each document, so that a change costs as much as itself.
-- All of it can be counted again from `documents` and the vocabulary.

-- Everything the state says of a document, but for its dates and its amount: few documents differ in it.
create table fact_profiles (
    id integer primary key,
    collection text not null,
    profile text not null constraint fact_profile_once unique constraint fact_profile_json check (json_valid(profile)),
    documents integer not null, -- how many documents are like this now
    cents integer not null -- what they are worth together
) strict;

-- A collection that is counted.
create table fact_sources (
    id integer primary key,
    collection text not null constraint fact_source_once unique,
    begun_us integer not null, -- our clock when it was counted from nothing
    after text, -- while it is being counted: the last path that is; null once it is whole
    documents integer not null,
    digest blob not null constraint fact_source_digest check (length(digest) = 32) -- over paths and contents, no times
) strict;

create table facts (
    path text primary key,
    source integer not null,
    profile integer not null,
    hash blob not null constraint fact_hash check (length(hash) = 32), -- of the content that was counted
    since_us integer, -- since when it is open
    due_us integer, -- by when it should be over
    cents integer
) strict, without rowid;
create index facts_by_profile on facts (profile);
create index facts_by_age on facts (source, since_us) where since_us is not null;
create index facts_by_deadline on facts (source, due_us) where due_us is not null;

-- What changed between two kept snapshots: for each document what it counted as before and after.
create table fact_changes (
    interval integer not null, -- the snapshot that shows it first
    path text not null,
    source integer not null,
    was_profile integer, -- null: it was not there
    was_due_us integer,
    was_cents integer,
    now_profile integer, -- null: it is gone
    now_due_us integer,
    now_cents integer,
    at_us integer not null, -- our clock
    primary key (interval, path)
) strict, without rowid;
create index fact_changes_by_age on fact_changes (at_us);

-- With which vocabulary all this was counted.
create table fact_basis (
    id integer primary key constraint fact_basis_one check (id = 1),
    vocabulary blob not null constraint fact_basis_vocabulary check (length(vocabulary) = 32), -- its fingerprint
    changes_since_us integer not null -- `fact_changes` has everything since then
) strict;
