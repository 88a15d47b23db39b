-- What pages look for has an index, so that no page has to read everything.

-- The entries of an actor, newest first. The newest name of an actor is that of their newest entry.
drop index audit_by_actor;
create index audit_by_actor on audit (actor, sequence);

-- Denials, newest first, with their reason codes. Most entries are none.
create index audit_denied on audit (sequence, reason) where reason <> 'OK';

-- What landed when: what a day's writes were, and how long the last ones took.
create index writes_by_landing on writes (landed_us) where landed_us is not null;
