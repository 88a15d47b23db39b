-- When every write that stands was last taken back on paper, and how that would have gone. Rows are never deleted.

create table rehearsals (
    id integer primary key,
    by text not null, -- who asked, such as operator:unix:0
    at_us integer not null,
    took_us integer not null,
    as_of_us integer, -- the oldest of the moments as of which the documents were known; null: there was none to know
    clean integer not null, -- the undo would land
    conflicting integer not null, -- somebody else has changed the document since
    impossible integer not null, -- there is nothing to put back
    unknown integer not null -- the mirror can't tell
) strict;
