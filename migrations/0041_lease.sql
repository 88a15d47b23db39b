-- What each start of the service last saw of the lease: the document in Firestore that names the box that may write.
-- What an earlier start saw counts for nothing, so a start without a row has not looked yet and sends nothing.
create table lease (
    start text not null primary key, -- uuid of this start of the service
    standing text not null constraint lease_standing check (standing in ('free', 'ours', 'second')),
    base_us integer, -- update time of the lease, in microseconds since 1970; null: it was missing
    claim text, -- whom it names, as JSON; null where it may be claimed
    since_us integer not null, -- since when it stands so
    looked_us integer not null, -- when it was looked at last
    constraint lease_names_somebody check ((standing = 'free') = (claim is null)),
    constraint lease_has_a_base check (standing = 'free' or base_us is not null)
) strict;

-- Somebody decided that this start takes the lease from another box. Gone once it has; void after another start.
create table lease_taking (
    start text not null primary key,
    actor text not null,
    actor_name text not null,
    reason text not null,
    at_us integer not null -- microseconds since 1970
) strict;
