-- Proof of freshness: what was kept of the mirror when it was written, what is to be proved, and what came of it.

-- The collections whose digests are kept. From the row on, every change of their documents is counted in.
create table digest_trees (
    collection text primary key,
    planted_us integer not null, -- the server read time as of which it was planted
    origin text not null constraint digest_tree_origin check (
        origin in ('stream', 'rows') -- from the documents as they came from the server, or from the rows that were there
    )
) strict, without rowid;

-- A leaf is a range of a collection's names with how many documents are in it and the sum of their digests.
-- A digest covers path, create time, update time and content hash; a sum does not depend on any order.
-- It is written only by the service, in the transaction that changes the documents, and never derived from them again
-- without being compared first: whoever changes a document behind the service's back leaves its leaf as it was.
create table digest_leaves (
    id integer primary key,
    collection text not null,
    first_key blob not null, -- orders names as the server does (src/domain/ids.rs); empty: from the first name there is
    first text, -- the name that it starts at; null: from the first name there is
    documents integer not null, -- those that can't be kept, too
    digest blob not null constraint digest_leaf_digest check (length(digest) = 32),
    constraint digest_leaf_once unique (collection, first_key)
) strict;

-- What was asked to be proved, or was due.
create table verification_runs (
    id integer primary key,
    requested_by text, -- such as operator:root; null: it was due
    requested_us integer not null,
    collections text not null constraint verification_run_collections check (json_valid(collections)), -- their names
    depth text not null constraint verification_run_depth check (depth in ('digests', 'everything')),
    finished_us integer -- null while it is not over
) strict;

create index verification_runs_open on verification_runs (id) where finished_us is null;

-- What came of it, collection by collection. The newest few of each collection are kept.
create table verifications (
    id integer primary key,
    run integer not null references verification_runs (id) on delete cascade,
    collection text not null,
    looked_us integer not null, -- our clock
    verdict text not null constraint verification_verdict check (verdict in ('equal', 'differed', 'unknown')),
    why text, -- what could not be told or repaired, and why
    is_first integer not null constraint verification_first check (is_first in (0, 1)), -- nothing was kept to compare with
    read_us integer, -- the server read time of all that was compared; null: the collection was never read
    documents integer, -- how many we had then, those that can't be kept too; null: not compared
    server_documents integer, -- how many the server had then; null: not asked
    hash blob constraint verification_hash check (hash is null or length(hash) = 32), -- of all we had then
    differing integer not null, -- leaves that were not as they were kept
    reread integer not null, -- documents read again
    missing integer not null, -- the server had them, we did not
    extra integer not null, -- we had them, the server did not
    changed integer not null, -- both had them, but not the same
    repaired integer not null, -- of these, those that were put right
    reads integer not null, -- reads billed for all this
    constraint verification_unknown_says_why check (verdict <> 'unknown' or why is not null)
) strict;

create index verifications_by_collection on verifications (collection, id);
create index verifications_by_run on verifications (run, id);
