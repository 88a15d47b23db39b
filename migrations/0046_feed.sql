-- The change feed: which documents changed since somebody last looked, in the order in which it was committed.
-- Read times would not do: a repair or another collection's backfill may commit an older one later.
-- A document stands here at most once, at its newest change; what every consumer has seen is forgotten.
-- While a collection is read for the first time nobody sees its documents: once it is whole, one row stands for all.

create table feed (
    sequence integer primary key autoincrement, -- never used twice, so that a cursor never points at something else
    collection text not null,
    path text constraint feed_once unique -- null: whatever was known of the collection is void
) strict;

create table feed_cursors (
    consumer text primary key constraint feed_consumer check (consumer in ('snapshot', 'drift')),
    sequence integer not null -- everything up to here was seen
) strict;

create trigger feed_document_came after insert on documents
when exists (select 1 from targets where collection = new.collection and read_us is not null)
begin
    delete from feed where path = new.path;
    insert into feed (collection, path) values (new.collection, new.path);
end;

create trigger feed_document_changed after update on documents
when (old.update_us <> new.update_us or old.hash <> new.hash or old.create_us <> new.create_us)
    and exists (select 1 from targets where collection = new.collection and read_us is not null)
begin
    delete from feed where path = new.path;
    insert into feed (collection, path) values (new.collection, new.path);
end;

create trigger feed_document_gone after delete on documents
when exists (select 1 from targets where collection = old.collection and read_us is not null)
begin
    delete from feed where path = old.path;
    insert into feed (collection, path) values (old.collection, old.path);
end;

create trigger feed_unreadable_came after insert on documents_unreadable
when exists (select 1 from targets where collection = new.collection and read_us is not null)
begin
    delete from feed where path = new.path;
    insert into feed (collection, path) values (new.collection, new.path);
end;

create trigger feed_unreadable_gone after delete on documents_unreadable
when exists (select 1 from targets where collection = old.collection and read_us is not null)
begin
    delete from feed where path = old.path;
    insert into feed (collection, path) values (old.collection, old.path);
end;

create trigger feed_collection_came after update of read_us on targets
when old.read_us is null and new.read_us is not null
begin
    insert into feed (collection) values (new.collection);
end;

create trigger feed_collection_gone after delete on targets
begin
    delete from feed where collection = old.collection;
    insert into feed (collection) values (old.collection);
end;
