-- That this database came back from a copy: what happened after the copy was taken is in the cloud and not in here.

create table restorations (
    id integer primary key,
    at_us integer not null, -- when it was brought back
    copy_hash blob not null constraint restorations_hash check (length(copy_hash) = 32), -- SHA-256 of the copy's file
    copy_entries integer not null, -- the last entry of the audit log in the copy
    copy_us integer, -- when that entry was made: everything stands as it was then; null: the log was empty
    started_us integer -- when the service first started with it; null: not yet
) strict;
