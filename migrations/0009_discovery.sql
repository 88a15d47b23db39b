-- What the mirror finds out while it reads: collections nobody configured, and how far each backfill is.

-- Root collections that exist but are not mirrored: reported, never mirrored silently.
create table collections_found (
    collection text primary key,
    found_us integer not null -- when it was first seen
) strict, without rowid;

-- When the server was last asked which root collections there are.
create table discovery (
    one integer primary key constraint discovery_is_one check (one = 1),
    looked_us integer not null
) strict;

-- A collection is read in ranges of names, several at once. After an interruption each goes on where it was.
create table backfill_ranges (
    collection text not null,
    position integer not null, -- 0, 1, 2 … in the order of names
    first text, -- the first name that belongs to it; null: from the beginning
    after text, -- the last name that is put aside; null: none yet
    until text, -- the first name that belongs to the next one; null: to the end
    complete integer not null constraint backfill_range_complete check (complete in (0, 1)),
    primary key (collection, position)
) strict, without rowid;

-- Where a backfill goes on stands with its ranges now. One that was under way starts over.
-- The first generation of a collection is put straight into `documents`, unseen until `targets.read_us` is set:
-- nobody has seen the collection before, so there is nothing to swap. Later ones go through `documents_staged`.
alter table targets drop column backfill_after;
alter table targets drop column backfill_complete;
alter table targets add column backfill_started_us integer; -- our clock when the generation under way was begun
delete from documents_staged;
update targets set backfill_read_us = null, backfill_expected = null, backfill_documents = 0;
