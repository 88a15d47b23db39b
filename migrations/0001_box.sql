-- What the studio is and which box this is: one row, written once.
create table box (
    one integer primary key constraint box_is_one check (one = 1),
    id text not null, -- uuid v7 of this data directory
    studio text not null, -- the tenant whose data this file holds
    created_us integer not null -- microseconds since 1970
) strict;
