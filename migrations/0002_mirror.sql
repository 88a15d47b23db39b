-- The mirror: what Firestore holds, as of one server read time per collection.
-- Everything here can be read again from Firestore; nothing here was made by us.

-- One row per document, as the last applied snapshot has it.
create table documents (
    id integer primary key,
    path text not null unique, -- below the database's root, such as `batches/b-1042`
    collection text not null,
    fields text not null, -- canonical text (src/domain/canonical.rs)
    hash blob not null constraint document_hash check (length(hash) = 32), -- SHA-256 of `fields`
    create_us integer not null,
    update_us integer not null, -- Firestore's update time: the document's revision
    read_us integer not null -- the server read time at which this revision was taken in
) strict;
create index documents_by_collection on documents (collection, path);
create index documents_by_read on documents (read_us);

-- Documents that exist but can't be kept without loss. Recorded and skipped, so that they stop nothing.
create table documents_unreadable (
    path text primary key,
    collection text not null,
    update_us integer not null,
    why text not null,
    read_us integer not null
) strict;

-- The next generation of a collection while it is read, page by page. It replaces the visible one at once, when whole.
create table documents_staged (
    path text primary key,
    collection text not null,
    fields text,
    hash blob constraint staged_hash check (hash is null or length(hash) = 32),
    create_us integer,
    update_us integer not null,
    why text, -- set instead of the fields when the document can't be kept
    constraint staged_is_readable_or_not check ((fields is null) = (why is not null))
) strict, without rowid;
create index documents_staged_by_collection on documents_staged (collection);

-- One row per mirrored collection: one Listen target.
create table targets (
    collection text primary key,
    target_id integer not null unique constraint target_id_is_positive check (target_id > 0),
    fingerprint text not null, -- of the query: a resume token is only good for the identical target
    state text not null constraint target_state check (state in ('backfilling', 'catching up', 'current', 'refused')),
    generation integer not null, -- how often the whole collection was read and swapped in
    read_us integer, -- the collection is shown as it was then; null: it was never read
    resume_token blob,
    backfill_read_us integer, -- the one server read time of all pages of the generation under way
    backfill_after text, -- the last path that is staged
    backfill_documents integer not null, -- how many are staged
    backfill_expected integer, -- how many the server counts at that read time
    backfill_complete integer not null constraint target_backfill_complete check (backfill_complete in (0, 1)),
    heard_us integer, -- our clock when the server was last heard
    error text, -- what went wrong last; null once it works again
    error_us integer
) strict;
