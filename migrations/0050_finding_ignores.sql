-- Rules by which findings are ignored: by whom, why, and until when. A rule is ended, never removed.

create table finding_ignores (
    id text primary key,
    finding text, -- the one finding; null: all that are alike
    kind text,
    collection text,
    rule text,
    reason text not null,
    by_label text not null, -- such as staff:uid_staff_ines
    by_name text not null,
    since_us integer not null,
    expires_us integer not null,
    ended_us integer, -- null: nobody ended it before its time
    constraint finding_ignores_scope check ((finding is null) = (kind is not null and collection is not null)),
    constraint finding_ignores_expire check (expires_us > since_us)
) strict;

create index finding_ignores_open on finding_ignores (expires_us) where ended_us is null;
