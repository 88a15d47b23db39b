-- The history: every version of a document that the mirror observed, until it is pruned (`mirror.history_days`).
-- The newest version of a document that exists stands in `documents` and moves here when the next one replaces it, so
-- that keeping it costs nothing while nothing changes. Triggers do it: whatever changes a document keeps its old version
-- in the same transaction. The stream tells of states, not of writes: versions between two observations were never seen.

create table history (
    id integer primary key,
    path text not null,
    collection text not null,
    update_us integer, -- null: the document was deleted; Firestore does not tell when, only until when
    create_us integer,
    read_us integer not null, -- the server read time at which the version was taken in
    confirmed_us integer, -- the last server read time at which it was known to stand; null: it still does
    fields text, -- canonical text; null: deleted, or it can't be kept
    why text, -- what about the version can't be kept
    constraint history_says_what_was_seen check (
        case
            when fields is not null then why is null and update_us is not null and create_us is not null
                and confirmed_us is not null
            when why is not null then update_us is not null and create_us is null
            else update_us is null and create_us is null
        end
    ),
    constraint history_confirmed_after_read check (confirmed_us is null or confirmed_us >= read_us)
) strict;

create index history_by_path on history (path, read_us);
create index history_by_collection on history (collection);
create index history_by_end on history (confirmed_us);
-- What still stands here: that a document is deleted, or that it can't be kept. At most one per document.
create unique index history_standing on history (path) where confirmed_us is null;

create trigger documents_keep_replaced after update on documents
when old.update_us <> new.update_us or old.hash <> new.hash
begin
    insert into history (path, collection, update_us, create_us, read_us, confirmed_us, fields)
    values (
        old.path, old.collection, old.update_us, old.create_us, old.read_us,
        max(old.read_us, coalesce((select read_us from targets where collection = old.collection), old.read_us)),
        old.fields
    );
end;

create trigger documents_keep_gone after delete on documents
begin
    insert into history (path, collection, update_us, create_us, read_us, confirmed_us, fields)
    values (
        old.path, old.collection, old.update_us, old.create_us, old.read_us,
        max(old.read_us, coalesce((select read_us from targets where collection = old.collection), old.read_us)),
        old.fields
    );
end;

-- A document that comes, or comes back, ends what stood here.
create trigger documents_end_absence after insert on documents
when exists (select 1 from history where path = new.path and confirmed_us is null)
begin
    update history set confirmed_us = max(
        history.read_us,
        coalesce((select targets.read_us from targets where targets.collection = new.collection), history.read_us)
    )
    where path = new.path and confirmed_us is null;
end;

create trigger history_ends_standing before insert on history
when new.confirmed_us is null
begin
    update history set confirmed_us = max(
        history.read_us,
        coalesce((select targets.read_us from targets where targets.collection = new.collection), history.read_us)
    )
    where path = new.path and confirmed_us is null;
end;

-- A document that can't be kept is a version too. A relist that finds the same one again adds nothing.
create trigger unreadable_is_a_version after insert on documents_unreadable
when not exists (
    select 1 from history where path = new.path and confirmed_us is null and update_us = new.update_us
)
begin
    insert into history (path, collection, update_us, read_us, why)
    values (new.path, new.collection, new.update_us, new.read_us, new.why);
end;
